/** Where CPUs are short, the observed program goes first. docs/decisions/0063-the-program-first.md has what that costs. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Steps of nice: each is about a quarter more CPU for everybody else, so that 10 leaves us a tenth of a contended CPU. */
const STEPS = 10;
const LOWEST = 19;

/**
 * Lowers our own scheduling priority by ten steps from where we were started, so that `nice -n -10` takes it back. Says
 * nothing when the system refuses: then we run as we are.
 * @returns takes it back: leaving must not take long, least of all on a busy machine. Without CAP_SYS_NICE it cannot.
 */
export function letOthersFirst(): () => void {
  const changed: (() => void)[] = [];
  // On Linux nice belongs to a thread, and Node has some already.
  for (const thread of list('/proc/self/task')) {
    attempt(() => {
      const before = getPriority(thread);
      setPriority(thread, lower(before));
      changed.push(() => setPriority(thread, before));
    });
  }
  // With autogroups (sched(7), the default of most kernels) nice counts within a session only. Whole sessions have a nice
  // of their own, which is ours to set where the session is ours: then it holds nobody else.
  attempt(() => {
    if (sessionOf(readFileSync('/proc/self/stat', 'utf8')) !== process.pid) return;
    const [, before] = / nice (-?\d+)/.exec(readFileSync(AUTOGROUP, 'utf8')) ?? [];
    if (before === undefined) return;
    writeFileSync(AUTOGROUP, `${lower(Number(before))}`);
    changed.push(() => writeFileSync(AUTOGROUP, before));
  });
  return () => {
    for (const undo of changed.splice(0)) attempt(undo);
  };
}

const AUTOGROUP = '/proc/self/autogroup';
const lower = (nice: number) => Math.min(LOWEST, nice + STEPS);

/** Field 6 of proc(5); the name before it may hold anything, so it is counted from the last bracket. */
function sessionOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}

function list(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number);
  } catch {
    return [];
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // A kernel without autogroups, a sandbox that forbids it.
  }
}
