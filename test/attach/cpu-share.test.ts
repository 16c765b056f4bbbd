/** How much CPU attach may take from others, on a clock and an account of CPU made by hand. */
import { expect, test } from '@jest/globals';
import { createCpuShare } from '../../src/attach/cpu-share.js';

/** One look each millisecond of `milliseconds`, `used` of it on a CPU; the share of looks at which too much was taken. */
function looker() {
  const share = createCpuShare();
  let now = 0;
  let cpu = 0;
  return (milliseconds: number, used: number, backlog = 0) => {
    let exceeded = 0;
    for (let each = 0; each < milliseconds; each++) {
      now++;
      cpu += used;
      if (share.exceeded(now, cpu, backlog)) exceeded++;
    }
    return exceeded / milliseconds;
  };
}

test('what LLM traffic needs is never too much', () => {
  expect(looker()(60_000, 0.15)).toBe(0);
});

test('a burst of 100 ms has us at our first priority', () => {
  const look = looker();
  expect(look(100, 1)).toBe(0);
  expect(look(10_000, 0.1)).toBe(0);
  expect(look(100, 1)).toBe(0); // saved up again
});

test('who needs a whole CPU has it only where nobody else wants it', () => {
  const look = looker();
  look(200, 1);
  expect(look(10_000, 1)).toBe(1);
  // Nearly nothing is used meanwhile: a fifth of a CPU comes back, from a debt of 100 ms that is never more.
  expect(look(590, 0)).toBe(1);
  expect(look(1_000, 0.05)).toBeLessThan(0.1);
});

test('the priority does not change with every look', () => {
  const look = looker();
  look(150, 1);
  let changes = 0;
  let low = true;
  for (let each = 0; each < 10_000; each++) {
    const before: boolean = low;
    low = look(1, low ? 0.02 : 1) === 1;
    if (low !== before) changes++;
  }
  expect(changes).toBeGreaterThan(10);
  expect(changes).toBeLessThan(400);
});

test('while the kernel sheds, and five seconds longer, more CPU would be of no use', () => {
  const look = looker();
  expect(look(100, 0.01, 0.4)).toBe(0);
  expect(look(1_000, 0.01, 0.51)).toBe(1);
  expect(look(4_999, 0.01, 0.4)).toBe(1);
  expect(look(100, 0.01, 0.4)).toBe(0);
});

test('an exchange that fills the half left for what is under way is read at our first priority', () => {
  const look = looker();
  look(10, 0.1, 0.55);
  expect(look(50, 1, 0.7)).toBe(0);
  expect(look(500, 1, 0.7)).toBeGreaterThan(0.7); // but for no longer than our share
});
