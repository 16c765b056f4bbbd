import { expect, test } from '@jest/globals';
import { openWallClock } from '../../../src/attach/kernel/clock.js';

test('monotonic time becomes wall-clock time, compared again every second', () => {
  let monotonic = 1_000n;
  let ahead = 1_760_000_000_000_000_000n;
  const clock = openWallClock(
    () => monotonic + ahead,
    () => monotonic,
  );
  expect(clock.toUnix(900n)).toBe(900n + ahead);
  ahead += 300_000n; // NTP slewed by 0.3 ms
  expect(clock.toUnix(1_000n)).toBe(1_000n + ahead - 300_000n);
  monotonic += 2_000_000_000n;
  expect(clock.toUnix(monotonic)).toBe(monotonic + ahead);
});

test('a reading that was interrupted does not count', () => {
  let now = 0n;
  let reading = 0;
  const clock = openWallClock(
    () => {
      const wall = 10_000n + now;
      if (reading++ !== 3) now += 5_000_000n; // something else ran for 5 ms, except once
      return wall;
    },
    () => now,
  );
  expect(clock.toUnix(1n)).toBe(10_001n);
});
