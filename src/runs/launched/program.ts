/** What a launch that is observed from outside has to know before the program starts. */
import path from 'node:path';
import type { LaunchedProgram } from '../../attach/launched-program.js';
import { VARIABLES } from '../../config/variables.js';
import { executablesOf } from '../../machine/exec/program-files.js';
import { identify } from '../../machine/identity.js';
import type { LaunchPlan } from '../../plan/launch.js';

export function launchedProgram({ program }: LaunchPlan, becomes: LaunchedProgram['becomes']): LaunchedProgram {
  const executables = executablesOf(program.path, process.env['PATH']);
  return {
    pid: process.pid,
    becomes,
    name: path.basename(executables.at(-1) ?? program.path),
    executables,
  };
}

/** Whether a launch around this one observes from outside what it starts, and is still there. */
export function isAttached(env: NodeJS.ProcessEnv): boolean {
  const [pid, start] = (env[VARIABLES.attached] ?? '').split('.');
  if (!pid || !start) return false;
  try {
    return identify(Number(pid)).startTime === start;
  } catch {
    return false;
  }
}
