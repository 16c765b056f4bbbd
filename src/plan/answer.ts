/** How the LLM calls of a program or a process become visible: the one answer that every command and the agent use. */
import type { RuntimeName } from '../machine/runtimes.js';

/**
 * `inject`: a hook inside the program, from its start. `attach`: probes from outside, at any time. `both`: of a launch, both
 * are used; of a running process, each is open: attach now, a hook from its next start on. `none`: neither.
 */
export type Way = 'inject' | 'attach' | 'both' | 'none';

export interface ObservationPlan {
  readonly way: Way;
  /** Runtimes whose hook is set. */
  readonly runtimes: readonly RuntimeName[];
  /** What the hook needs set in the program's environment; names that are not here stay untouched. */
  readonly env: Readonly<Record<string, string>>;
  /** How it was decided, step by step, for people. */
  readonly why: readonly string[];
  /** One line for people: what keeps it from being observed, or a doubt, and what to type. */
  readonly note?: string;
}

/** What this machine and our rights allow of `attach`: `impossible` where no right would help. */
export interface AttachRights {
  readonly impossible?: string;
  /** Names of capabilities. */
  readonly missing: readonly string[];
}

export const attaches = ({ way }: Pick<ObservationPlan, 'way'>): boolean => way === 'attach' || way === 'both';

export const injects = ({ way }: Pick<ObservationPlan, 'way'>): boolean => way === 'inject' || way === 'both';
