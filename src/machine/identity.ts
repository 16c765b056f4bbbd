/** Which process it is: its number, its start and its name. */
import path from 'node:path';
import { Problem } from '../errors.js';
import { PROC, procFile, readIfThere, readLink } from './proc.js';
import { type ProcessStat, parseStat } from './stat.js';

export interface ProcessIdentity {
  readonly pid: number;
  /** Name of the executable's file, or the kernel's name (15 characters) where it is not readable. */
  readonly name: string;
  /** Clock ticks since boot (field 22 of stat): tells two processes with one pid apart. */
  readonly startTime: string;
}

/** Throws a `Problem`: `NO_PROCESS` when there is no such process, another one when that cannot be told. */
export function identify(pid: number, root = PROC): ProcessIdentity {
  const stat = statOf(pid, root);
  if (!stat)
    throw new Problem({ code: 'NO_PROCESS', message: `there is no process ${pid}`, fixes: ['openlit-instrument ps'] });
  if (hasEnded(stat)) throw new Problem({ code: 'NO_PROCESS', message: `process ${pid} has ended already` });
  const executable = executableOf(pid, root);
  return { pid, name: executable ? path.basename(executable) : stat.kernelName, startTime: stat.startTime };
}

/**
 * Whether this very process still runs: neither its end nor another one under its number. Where that cannot be told (we
 * have too many files open), it does: an end is never made up.
 */
export function isRunning({ pid, startTime }: ProcessIdentity, root = PROC): boolean {
  let stat: ProcessStat | undefined;
  try {
    stat = statOf(pid, root);
  } catch {
    return true;
  }
  return stat !== undefined && !hasEnded(stat) && stat.startTime === startTime;
}

const statOf = (pid: number, root: string): ProcessStat | undefined =>
  parseStat(readIfThere(procFile(pid, 'stat', root)) ?? '');

/** Absolute path as the process sees it, also of a file that is gone; undefined for other users' processes. */
export function executableOf(pid: number, root = PROC): string | undefined {
  return readLink(procFile(pid, 'exe', root))?.replace(/ \(deleted\)$/, '');
}

/**
 * A zombie, or one that is being removed: it has no memory any more. Not one of which only the main thread has ended: others
 * run on, or one of them is replacing the program (exec) and about to take the main one's place.
 */
const hasEnded = ({ state, threads }: ProcessStat): boolean => state === 'X' || (state === 'Z' && !(threads > 1));
