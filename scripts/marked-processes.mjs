// Processes that tests start carry a mark in their environment, so that one that outlives its test is found, named and ended.
import { readdirSync, readFileSync } from 'node:fs';

/** The variable with the mark. Its value begins with the run's mark and goes on with the test file's. */
export const MARK = 'JEST_RUN_MARK';

/** Processes whose mark begins so: [pid, command line]. Only Linux tells; elsewhere none are found. */
export function markedProcesses(mark) {
  const found = [];
  let names = [];
  try {
    names = readdirSync('/proc');
  } catch {
    // No /proc on this system.
  }
  for (const name of names) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${MARK}=${mark}`)) continue;
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim();
      if (command) found.push([Number(name), command]);
    } catch {
      // Ended meanwhile, or not ours to read.
    }
  }
  return found;
}

export function killMarked(mark) {
  for (const [pid] of markedProcesses(mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended meanwhile.
    }
  }
}
