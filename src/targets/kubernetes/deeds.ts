/** What is done to a workload of Kubernetes: our two annotations in and out by server-side apply, its rollout watched; its scale. */
import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, FIELD_MANAGER, type KubernetesClient, MERGE_PATCH } from '../../kubernetes/client.js';
import type { DeedResult } from '../target.js';
import { type Finder, type Found, getIfThere } from './find.js';
import { askedByUs, CONTAINERS, INSTRUMENT, injectedOf, rolloutOf, TAKEN_BACK, type Workload } from './workload.js';

export interface DeedsOptions {
  readonly client: KubernetesClient;
  readonly finder: Finder;
  readonly patience: number;
  readonly interval: number;
}

export interface Deeds {
  inject(found: Found): Promise<DeedResult>;
  /** @param because of a hook that is taken back because it got worse: agents of other nodes read it */
  undo(found: Found, because?: string): Promise<DeedResult>;
  lifecycle(found: Found, deed: 'stop' | 'start' | 'restart', snapshot: string | undefined): Promise<DeedResult>;
}

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

export function createDeeds({ client, finder, patience, interval }: DeedsOptions): Deeds {
  /** Fields of ours that are not in it are taken back. @throws ApiError 409: somebody else owns one */
  const apply = (
    { kind, path, workload: { metadata } }: Found,
    annotations: Readonly<Record<string, string>>,
    because?: string,
  ) =>
    client.apply(path, {
      apiVersion: 'apps/v1',
      kind,
      metadata: {
        name: metadata.name,
        namespace: metadata.namespace,
        ...(because !== undefined && { annotations: { [TAKEN_BACK]: because } }),
      },
      ...(Object.keys(annotations).length > 0 && { spec: { template: { metadata: { annotations } } } }),
    });

  /** @returns what went wrong */
  async function rollout({ path }: Found): Promise<string | undefined> {
    for (const end = Date.now() + patience; ; await wait(interval)) {
      const workload = await getIfThere<Workload>(client, path);
      if (workload === undefined) return 'it was deleted meanwhile';
      const state = rolloutOf(workload);
      if (state === 'done' || state === 'paused') return undefined;
      if (state === 'failed') return 'its rollout does not come to an end';
      if (Date.now() > end) return `its rollout takes longer than ${patience / 1000} s`;
    }
  }

  return {
    async inject(found) {
      const { workload, reference } = found;
      const refusal = await finder.refusalOf(found);
      if (refusal) return failed(refusal.because);
      const isIn = injectedOf(workload, FIELD_MANAGER, reference.container) !== undefined;
      if (isIn && rolloutOf(workload) === 'done') return { outcome: 'done', restarted: false };
      if (workload.spec.paused)
        return { outcome: 'failed', restarted: false, reason: 'its rollout is paused; resume it first' };
      await apply(found, annotationsWith(found));
      const bad = await rollout(found);
      if (bad === undefined) return { outcome: 'done', restarted: true };
      await apply(found, annotationsWithout(found), bad);
      const again = await rollout(found);
      const now = again === undefined ? 'it is as before again' : `going back: ${again}`;
      return { outcome: 'failed', restarted: true, permanent: true, reason: `with the hook: ${bad}; ${now}` };
    },
    async undo(found, because) {
      if (injectedOf(found.workload, FIELD_MANAGER, found.reference.container) === undefined)
        return { outcome: 'done', restarted: false };
      await apply(found, annotationsWithout(found), because);
      const bad = await rollout(found);
      return bad === undefined
        ? { outcome: 'done', restarted: true }
        : { outcome: 'failed', restarted: true, reason: bad };
    },
    async lifecycle(found, deed, snapshot) {
      const { path, kind, workload } = found;
      const patch = (body: object, at = path) =>
        client.request(`${at}?fieldManager=${FIELD_MANAGER}`, { method: 'PATCH', type: MERGE_PATCH, body });
      if (deed === 'restart') {
        const annotations = { [RESTARTED_AT]: new Date().toISOString() };
        await patch({ spec: { template: { metadata: { annotations } } } });
        const bad = await rollout(found);
        return bad === undefined
          ? { outcome: 'done', restarted: true }
          : { outcome: 'failed', restarted: true, reason: bad };
      }
      if (kind === 'DaemonSet') return failed('a DaemonSet has a pod on every node, and cannot be stopped');
      const before = workload.spec.replicas ?? 1;
      if (deed === 'stop') {
        await patch({ spec: { replicas: 0 } }, `${path}/scale`);
        return { outcome: 'done', restarted: false, snapshot: JSON.stringify({ replicas: before }) };
      }
      if (before === 0) await patch({ spec: { replicas: replicasOf(snapshot) } }, `${path}/scale`);
      return { outcome: 'done', restarted: false };
    },
  };
}

/** Of the template with the container, or the whole workload, and what we asked for in it before. */
export function annotationsWith({ workload, reference: { container } }: Found): Record<string, string> {
  const asked = askedByUs(workload, FIELD_MANAGER);
  if (container === undefined || asked === 'all') return { [INSTRUMENT]: 'true' };
  return annotationsOf([...(asked ?? []), container]);
}

/** Other containers that we were asked for stay. */
export function annotationsWithout({ workload, reference: { container } }: Found): Record<string, string> {
  const asked = askedByUs(workload, FIELD_MANAGER);
  if (container === undefined || asked === undefined || asked === 'all') return {};
  return annotationsOf(asked.filter(name => name !== container));
}

function annotationsOf(containers: readonly string[]): Record<string, string> {
  if (containers.length === 0) return {};
  return { [INSTRUMENT]: 'true', [CONTAINERS]: [...new Set(containers)].sort().join(',') };
}

function replicasOf(snapshot: string | undefined): number {
  try {
    const { replicas } = JSON.parse(snapshot ?? '') as { replicas?: unknown };
    return typeof replicas === 'number' && replicas > 0 ? replicas : 1;
  } catch {
    return 1;
  }
}

export const failed = (reason: string): DeedResult => ({
  outcome: 'failed',
  restarted: false,
  permanent: true,
  reason,
});

/** `conflict with "argocd-controller": .spec…`: nothing was written, and nobody is fought. */
export function conflictOf(error: unknown): DeedResult | undefined {
  if (!(error instanceof ApiError) || error.status !== 409) return undefined;
  const owner = /conflicts? with "([^"]+)"/.exec(error.message)?.[1] ?? 'somebody else';
  const reason = `${owner} owns the annotation and would write it back; set ${INSTRUMENT} where ${owner} reads it, or on the namespace`;
  return { outcome: 'failed', restarted: false, permanent: true, owner, reason };
}
