/** Which workloads are in the middle of a change: no more than the policy says may be so at once. Pure. */
import { disturbs, type Past } from './history.js';
import type { ObservedWorkload } from './observed.js';
import type { Situation } from './situation.js';

/**
 * From the start of a deed until the workload is ready again, at most `settle`. What a look could not tell holds no place:
 * nothing of it runs, and a few of them would stop all others.
 */
export function isDisturbed(
  workload: ObservedWorkload | undefined,
  { tries, recoveredAt }: Past,
  { now, policy, running }: Pick<Situation, 'now' | 'policy' | 'running'>,
): boolean {
  const deeds = tries.filter(({ started }) => disturbs(started.deed));
  if (deeds.some(({ started, ended }) => !ended && (running.has(started.id) || started.at > recoveredAt))) return true;
  const last = deeds.at(-1);
  if (!last?.ended || last.ended.outcome === 'not-done' || now - last.ended.at >= policy.settle) return false;
  // The rest of it follows within seconds, or it is taken back.
  if (last.ended.outcome === 'half-done') return true;
  if (!workload || last.ended.outcome !== 'done' || last.started.deed === 'stop') return false;
  if (workload.asOf <= last.ended.at) return true;
  const canary = last.started.replicas !== undefined && workload.replicas.some(({ injected }) => !injected);
  return canary || workload.replicas.some(({ state }) => state !== 'ready');
}
