/**
 * A real Kubernetes control plane on loopback: etcd, API server, controllers; no node, so pods are admitted and never run.
 * The programs are one binary, made by `test/support/kubernetes/build.mjs`, in `.cache/kubetest/` or where
 * OPENLIT_TEST_KUBETEST says.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ApiError, createClient, type KubernetesClient, type Wish } from '../../../src/kubernetes/client.js';
import { findConnection } from '../../../src/kubernetes/connection.js';
import { makeAuthority, makeServerCertificate } from '../../../src/runs/operator/make-certificate.js';
import { ROOT } from '../launcher.js';

export const KUBETEST = process.env['OPENLIT_TEST_KUBETEST'] ?? path.join(ROOT, '.cache/kubetest/kubetest');
export const hasKubetest = existsSync(KUBETEST);
/** Printed where the tests cannot run. */
export const WHY_NOT = `no control plane at ${KUBETEST}; make one: node test/support/kubernetes/build.mjs`;

export interface ControlPlane {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
  /** @returns the object, or undefined where there is none */
  find<T>(path: string): Promise<T | undefined>;
  /** Answers of the API server with their headers' warnings, as kubectl prints them. */
  post<T>(path: string, body: object, wish?: Wish): Promise<{ readonly object: T; readonly warnings: string[] }>;
  /** One kubectl call. @returns what it printed on both */
  kubectl(words: readonly string[], input?: string): Promise<{ readonly status: number | null; readonly out: string }>;
  close(): Promise<void>;
}

const TOKEN = 'of-a-test';
const YEAR = 365 * 86_400_000;

export async function startControlPlane(): Promise<ControlPlane> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'control-plane-'));
  const children: ChildProcess[] = [];
  const file = (name: string, text?: string) => {
    const at = path.join(folder, name);
    if (text !== undefined) writeFileSync(at, text, { mode: 0o600 });
    return at;
  };
  const start = (name: string, ...words: string[]) => {
    const log = openSync(file(`${name}.log`), 'a');
    children.push(spawn(KUBETEST, [name, ...words], { cwd: folder, stdio: ['ignore', log, log] }));
  };
  const [etcdPort, peerPort, apiPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const authority = makeAuthority(Date.now(), Date.now() + YEAR);
  const names = ['localhost', 'kubernetes.default.svc', '127.0.0.1'];
  const server = makeServerCertificate(authority, names, Date.now(), Date.now() + YEAR);
  const account = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const ca = file('ca.crt', authority.cert);
  const accountKey = file('account.key', account.privateKey);
  const kubeconfig = file(
    'kubeconfig',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: `https://127.0.0.1:${apiPort}`, 'certificate-authority': ca } }],
      users: [{ name: 'admin', user: { token: TOKEN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    }),
  );
  const client = createClient(findConnection(kubeconfig, {}));

  async function close(): Promise<void> {
    client.close();
    await Promise.all(
      children.reverse().map(async child => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, 'exit');
        // Nothing of it is kept.
        child.kill('SIGKILL');
        await ended;
      }),
    );
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    start(
      'etcd',
      `--data-dir=${file('etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
      `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
      `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
      '--unsafe-no-fsync',
    );
    start(
      'kube-apiserver',
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      `--secure-port=${apiPort}`,
      '--bind-address=127.0.0.1',
      // It may not be loopback; nobody connects to it (TEST-NET-1 of RFC 5737).
      '--advertise-address=192.0.2.1',
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.0.0.0/24',
      `--tls-cert-file=${file('api.crt', server.cert)}`,
      `--tls-private-key-file=${file('api.key', server.key)}`,
      `--service-account-key-file=${file('account.pub', account.publicKey)}`,
      `--service-account-signing-key-file=${accountKey}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--token-auth-file=${file('tokens.csv', `${TOKEN},admin,admin,"system:masters"\n`)}`,
      '--authorization-mode=RBAC',
    );
    await until(
      'the API server',
      async () => (await client.request<object>('/api/v1/namespaces/kube-system')) !== undefined,
    );
    start(
      'kube-controller-manager',
      `--kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${accountKey}`,
      `--root-ca-file=${ca}`,
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      '--secure-port=0',
    );
    await until('the default ServiceAccount', async () => {
      return (await client.request<object>('/api/v1/namespaces/default/serviceaccounts/default')) !== undefined;
    });
  } catch (error) {
    const log = ['etcd', 'kube-apiserver']
      .map(name => readFileSync(file(`${name}.log`), 'utf8').slice(-2_000))
      .join('\n');
    await close();
    throw new Error(`${(error as Error).message}\n${log}`);
  }

  return {
    folder,
    kubeconfig,
    client,
    async find(at) {
      try {
        return await client.request(at);
      } catch (error) {
        if ((error as ApiError).status === 404) return undefined;
        throw error;
      }
    },
    async post<T>(at: string, body: object) {
      const response = await postWithWarnings(kubeconfig, at, body);
      return response as { object: T; warnings: string[] };
    },
    kubectl: (words, input) => kubectl(kubeconfig, words, input),
    close,
  };
}

/** Asks again until `condition` holds. @throws Error that names what was waited for, and why it was not there */
export async function until(what: string, condition: () => Promise<boolean>, limit = 60_000): Promise<void> {
  const end = Date.now() + limit;
  let why = '';
  while (Date.now() < end) {
    try {
      if (await condition()) return;
      why = '';
    } catch (error) {
      why = ` (${(error as Error).message})`;
    }
    await pause(100);
  }
  throw new Error(`${what} was not there in ${limit / 1000} s${why}`);
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function postWithWarnings(
  kubeconfig: string,
  at: string,
  body: object,
): Promise<{ object: unknown; warnings: string[] }> {
  const https = await import('node:https');
  const { server, ca } = findConnection(kubeconfig, {});
  return await new Promise((resolve, reject) => {
    const text = Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'content-length': text.length,
    };
    const request = https.request(new URL(at, server), { method: 'POST', ca, headers, agent: false }, response => {
      const chunks: Buffer[] = [];
      response.on('data', chunk => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const object = JSON.parse(String(Buffer.concat(chunks))) as { message?: string };
        if ((response.statusCode ?? 0) >= 400) return reject(new Error(object.message));
        // `299 - "text"`, several of them in one line.
        const warnings = [...(response.headers['warning'] ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)];
        resolve({ object, warnings: warnings.map(([, line]) => line!.replaceAll('\\"', '"')) });
      });
    });
    request.on('error', reject);
    request.end(text);
  });
}

export async function kubectl(kubeconfig: string, words: readonly string[], input = '') {
  const child = spawn(KUBETEST, ['kubectl', `--kubeconfig=${kubeconfig}`, ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', chunk => {
    out += String(chunk);
  });
  child.stderr.on('data', chunk => {
    out += String(chunk);
  });
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out };
}
