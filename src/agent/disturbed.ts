/** Which workloads are in the middle of a change: no more than the policy says may be so at once. Pure. */
import { disturbs, type Past } from './history.js';
import type { ObservedWorkload } from './observed.js';
import type { Situation } from './situation.js';

/** `moving`: a deed runs, or was cut off. `settling`: done, and not ready again yet, for at most `settle`. */
export type Disturbance = 'moving' | 'settling';

/** What a look could not tell holds no place: nothing of it runs, and a few of them would stop all others. */
export function disturbance(
  workload: ObservedWorkload | undefined,
  { tries, recoveredAt }: Past,
  { now, policy, running }: Pick<Situation, 'now' | 'policy' | 'running'>,
): Disturbance | undefined {
  const deeds = tries.filter(({ started }) => disturbs(started.deed));
  if (deeds.some(({ started, ended }) => !ended && (running.has(started.id) || started.at > recoveredAt)))
    return 'moving';
  const last = deeds.at(-1);
  if (!last?.ended || last.ended.outcome === 'not-done' || now - last.ended.at >= policy.settle) return undefined;
  // The rest of it follows within seconds, or it is taken back.
  if (last.ended.outcome === 'half-done') return 'settling';
  if (!workload || last.ended.outcome !== 'done' || last.started.deed === 'stop') return undefined;
  const canary = last.started.replicas !== undefined && workload.replicas.some(({ injected }) => !injected);
  const ready = workload.asOf > last.ended.at && workload.replicas.every(({ state }) => state === 'ready');
  return canary || !ready ? 'settling' : undefined;
}

/** The places of one tick. */
export interface Places {
  /** Takes a place, or says how many hold one. */
  readonly take: (
    workload: string,
    begun: boolean,
  ) => { readonly taken: true } | { readonly taken: false; held: number };
}

/**
 * No more deeds than the policy says ever run at once. Who begins something new also waits for those that settle; what is
 * begun, or gets worse, does not, or the settling would wait for each other.
 */
export function places(atOnce: number, held: ReadonlyMap<string, Disturbance>): Places {
  const disturbed = new Set(held.keys());
  const moving = new Set([...held].flatMap(([key, what]) => (what === 'moving' ? [key] : [])));
  return {
    take: (workload, begun) => {
      const others = begun ? moving : disturbed;
      const count = others.size - (others.has(workload) ? 1 : 0);
      if (count >= atOnce || moving.size >= atOnce) return { taken: false, held: Math.max(count, moving.size) };
      moving.add(workload);
      disturbed.add(workload);
      return { taken: true };
    },
  };
}
