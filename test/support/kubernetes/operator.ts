/** The built operator beside a control plane, and the webhook configuration that leads to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, LAUNCHER, sees } from '../launcher.js';
import type { ControlPlane } from './control-plane.js';

export const SYSTEM = 'openlit-system';
export const CONFIGURATION = 'openlit-instrument';
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

export interface OperatorProcess {
  readonly pid: number;
  readonly port: number;
  readonly healthPort: number;
  /** What it has said so far. */
  readonly said: () => string;
  health(path: string): Promise<{ readonly status: number; readonly text: string }>;
  kill(signal?: NodeJS.Signals): Promise<number | null>;
}

/** @param settings over those of the test; @param env of its process, beside the tests' */
export async function startOperator(
  plane: Pick<ControlPlane, 'folder' | 'kubeconfig'>,
  settings: object = {},
  env: NodeJS.ProcessEnv = {},
): Promise<OperatorProcess> {
  const file = path.join(plane.folder, 'operator.yml');
  const webhook = { configuration: CONFIGURATION, hosts: ['127.0.0.1'], port: 0, address: '127.0.0.1' };
  writeFileSync(
    file,
    JSON.stringify({
      namespace: SYSTEM,
      images: { own: 'own:1' },
      unknownImage: 'assume-empty',
      readImages: false,
      discover: true,
      healthPort: 0,
      webhook,
      ...settings,
    }),
  );
  const words = [LAUNCHER, 'operator', '--config', file, '--kubeconfig', plane.kubeconfig];
  const child: ChildProcess = spawn(process.execPath, words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: cleanEnvironment(env),
  });
  let text = '';
  child.stderr!.on('data', chunk => {
    text += String(chunk);
  });
  await sees(child.stderr, 'says how it is at port').catch(error => {
    child.kill('SIGKILL');
    throw error;
  });
  const [, port, healthPort] = /answers at port (\d+), and says how it is at port (\d+)/.exec(text)!.map(Number);
  return {
    pid: child.pid!,
    port: port!,
    healthPort: healthPort!,
    said: () => text,
    async health(at) {
      const response = await fetch(`http://127.0.0.1:${healthPort}${at}`, { headers: { connection: 'close' } });
      return { status: response.status, text: await response.text() };
    },
    async kill(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      return (await ended)[0] as number | null;
    },
  };
}

/** As the chart has it, but for the address. The operator writes whom to believe. */
export async function leadTo(
  plane: Pick<ControlPlane, 'client'>,
  port: number,
  { host = '127.0.0.1', ...more }: { caBundle?: string; host?: string } = {},
): Promise<void> {
  const webhook = {
    name: 'pods.openlit.io',
    clientConfig: { url: `https://${host}:${port}/mutate`, ...more },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    admissionReviewVersions: ['v1'],
    sideEffects: 'NoneOnDryRun',
    failurePolicy: 'Ignore',
    reinvocationPolicy: 'IfNeeded',
    timeoutSeconds: 2,
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', SYSTEM] }],
    },
  };
  await plane.client.request(`${CONFIGURATIONS}/${CONFIGURATION}`, { method: 'DELETE' }).catch(() => {});
  await plane.client.request(CONFIGURATIONS, {
    method: 'POST',
    body: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: CONFIGURATION },
      webhooks: [webhook],
    },
  });
}

export async function caBundle(plane: Pick<ControlPlane, 'client'>): Promise<string | undefined> {
  const { webhooks } = await plane.client.request<{ webhooks: { clientConfig: { caBundle?: string } }[] }>(
    `${CONFIGURATIONS}/${CONFIGURATION}`,
  );
  return webhooks[0]!.clientConfig.caBundle;
}
