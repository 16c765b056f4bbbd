/** What a launch that is observed from outside has to know before the program starts. */
import path from 'node:path';
import { VARIABLES } from '../../config/variables.js';
import { openElf } from '../../machine/elf.js';
import { executablesOf } from '../../machine/exec/program-files.js';
import { identify } from '../../machine/identity.js';
import type { LaunchPlan } from '../../plan/launch.js';
import { keptFindings } from '../attach/kept-findings.js';
import type { Launched } from './observe.js';

export function launchedProgram({ program, runtimes }: LaunchPlan, becomes: Launched['becomes']): Launched {
  const executables = executablesOf(program.path, process.env['PATH']);
  return {
    pid: process.pid,
    becomes,
    name: path.basename(executables.at(-1) ?? program.path),
    executables,
    runtimes,
  };
}

/** Why probes would see nothing of this file; undefined where its TLS code is known. 0.4 s for 90 MB, once. */
export function blindFor({ path: file }: LaunchPlan['program']): string | undefined {
  const [executable = file] = executablesOf(file, process.env['PATH']).slice(-1);
  const elf = openElf(executable);
  try {
    const found = keptFindings()(elf);
    return found !== undefined && 'placement' in found
      ? undefined
      : (found?.reason ?? 'it has no TLS code that is known');
  } finally {
    elf.close();
  }
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
