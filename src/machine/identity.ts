/** Which process it is: its number, its start and its name. */
import path from 'node:path';
import { Problem } from '../errors.js';
import { PROC, procFile, readLink } from './proc.js';
import { type ProcessStat, readStat } from './stat.js';

export interface ProcessIdentity {
  readonly pid: number;
  /** Name of the executable's file, or the kernel's name (15 characters) where it is not readable. */
  readonly name: string;
  /** Clock ticks since boot (field 22 of stat): tells two processes with one pid apart. */
  readonly startTime: string;
}

/** Throws a `Problem` when there is no such process. */
export function identify(pid: number): ProcessIdentity {
  const stat = readStat(pid);
  if (!stat)
    throw new Problem({ code: 'NO_PROCESS', message: `there is no process ${pid}`, fixes: ['openlit-instrument ps'] });
  if (hasEnded(stat)) throw new Problem({ code: 'NO_PROCESS', message: `process ${pid} has ended already` });
  const executable = executableOf(pid);
  return { pid, name: executable ? path.basename(executable) : stat.kernelName, startTime: stat.startTime };
}

/** Whether this very process still runs: neither its end nor another one under its number. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  const stat = readStat(pid);
  return stat !== undefined && !hasEnded(stat) && stat.startTime === startTime;
}

/** Absolute path as the process sees it, also of a file that is gone; undefined for other users' processes. */
export function executableOf(pid: number, root = PROC): string | undefined {
  return readLink(procFile(pid, 'exe', root))?.replace(/ \(deleted\)$/, '');
}

/** A zombie, or one that is being removed: it has no memory any more. */
const hasEnded = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X';
