/** The lines and tables that a person sees, as reviewed snapshots. */
import { describe, expect, test } from '@jest/globals';
import { callHeader, callLine } from '../../src/report/call-line.js';
import { createPalette } from '../../src/report/palette.js';
import { summarize, summaryLines } from '../../src/report/summary.js';
import { width } from '../../src/report/text.js';
import { Totals } from '../../src/report/totals.js';
import { CALLS } from '../support/reported-calls.js';

process.env.TZ = 'UTC';

const plain = createPalette(false);
const colour = createPalette(true);

function lines(columns: number | undefined, palette = plain): string[] {
  return [callHeader(columns, palette), ...Object.values(CALLS).map(call => callLine(call, columns, palette))];
}

function totals(): Totals {
  const sum = new Totals();
  for (const call of Object.values(CALLS)) sum.add(call);
  return sum;
}

const withoutColour = (text: string) => text.replace(/\u001b\[\d+m/g, '');

describe('call lines', () => {
  test.each([80, 100, 118, 140])('at %d columns', columns => {
    expect(lines(columns).join('\n')).toMatchSnapshot();
  });

  test.each([38, 40, 50, 58, 60, 72, 78, 80, 99, 100, 117, 118, 140, 200, 300])(
    'none is wider than %d columns',
    columns => {
      const widest = Math.max(...lines(columns).map(width));
      expect(widest).toBeLessThanOrEqual(columns);
    },
  );

  test.each([40, 60, 80, 140])('a number is whole or not there at %d columns', columns => {
    for (const line of lines(columns).slice(1)) expect(line).not.toMatch(/\d…|\$…/);
  });

  test('a long model name is whole where there is room', () => {
    const model = 'accounts/fireworks/models/llama-v3p1-405b-instruct-long';
    expect(callLine({ ...CALLS.streamed!, model }, 200, plain)).toContain(model);
  });

  test.each([
    ['a finish reason', { finishReasons: ['content_filter'], toolNames: ['get_weather'] }, 'content_filter'],
    ['an error of a call with figures', { error: 'context_length_exceeded' }, '✗ context_length_exceeded'],
    ['what the program left', { finishReasons: ['cancelled'], partial: ['aborted', 'cancelled'] }, 'cancelled'],
    ['the same before its answer', { finishReasons: [], partial: ['aborted', 'cancelled'] }, 'cancelled'],
    ['a reason of half a call', { finishReasons: ['max_tokens'], partial: ['gap'] }, 'max_tokens partial'],
    ['a very long error', { error: 'x'.repeat(39) }, `✗ ${'x'.repeat(39)}`],
  ] as const)('%s is whole whatever stands before it', (_, fields, whole) => {
    for (const columns of [80, 99, 118, 140]) {
      const line = callLine({ ...CALLS.streamed!, ...fields }, columns, plain);
      expect(line).toContain(` ${whole}`);
      expect(width(line)).toBeLessThanOrEqual(columns);
    }
  });

  test('in a pipe nothing is cut', () => {
    expect(lines(undefined).join('\n')).toMatchSnapshot();
    expect(lines(undefined).join('')).not.toContain('…');
  });

  test.each([80, 140])('in colour at %d columns the words are the same', columns => {
    const coloured = lines(columns, colour);
    expect(coloured.join('\n')).toMatchSnapshot();
    expect(coloured.map(withoutColour)).toEqual(lines(columns));
  });

  test('what comes from outside cannot steer the terminal', () => {
    for (const columns of [80, 140, undefined]) {
      expect(callLine(CALLS.hostile!, columns, plain)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    }
  });
});

describe('summary', () => {
  test.each([40, 60, 80, 140, undefined])('at %s columns', columns => {
    const text = summaryLines(totals(), plain, { elapsed: 12.34, columns });
    expect(text.join('\n')).toMatchSnapshot();
    if (columns) expect(Math.max(...text.map(width))).toBeLessThanOrEqual(columns);
  });

  test('in colour', () => {
    const facts = { elapsed: 12.34, columns: 80 };
    const coloured = summaryLines(totals(), colour, facts);
    expect(coloured.map(withoutColour)).toEqual(summaryLines(totals(), plain, facts));
    expect(coloured.join('\n')).toMatchSnapshot();
  });

  test('without calls it says so in one line', () => {
    expect(summaryLines(new Totals(), plain, { elapsed: 1, columns: 80 })).toEqual([
      'openlit-instrument: no LLM call was seen in 1.00s',
    ]);
  });

  test('the JSON form', () => {
    const facts = {
      way: 'run',
      program: 'python3',
      run: 'rabcde',
      started: new Date(0),
      ended: new Date(1000),
    } as const;
    expect(summarize(totals(), facts)).toMatchSnapshot();
  });
});
