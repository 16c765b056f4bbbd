/**
 * A fleet that is not there: workloads that come, go, crash and are restarted, deeds that take time and fail, and an agent
 * that is killed in the middle of them. What really happened is noted beside it, so that a test can say what may not have.
 */
import { type Desired, NOTHING_DESIRED, type Value, wish } from '../../src/agent/desired.js';
import type { Ended, HistoryRecord, Outcome, Started } from '../../src/agent/history.js';
import type { Feature, ObservedWorkload, Replica, Restarts, Target } from '../../src/agent/observed.js';
import { DEFAULT_POLICY, type Policy } from '../../src/agent/policy.js';
import { type Action, type Reconciled, reconcile } from '../../src/agent/reconcile.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type SimReplica = Mutable<Replica> & { readyAt: number };

export interface SimWorkload {
  readonly key: string;
  readonly target: Target;
  readonly restarts: Restarts;
  incarnation: string;
  stopped: boolean;
  definition: string | undefined;
  observed: boolean;
  /** A hook inside breaks it. */
  readonly breaks: boolean;
  /** It is broken without us. */
  readonly sick: boolean;
  /** What a cut-off deed left lying around. */
  leftover: boolean;
  replicas: SimReplica[];
}

interface Flight {
  readonly record: Started;
  endsAt: number;
}

/** One restart of one replica, by us. */
export interface Restart {
  readonly deed: string;
  readonly serves: string;
  readonly workload: string;
  readonly incarnation: string;
  readonly replica: string;
}

const workloadOf = (action: Action): string => (action.kind === 'do' ? action.record : action.at).workload;

/** Mulberry32: the same seed, the same world. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class World {
  now = 1_000_000;
  desired: Desired = NOTHING_DESIRED;
  /** What is on disk. */
  readonly history: HistoryRecord[] = [];
  readonly restarts: Restart[] = [];
  readonly workloads = new Map<string, SimWorkload>();
  mostAtOnce = 0;
  kills = 0;
  /** Whether deeds fail and the agent is killed. */
  calm = false;
  last: Reconciled = { actions: [], states: [] };
  private flights: Flight[] = [];
  /** What really became of a deed that was cut off; only a look may read it. */
  private readonly truth = new Map<string, Outcome>();
  private made = 0;

  constructor(
    private readonly random: () => number,
    readonly policy: Policy = { ...DEFAULT_POLICY, atOnce: 2 },
  ) {}

  chance(share: number): boolean {
    return this.random() < share;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)]!;
  }

  add(key = `k8s:default:app-${this.made}:main`): SimWorkload {
    const restarts = this.pick<Restarts>(['rolling', 'one-by-one', 'whole', 'by-others']);
    const sick = this.chance(0.1);
    const count = restarts === 'whole' ? 1 : 1 + Math.floor(this.random() * 4);
    const made: SimWorkload = {
      key,
      target: this.pick<Target>(['systemd', 'docker', 'kubernetes', 'process']),
      restarts,
      incarnation: `i${this.made++}`,
      stopped: false,
      definition: undefined,
      observed: false,
      breaks: this.chance(0.25),
      sick,
      leftover: false,
      replicas: Array.from({ length: count }, (_, index) => ({ id: `r${index}`, state: 'ready', readyAt: 0 })),
    };
    this.workloads.set(key, made);
    return made;
  }

  ask(key: string, feature: Feature, value: Value): void {
    const source = this.pick(['file', 'ui', 'dashboard'] as const);
    this.desired = wish(this.desired, { workload: key, feature, value, source }, this.now);
  }

  /** The agent dies: deeds stop wherever they are, and the next one knows only what is on disk. */
  kill(): void {
    this.kills++;
    for (const { record } of this.flights) this.cut(record);
    this.flights = [];
  }

  tick(ms: number): void {
    this.now += ms;
    this.land();
    this.live();
    const situation = {
      observed: { lock: { ours: true as const }, workloads: this.observe() },
      desired: this.desired,
      history: this.history,
      running: new Set(this.flights.map(({ record }) => record.id)),
      now: this.now,
      policy: this.policy,
      jitter: this.random,
    };
    // Chance is no part of a decision: it comes from the id of a try.
    const jitter = (id: string) => (id.length % 7) / 7;
    this.last = reconcile({ ...situation, jitter });
    for (const action of this.last.actions) {
      if (action.kind === 'look') this.look(action.at);
      else this.begin(action.record);
    }
    const disturbing = this.flights.filter(({ record }) => !['attach', 'detach'].includes(record.deed));
    this.mostAtOnce = Math.max(this.mostAtOnce, disturbing.length);
    // What was carried out is not asked for again.
    const again = reconcile({
      ...situation,
      jitter,
      running: new Set([...this.flights.map(({ record }) => record.id), ...this.truth.keys()]),
    });
    // A look may have freed a place for another workload.
    const acted = new Set(this.last.actions.map(workloadOf));
    const repeated = again.actions.filter(action => action.kind === 'do' && acted.has(workloadOf(action)));
    if (repeated.length > 0) throw new Error(`asked for again: ${JSON.stringify(repeated)}`);
  }

  private begin(record: Started): void {
    this.history.push(record);
    // Killed between the line on disk and the deed.
    if (!this.calm && this.chance(0.03)) {
      this.truth.set(record.id, 'not-done');
      return this.kill();
    }
    this.flights.push({ record, endsAt: this.now + Math.floor(this.random() * 20_000) });
  }

  private land(): void {
    const due = this.flights.filter(({ endsAt }) => endsAt <= this.now);
    this.flights = this.flights.filter(flight => !due.includes(flight));
    for (const { record } of due) this.end(record);
  }

  private end(record: Started): void {
    const workload = this.workloads.get(record.workload);
    const write = (facts: Partial<Ended> & { outcome: Outcome }) =>
      this.history.push({ kind: 'ended', at: this.now, id: record.id, ...facts });
    const same = workload?.incarnation === record.incarnation;
    if (!workload || !same) return void write({ outcome: 'failed', restarted: false, reason: 'it is gone' });
    if (!this.calm && this.chance(0.15)) {
      const permanent = this.chance(0.1);
      return void write({ outcome: 'failed', restarted: false, reason: 'refused', ...(permanent && { permanent }) });
    }
    if (!this.calm && this.chance(0.05) && record.deed === 'inject') {
      // The target puts it back as it was.
      this.restart(workload, record);
      return void write({ outcome: 'failed', restarted: true, reason: 'did not start' });
    }
    this.carryOut(workload, record);
    write({
      outcome: 'done',
      ...(workload.incarnation !== record.incarnation && { incarnation: workload.incarnation }),
    });
  }

  private cut(record: Started): void {
    const workload = this.workloads.get(record.workload);
    const fate = workload?.incarnation === record.incarnation ? this.pick(['none', 'half', 'all']) : 'none';
    if (fate === 'none' || !workload) return void this.truth.set(record.id, 'not-done');
    if (fate === 'all') {
      this.carryOut(workload, record);
      return void this.truth.set(record.id, 'done');
    }
    if (record.deed === 'inject') workload.leftover = true;
    this.truth.set(record.id, record.deed === 'inject' || record.deed === 'undo' ? 'half-done' : 'not-done');
  }

  private look(started: Started): void {
    const outcome = !this.calm && this.chance(0.2) ? 'unclear' : (this.truth.get(started.id) ?? 'not-done');
    this.history.push({
      kind: 'ended',
      at: this.now,
      id: started.id,
      outcome,
      ...(outcome === 'half-done' && { restarted: false }),
    });
  }

  private carryOut(workload: SimWorkload, record: Started): void {
    if (record.deed === 'attach' || record.deed === 'detach') workload.observed = record.deed === 'attach';
    else if (record.deed === 'stop') {
      workload.stopped = true;
      workload.observed = false;
    } else {
      if (record.deed === 'start') workload.stopped = false;
      if (record.deed === 'inject') workload.definition = 'v1';
      if (record.deed === 'undo') {
        workload.definition = undefined;
        workload.leftover = false;
      }
      this.restart(workload, record);
    }
  }

  private restart(workload: SimWorkload, { deed, serves, replicas }: Started): void {
    if (workload.stopped || (workload.restarts === 'by-others' && deed !== 'start')) return;
    for (const one of workload.replicas) {
      const touched =
        deed === 'undo' ? one.injected !== undefined : replicas === undefined || replicas.includes(one.id);
      if (!touched) continue;
      const { key, incarnation } = workload;
      this.restarts.push({ deed, serves, workload: key, incarnation, replica: one.id });
      this.renew(workload, one);
    }
  }

  private renew(workload: SimWorkload, one: SimReplica): void {
    delete one.injected;
    delete one.failingSince;
    delete one.trouble;
    if (workload.definition !== undefined) one.injected = workload.definition;
    one.state = 'starting';
    one.readyAt = this.now + Math.floor(this.random() * 15_000);
    workload.observed = false;
  }

  /** What happens without us. */
  private live(): void {
    for (const workload of this.workloads.values()) {
      for (const one of workload.replicas) {
        const broken = workload.sick || (workload.breaks && one.injected !== undefined);
        if (one.state === 'starting' && one.readyAt <= this.now) one.state = 'ready';
        if (one.state === 'ready' && broken) {
          one.state = 'failing';
          one.trouble = 'crash-loop';
          one.failingSince = this.now;
        }
      }
      if (!this.calm && this.chance(0.01)) for (const one of workload.replicas) this.renew(workload, one);
    }
  }

  private observe(): ObservedWorkload[] {
    return [...this.workloads.values()].map(workload => {
      const { key, target, restarts, incarnation, definition, observed, stopped } = workload;
      const yes = { possible: true } as const;
      return {
        key,
        name: key,
        target,
        restarts,
        incarnation,
        observed,
        asOf: this.now,
        lifecycle: stopped ? 'stopped' : 'running',
        replicas: stopped ? [] : workload.replicas.map(({ readyAt: _, ...one }) => ({ ...one })),
        injection: 'v1',
        ...(definition !== undefined && { injected: definition }),
        can: { observe: yes, inject: yes, lifecycle: yes },
      };
    });
  }
}
