/**
 * Statuses of resources, and restarts where one asks for them. What has to be done is found anew each time, from copies of the
 * cluster that are listed anew by their own clock: two replicas find the same, so none has to be the leader.
 */
import { redactCredentials } from '../../calls/redact.js';
import type { KubernetesClient } from '../../kubernetes/client.js';
import { MERGE_PATCH } from '../../kubernetes/client.js';
import { createMirror } from '../../kubernetes/mirror.js';
import { GROUP_VERSION, INSTRUMENTATIONS, resourcePath } from '../../kubernetes/paths.js';
import type { OperatorSettings, Owner, Reason } from '../../operator/facts.js';
import type { Pod } from '../../operator/kubernetes.js';
import { mutate } from '../../operator/mutate.js';
import { keyOfResource, type SeenPod, type Standing, seenPod, standings } from '../../operator/standing.js';
import type { ClusterFacts, InstrumentationObject } from './cluster-facts.js';
import { discoverServices } from './discover.js';
import type { Events } from './events.js';
import { restartOnce } from './restart.js';
import { createShortMemory } from './short-memory.js';
import { type RestartState, type Status, statusOf, type WorkloadStanding } from './status.js';

export interface Controller {
  /** One round; never throws. */
  round(): Promise<void>;
  /** Something has changed: a round comes soon. */
  wake(): void;
  close(): void;
}

export interface ControllerOptions {
  readonly client: KubernetesClient;
  readonly facts: ClusterFacts;
  readonly settings: OperatorSettings;
  readonly events: Events;
  /** Whether a DiscoveredService is kept for each workload that seems to talk to a model. */
  readonly discover: boolean;
  readonly notice: (line: string) => void;
  /** Milliseconds between two rounds in which nothing is heard. */
  readonly interval?: number;
}

const INTERVAL = 60_000;
/** Milliseconds from a change to its round: changes come in rows. */
const SOON = 1_000;
/** Workloads of one resource that are looked into and named. */
const MOST_WORKLOADS = 20;

export function startController(options: ControllerOptions): Controller {
  const { client, facts, settings, events, notice, interval = INTERVAL } = options;
  const reasonsOfPods = createShortMemory<Promise<readonly Reason[] | undefined>>(5 * INTERVAL);
  let closed = false;
  let running: Promise<void> | undefined;
  let soon: NodeJS.Timeout | undefined;

  const pods = createMirror<Parameters<typeof seenPod>[0], SeenPod>({
    client,
    path: resourcePath('', 'pods'),
    keep: seenPod,
    notice,
    changed: wake,
  });
  const discovery = options.discover ? discoverServices({ client, facts, settings, changed: wake, notice }) : undefined;
  const clock = setInterval(wake, interval);

  function wake(): void {
    if (closed) return;
    soon ??= setTimeout(() => {
      soon = undefined;
      void round();
    }, SOON);
  }

  function round(): Promise<void> {
    running ??= work()
      .catch(error => notice(`statuses could not be written: ${(error as Error).message}`))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  async function work(): Promise<void> {
    await Promise.all([pods.ready, facts.ready]);
    const all = facts.instrumentations();
    const found = standings(pods.all(), all, facts.annotationsOf, settings);
    for (const resource of all) {
      if (closed) return;
      await attend(resource, found.get(keyOfResource(resource))!);
    }
    await discovery?.round(pods.all(), new Set([...found.values()].flatMap(({ old }) => old)));
  }

  async function attend(resource: InstrumentationObject, standing: Standing): Promise<void> {
    const workloads = await workloadsOf(standing);
    const restart =
      resource.restart === 'WhenChanged' ? await restartOnce(client, resource, settings, workloads) : undefined;
    for (const workload of workloads) announce(workload, restart);
    const status = statusOf(resource, standing, workloads, restart, new Date().toISOString());
    if (isSame(resource.status, status)) return;
    const path = resourcePath(GROUP_VERSION, INSTRUMENTATIONS, resource.namespace, resource.name);
    await client.request(`${path}/status`, { method: 'PATCH', type: MERGE_PATCH, body: { status } });
  }

  async function workloadsOf({ old, waiting }: Standing): Promise<WorkloadStanding[]> {
    const groups = new Map<string, WorkloadStanding & { pods: number }>();
    for (const [state, list] of [
      ['Old', old],
      ['Waiting', waiting],
    ] as const) {
      for (const pod of list) {
        const key = `${state} ${pod.namespace} ${pod.owner?.uid ?? pod.uid}`;
        const group = groups.get(key);
        if (group !== undefined) group.pods += 1;
        else if (groups.size < MOST_WORKLOADS) groups.set(key, { ...(await lookInto(pod, state)), pods: 1 });
      }
    }
    return [...groups.values()];
  }

  async function lookInto(pod: SeenPod, state: 'Old' | 'Waiting'): Promise<WorkloadStanding> {
    const { namespace, name, uid } = pod;
    const owner: Owner = await facts.ownerOfSeen(pod.owner, namespace);
    const top = owner.at(-1) ?? { kind: 'Pod', name, uid };
    const workload = { namespace, kind: top.kind, name: top.name, pods: 1, ...(top.uid && { uid: top.uid }) };
    if (state === 'Old') return { ...workload, state, reasons: [] };
    const reasons = await reasonsOfPods.take(uid, () => whyNot(pod, owner));
    // It would be observed if it were created now.
    return reasons === undefined
      ? { ...workload, state: 'BeforeUs', reasons: [] }
      : { ...workload, state: 'Refused', reasons };
  }

  async function whyNot({ namespace, name }: SeenPod, owner: Owner): Promise<readonly Reason[] | undefined> {
    const pod = await client.request<Pod>(resourcePath('', 'pods', namespace, name));
    const [outer, resources] = await Promise.all([facts.namespace(namespace), facts.resources(pod, namespace)]);
    const { patch, reasons } = mutate(pod, owner, outer, resources, settings);
    return patch === undefined ? reasons.map(one => ({ ...one, text: redactCredentials(one.text) })) : undefined;
  }

  function announce(workload: WorkloadStanding, restart: RestartState | undefined): void {
    const { kind, name, namespace, uid, state } = workload;
    if (state !== 'BeforeUs' || restart?.workload === workload) return;
    const message = `its pods ask to be observed and are older than that; to start them anew: kubectl rollout restart ${kind.toLowerCase()}/${name} -n ${namespace}`;
    events.say(
      { kind, name, namespace, ...(uid && { uid }) },
      { type: 'Normal', reason: 'OpenLITRestartNeeded', message },
    );
  }

  return {
    round,
    wake,
    close() {
      closed = true;
      clearInterval(clock);
      clearTimeout(soon);
      pods.close();
      discovery?.close();
    },
  };
}

/** Times aside: a status that says the same is not written again, or two replicas would wake each other for ever. */
function isSame(before: unknown, after: Status): boolean {
  const plain = (status: unknown) =>
    JSON.stringify(status ?? {}, (key, value) => {
      if (key === 'lastTransitionTime') return undefined;
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
    });
  return plain(before) === plain(after);
}
