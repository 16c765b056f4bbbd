/** A workload of a cluster by its key, and why it is left as it is. */
import type { Refusal } from '../../agent/observed.js';
import { ApiError, type KubernetesClient } from '../../kubernetes/client.js';
import type { NodePods } from './node-pods.js';
import { KINDS, type Kind, type Reference, referenceOf, type Workload, workloadRefusal } from './workload.js';

export interface Found {
  readonly kind: Kind;
  readonly path: string;
  readonly workload: Workload;
  readonly reference: Reference;
}

export interface Finder {
  /** @throws ApiError but 404 */
  find(key: string): Promise<Found | Refusal>;
  refusalOf(found: Found): Promise<Refusal | undefined>;
}

/** ms for which a look believes that the operator is there. */
const BELIEVED = 60_000;

export async function getIfThere<T>(client: KubernetesClient, path: string): Promise<T | undefined> {
  try {
    return await client.request<T>(path);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

export function createFinder(client: KubernetesClient, pods?: NodePods): Finder {
  let operatorSeen = Number.NEGATIVE_INFINITY;

  /** Undefined: it is there, or we may not look. */
  async function noOperator(): Promise<Refusal | undefined> {
    if (performance.now() - operatorSeen < BELIEVED) return undefined;
    try {
      const list = await client.request<{ items: { webhooks?: { name: string }[] }[] }>(
        '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
      );
      const there = list.items.some(({ webhooks }) => webhooks?.some(({ name }) => name.endsWith('openlit.io')));
      if (there) operatorSeen = performance.now();
      return there
        ? undefined
        : no(
            'the operator, which puts the hook into pods, is not in this cluster',
            'openlit-instrument operator --help',
          );
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return undefined;
      throw error;
    }
  }

  return {
    async find(key) {
      const reference = referenceOf(key);
      if ('because' in reference) return reference;
      const { namespace, name } = reference;
      const owner = pods?.ownerOf(key)?.kind;
      const known = reference.kind ?? (isKind(owner) ? owner : undefined);
      for (const kind of known === undefined ? (Object.keys(KINDS) as Kind[]) : [known]) {
        const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${KINDS[kind].plural}/${encodeURIComponent(name)}`;
        const workload = await getIfThere<Workload>(client, path);
        if (workload) return { kind, path, workload, reference };
      }
      return no(`there is no ${reference.kind ?? 'workload'} ${name} in the namespace ${namespace}`);
    },
    refusalOf: async ({ kind, workload }) => workloadRefusal(kind, workload) ?? (await noOperator()),
  };
}

const isKind = (kind: string | undefined): kind is Kind => kind !== undefined && Object.hasOwn(KINDS, kind);

export const no = (because: string, fix?: string): Refusal => ({
  possible: false,
  because,
  ...(fix !== undefined && { fix }),
});
