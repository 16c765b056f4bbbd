/** When a line may be printed on a terminal that a program reads keys from, and the line at the end. */
import { expect, test } from '@jest/globals';
import { closingLine } from '../../../src/runs/local-view/destination.js';
import { createTerminalCheck } from '../../../src/runs/local-view/shared-terminal.js';

type Mode = 'lines' | 'editor' | 'screen';

function check(...modes: Mode[]) {
  let clock = 0;
  let at = 0;
  const terminal = createTerminalCheck(
    async () => modes[Math.min(at++, modes.length - 1)]!,
    () => (clock += 1000),
  );
  return terminal;
}

test.each<[Mode, Mode, boolean]>([
  ['lines', 'lines', true],
  ['lines', 'editor', true], // the prompt of a REPL is back
  ['editor', 'editor', false],
  ['lines', 'screen', false], // a program that draws the screen has just begun
  ['screen', 'screen', false],
  ['screen', 'lines', true],
])('a call that began in %s and ended in %s: %s', async (began, ended, may) => {
  const terminal = check(began, ended);
  terminal.began();
  expect(await terminal.mayPrint()).toBe(may);
});

test.each<[number, string | undefined, { exported: number; dropped: number; queued: number }, string]>([
  [0, 'http://h', { exported: 0, dropped: 0, queued: 0 }, 'no LLM call was seen'],
  [1, 'http://h', { exported: 1, dropped: 0, queued: 0 }, '1 LLM call seen, 1 span sent to http://h'],
  [
    7,
    'http://h',
    { exported: 5, dropped: 1, queued: 1 },
    '7 LLM calls seen, 5 spans sent to http://h, 2 spans not delivered',
  ],
  [2, undefined, { exported: 0, dropped: 0, queued: 0 }, '2 LLM calls seen, no span sent: traces are switched off'],
])('%i calls to %s', (calls, to, stats, line) => {
  expect(closingLine(calls, to, stats)).toBe(line);
});
