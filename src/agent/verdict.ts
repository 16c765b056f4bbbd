/** What the judges of the features answer, and what they share. Pure. */
import { delayAfter, type Jitter } from './back-off.js';
import type { Desire } from './desired.js';
import type { Deed, Past, Rollback, Try } from './history.js';
import type { Feature, ObservedWorkload, Replica } from './observed.js';
import type { Policy } from './policy.js';
import { type Reason, type ReasonCode, type ReasonFacts, reason, type State } from './words.js';

/** What could be done now, if there is room for it. */
export interface Proposal {
  readonly deed: Deed;
  readonly serves: string;
  /** Smaller goes first: what gets worse, then what is begun, then what is new. */
  readonly urgency: 0 | 1 | 2;
  /** Of two of one urgency, the older wish. */
  readonly since: number;
  readonly incarnation: string;
  readonly replicas?: readonly string[];
  readonly rollback?: Rollback;
  readonly snapshot?: string;
}

export interface Verdict {
  readonly state: State;
  readonly reason: Reason;
  readonly proposal?: Proposal;
}

/** What a judge looks at. */
export interface Case {
  readonly workload: ObservedWorkload;
  /** Absent: nobody ever asked. */
  readonly desire: Desire | undefined;
  readonly past: Past;
  readonly now: number;
  readonly policy: Policy;
  readonly jitter: Jitter;
}

export const verdict = (state: State, code: ReasonCode, facts: ReasonFacts = {}): Verdict => ({
  state,
  reason: reason(code, facts),
});

export const propose = (proposal: Proposal, state: State, because: Reason): Verdict => ({
  state,
  reason: because,
  proposal,
});

/** The desired state that a deed serves: at most one restart for each. */
export const servesOf = (feature: Feature, desire: Desire): string => `${feature} ${desire.revision}`;

/** Hooks that are ours or OpenLIT's do what is asked already. */
export const isAdopted = (by: string): boolean => by === 'openlit' || by === 'openlit-instrument';

/** Tries since a person last recovered the workload: older ones hold nothing. */
export const triesOf = (past: Past, deed: Deed, serves: string): Try[] =>
  past.tries.filter(
    ({ started }) => started.deed === deed && started.serves === serves && started.at > past.recoveredAt,
  );

/** Of this making of the workload; a deed may have made it anew itself. */
export const isOf = ({ started, ended }: Try, incarnation: string): boolean =>
  (ended?.incarnation ?? started.incarnation) === incarnation;

/** Waits while the last tries of this deed failed; undefined: it may be tried. */
export function backOff(tries: readonly Try[], { now, policy, jitter }: Case): Verdict | undefined {
  let failures = 0;
  for (const { ended } of [...tries].reverse()) {
    if (ended?.outcome === 'done') break;
    failures++;
  }
  const last = tries.at(-1);
  if (failures === 0 || !last?.ended) return undefined;
  const wait = last.ended.at + delayAfter(failures, last.started.id, policy, jitter) - now;
  if (wait <= 0) return undefined;
  return verdict('waiting', 'back-off', { count: failures, wait, detail: last.ended.reason });
}

/** A failure that another try cannot help, in words. */
export function forGood({ ended }: Try, workload: string): Verdict | undefined {
  if (ended?.outcome !== 'failed' || !ended.permanent) return undefined;
  if (ended.owner !== undefined) return verdict('refused', 'owned-by-other', { by: ended.owner });
  return verdict('failed', 'failed-for-good', { detail: ended.reason, workload });
}

/** A replica that has been in trouble for longer than such trouble may last. */
export function inTrouble(replica: Replica, { policy, now }: Pick<Case, 'policy' | 'now'>): boolean {
  if (replica.state !== 'failing') return false;
  return now - (replica.failingSince ?? now) >= policy.grace[replica.trouble ?? 'unhealthy'];
}

/**
 * What has to be so before anything of ours is put into or onto a workload that has nothing of ours yet: it runs, and it was
 * well without us.
 */
export function notYet({ workload }: Case): Verdict | undefined {
  if (workload.lifecycle === 'stopped') return verdict('waiting', 'waiting-to-run');
  const sick = workload.replicas.find(({ state }) => state === 'failing');
  if (sick) return verdict('refused', 'crashed-before', { replica: sick.id, detail: sick.trouble ?? 'unhealthy' });
  return undefined;
}
