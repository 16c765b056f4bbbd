/**
 * What the agent asks of every manager of workloads (systemd, Docker, Podman, Kubernetes). A target says what is and does
 * one deed; whether and when is decided by `agent/reconcile.ts`. No method throws for what a target can answer: a refusal
 * and a failure are answers, with the reason that people read.
 */
import type { Ended, Started } from '../agent/history.js';
import type { Ability, ObservedWorkload, Refusal, Target as TargetKind } from '../agent/observed.js';

/** All of a workload but its probes, which the agent sets itself. */
export interface SeenWorkload extends Omit<ObservedWorkload, 'observed' | 'can'> {
  readonly can: Readonly<Record<'inject' | 'lifecycle', Ability>>;
  /** For people and the dashboard: `systemd.unit`, `container.id`, … Never a credential. */
  readonly facts: Readonly<Record<string, string>>;
}

export type TargetDeed = 'inject' | 'undo' | 'stop' | 'start' | 'restart';

/** As the history keeps it. */
export type DeedResult = Omit<Ended, 'kind' | 'at' | 'id'>;

export interface DeedOptions {
  /** Only these; absent: the whole workload. Only where `restarts` is `one-by-one`. */
  readonly replicas?: readonly string[];
  /** Of `undo`: why it is taken back without anybody asking. */
  readonly rollback?: string;
  /** Of `start`: what `stop` handed out. */
  readonly snapshot?: string;
  /** False: written, and used from the next start on. Of inject and undo; absent: true. */
  readonly restart?: boolean;
}

/** One file, object or container config, before and after; credentials masked. */
export interface Change {
  /** `/etc/systemd/system/app.service.d/90-….conf`, `container app`, `deployment shop/app` */
  readonly what: string;
  /** Absent: it is not there. */
  readonly before?: string;
  readonly after?: string;
}

/** What a deed would do, to the byte. Nothing has been touched. */
export interface Plan {
  readonly possible: true;
  readonly changes: readonly Change[];
  /** `systemctl daemon-reload`, `systemctl restart app.service`: in order. */
  readonly steps: readonly string[];
  /** Said before it is done: gone after a reboot, compose will make it anew, only seen while the agent runs. */
  readonly notes: readonly string[];
}

export interface Target {
  readonly kind: TargetKind;
  /**
   * The workloads named, by key. A key that this target does not know, or that is gone, has no entry in the answer.
   * Cheap enough for every tick.
   * @param asked those that somebody asks something for; of the others what was seen within the last minute will do
   * @throws Error when the manager does not answer: then nothing is known, which is not "nothing is there"
   */
  look(keys: readonly string[], asked?: ReadonlySet<string>): Promise<readonly SeenWorkload[]>;
  /** @returns the exact diff, or why it is refused; what is refused here is refused by `act` before anything is touched */
  plan(key: string, deed: 'inject' | 'undo', options?: DeedOptions): Promise<Plan | Refusal>;
  /**
   * Does it, waits until the workload is well, and takes it back where it is not. Doing what is done already is `done` and
   * restarts nothing.
   */
  act(key: string, deed: TargetDeed, options?: DeedOptions): Promise<DeedResult>;
  /** What became of a try that a kill cut off. Looks, repairs nothing, restarts nothing. */
  lookBack(started: Started): Promise<DeedResult>;
}
