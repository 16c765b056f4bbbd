/**
 * Workloads of Kubernetes as a target. What we write are two annotations of the pod template, by server-side apply under our own
 * name: the operator puts the hook into the new pods, and applying nothing takes back exactly these fields. A field that
 * somebody else owns is left to them: whoever owns it (Argo CD, Flux) would write it back.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Refusal } from '../../agent/observed.js';
import { ApiError, FIELD_MANAGER, type KubernetesClient, MERGE_PATCH } from '../../kubernetes/client.js';
import type { DeedResult, Plan, SeenWorkload, Target } from '../target.js';
import { becameOf } from './look-back.js';
import { type Pod, replicaOf } from './pods.js';
import {
  CONTAINERS,
  INSTRUMENT,
  idOf,
  injectedOf,
  KINDS,
  type Kind,
  type Reference,
  referenceOf,
  restartsOf,
  rolloutOf,
  type Workload,
  workloadRefusal,
} from './workload.js';

export interface KubernetesOptions {
  readonly client: KubernetesClient;
  /** Milliseconds that a rollout may take; default 600,000, as Kubernetes' own deadline. */
  readonly patience?: number;
  /** Milliseconds between two looks at it; default 1,000. */
  readonly interval?: number;
}

interface Found {
  readonly kind: Kind;
  readonly path: string;
  readonly workload: Workload;
  readonly reference: Reference;
}

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

export function createKubernetesTarget({ client, patience = 600_000, interval = 1_000 }: KubernetesOptions): Target {
  async function get<T>(path: string): Promise<T | undefined> {
    try {
      return await client.request<T>(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async function find(key: string): Promise<Found | Refusal> {
    const reference = referenceOf(key);
    if ('because' in reference) return reference;
    const kinds = reference.kind === undefined ? (Object.keys(KINDS) as Kind[]) : [reference.kind];
    for (const kind of kinds) {
      const path = `/apis/apps/v1/namespaces/${encodeURIComponent(reference.namespace)}/${KINDS[kind].plural}/${encodeURIComponent(reference.name)}`;
      const workload = await get<Workload>(path);
      if (workload) return { kind, path, workload, reference };
    }
    return no(`there is no ${reference.kind ?? 'workload'} ${reference.name} in the namespace ${reference.namespace}`);
  }

  /** Undefined: it is there, or we may not look. */
  async function noOperator(): Promise<Refusal | undefined> {
    try {
      const list = await client.request<{ items: { webhooks?: { name: string }[] }[] }>(
        '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
      );
      const there = list.items.some(({ webhooks }) => webhooks?.some(({ name }) => name.endsWith('openlit.io')));
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

  const refusalOf = async ({ kind, workload }: Found): Promise<Refusal | undefined> =>
    workloadRefusal(kind, workload) ?? (await noOperator());

  async function plan(key: string, deed: 'inject' | 'undo', restart = true): Promise<Plan | Refusal> {
    const found = await find(key);
    if ('because' in found) return found;
    const injected = injectedOf(found.workload, FIELD_MANAGER);
    if (deed === 'inject') {
      const refusal = await refusalOf(found);
      if (refusal) return refusal;
      if (!restart)
        return no(
          'a change of the template makes new pods; there is no other way',
          `kubectl annotate namespace ${found.reference.namespace} ${INSTRUMENT}=true`,
        );
    }
    const wanted = deed === 'inject' ? idOf(found.reference.container) : undefined;
    if (injected === wanted) return { possible: true, changes: [], steps: [], notes: ['it is done already'] };
    const lines = linesOf(deed === 'inject' ? annotationsOf(found.reference) : ownAnnotations(found.workload));
    const { kind, workload } = found;
    const what = `${kind.toLowerCase()} ${workload.metadata.namespace}/${workload.metadata.name}`;
    return {
      possible: true,
      changes: [deed === 'inject' ? { what, before: '', after: lines } : { what, before: lines, after: '' }],
      steps: [`server-side apply as ${FIELD_MANAGER}`, 'wait for the rollout; where it fails, take the fields back'],
      notes: [],
    };
  }

  async function inject(found: Found): Promise<DeedResult> {
    const refusal = await refusalOf(found);
    if (refusal) return failed(refusal.because);
    if (
      injectedOf(found.workload, FIELD_MANAGER) === idOf(found.reference.container) &&
      rolloutOf(found.workload) === 'done'
    )
      return { outcome: 'done', restarted: false };
    if (found.workload.spec.paused)
      return { outcome: 'failed', restarted: false, reason: 'its rollout is paused; resume it first' };
    const template = { metadata: { annotations: annotationsOf(found.reference) } };
    await apply(found, { spec: { template } });
    const bad = await rollout(found);
    if (bad === undefined) return { outcome: 'done', restarted: true };
    await apply(found, {});
    const again = await rollout(found);
    const now = again === undefined ? 'it is as before again' : `going back: ${again}`;
    return { outcome: 'failed', restarted: true, permanent: true, reason: `with the hook: ${bad}; ${now}` };
  }

  /** Fields of ours that are not in it are taken back. @throws ApiError 409: somebody else owns one */
  const apply = ({ kind, path, workload: { metadata } }: Found, more: object) =>
    client.apply(path, {
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: metadata.name, namespace: metadata.namespace },
      ...more,
    });

  async function undo(found: Found): Promise<DeedResult> {
    if (injectedOf(found.workload, FIELD_MANAGER) === undefined) return { outcome: 'done', restarted: false };
    await apply(found, {});
    const bad = await rollout(found);
    return bad === undefined
      ? { outcome: 'done', restarted: true }
      : { outcome: 'failed', restarted: true, reason: bad };
  }

  /** @returns what went wrong */
  async function rollout({ path }: Found): Promise<string | undefined> {
    for (const end = Date.now() + patience; ; await wait(interval)) {
      const workload = await get<Workload>(path);
      if (workload === undefined) return 'it was deleted meanwhile';
      const state = rolloutOf(workload);
      if (state === 'done' || state === 'paused') return undefined;
      if (state === 'failed') return 'its rollout does not come to an end';
      if (Date.now() > end) return `its rollout takes longer than ${patience / 1000} s`;
    }
  }

  async function lifecycle(
    found: Found,
    deed: 'stop' | 'start' | 'restart',
    snapshot: string | undefined,
  ): Promise<DeedResult> {
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
    const replicas = replicasOf(snapshot);
    if (before === 0) await patch({ spec: { replicas } }, `${path}/scale`);
    return { outcome: 'done', restarted: false };
  }

  async function look(key: string, now: number): Promise<SeenWorkload | undefined> {
    const found = await find(key);
    if ('because' in found) return undefined;
    const { kind, workload, reference } = found;
    const { metadata } = workload;
    const labels = Object.entries(workload.spec.selector.matchLabels ?? {}).map(([name, value]) => `${name}=${value}`);
    const pods = await client.request<{ items: Pod[] }>(
      `/api/v1/namespaces/${encodeURIComponent(metadata.namespace)}/pods?labelSelector=${encodeURIComponent(labels.join(','))}`,
    );
    const refusal = await refusalOf(found);
    const injected = injectedOf(workload, FIELD_MANAGER);
    const rolls = rolloutOf(workload);
    return {
      key,
      name: metadata.name,
      target: 'kubernetes',
      incarnation: metadata.uid,
      asOf: now,
      lifecycle: workload.spec.replicas === 0 ? 'stopped' : 'running',
      replicas: pods.items.map(pod => replicaOf(pod, now)),
      restarts: restartsOf(workload),
      ...(injected !== undefined && { injected }),
      injection: idOf(reference.container),
      ...((rolls === 'running' || rolls === 'paused') && { rollout: rolls }),
      can: { inject: refusal ?? { possible: true }, lifecycle: { possible: true } },
      facts: {
        'k8s.workload.kind': kind,
        'k8s.namespace.name': metadata.namespace,
        'k8s.deployment.name': metadata.name,
      },
    };
  }

  return {
    kind: 'kubernetes',
    async look(keys) {
      const now = Date.now();
      const looks = await Promise.all(keys.filter(key => key.startsWith('k8s:')).map(key => look(key, now)));
      return looks.filter(seen => seen !== undefined);
    },
    plan: (key, deed, { restart } = {}) => plan(key, deed, restart),
    async act(key, deed, { snapshot } = {}) {
      try {
        const found = await find(key);
        if ('because' in found) return failed(found.because);
        if (deed === 'inject') return await inject(found);
        if (deed === 'undo') return await undo(found);
        return await lifecycle(found, deed, snapshot);
      } catch (error) {
        return conflictOf(error) ?? { outcome: 'unclear', reason: (error as Error).message };
      }
    },
    async lookBack(started) {
      const found = await find(started.workload);
      if ('because' in found) return { outcome: 'failed', reason: found.because };
      return becameOf(started, found.workload);
    },
  };
}

const no = (because: string, fix?: string): Refusal => ({
  possible: false,
  because,
  ...(fix !== undefined && { fix }),
});

const failed = (reason: string): DeedResult => ({ outcome: 'failed', restarted: false, permanent: true, reason });

/** `conflict with "argocd-controller": .spec…`: nothing was written, and nobody is fought. */
function conflictOf(error: unknown): DeedResult | undefined {
  if (!(error instanceof ApiError) || error.status !== 409) return undefined;
  const owner = /conflicts? with "([^"]+)"/.exec(error.message)?.[1] ?? 'somebody else';
  const reason = `${owner} owns the annotation and would write it back; set ${INSTRUMENT} where ${owner} reads it, or on the namespace`;
  return { outcome: 'failed', restarted: false, permanent: true, owner, reason };
}

const annotationsOf = ({ container }: Reference): Record<string, string> => ({
  [INSTRUMENT]: 'true',
  ...(container !== undefined && { [CONTAINERS]: container }),
});

function ownAnnotations({ spec }: Workload): Record<string, string> {
  const entries = Object.entries(spec.template.metadata?.annotations ?? {});
  return Object.fromEntries(entries.filter(([name]) => name === INSTRUMENT || name === CONTAINERS));
}

const linesOf = (annotations: Readonly<Record<string, string>>): string =>
  Object.entries(annotations)
    .map(([name, value]) => `spec.template.metadata.annotations: ${name}: "${value}"\n`)
    .join('');

function replicasOf(snapshot: string | undefined): number {
  try {
    const { replicas } = JSON.parse(snapshot ?? '') as { replicas?: unknown };
    return typeof replicas === 'number' && replicas > 0 ? replicas : 1;
  } catch {
    return 1;
  }
}
