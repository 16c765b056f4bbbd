/** Tries that have no end: they run, or a kill cut them off. Pure. */
import { delayAfter } from './back-off.js';
import type { Deed, Past, Try } from './history.js';
import type { Feature } from './observed.js';
import { type Case, type Verdict, verdict } from './verdict.js';

const FEATURE_OF: Readonly<Record<Deed, Feature>> = {
  attach: 'observe',
  detach: 'observe',
  inject: 'inject',
  undo: 'inject',
  stop: 'lifecycle',
  start: 'lifecycle',
  restart: 'lifecycle',
};

export interface Interrupted {
  readonly feature: Feature;
  readonly verdict: Verdict;
  /** To be looked at now. */
  readonly look?: Try;
}

/**
 * What holds a workload back until it is known what became of its last try. A look that could not tell is repeated, later
 * and later, until one can or a person recovers the workload: doing it again blindly could restart it twice.
 */
export function interrupted(
  { tries, recoveredAt }: Past,
  running: ReadonlySet<string>,
  { now, policy, jitter }: Pick<Case, 'now' | 'policy' | 'jitter'>,
): Interrupted | undefined {
  const runs = tries.find(({ started, ended }) => !ended && running.has(started.id));
  if (runs) return { feature: FEATURE_OF[runs.started.deed], verdict: verdict('working', 'working', deed(runs)) };
  const cut = tries.find(one => isCut(one) && one.started.at > recoveredAt);
  if (!cut) return undefined;
  const feature = FEATURE_OF[cut.started.deed];
  if (!cut.ended) return { feature, verdict: verdict('working', 'looking', deed(cut)), look: cut };
  const due =
    !running.has(cut.started.id) && cut.ended.at + delayAfter(cut.looks, cut.started.id, policy, jitter) <= now;
  const workload = cut.started.workload;
  const words = verdict('unclear', 'outcome-unclear', { ...deed(cut), workload });
  return { feature, verdict: words, ...(due && { look: cut }) };
}

export const isCut = ({ ended }: Try): boolean => !ended || ended.outcome === 'unclear';

const deed = ({ started }: Try) => ({ detail: started.deed });
