/** What became of a try that a kill cut off. Pure. */
import type { Started } from '../../agent/history.js';
import { FIELD_MANAGER } from '../../kubernetes/client.js';
import type { DeedResult } from '../target.js';
import { injectedOf, rolloutOf, type Workload } from './workload.js';

export function becameOf({ deed }: Pick<Started, 'deed'>, workload: Workload, container?: string): DeedResult {
  const rolls = rolloutOf(workload);
  if (rolls === 'running') return { outcome: 'unclear', reason: 'its rollout runs' };
  const hooked = injectedOf(workload, FIELD_MANAGER, container) !== undefined;
  const isUp = workload.spec.replicas !== 0;
  switch (deed) {
    case 'inject':
      return hooked ? { outcome: rolls === 'failed' ? 'half-done' : 'done', restarted: true } : { outcome: 'not-done' };
    case 'undo':
      return { outcome: hooked ? 'not-done' : 'done' };
    case 'stop':
      return { outcome: isUp ? 'not-done' : 'done' };
    case 'start':
      return { outcome: isUp ? 'done' : 'not-done' };
    default:
      return { outcome: 'unclear', reason: 'a restart leaves no trace that tells whose it was' };
  }
}
