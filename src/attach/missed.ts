/** What an observation could not see, beyond what the kernel counts: so that "nothing" is only said when it is so. */

export interface Missed {
  /** Children that had ended before they could be looked at. */
  readonly brief: number;
  /** Processes of which some time, or a library, went unobserved. */
  readonly processes: number;
}

export interface MissedCount extends Missed {
  briefChild(): void;
  /** Counted once, whatever it was. */
  process(pid: number): void;
}

export function countMissed(): MissedCount {
  const pids = new Set<number>();
  let brief = 0;
  return {
    briefChild() {
      brief++;
    },
    process(pid) {
      pids.add(pid);
    },
    get brief() {
      return brief;
    },
    get processes() {
      return pids.size;
    },
  };
}
