/** A program that a launch is about to start: what is known of it before there is a process that runs it. */

import type { FilePlan, Planner } from './sources/plan.js';

export interface LaunchedProgram {
  /** The launcher's process: it becomes the program, or its next child does. */
  readonly pid: number;
  readonly becomes: 'itself' | 'child';
  /** Name of the executable's file. */
  readonly name: string;
  /** Absolute paths of the executables that will run: the program, or the interpreters of a script. */
  readonly executables: readonly string[];
}

/** Those of its files that have TLS code which can be probed. */
export const planProgram = ({ pid, executables }: LaunchedProgram, planner: Planner): FilePlan[] =>
  executables.flatMap(file => planner.planFile(pid, file) ?? []);
