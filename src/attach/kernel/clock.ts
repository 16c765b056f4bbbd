/** The kernel's monotonic clock as wall-clock time. */
import type { UnixNanos } from '../../wire/exchange.js';
import { bindLibc } from './native.js';

export interface WallClock {
  /** CLOCK_MONOTONIC ns, as bpf_ktime_get_ns gives them, to Unix time. */
  toUnix(monotonic: bigint): UnixNanos;
}

/** How long one comparison of the two clocks holds: NTP slews by at most 0.5 ms a second. */
const VALID_NS = 1_000_000_000n;

/**
 * Compares the clocks again once a second (a step of the wall clock shows up to a second late). Of a few readings the one
 * with the shortest time between the two monotonic ones counts, so that being interrupted does not shift it.
 */
export function openWallClock(
  readRealtime: () => bigint = realtime,
  readMonotonic: () => bigint = process.hrtime.bigint,
): WallClock {
  let difference = 0n;
  let validUntil = -1n;
  const compare = () => {
    let shortest = 1n << 62n;
    for (let i = 0; i < 5; i++) {
      const before = readMonotonic();
      const wall = readRealtime();
      const after = readMonotonic();
      if (after - before < shortest) {
        shortest = after - before;
        difference = wall - (before + after) / 2n;
      }
    }
    validUntil = readMonotonic() + VALID_NS;
  };
  return {
    toUnix: monotonic => {
      if (monotonic > validUntil) compare();
      return monotonic + difference;
    },
  };
}

function realtime(): bigint {
  const time = Buffer.alloc(16);
  bindLibc().clockGettime(0, time);
  return time.readBigInt64LE(0) * 1_000_000_000n + time.readBigInt64LE(8);
}
