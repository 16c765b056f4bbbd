/**
 * Workloads of Kubernetes as a target. What we write are two annotations of the pod template, by server-side apply under our own
 * name: the operator puts the hook into the new pods, and applying nothing takes back exactly these fields. A field that
 * somebody else owns is left to them: whoever owns it (Argo CD, Flux) would write it back.
 */
import type { Refusal } from '../../agent/observed.js';
import { ApiError, FIELD_MANAGER, type KubernetesClient } from '../../kubernetes/client.js';
import type { DeedOptions, DeedResult, Plan, SeenWorkload, Target, TargetDeed } from '../target.js';
import { annotationsWith, annotationsWithout, conflictOf, createDeeds, failed } from './deeds.js';
import { createFinder, type Found, no } from './find.js';
import { becameOf } from './look-back.js';
import type { NodePods } from './node-pods.js';
import type { Pod } from './pods.js';
import { restingClient } from './resting-client.js';
import { seenForbidden, seenPods, seenWorkload } from './seen-workload.js';
import { CONTAINERS, INSTRUMENT, injectedOf } from './workload.js';

export interface KubernetesOptions {
  readonly client: KubernetesClient;
  /** Who makes the pods of this node; absent: not asked. */
  readonly pods?: NodePods;
  /** Milliseconds that a rollout may take; default 600,000, as Kubernetes' own deadline. */
  readonly patience?: number;
  /** Milliseconds between two looks at it; default 1,000. */
  readonly interval?: number;
}

/** ms for which what nobody asks anything for is remembered: a thousand nodes look at one API server. */
const REMEMBERED = 60_000;

export function createKubernetesTarget(options: KubernetesOptions): Target {
  const { client, pods, patience = 600_000, interval = 1_000 } = options;
  const finder = createFinder(client, pods);
  const looking = restingClient(client);
  const lookFinder = createFinder(looking, pods);
  const deeds = createDeeds({ client, finder, patience, interval });
  const seen = new Map<string, { readonly at: number; readonly workload: SeenWorkload | undefined }>();
  const inTurn = turns();

  async function look(key: string, now: number): Promise<SeenWorkload | undefined> {
    try {
      const found = await lookFinder.find(key);
      if ('because' in found) {
        const owner = pods?.ownerOf(key);
        return owner && seenPods(key, owner, now);
      }
      const { namespace } = found.workload.metadata;
      const labels = Object.entries(found.workload.spec.selector.matchLabels ?? {}).map(entry => entry.join('='));
      const list = await looking.request<{ items: Pod[] }>(
        `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?labelSelector=${encodeURIComponent(labels.join(','))}`,
      );
      return seenWorkload(key, found, list.items, await lookFinder.refusalOf(found), now);
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return seenForbidden(key, error.message, now);
      throw error;
    }
  }

  async function act(key: string, deed: TargetDeed, { snapshot, rollback }: DeedOptions): Promise<DeedResult> {
    try {
      const found = await finder.find(key);
      if ('because' in found) return failed(found.because);
      if (deed === 'inject') return await deeds.inject(found);
      if (deed === 'undo') return await deeds.undo(found, rollback);
      return await deeds.lifecycle(found, deed, snapshot);
    } catch (error) {
      return conflictOf(error) ?? { outcome: 'unclear', reason: (error as Error).message };
    } finally {
      seen.delete(key);
    }
  }

  return {
    kind: 'kubernetes',
    async look(keys, asked) {
      const now = Date.now();
      const mine = keys.filter(key => key.startsWith('k8s:'));
      for (const key of seen.keys()) if (!mine.includes(key)) seen.delete(key);
      const looks = await Promise.all(
        mine.map(async key => {
          const before = seen.get(key);
          if (asked?.has(key) === false && before && now - before.at < REMEMBERED) return before.workload;
          const workload = await look(key, now);
          seen.set(key, { at: now, workload });
          return workload;
        }),
      );
      return looks.filter(workload => workload !== undefined);
    },
    async plan(key, deed, { restart = true } = {}) {
      const found = await finder.find(key);
      if ('because' in found) return found;
      if (deed === 'undo') return planOf(found, deed);
      const refusal = await finder.refusalOf(found);
      if (refusal) return refusal;
      if (restart) return planOf(found, deed);
      return no(
        'a change of the template makes new pods; there is no other way',
        `kubectl annotate namespace ${found.reference.namespace} ${INSTRUMENT}=true`,
      );
    },
    // Two containers of one workload share its annotations: what one deed reads and writes, no other changes meanwhile.
    act: (key, deed, options = {}) => inTurn(key.slice(0, key.lastIndexOf(':')), () => act(key, deed, options)),
    async lookBack(started) {
      const found = await finder.find(started.workload);
      if ('because' in found) return { outcome: 'failed', reason: found.because };
      return becameOf(started, found.workload, found.reference.container);
    },
  };
}

function planOf(found: Found, deed: 'inject' | 'undo'): Plan | Refusal {
  const { kind, workload, reference } = found;
  const isIn = injectedOf(workload, FIELD_MANAGER, reference.container) !== undefined;
  if (isIn === (deed === 'inject')) return { possible: true, changes: [], steps: [], notes: ['it is done already'] };
  const before = linesOf(isIn ? ownAnnotations(found) : {});
  const after = linesOf(isIn ? annotationsWithout(found) : annotationsWith(found));
  const what = `${kind.toLowerCase()} ${workload.metadata.namespace}/${workload.metadata.name}`;
  return {
    possible: true,
    changes: [{ what, before, after }],
    steps: [`server-side apply as ${FIELD_MANAGER}`, 'wait for the rollout; where it fails, take the fields back'],
    notes: [],
  };
}

function ownAnnotations({ workload: { spec } }: Found): Record<string, string> {
  const entries = Object.entries(spec.template.metadata?.annotations ?? {});
  return Object.fromEntries(entries.filter(([name]) => name === INSTRUMENT || name === CONTAINERS));
}

const linesOf = (annotations: Readonly<Record<string, string>>): string =>
  Object.entries(annotations)
    .map(([name, value]) => `spec.template.metadata.annotations: ${name}: "${value}"\n`)
    .join('');

/** Runs what has the same name one after the other. */
function turns(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, mine);
    const forget = () => {
      if (last.get(name) === mine) last.delete(name);
    };
    mine.then(forget, forget);
    return mine;
  };
}
