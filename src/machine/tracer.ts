/** Who traces a process (a debugger, strace): `TracerPid` of proc_pid_status(5). */
import { type Pid, PROC, procFile, readField, readText } from './proc.js';

export interface Tracer {
  readonly pid: number;
  /** The kernel's name of it; absent where it is not readable. */
  readonly name?: string;
}

/** Undefined when nobody does, or when that cannot be read. */
export function tracerOf(pid: Pid, root = PROC): Tracer | undefined {
  const tracer = Number(readField(pid, 'status', 'TracerPid', root) ?? 0);
  if (!(tracer > 0)) return undefined;
  const name = readText(procFile(tracer, 'comm', root))?.trim();
  return { pid: tracer, ...(name ? { name } : {}) };
}
