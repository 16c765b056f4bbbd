/** Namespaces of a process: namespaces(7). */
import { type Pid, PROC, procFile, readLink, readText } from './proc.js';

export type NamespaceKind = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'user' | 'uts';

/** `net:[4026531840]`: equal for two processes that share it; undefined when it may not be read. */
export function namespaceOf(pid: Pid, kind: NamespaceKind, root = PROC): string | undefined {
  return readLink(procFile(pid, `ns/${kind}`, root));
}

/** Its number in its own pid namespace; undefined when it has ended. */
export function pidInside(pid: Pid, root = PROC): number | undefined {
  const numbers = /^NSpid:\t(.+)$/m.exec(readText(procFile(pid, 'status', root)) ?? '')?.[1];
  return numbers === undefined ? undefined : Number(numbers.split('\t').at(-1));
}

/** The initial namespaces have fixed inodes: PROC_PID_INIT_INO and PROC_USER_INIT_INO of include/linux/proc_ns.h. */
const INITIAL = { pid: 4026531836, user: 4026531837 } as const;

/** Whether we live in the machine's own namespace; true where nobody says, so that an attempt decides. */
export function isInitialNamespace(kind: keyof typeof INITIAL): boolean {
  const own = namespaceOf('self', kind);
  return own === undefined || own === `${kind}:[${INITIAL[kind]}]`;
}
