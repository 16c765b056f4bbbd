/** What is said where a debugger and our probes are on one process: nothing inside of uprobes can mend it. */
import type { Tracer } from '../machine/tracer.js';

/**
 * A debugger keeps the byte under its breakpoint. Where it read ours (a breakpoint, too), it writes that back when it leaves
 * after us, and the program ends by SIGTRAP at its next TLS call.
 */
export function tracerLine(process: string, { pid, name }: Tracer, when: 'now' | 'leaving'): string {
  const who = name === undefined ? `process ${pid}` : `${name} (pid ${pid})`;
  return when === 'now'
    ? `${process} is traced by ${who}: let a debugger with breakpoints in TLS functions leave before attach does, or the program may end with SIGTRAP`
    : `${process} is still traced by ${who}: if it has breakpoints in TLS functions, delete them before the program goes on, or it may end with SIGTRAP`;
}
