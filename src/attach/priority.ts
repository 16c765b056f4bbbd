/** How much CPU attach takes from the observed program. docs/decisions/0063-the-program-first.md has the reasons and what it costs. */
import { getPriority, setPriority } from 'node:os';
import { effectiveCapabilities, hasCapability } from '../machine/capabilities.js';
import { ownSessionNice, ownThreads, setOwnSessionNice } from '../machine/own-scheduling.js';
import { createCpuShare } from './cpu-share.js';

/** Steps of nice to the lowest priority from the usual one: what is left over is ours, and hardly more. */
const STEPS = 19;
const LOWEST = 19;
/** Where the way back is closed: a tenth of a contended CPU stays ours. */
const STEPS_FOR_GOOD = 10;

/** Sets one thread, or our session, to so many steps of nice below where it started. */
type Level = (steps: number) => void;

export interface Priority {
  /** To be told the share of the ring that waits, each time that somebody looks. */
  look(backlog: number): void;
  /** Where we started, for good: leaving must not take long, least of all on a busy machine. */
  restore(): void;
}

/**
 * Keeps our scheduling priority where we were started while we need little CPU, and at the lowest while we need more than
 * our share or the observed program floods us. `nice -n -19` in front takes these steps back. Says nothing when the system
 * refuses: then we run as we are.
 */
export function letOthersFirst(): Priority {
  const levels = [...threads(), ...session()];
  const lower = (steps: number) => !levels.map(level => isSet(() => level(steps))).includes(false);
  if (!mayReturn()) {
    lower(STEPS_FOR_GOOD);
    return { look() {}, restore() {} };
  }
  const share = createCpuShare();
  let low = false;
  let restored = false;
  return {
    look(backlog) {
      const { user, system } = process.cpuUsage();
      const exceeded = share.exceeded(performance.now(), (user + system) / 1000, backlog);
      if (restored || exceeded === low) return;
      if (lower(exceeded ? STEPS : 0)) low = exceeded;
    },
    restore() {
      restored = true;
      lower(0);
    },
  };
}

/** On Linux nice belongs to a thread, and Node has some already. */
function threads(): Level[] {
  return ownThreads().flatMap(thread => {
    const before = attempt(() => getPriority(thread));
    return before === undefined ? [] : [(steps: number) => setPriority(thread, lowered(before, steps))];
  });
}

/**
 * With autogroups (sched(7), the default of most kernels) nice counts within a session only. Whole sessions have a nice of
 * their own, which is ours to set where the session is ours: then it holds nobody else.
 */
function session(): Level[] {
  const before = ownSessionNice();
  return before === undefined ? [] : [steps => setOwnSessionNice(lowered(before, steps))];
}

/** Whether we may take steps back: CAP_SYS_NICE, bit 23 of capabilities(7). */
function mayReturn(): boolean {
  return hasCapability(effectiveCapabilities(), 23);
}

const lowered = (nice: number, steps: number) => Math.min(LOWEST, nice + steps);

/** False where it has to be tried again: without CAP_SYS_ADMIN a session's priority changes once in 100 ms at most. */
function isSet(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EAGAIN';
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
