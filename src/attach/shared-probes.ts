/**
 * Probes of a file for all who have it, so that a child of an observed process, and a program that it runs, has them from
 * its first instruction on: to set probes on a new process takes the kernel a grace period, 5 to 15 ms, in which a first
 * call would go by. The kernel half reads nothing of others, but a call costs them a breakpoint; where they call often, the
 * probes are set process by process again.
 */

import type { ProbeSet } from './kernel/probes.js';
import type { FilePlan } from './sources/plan.js';

/** MOST_SHARED of bpf/tls.h; the number 0 says that a probe is of one process. */
const MOST_SHARED = 64;
/** Milliseconds that probes stay without a holder: a grandchild may run whose birth we have not read of. */
const LINGER = 1_000;

export interface SharedProbes {
  /**
   * Holds the probes of a file, which are set for the first who holds them and go after the last. Undefined: they are not
   * shared. Throws a `KernelError`.
   */
  hold(file: FilePlan): ProbeSet | undefined;
  /** Others call too often what has this number: it is not shared any more. Returns the key of the file. */
  giveUp(number: number): string | undefined;
  /** Takes all off. */
  close(): Promise<void>;
}

interface Shared {
  readonly key: string;
  readonly version: string;
  readonly probes: ProbeSet;
  holders: number;
  leaving?: NodeJS.Timeout;
}

/** `set` puts a file's probes in under a number; absent, nothing is shared. */
export function shareProbes(set: ((number: number, file: FilePlan) => ProbeSet) | undefined): SharedProbes {
  const shared = new Map<number, Shared>();
  const givenUp = new Set<string>();

  const release = async (number: number, held: Shared) => {
    if (--held.holders > 0) return;
    if (shared.get(number) !== held) return held.probes.close(); // given up
    held.leaving = setTimeout(() => {
      shared.delete(number);
      void held.probes.close();
    }, LINGER);
    held.leaving.unref();
  };
  const find = ({ key, version }: FilePlan) =>
    [...shared].find(([, held]) => held.key === key && held.version === version);
  const add = (file: FilePlan): [number, Shared] | undefined => {
    let number = 1;
    while (shared.has(number)) number++;
    if (number >= MOST_SHARED) return undefined;
    const held = { key: file.key, version: file.version, probes: set!(number, file), holders: 0 };
    shared.set(number, held);
    return [number, held];
  };
  return {
    hold: file => {
      if (!set || givenUp.has(file.key) || !isShareable(file)) return undefined;
      const [number, held] = find(file) ?? add(file) ?? [];
      if (number === undefined || held === undefined) return undefined;
      held.holders++;
      clearTimeout(held.leaving);
      let closed: Promise<void> | undefined;
      return { shared: true, close: () => (closed ??= release(number, held)) };
    },
    giveUp: number => {
      const held = shared.get(number);
      if (held === undefined) return undefined;
      shared.delete(number);
      givenUp.add(held.key);
      clearTimeout(held.leaving);
      if (held.holders === 0) void held.probes.close();
      return held.key;
    },
    close: async () => {
      for (const { leaving } of shared.values()) clearTimeout(leaving);
      await Promise.all([...shared.values()].map(({ probes }) => probes.close()));
      shared.clear();
    },
  };
}

/**
 * The loader's notice would wake us for every program that starts. Go's places have no return, so a call that two probes
 * see for a moment would be recorded twice, and Go programs do not fork.
 */
const isShareable = ({ placement }: FilePlan): boolean =>
  placement.places.every(({ convention }) => convention === undefined);
