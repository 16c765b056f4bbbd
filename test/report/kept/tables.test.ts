import { expect, test } from '@jest/globals';
import { renderCall } from '../../../src/report/kept/call-detail.js';
import { renderCalls } from '../../../src/report/kept/calls-table.js';
import { renderComparison } from '../../../src/report/kept/comparison.js';
import { renderRuns, whenText } from '../../../src/report/kept/runs-table.js';
import { renderGroups, sumLines } from '../../../src/report/kept/sums-table.js';
import { createPalette } from '../../../src/report/palette.js';
import { width } from '../../../src/report/text.js';
import type { CallRow } from '../../../src/store/call-table.js';
import { compareCalls } from '../../../src/store/compare.js';
import type { Sums } from '../../../src/store/sums.js';
import { call, hex, START } from '../../store/kept.js';

const palette = createPalette(false);
const now = START + 1000;

const SUMS: Sums = {
  calls: 123_456,
  errors: 1234,
  partial: 0,
  inputTokens: 123_456_789,
  outputTokens: 98_765_432,
  cost: { USD: 1234.56, EUR: 0.0000012 },
  withoutTokens: 3,
  withoutCost: 5,
  duration: { p50: 12.3, p95: 456 },
};
const NONE: Sums = { calls: 1, errors: 0, partial: 0, cost: {}, withoutTokens: 1, withoutCost: 1 };

const row = (facts: Partial<CallRow> = {}): CallRow => ({
  row: 0,
  kind: 'llm',
  id: 'abcdef0123456789',
  traceId: hex(1, 32),
  run: 0,
  partial: false,
  server: false,
  again: false,
  content: false,
  stream: false,
  ...facts,
});

const HOSTILE = `\u001b[31mred\u202e\r\nname-${'x'.repeat(120)} ${'長い'.repeat(30)}`;

const runs = [
  {
    id: 'rabcde',
    program: HOSTILE,
    processes: [],
    models: [HOSTILE],
    started: START,
    last: START + 90_000,
    sums: SUMS,
  },
  { id: 'rfghij', way: 'attach' as const, processes: ['node', 'java'], models: [], started: 0, sums: NONE },
];
const calls = [
  { call: row({ kind: 'span', name: HOSTILE, duration: 3 }), depth: 0, below: { inputTokens: 1, cost: '$1.00' } },
  {
    call: row({
      process: HOSTILE,
      start: START,
      duration: 1234,
      firstChunk: 0.1,
      provider: 'openai',
      model: HOSTILE,
      inputTokens: 1_234_567,
      outputTokens: 12,
      cost: { amount: 0.000012, currency: 'USD' },
      error: HOSTILE,
      partial: true,
    }),
    depth: 3,
  },
  { call: row(), depth: 0 },
];
const line = call({
  attributes: {
    'gen_ai.input.messages': JSON.stringify([
      {
        role: HOSTILE,
        parts: [
          { type: 'text', content: `${HOSTILE}\n    ${HOSTILE}\n\n` },
          { type: 'tool_call', name: HOSTILE, arguments: HOSTILE },
        ],
      },
    ]),
    'gen_ai.tool.definitions': JSON.stringify([{ name: HOSTILE }]),
    'gen_ai.request.stop_sequences': [HOSTILE],
    'custom.attribute': HOSTILE,
    'error.type': HOSTILE,
  },
  more: { error_message: HOSTILE, output_text: 'x', partial: ['gap'], same_as: hex(9) },
});
const other = call({
  model: HOSTILE,
  attributes: { 'gen_ai.input.messages': JSON.stringify([{ parts: [{ type: 'text', content: 'b' }] }]) },
});

test.each([40, 47, 48, 55, 56, 61, 62, 65, 66, 77, 78, 95, 96, 99, 100, 109, 110, 140, 200])(
  'in %i columns no line is wider, and nothing moves the cursor',
  limit => {
    const options = { palette, limit };
    const screens = {
      runs: renderRuns(runs, palette, limit, now),
      calls: renderCalls(calls, { ...options, now }),
      groups: renderGroups(
        [
          { key: HOSTILE, sums: SUMS },
          { key: undefined, sums: NONE },
        ],
        SUMS,
        'model',
        palette,
        limit,
      ),
      call: renderCall(
        line,
        row({ model: HOSTILE, content: true, error: HOSTILE, duration: 2, process: HOSTILE, pid: 9 }),
        'rabcde',
        options,
      ),
      comparison: renderComparison(compareCalls(line, other), { ...options, names: ['abcdef01', 'abcdef02'] }),
    };
    for (const [name, lines] of Object.entries(screens)) {
      expect(lines.length).toBeGreaterThan(2);
      for (const each of lines) {
        expect([name, each, width(each) <= limit]).toEqual([name, each, true]);
        expect(each).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      }
    }
  },
);

test('in a pipe nothing is cut, and what is absent is a dash', () => {
  const [head, hostile, attach] = renderRuns(runs, palette, undefined, now);
  expect(head).toMatch(/^RUN +PROGRAM +WHEN +TOOK +CALLS +ERR +IN→OUT +COST +MODELS$/);
  expect(hostile).toContain('長い'.repeat(30));
  expect(hostile).toContain('$1234.56 + €0.0000012');
  expect(attach).toMatch(/^rfghij +attach: node, java +\d{4}-\d\d-\d\d +- +1 +0 +- +- +-$/);
  const [, step, failed, bare] = renderCalls(calls, { palette, limit: undefined, now });
  expect(step).toMatch(/ 1→- +\$1\.00 +-$/);
  expect(failed).toMatch(/ {8}openai\/red name-x+ /);
  expect(failed).toContain('partial');
  expect(bare).toMatch(/^abcdef01 +- +- +- +- +- +- +- +-$/);
});

test('what the sums leave out is said', () => {
  expect(sumLines(SUMS, palette)).toEqual([
    '123456 calls · 1234 errors · 123M→98.8M tokens · $1234.56 + €0.0000012',
    '3 calls reported no tokens (not included)',
    '2 calls of unknown price (not included)',
  ]);
  expect(sumLines({ ...NONE, withoutTokens: 0, withoutCost: 0 }, palette)).toEqual(['1 call']);
});

test('times: today by the clock, this year by the day, else by the year', () => {
  const at = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime();
  const today = at(2026, 10, 30, 14, 3, 22);
  expect(whenText(today, at(2026, 10, 30, 23))).toBe('14:03:22');
  expect(whenText(today, at(2026, 11, 1))).toBe('11-30 14:03');
  expect(whenText(today, at(2027, 0, 1))).toBe('2026-11-30');
});

test('a call without messages says how to have them; a cost says where it is from', () => {
  const cost = { amount: 0.25, currency: 'USD' };
  const text = (facts: object, more: object) =>
    renderCall(call({ more, ...facts }), row({ cost, provider: 'openai', operation: 'chat', model: 'm' }), 'r1', {
      palette,
      limit: undefined,
    }).join('\n');
  expect(text({}, { cost: { ...cost, source: 'reported' } })).toContain('cost        $0.25 (as the provider says)\n');
  const priced = { 'openlit.cost.price_data': 'genai-prices 1' };
  expect(text({ attributes: priced }, { cost: { ...cost, source: 'computed' } })).toContain(
    '$0.25 (prices of genai-prices 1)',
  );
  expect(text({}, {})).toContain('The messages were not kept. To keep them, run with --capture-content.');
  expect(text({}, {})).not.toContain('tokens');
});
