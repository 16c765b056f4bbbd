/** What the scheduler knows of this very process: its threads, and the nice of its session (sched(7), autogroup). */
import { writeFileSync } from 'node:fs';
import { procFile, readNames, readText } from './proc.js';
import { readStat } from './stat.js';

/** Thread ids; empty where there is no /proc. */
export const ownThreads = (): number[] => (readNames(procFile('self', 'task')) ?? []).map(Number);

const AUTOGROUP = procFile('self', 'autogroup');

/** The nice of our session; undefined where the session is not ours alone to set, or the kernel groups nothing. */
export function ownSessionNice(): number | undefined {
  if (readStat('self')?.session !== process.pid) return undefined;
  const nice = / nice (-?\d+)/.exec(readText(AUTOGROUP) ?? '')?.[1];
  return nice === undefined ? undefined : Number(nice);
}

/** Throws as write(2) does: EAGAIN without CAP_SYS_ADMIN, more often than once in 100 ms. */
export const setOwnSessionNice = (nice: number): void => writeFileSync(AUTOGROUP, `${nice}`);
