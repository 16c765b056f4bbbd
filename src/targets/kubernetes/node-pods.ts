/**
 * Which workload a container of this node belongs to: its pod by the API server, and the pod's owner. The pods of the node
 * are listed when a container is seen that nobody knows, so a quiet node asks nothing.
 */
import type { KubernetesClient } from '../../kubernetes/client.js';
import { type OwnedMetadata, type Owner, ownerOf } from './owner.js';

/** Where a process runs, of its cgroup. */
export interface Place {
  /** 64 hex digits. */
  readonly container: string;
  readonly podUid?: string;
}

export interface NodePods {
  /** Workload keys by container id, of those that the API server knows. @throws Error when it does not answer */
  keysOf(places: readonly Place[]): Promise<ReadonlyMap<string, string>>;
  /** Who makes the pods of a workload that was named here. */
  ownerOf(key: string): Owner | undefined;
}

export interface NodePodsOptions {
  readonly client: KubernetesClient;
  /** What this node is probably called; where it is not, it is found once by a pod of it. */
  readonly node: string;
  readonly now?: () => number;
}

interface PodFacts {
  readonly metadata: OwnedMetadata & { readonly namespace: string; readonly uid: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: Readonly<Partial<Record<(typeof STATUSES)[number], readonly ContainerFacts[]>>>;
}

interface ContainerFacts {
  readonly name: string;
  readonly containerID?: string;
}

interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly PodFacts[];
}

const STATUSES = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
/** ms until an unknown container is asked for again: its status comes a moment after its start. */
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 300_000;
const PAGE = 500;

export function createNodePods({ client, node: guess, now = Date.now }: NodePodsOptions): NodePods {
  let node = guess;
  let proven = false;
  let keys = new Map<string, string>();
  let owners = new Map<string, Owner>();
  const unknown = new Map<string, { wait: number; at: number }>();

  async function* pages(selector?: string): AsyncGenerator<readonly PodFacts[]> {
    let after: string | undefined;
    do {
      const query = new URLSearchParams({ limit: String(PAGE) });
      if (selector !== undefined) query.set('fieldSelector', selector);
      if (after !== undefined) query.set('continue', after);
      const page = await client.request<Page>(`/api/v1/pods?${query}`);
      yield page.items;
      after = page.metadata?.continue || undefined;
    } while (after !== undefined);
  }
  async function ofNode(): Promise<PodFacts[]> {
    const pods: PodFacts[] = [];
    for await (const page of pages(`spec.nodeName=${node}`)) pods.push(...page);
    return pods;
  }
  /** @returns the name of this node, by one of the pods that run here */
  async function findNode(uids: ReadonlySet<string>): Promise<string | undefined> {
    for await (const page of pages()) {
      const found = page.find(({ metadata }) => uids.has(metadata.uid))?.spec.nodeName;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  function take(pods: readonly PodFacts[]): void {
    keys = new Map();
    owners = new Map();
    for (const { metadata, status } of pods) {
      const owner = ownerOf(metadata);
      for (const { name, containerID } of STATUSES.flatMap(list => status?.[list] ?? [])) {
        const id = /[0-9a-f]{64}$/.exec(containerID ?? '')?.[0];
        if (id === undefined) continue;
        const key = `k8s:${metadata.namespace}:${owner.name}:${name}`;
        keys.set(id, key);
        owners.set(key, owner);
      }
    }
  }

  return {
    ownerOf: key => owners.get(key),
    async keysOf(places) {
      const missing = places.filter(({ container }) => !keys.has(container));
      const due = missing.filter(({ container }) => (unknown.get(container)?.at ?? 0) <= now());
      if (due.length > 0) {
        const uids = new Set(due.flatMap(({ podUid }) => podUid ?? []));
        let pods = await ofNode();
        proven ||= pods.some(({ metadata }) => uids.has(metadata.uid));
        if (!proven && uids.size > 0) {
          const found = await findNode(uids);
          if (found !== undefined && found !== node) {
            node = found;
            pods = await ofNode();
          }
          proven = found !== undefined;
        }
        take(pods);
        const still = new Set(places.map(({ container }) => container));
        for (const container of unknown.keys())
          if (keys.has(container) || !still.has(container)) unknown.delete(container);
        for (const { container } of due) {
          if (keys.has(container)) continue;
          const wait = Math.min((unknown.get(container)?.wait ?? FIRST_WAIT / 2) * 2, LONGEST_WAIT);
          unknown.set(container, { wait, at: now() + wait });
        }
      }
      return new Map(
        places.flatMap(({ container }) => {
          const key = keys.get(container);
          return key === undefined ? [] : [[container, key] as const];
        }),
      );
    },
  };
}
