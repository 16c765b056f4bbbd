/** The operator at work: webhook, certificates, controller, health; until it is told to stop. */

import { Problem } from '../../errors.js';
import { type ApiError, createClient, type KubernetesClient } from '../../kubernetes/client.js';
import { findConnection, ownNamespace } from '../../kubernetes/connection.js';
import { requestsOf } from '../../operator/annotations.js';
import type { Reason } from '../../operator/facts.js';
import { type Admitted, answerReview } from './admission.js';
import { keepCertificates } from './certificate-keeper.js';
import { type ClusterFacts, watchCluster } from './cluster-facts.js';
import { type Controller, startController } from './controller.js';
import { createEvents, type Events } from './events.js';
import { serveHealth } from './health-server.js';
import { createImageFacts } from './image-facts.js';
import { createOperatorMetrics } from './operator-metrics.js';
import { forMutation, type OperatorFile } from './settings.js';
import { createWebhookServer } from './webhook-server.js';

export interface RunningOperator {
  readonly webhookPort: number;
  readonly healthPort: number;
  close(): Promise<void>;
}

export interface OperatorOptions {
  readonly file: OperatorFile;
  readonly kubeconfig?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly notice: (line: string) => void;
}

/** @throws Problem for settings and an API server that cannot be used at all */
export async function runOperator({ file, kubeconfig, env, notice }: OperatorOptions): Promise<RunningOperator> {
  const namespace = file.namespace ?? ownNamespace();
  if (namespace === undefined) {
    throw new Problem({
      code: 'OPERATOR_NAMESPACE',
      message: 'the namespace of the operator is not known',
      reason: 'it does not run in a pod',
      fixes: ['namespace: NAME    # in the settings file'],
      exit: 2,
    });
  }
  const client = createClient(findConnection(kubeconfig, env));
  const settings = forMutation(file, namespace, await hasNativeSidecars(client, notice));
  let controller: Controller | undefined;
  const changed = () => controller?.wake();
  const imageFacts = file.readImages ? createImageFacts(client, notice) : async () => undefined;
  const facts = watchCluster({ client, imageFacts, changed, notice });
  const events = createEvents(client, notice);
  if (file.controller)
    controller = startController({ client, facts, settings, events, discover: file.discover, notice });
  const metrics = createOperatorMetrics();
  const server = createWebhookServer(async review => {
    const started = performance.now();
    const answer = await answerReview(review, {
      facts,
      settings,
      admitted(what) {
        metrics.admitted(what);
        if (!what.dryRun) void tellOwner(what, facts, events).catch(() => {});
      },
    });
    metrics.took((performance.now() - started) / 1000);
    return answer;
  });
  const { webhook } = file;
  const service = webhook.service === undefined ? [] : serviceNames(webhook.service, namespace);
  const keeper = keepCertificates({
    client,
    namespace,
    secret: webhook.certificateSecret,
    names: [...service, ...webhook.hosts],
    configuration: webhook.configuration,
    folder: webhook.certificateFolder,
    use: server.use,
    notice,
  });
  const health = await serveHealth(file.healthPort, webhook.address, {
    notReady() {
      if (keeper.expires === undefined) return 'there is no certificate yet';
      return facts.age() === undefined ? 'the API server has not answered yet' : undefined;
    },
    metrics: () => metrics.text({ certificateExpires: keeper.expires, age: facts.age() }),
  });
  await keeper.look();
  const webhookPort = await server.listen(webhook.port, webhook.address);
  return {
    webhookPort,
    healthPort: health.port,
    async close() {
      keeper.close();
      controller?.close();
      facts.close();
      await Promise.all([server.close(), health.close()]);
      client.close();
    },
  };
}

/** Under which a Service is called inside of a cluster. */
const serviceNames = (service: string, namespace: string): string[] => [
  `${service}.${namespace}.svc`,
  `${service}.${namespace}.svc.cluster.local`,
];

/** Since 1.29 they are on unless somebody switched them off. */
async function hasNativeSidecars(client: KubernetesClient, notice: (line: string) => void): Promise<boolean> {
  try {
    const { major, minor } = await client.request<{ major: string; minor: string }>('/version');
    return Number(major) > 1 || Number.parseInt(minor, 10) >= 29;
  } catch (error) {
    notice(`the version of Kubernetes is not known (${(error as ApiError).message}); 1.29 or later is believed`);
    return true;
  }
}

const SILENT = new Set(['already-observed', 'excluded-namespace']);

async function tellOwner(what: Admitted, facts: ClusterFacts, events: Events): Promise<void> {
  const { pod, namespace, result } = what;
  if (pod === undefined) return;
  let { owner, reasons } = what;
  // The annotation on the wrong object is looked for when nobody waits.
  if (owner.length === 0 && (result === 'not-asked' || result === 'late')) owner = await facts.owner(pod, namespace);
  if (result === 'not-asked') reasons = requestsOf(pod, await facts.namespace(namespace), owner).reasons;
  const about = owner[0] ?? (pod.metadata?.name === undefined ? undefined : { kind: 'Pod', name: pod.metadata.name });
  if (about === undefined) return;
  const { kind, name } = about;
  const uid = 'uid' in about ? about.uid : undefined;
  for (const one of reasons.filter(({ code }) => !SILENT.has(code))) {
    events.say({ kind, name, namespace, ...(uid === undefined ? {} : { uid }) }, wordsOf(one, result === 'changed'));
  }
}

function wordsOf({ code, text, container, language }: Reason, changed: boolean) {
  const where = [language, container].filter(Boolean).join(', ');
  return {
    type: 'Warning' as const,
    reason: `OpenLIT${code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
    message: `${changed ? 'observed, but' : 'not observed'}: ${where === '' ? '' : `${where}: `}${text}`,
  };
}
