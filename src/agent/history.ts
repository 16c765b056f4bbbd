/**
 * What the agent did, as a list that only grows. It is written ahead: `started` is on disk before the deed, `ended` after
 * it, so that a kill between them leaves a `started` alone, and the next agent looks instead of doing it again. Pure; who
 * writes it also syncs it.
 */
import type { Trouble } from './observed.js';

export type Deed = 'attach' | 'detach' | 'inject' | 'undo' | 'stop' | 'start' | 'restart';

export interface Started {
  readonly kind: 'started';
  readonly at: number;
  /** Of this one try. */
  readonly id: string;
  readonly workload: string;
  readonly deed: Deed;
  readonly incarnation: string;
  /** The desired state that it serves: `inject 3`, or `request ID`. */
  readonly serves: string;
  /** Only these; absent: the whole workload. */
  readonly replicas?: readonly string[];
  /** Why something of ours is taken back without anybody asking. */
  readonly rollback?: Rollback;
}

export interface Rollback {
  readonly trouble: Trouble | 'half-done';
  readonly replica?: string;
}

/**
 * `not-done`: nothing at all happened, as a look proved. `half-done`: something is left that has to be taken back.
 * `unclear`: even a look could not tell.
 */
export type Outcome = 'done' | 'failed' | 'not-done' | 'half-done' | 'unclear';

export interface Ended {
  readonly kind: 'ended';
  readonly at: number;
  readonly id: string;
  readonly outcome: Outcome;
  /** Of a failure: the target was restarted although it failed. Absent: nobody knows, so it counts as one. */
  readonly restarted?: boolean;
  /** Of a failure: trying again cannot help until something else changes. */
  readonly permanent?: boolean;
  readonly reason?: string;
  /** Who else owns the field: the 409 of server-side apply. */
  readonly owner?: string;
  /** The workload is another one since: Docker's recreated container has a new id. */
  readonly incarnation?: string;
  /** Of `stop`: what `start` needs. */
  readonly snapshot?: string;
}

/** A person says that a rolled back or failed workload may be tried again. */
export interface Recovered {
  readonly kind: 'recovered';
  readonly at: number;
  readonly workload: string;
}

export type HistoryRecord = Started | Ended | Recovered;

export type History = readonly HistoryRecord[];

export interface Try {
  readonly started: Started;
  /** Absent: it runs, or a kill came between. The last one counts: a look comes after an `unclear`. */
  readonly ended?: Ended;
  readonly looks: number;
}

/** The tries of one workload, oldest first, and when a person last recovered it. */
export interface Past {
  readonly tries: readonly Try[];
  readonly recoveredAt: number;
}

const NO_PAST: Past = { tries: [], recoveredAt: Number.NEGATIVE_INFINITY };

/** Sorted once a tick; 500 workloads share one list. */
export function pasts(history: History): (workload: string) => Past {
  const byWorkload = new Map<string, { tries: Try[]; recoveredAt: number }>();
  const at = new Map<string, { tries: Try[]; index: number }>();
  const pastOf = (workload: string) => {
    const past = byWorkload.get(workload) ?? { tries: [], recoveredAt: NO_PAST.recoveredAt };
    byWorkload.set(workload, past);
    return past;
  };
  for (const record of history) {
    if (record.kind === 'recovered') pastOf(record.workload).recoveredAt = record.at;
    else if (record.kind === 'started') {
      const { tries } = pastOf(record.workload);
      at.set(record.id, { tries, index: tries.length });
      tries.push({ started: record, looks: 0 });
    } else {
      const place = at.get(record.id);
      const known = place?.tries[place.index];
      if (place && known) place.tries[place.index] = { ...known, ended: record, looks: known.looks + 1 };
    }
  }
  return workload => byWorkload.get(workload) ?? NO_PAST;
}

/** Does this try disturb what runs? Probes do not. */
export const disturbs = (deed: Deed): boolean => deed !== 'attach' && deed !== 'detach';

/** Was the workload restarted by it, as far as anybody knows? What is not known counts. */
export function restarted({ started, ended }: Try): boolean {
  if (!disturbs(started.deed) || ended?.outcome === 'not-done') return false;
  return !((ended?.outcome === 'failed' || ended?.outcome === 'half-done') && ended.restarted === false);
}

/**
 * What is older than `before` and holds nothing any more is left out: all of workloads that are not in `kept`, and of the
 * others the probes that went well. The rest holds budgets, rollbacks and snapshots.
 */
export function forget(history: History, kept: ReadonlySet<string>, before: number): HistoryRecord[] {
  const gone = new Set<string>();
  const tries = new Map<string, Started>();
  for (const record of history) {
    if (record.kind === 'started') tries.set(record.id, record);
    if (record.kind !== 'ended' || record.at >= before) continue;
    const started = tries.get(record.id);
    if (!started || !kept.has(started.workload) || (!disturbs(started.deed) && record.outcome === 'done'))
      gone.add(record.id);
  }
  return history.filter(record =>
    record.kind === 'recovered' ? record.at >= before || kept.has(record.workload) : !gone.has(record.id),
  );
}
