/** `/proc/PID/stat`: the kernel's short account of a process. Source: proc_pid_stat(5). */
import { type Pid, PROC, procFile, readText } from './proc.js';

export interface ProcessStat {
  /** The kernel's name, at most 15 bytes; programs and threads may change it. */
  readonly kernelName: string;
  /** `R`, `S`, `T` (stopped), `Z` (zombie), … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Process group in the foreground of its terminal; -1 without one. */
  readonly foreground: number;
  /** Living threads, the main one included even when it has ended. */
  readonly threads: number;
  /** Clock ticks since boot: with the pid it names one process for good. */
  readonly startTime: string;
}

export function readStat(pid: Pid, root = PROC): ProcessStat | undefined {
  return parseStat(readText(procFile(pid, 'stat', root)) ?? '');
}

/** The name is in parentheses and may itself hold spaces and parentheses: the last one closes it. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const [state = '', parent, group, session, , foreground, ...rest] = text.slice(close + 2).split(' ');
  return {
    kernelName: text.slice(open + 1, close),
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    foreground: Number(foreground),
    threads: Number(rest[11] ?? 1), // field 20
    startTime: rest[13] ?? '0', // field 22
  };
}
