/** Where CPUs are short, the observed program goes first. docs/decisions/0063-the-program-first.md has what that costs. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Steps of nice: each is about a quarter more CPU for everybody else, so that 10 leaves us a tenth of a contended CPU. */
const STEPS = 10;
const LOWEST = 19;
/** Milliseconds at our first priority that we may take of each period to catch up: 20 MB are read in 50, a flood gains us 3 %. */
const CATCH_UP = 150;
const PERIOD = 5_000;

/** What lowers one thread, or our session, and what takes it back. */
interface Level {
  low(): void;
  back(): void;
}

export interface Priority {
  /** Told at each look at what waits for us: much of it lends us our first priority for a while. */
  behind(much: boolean): void;
  /** For good: leaving must not take long, least of all on a busy machine. */
  restore(): void;
}

/**
 * Lowers our own scheduling priority by ten steps from where we were started, so that `nice -n -10` takes it back. Says
 * nothing when the system refuses: then we run as we are. Without CAP_SYS_NICE what is lowered stays low.
 */
export function letOthersFirst(now: () => number = () => performance.now()): Priority {
  const levels = [...threads(), ...session()];
  const low = () => levels.forEach(level => void attempt(level.low));
  const back = () => levels.forEach(level => void attempt(level.back));
  let raised: number | undefined;
  let used = 0;
  let period = now();
  let restored = false;
  low();
  return {
    behind(much) {
      if (restored || (!much && raised === undefined)) return;
      const time = now();
      if (time - period >= PERIOD) [period, used] = [time, 0];
      const may = used + (raised === undefined ? 0 : time - raised) < CATCH_UP;
      if (raised === undefined) {
        if (!may) return;
        raised = time;
        back();
      } else if (!much || !may) {
        used += time - raised;
        raised = undefined;
        low();
      }
    },
    restore() {
      restored = true;
      back();
    },
  };
}

/** On Linux nice belongs to a thread, and Node has some already. */
function threads(): Level[] {
  return list('/proc/self/task').flatMap(thread => {
    const before = attempt(() => getPriority(thread));
    if (before === undefined) return [];
    return [{ low: () => setPriority(thread, lower(before)), back: () => setPriority(thread, before) }];
  });
}

/**
 * With autogroups (sched(7), the default of most kernels) nice counts within a session only. Whole sessions have a nice of
 * their own, which is ours to set where the session is ours: then it holds nobody else.
 */
function session(): Level[] {
  const before = attempt(() => {
    if (sessionOf(readFileSync('/proc/self/stat', 'utf8')) !== process.pid) return undefined;
    return / nice (-?\d+)/.exec(readFileSync(AUTOGROUP, 'utf8'))?.[1];
  });
  if (before === undefined) return [];
  return [
    {
      low: () => writeFileSync(AUTOGROUP, `${lower(Number(before))}`),
      back: () => writeFileSync(AUTOGROUP, before),
    },
  ];
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

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    // A kernel without autogroups, a sandbox that forbids it.
    return undefined;
  }
}
