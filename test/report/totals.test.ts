import { describe, expect, test } from '@jest/globals';
import { clock, count, money, seconds } from '../../src/report/numbers.js';
import { Totals } from '../../src/report/totals.js';
import { percentile } from '../../src/store/percentiles.js';
import { reportedCall } from '../support/reported-calls.js';

describe('numbers for people', () => {
  test.each([
    [undefined, '-'],
    [0, '$0'],
    [0.0000039, '$0.0000039'],
    [0.000000001, '<$0.00000001'],
    [0.00123, '$0.0012'],
    [0.034, '$0.034'],
    [0.4055, '$0.41'],
    [0.999, '$1.00'],
    [1234.5, '$1234.50'],
  ])('money %s is %s', (amount, text) => {
    expect(money(amount)).toBe(text);
  });

  test('other currencies keep their name', () => {
    expect([money(0.5, 'EUR'), money(0.5, 'CHF')]).toEqual(['€0.50', 'CHF 0.50']);
  });

  test.each([
    [undefined, '-', '-'],
    [0, '0', '0'],
    [999, '999', '999'],
    [1000, '1000', '1.0k'],
    [9999, '9999', '10k'],
    [10_000, '10.0k', '10k'],
    [99_949, '99.9k', '100k'],
    [123_456, '123k', '123k'],
    [999_600, '1.0M', '1.0M'],
    [12_345_678, '12.3M', '12M'],
  ])('%s tokens are %s, or %s where room is short', (value, text, short) => {
    expect([count(value), count(value, true)]).toEqual([text, short]);
  });

  test.each([
    [undefined, '-'],
    [0.001, '0.00s'],
    [0.314, '0.31s'],
    [9.996, '10.0s'],
    [75, '75.0s'],
    [161.2, '161s'],
    [1234, '21m'],
  ])('%s seconds are %s', (value, text) => {
    expect(seconds(value)).toBe(text);
  });

  test('the clock is the local one', () => {
    expect(clock(0n)).toMatch(/^\d\d:\d\d:\d\d$/);
  });
});

describe('totals', () => {
  test('percentiles lie between the nearest ranks', () => {
    expect(percentile([1], 0.95)).toBe(1);
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(percentile([0, 10], 0.95)).toBe(9.5);
  });

  test('absent is not 0: sums say null where nobody reported', () => {
    const totals = new Totals();
    totals.add({ id: '1', kind: 'llm', start: 0n, finishReasons: [], toolNames: [], partial: [] });
    expect(totals.summaries()[0]).toMatchObject({
      provider: null,
      model: null,
      input_tokens: null,
      output_tokens: null,
      cost: {},
      duration: null,
      first_chunk: null,
      calls_without_tokens: 1,
      calls_without_cost: 1,
    });
  });

  test('failed calls count as errors and leave the latencies alone', () => {
    const totals = new Totals();
    totals.add(reportedCall({ duration: 1 }));
    totals.add(reportedCall({ duration: 100, error: 'timeout' }));
    expect(totals.summaries()).toMatchObject([{ calls: 2, errors: 1, duration: { p50: 1, p95: 1 } }]);
  });

  test('amounts of different currencies are never added', () => {
    const totals = new Totals();
    totals.add(reportedCall({ cost: { amount: 1, currency: 'USD' } }));
    totals.add(reportedCall({ cost: { amount: 2, currency: 'EUR' } }));
    expect(totals.all.cost).toEqual({ USD: 1, EUR: 2 });
  });

  test('a program that makes up model names does not fill the memory, and no call is lost', () => {
    const totals = new Totals();
    for (let index = 0; index < 3000; index++) totals.add(reportedCall({ model: `model-${index}` }));
    const groups = totals.summaries();
    expect(groups.length).toBeLessThanOrEqual(1001);
    expect(groups.reduce((sum, { calls }) => sum + calls, 0)).toBe(3000);
    expect(groups[0]!.model).toBe('other');
  });
});
