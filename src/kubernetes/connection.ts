/**
 * Where the API server is and who we are there: the ServiceAccount of a pod, or a kubeconfig. Credentials that a command
 * has to fetch (`exec` in a kubeconfig) are for people at a terminal, and refused with what to do instead.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { fileReason, Problem } from '../errors.js';

export interface Connection {
  readonly server: URL;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Asked before each request: the kubelet renews the file of a ServiceAccount. */
  readonly token?: () => string;
  readonly insecure: boolean;
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** @param file a kubeconfig; without one the pod's ServiceAccount, then `KUBECONFIG`, then `~/.kube/config`. @throws Problem */
export function findConnection(file: string | undefined, env: NodeJS.ProcessEnv, account = ACCOUNT): Connection {
  if (file !== undefined) return connectionOfFile(file);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (host) {
    const token = path.join(account, 'token');
    return {
      server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
      ca: read(path.join(account, 'ca.crt')),
      token: () => read(token).trim(),
      insecure: false,
    };
  }
  return connectionOfFile(env['KUBECONFIG']?.split(path.delimiter)[0] || path.join(os.homedir(), '.kube', 'config'));
}

/** The namespace of our own pod; undefined outside of one. */
export function ownNamespace(account = ACCOUNT): string | undefined {
  try {
    return readFileSync(path.join(account, 'namespace'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { name: string; context: { cluster: string; user: string } }[];
  readonly clusters?: readonly { name: string; cluster: Record<string, string | boolean> }[];
  readonly users?: readonly { name: string; user: Record<string, unknown> }[];
}

function connectionOfFile(file: string): Connection {
  const config = parseConfig(file);
  const chosen = config.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters?.find(({ name }) => name === chosen?.cluster)?.cluster;
  const user = (config.users?.find(({ name }) => name === chosen?.user)?.user ?? {}) as Record<string, string>;
  if (typeof cluster?.['server'] !== 'string') {
    throw unusable(file, `its current context ${config['current-context'] ?? ''} names no cluster with a server`);
  }
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined) {
    throw unusable(file, 'its user gets credentials by a command, which we do not start', [
      'kubectl create token NAME    # and put it into the kubeconfig as users[].user.token',
    ]);
  }
  // Paths are relative to the file (the kubeconfig's own rule).
  const part = (holder: Record<string, unknown>, name: string): string | undefined => {
    const data = holder[`${name}-data`];
    if (typeof data === 'string') return Buffer.from(data, 'base64').toString();
    const at = holder[name];
    return typeof at === 'string' ? read(path.resolve(path.dirname(file), at)) : undefined;
  };
  const { token, tokenFile } = user;
  const [ca, cert, key] = [
    part(cluster, 'certificate-authority'),
    part(user, 'client-certificate'),
    part(user, 'client-key'),
  ];
  return {
    server: new URL(cluster['server']),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(token ? { token: () => token } : tokenFile ? { token: () => read(tokenFile).trim() } : {}),
  };
}

function parseConfig(file: string): Kubeconfig {
  const text = read(file);
  try {
    return (parse(text) ?? {}) as Kubeconfig;
  } catch {
    // The parser would quote the line, and a kubeconfig holds credentials.
    throw unusable(file, 'it is no YAML');
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(file, fileReason(error));
  }
}

const unusable = (
  file: string,
  reason: string,
  fixes: readonly string[] = ['KUBECONFIG=FILE openlit-instrument …'],
): Problem => new Problem({ code: 'KUBECONFIG', message: `${file} cannot be used to reach Kubernetes`, reason, fixes });
