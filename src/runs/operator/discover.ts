/**
 * A DiscoveredService for each workload that seems to talk to a model: whether it is observed, and what to do if it is not.
 * It belongs to its workload and goes with it; `spec` is for people and is never written.
 */
import { type ApiError, type KubernetesClient, MERGE_PATCH } from '../../kubernetes/client.js';
import { createMirror } from '../../kubernetes/mirror.js';
import { DISCOVERED_SERVICES, GROUP_VERSION, resourcePath } from '../../kubernetes/paths.js';
import type { OperatorSettings, OwnerLink } from '../../operator/facts.js';
import { INJECTED } from '../../operator/names.js';
import { requestsOfSeen, type SeenPod } from '../../operator/standing.js';
import type { ClusterFacts } from './cluster-facts.js';

export interface Discovery {
  /** @throws ApiError */
  round(pods: readonly SeenPod[], old: ReadonlySet<SeenPod>): Promise<void>;
  close(): void;
}

type State = 'Observed' | 'Old' | 'Waiting' | 'NotAsked' | 'Ignored';

interface ServiceStatus {
  readonly workload: string;
  readonly state: State;
  readonly pods: number;
  readonly signs: readonly string[];
  readonly message: string;
}

interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Record<string, string> };
  readonly spec?: { readonly ignore?: boolean };
  readonly status?: Partial<ServiceStatus>;
}

const MANAGED = { 'app.kubernetes.io/managed-by': 'openlit-instrument' };
const GROUPS: Readonly<Record<string, string>> = { Pod: 'v1', Job: 'batch/v1', CronJob: 'batch/v1' };
/** Workloads that are written down; a cluster with more has other means. */
const MOST = 1_000;

const MESSAGES: Readonly<Record<State, string>> = {
  Observed: '',
  Old: 'its pods are older than their OpenlitInstrumentation: start them anew',
  Waiting: 'its pods ask to be observed and are not: see the status of their OpenlitInstrumentation',
  NotAsked: 'to observe it, put the annotation openlit.io/instrument: "true" on its pod template',
  Ignored: '',
};

export interface DiscoveryOptions {
  readonly client: KubernetesClient;
  readonly facts: ClusterFacts;
  readonly settings: OperatorSettings;
  readonly changed: () => void;
  readonly notice: (line: string) => void;
}

interface Found {
  readonly top: OwnerLink;
  readonly namespace: string;
  readonly pods: SeenPod[];
}

export function discoverServices({ client, facts, settings, changed, notice }: DiscoveryOptions): Discovery {
  const known = createMirror<Service, Service>({
    client,
    path: resourcePath(GROUP_VERSION, DISCOVERED_SERVICES),
    keep: ({ metadata: { name, namespace, labels }, spec, status }) => ({
      metadata: { name, namespace, ...(labels && { labels }) },
      ...(spec && { spec }),
      ...(status && { status }),
    }),
    changed,
    notice,
  });

  async function workloads(pods: readonly SeenPod[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    for (const pod of pods) {
      const { namespace, signs, owner, name, uid } = pod;
      if (pod.over || signs.length === 0 || settings.excludedNamespaces.includes(namespace)) continue;
      const links = await facts.ownerOfSeen(owner, namespace);
      const top = links.at(-1) ?? { kind: 'Pod', name, uid };
      const key = `${namespace}/${nameOf(top)}`;
      const before = found.get(key);
      if (before !== undefined) before.pods.push(pod);
      else if (found.size < MOST) found.set(key, { top, namespace, pods: [pod] });
    }
    return found;
  }

  function statusOf({ top, pods }: Found, ignored: boolean, old: ReadonlySet<SeenPod>): ServiceStatus {
    const state = ignored ? 'Ignored' : stateOf(pods, old);
    return {
      workload: `${top.kind}/${top.name}`,
      state,
      pods: pods.length,
      signs: [...new Set(pods.flatMap(({ signs }) => signs))],
      message: MESSAGES[state],
    };
  }

  function stateOf(pods: readonly SeenPod[], old: ReadonlySet<SeenPod>): State {
    const bare = pods.filter(({ annotations }) => annotations[INJECTED] === undefined);
    if (bare.length === 0) return pods.some(pod => old.has(pod)) ? 'Old' : 'Observed';
    return bare.some(pod => requestsOfSeen(pod, facts.annotationsOf(pod.namespace)).length > 0)
      ? 'Waiting'
      : 'NotAsked';
  }

  async function write(found: Found, old: ReadonlySet<SeenPod>): Promise<void> {
    const { top, namespace } = found;
    const name = nameOf(top);
    const before = known.get(name, namespace);
    const status = statusOf(found, before?.spec?.ignore === true, old);
    if (before?.status !== undefined && JSON.stringify({ ...status, ...before.status }) === JSON.stringify(status))
      return;
    const path = resourcePath(GROUP_VERSION, DISCOVERED_SERVICES, namespace);
    if (before === undefined) {
      const owner = { apiVersion: GROUPS[top.kind] ?? 'apps/v1', kind: top.kind, name: top.name, uid: top.uid };
      const metadata = { name, labels: MANAGED, ownerReferences: top.uid === undefined ? [] : [owner] };
      const body = { apiVersion: GROUP_VERSION, kind: 'DiscoveredService', metadata };
      await client.request(path, { method: 'POST', body }).catch((error: ApiError) => {
        // Another replica was faster.
        if (error.status !== 409) throw error;
      });
    }
    await client.request(`${path}/${name}/status`, { method: 'PATCH', type: MERGE_PATCH, body: { status } });
  }

  return {
    async round(pods, old) {
      await known.ready;
      const found = await workloads(pods);
      for (const one of found.values()) await write(one, old);
      for (const { metadata, spec } of known.all()) {
        const { name, namespace, labels } = metadata;
        const ours = labels?.['app.kubernetes.io/managed-by'] === MANAGED['app.kubernetes.io/managed-by'];
        // What a person has written into it is kept.
        if (!ours || spec?.ignore === true || found.has(`${namespace}/${name}`)) continue;
        const path = resourcePath(GROUP_VERSION, DISCOVERED_SERVICES, namespace, name);
        await client.request(path, { method: 'DELETE' }).catch((error: ApiError) => {
          if (error.status !== 404) throw error;
        });
      }
    },
    close: known.close,
  };
}

const nameOf = ({ kind, name }: OwnerLink): string => `${kind.toLowerCase()}-${name}`.slice(0, 253);
