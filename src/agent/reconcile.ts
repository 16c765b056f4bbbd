/**
 * The core of the agent: what is, what is asked for and what was done -> what to do now, and why not more. Pure: the same
 * picture gives the same answer, and an answer that was carried out gives an empty one.
 */

import { type Desire, desiredWorkloads, desireOf } from './desired.js';
import { type Disturbance, disturbance, places } from './disturbed.js';
import { disturbs, type Past, pasts, type Started, type Try } from './history.js';
import { interrupted } from './interrupted.js';
import { judgeInject } from './judge-inject.js';
import { judgeGone, judgeLifecycle, judgeRequests } from './judge-lifecycle.js';
import { judgeObserve } from './judge-observe.js';
import type { Feature, ObservedWorkload } from './observed.js';
import type { Situation } from './situation.js';
import { type Case, type Proposal, propose, type Verdict, verdict } from './verdict.js';
import { type Reason, reason, type State } from './words.js';

/** `do`: write `record` down, sync, then do it. `look`: find out what became of a try; changes nothing. */
export type Action =
  | { readonly kind: 'do'; readonly record: Started; readonly snapshot?: string }
  | { readonly kind: 'look'; readonly at: Started };

export interface FeatureState {
  readonly state: State;
  readonly reason: Reason;
}

export interface WorkloadState {
  readonly key: string;
  /** Absent: it is not seen now. */
  readonly workload?: ObservedWorkload;
  readonly features: Readonly<Record<Feature, FeatureState>>;
}

export interface Reconciled {
  readonly actions: readonly Action[];
  readonly states: readonly WorkloadState[];
}

type Verdicts = Record<Feature, Verdict>;

interface Judged {
  readonly key: string;
  readonly workload: ObservedWorkload | undefined;
  readonly verdicts: Verdicts;
  readonly look: Try | undefined;
  readonly request: Proposal | undefined;
}

const FEATURES: readonly Feature[] = ['lifecycle', 'inject', 'observe'];

export function reconcile(situation: Situation): Reconciled {
  const { observed, desired, history } = situation;
  const seen = new Map(observed.workloads.map(workload => [workload.key, workload]));
  const keys = [...new Set([...seen.keys(), ...desiredWorkloads(desired)])].sort();
  const pastOf = pasts(history);
  const judged = keys.map(key => judge(key, seen.get(key), pastOf(key), situation));
  const disturbed = new Map<string, Disturbance>();
  for (const key of keys) {
    const what = disturbance(seen.get(key), pastOf(key), situation);
    if (what) disturbed.set(key, what);
  }
  return choose(judged, disturbed, situation);
}

function judge(key: string, workload: ObservedWorkload | undefined, past: Past, situation: Situation): Judged {
  const { desired, now, policy, jitter, running } = situation;
  const wants = (feature: Feature) => desireOf(desired, key, feature);
  const rest = { now, policy, jitter };
  const cut = interrupted(past, running, rest);
  const verdicts = workload ? seenVerdicts(workload, past, wants, rest) : goneVerdicts(past, wants, rest);
  if (cut) {
    return { key, workload, verdicts: held(verdicts, cut.verdict, cut.feature), look: cut.look, request: undefined };
  }
  const early = workload && tooEarly(workload, past, rest);
  if (early) return { key, workload, verdicts: held(verdicts, early), look: undefined, request: undefined };
  const requests = desired.requests.filter(one => one.workload === key);
  const request = workload && judgeRequests(requests, { workload, desire: undefined, past, ...rest });
  return { key, workload, verdicts, look: undefined, request };
}

type Wants = (feature: Feature) => Desire | undefined;
type Rest = Omit<Case, 'workload' | 'desire' | 'past'>;

function seenVerdicts(workload: ObservedWorkload, past: Past, wants: Wants, rest: Rest): Verdicts {
  const situation = (feature: Feature): Case => ({ workload, desire: wants(feature), past, ...rest });
  return {
    observe: judgeObserve(situation('observe')),
    inject: judgeInject(situation('inject')),
    lifecycle: judgeLifecycle(situation('lifecycle')),
  };
}

function goneVerdicts(past: Past, wants: Wants, rest: Rest): Verdicts {
  const gone = verdict('gone', 'not-seen');
  return { observe: gone, inject: gone, lifecycle: judgeGone(wants('lifecycle'), past, rest) };
}

/** Facts from before the last deed, or too old ones, are no ground for another. */
function tooEarly({ asOf }: ObservedWorkload, past: Past, { now, policy }: Rest): Verdict | undefined {
  const ended = Math.max(...past.tries.map(one => one.ended?.at ?? 0), 0);
  if (asOf <= ended) return verdict('working', 'waiting-until-ready');
  return now - asOf > policy.stale ? verdict('waiting', 'facts-old', { wait: now - asOf }) : undefined;
}

/** What was going to be done waits; what needs nothing keeps its words. The feature of the cut try says so itself. */
function held(verdicts: Verdicts, why: Verdict, own?: Feature): Verdicts {
  const hold = (feature: Feature): Verdict => {
    if (feature === own) return why;
    const before = verdicts[feature];
    if (!before.proposal) return before;
    return own === undefined ? why : verdict('waiting', 'one-at-a-time', { detail: own });
  };
  return { observe: hold('observe'), inject: hold('inject'), lifecycle: hold('lifecycle') };
}

interface Candidate {
  readonly judged: Judged;
  readonly feature: Feature | undefined;
  readonly proposal: Proposal;
}

/** What gets worse first, then what is begun, then the oldest wish; one deed a workload, and no more than the policy says. */
function choose(
  judged: readonly Judged[],
  disturbed: ReadonlyMap<string, Disturbance>,
  situation: Situation,
): Reconciled {
  const actions: Action[] = [];
  const changed = new Map<string, Verdict>();
  const name = (key: string, feature: Feature | undefined) => `${feature} ${key}`;
  const { lock } = situation.observed;
  const { take } = places(situation.policy.atOnce, disturbed);
  if (lock.ours)
    actions.push(...judged.flatMap(({ look }) => (look ? [{ kind: 'look', at: look.started } as const] : [])));
  const taken = new Set<string>();
  for (const { judged: one, feature, proposal } of candidates(judged)) {
    const { key } = one;
    const words = ((): Verdict => {
      if (!lock.ours) return verdict('waiting', 'lock-held', { by: lock.heldBy });
      if (taken.has(key)) return verdict('waiting', 'one-at-a-time', { detail: 'another change of it' });
      const place = disturbs(proposal.deed) ? take(key, proposal.urgency < 2) : undefined;
      if (place?.taken === false) return verdict('waiting', 'waiting-in-queue', { count: place.held });
      taken.add(key);
      actions.push(toAction(key, proposal, situation.now));
      return propose(proposal, 'working', reason('working', { detail: proposal.deed }));
    })();
    changed.set(name(key, feature), words);
  }
  const states = judged.map(({ key, workload, verdicts }): WorkloadState => {
    const say = (feature: Feature): FeatureState => {
      const { state, reason: why } = changed.get(name(key, feature)) ?? verdicts[feature];
      return { state, reason: why };
    };
    const features = { observe: say('observe'), inject: say('inject'), lifecycle: say('lifecycle') };
    return { key, ...(workload && { workload }), features };
  });
  return { actions, states };
}

function candidates(judged: readonly Judged[]): Candidate[] {
  const all = judged.flatMap(one => {
    const own = FEATURES.flatMap((feature): Candidate[] => {
      const { proposal } = one.verdicts[feature];
      return proposal ? [{ judged: one, feature, proposal }] : [];
    });
    return one.request ? [...own, { judged: one, feature: undefined, proposal: one.request }] : own;
  });
  // The sort is stable: workloads by key, features in their order.
  return all.sort((a, b) => a.proposal.urgency - b.proposal.urgency || a.proposal.since - b.proposal.since);
}

function toAction(workload: string, proposal: Proposal, now: number): Action {
  const { deed, serves, incarnation, replicas, rollback, snapshot } = proposal;
  const record: Started = {
    kind: 'started',
    at: now,
    // One deed a workload and tick: no two tries share an id.
    id: `${now} ${deed} ${workload}`,
    workload,
    deed,
    incarnation,
    serves,
    ...(replicas && { replicas }),
    ...(rollback && { rollback }),
  };
  return { kind: 'do', record, ...(snapshot !== undefined && { snapshot }) };
}
