/** Which processes a process has started: `task/TID/children` of proc(5), else the parents of all processes. */
import { listPids, PROC, procFile, readNames, readText } from './proc.js';
import { readStat } from './stat.js';

/** Living children, of every thread, ascending. Empty for a process that has ended. */
export function childrenOf(pid: number, root = PROC): number[] {
  const threads = readNames(procFile(pid, 'task', root)) ?? [];
  const lists = threads.map(thread => readText(procFile(pid, `task/${thread}/children`, root)));
  // Kernels without CONFIG_PROC_CHILDREN have no such file.
  if (lists.length > 0 && lists.every(list => list === undefined))
    return listPids(root).filter(each => readStat(each, root)?.parent === pid);
  return lists.flatMap(list => (list ?? '').split(' ').filter(Boolean).map(Number)).sort((a, b) => a - b);
}
