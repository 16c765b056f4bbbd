/**
 * What the targets and the discovery saw, as one picture a tick. Facts only: whoever looked says what is, never what should
 * be. An absent field means that nobody could tell, never "no".
 */

export type Target = 'systemd' | 'docker' | 'podman' | 'kubernetes' | 'process';

export type Feature = 'observe' | 'inject' | 'lifecycle';

/** Why a replica does not work. */
export type Trouble = 'crash-loop' | 'failed-start' | 'image-pull' | 'unhealthy';

export interface Replica {
  /** Stable while it lives: pod name, container id, unit instance, pid. */
  readonly id: string;
  readonly state: 'ready' | 'starting' | 'failing' | 'stopped';
  readonly trouble?: Trouble;
  /** Since when it fails, ms. */
  readonly failingSince?: number;
  /** What of ours its process was started with; absent: nothing of ours. */
  readonly injected?: string;
}

/** May it be done here at all; `fix` is a line to type. */
export type Ability = { readonly possible: true } | Refusal;

export interface Refusal {
  readonly possible: false;
  readonly because: string;
  readonly fix?: string;
}

export interface Conflict {
  /** Who observes it already. `openlit` and `openlit-instrument` are adopted, all others are conflicts. */
  readonly by: string;
  /** The variable or flag that proves it. */
  readonly evidence: string;
}

/**
 * How new words reach the processes of a workload. `rolling`: the target replaces them one after the other and stops by
 * itself at the first that fails; `one-by-one`: we may; `whole`: all at once; `by-others`: somebody else restarts it (OnDelete,
 * CronJob).
 */
export type Restarts = 'rolling' | 'one-by-one' | 'whole' | 'by-others';

export interface ObservedWorkload {
  /** `machine/workload-key.ts`: it survives restarts. */
  readonly key: string;
  readonly name: string;
  readonly target: Target;
  /**
   * Changes when the workload was deleted and made anew by somebody: uid of a Deployment, id of a container. A restart does
   * not change it.
   */
  readonly incarnation: string;
  /** When these facts were true, ms. */
  readonly asOf: number;
  readonly lifecycle?: 'running' | 'stopped' | 'restarting';
  readonly replicas: readonly Replica[];
  readonly restarts: Restarts;
  /** Probes of ours are on it. */
  readonly observed: boolean;
  /** What of ours is written into its definition (drop-in, container config, template), used by its processes or not. */
  readonly injected?: string;
  /** What `inject` would write today: a hash of payload and settings. */
  readonly injection: string;
  readonly rollout?: 'running' | 'paused';
  readonly conflict?: Conflict;
  readonly can: Readonly<Record<Feature, Ability>>;
}

export interface Observed {
  /** The machine's one lock: two agents would both act on one wish. */
  readonly lock: { readonly ours: true } | { readonly ours: false; readonly heldBy: string };
  readonly workloads: readonly ObservedWorkload[];
}
