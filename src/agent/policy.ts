/** The numbers of the agent. Durations in ms. */
import type { Trouble } from './observed.js';

export interface Policy {
  /** Workloads that are disturbed at the same time. */
  readonly atOnce: number;
  readonly backOff: {
    readonly first: number;
    readonly most: number;
    /** Share of a delay that chance may take away: 0.5 spreads over its second half. */
    readonly jitter: number;
  };
  /** After an injection, trouble counts as ours for so long. */
  readonly stability: number;
  /** How long each trouble may last before it is one: a pod may crash once while its database starts. */
  readonly grace: Readonly<Record<Trouble, number>>;
  /** How long a canary has to stay well before the others follow. */
  readonly canary: number;
  /** How long a workload may take to become ready; it holds its place among `atOnce` meanwhile. */
  readonly settle: number;
  /** Facts older than this are no ground to act on. */
  readonly stale: number;
  /** Injections into new incarnations of one workload within an hour: above it, somebody recreates it in a loop. */
  readonly recreations: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Stability and grace are those of Odigos (1 h, 5 min); a unit that does not start at all needs no waiting. */
export const DEFAULT_POLICY: Policy = {
  atOnce: 5,
  backOff: { first: 15 * SECOND, most: 30 * MINUTE, jitter: 0.5 },
  stability: HOUR,
  grace: { 'failed-start': 0, 'crash-loop': MINUTE, 'image-pull': 5 * MINUTE, unhealthy: 5 * MINUTE },
  canary: MINUTE,
  settle: 10 * MINUTE,
  stale: 5 * MINUTE,
  recreations: 3,
};
