/** Observed workloads and situations with sensible facts; a test names only what it is about. */
import { type Desired, desireOf, NOTHING_DESIRED, type Values, type Wish, wish } from '../../src/agent/desired.js';
import type { Ended, History, HistoryRecord, Started } from '../../src/agent/history.js';
import type { Feature, ObservedWorkload, Replica } from '../../src/agent/observed.js';
import { DEFAULT_POLICY } from '../../src/agent/policy.js';
import { type Action, type Reconciled, reconcile } from '../../src/agent/reconcile.js';
import type { Situation } from '../../src/agent/situation.js';

export const KEY = 'linux:systemd:app.service';
export const NOW = 10_000_000;
export const MINUTE = 60_000;
const YES = { possible: true } as const;

export const replica = (facts: Partial<Replica> = {}): Replica => ({ id: 'app-1', state: 'ready', ...facts });

export const failing = (trouble: Replica['trouble'], since: number, facts: Partial<Replica> = {}): Replica =>
  replica({ state: 'failing', ...(trouble && { trouble }), failingSince: since, ...facts });

export function workload(facts: Partial<ObservedWorkload> = {}): ObservedWorkload {
  return {
    key: KEY,
    name: 'app',
    target: 'systemd',
    incarnation: 'one',
    asOf: NOW,
    lifecycle: 'running',
    replicas: [replica()],
    restarts: 'whole',
    observed: false,
    injection: 'v1',
    can: { observe: YES, inject: YES, lifecycle: YES },
    ...facts,
  };
}

/** Settled wishes of the dashboard, all asked at 0. */
export function asked(wishes: Partial<Values>, key = KEY, before: Desired = NOTHING_DESIRED): Desired {
  return Object.entries(wishes).reduce(
    (desired, [feature, value]) =>
      wish(desired, { workload: key, feature: feature as Feature, value, source: 'dashboard' } as Wish, 0),
    before,
  );
}

export function situation(facts: Partial<Situation> & { workloads?: readonly ObservedWorkload[] } = {}): Situation {
  const { workloads = [workload()], ...rest } = facts;
  return {
    observed: { lock: { ours: true }, workloads },
    desired: NOTHING_DESIRED,
    history: [],
    running: new Set(),
    now: NOW,
    policy: DEFAULT_POLICY,
    jitter: () => 0,
    ...rest,
  };
}

export const decide = (facts: Parameters<typeof situation>[0] = {}): Reconciled => reconcile(situation(facts));

/** `inject linux:…`, `look undo linux:…`. */
export const say = ({ actions }: Pick<Reconciled, 'actions'>): string[] =>
  actions.map(action => (action.kind === 'do' ? phrase(action.record) : `look ${phrase(action.at)}`));

const phrase = ({ deed, workload: key }: Started): string => `${deed} ${key}`;

export function stateOf({ states }: Reconciled, feature: Feature, key = KEY): string {
  const { state, reason } = states.find(one => one.key === key)!.features[feature];
  return `${state}: ${reason.code}`;
}

export const recordOf = (action: Action | undefined): Started => {
  if (action?.kind !== 'do') throw new Error('nothing is done');
  return action.record;
};

/** A try of the desired state that `desired` holds now, and its end. */
export function tried(
  deed: Started['deed'],
  desired: Desired,
  end: (Partial<Ended> & Pick<Ended, 'outcome'>) | undefined,
  facts: Partial<Started> = {},
): History {
  const at = facts.at ?? NOW - 2 * MINUTE;
  const feature: Feature =
    deed === 'attach' || deed === 'detach' ? 'observe' : deed === 'inject' || deed === 'undo' ? 'inject' : 'lifecycle';
  const key = facts.workload ?? KEY;
  const revision = desireOf(desired, key, feature)?.revision ?? 0;
  const id = `${at} ${deed} ${key}`;
  const started: Started = {
    kind: 'started',
    at,
    id,
    workload: key,
    deed,
    incarnation: 'one',
    serves: `${feature} ${revision}`,
    ...facts,
  };
  const records: HistoryRecord[] = [started];
  if (end) records.push({ kind: 'ended', at: at + 1000, id: started.id, ...end });
  return records;
}
