/** What is kept of the past, and how long the next try waits. */
import { describe, expect, test } from '@jest/globals';
import { delayAfter, hashedJitter } from '../../src/agent/back-off.js';
import { forget, type History, pasts, restarted } from '../../src/agent/history.js';
import { DEFAULT_POLICY } from '../../src/agent/policy.js';
import { asked, KEY, tried } from './facts.js';

const INJECT = asked({ inject: 'on', observe: 'on' });

test('tries in their order, the last end counts, and looks are counted', () => {
  const history: History = [
    ...tried('inject', INJECT, { outcome: 'unclear' }, { at: 1 }),
    { kind: 'ended', at: 5000, id: `1 inject ${KEY}`, outcome: 'done' },
    ...tried('undo', INJECT, undefined, { at: 9000 }),
    { kind: 'recovered', at: 9500, workload: KEY },
    { kind: 'ended', at: 9600, id: 'of nobody', outcome: 'done' },
  ];
  const past = pasts(history)(KEY);
  expect(past.tries.map(({ started, ended, looks }) => [started.deed, ended?.outcome, looks])).toEqual([
    ['inject', 'done', 2],
    ['undo', undefined, 0],
  ]);
  expect(past.recoveredAt).toBe(9500);
  expect(pasts(history)('docker:other').tries).toEqual([]);
});

test.each([
  ['inject', { outcome: 'done' }, true],
  ['inject', undefined, true],
  ['inject', { outcome: 'failed' }, true],
  ['inject', { outcome: 'failed', restarted: false }, false],
  ['inject', { outcome: 'half-done', restarted: false }, false],
  ['inject', { outcome: 'not-done' }, false],
  ['inject', { outcome: 'unclear' }, true],
  ['attach', { outcome: 'done' }, false],
] as const)('%s %j: restarted %s', (deed, end, answer) => {
  expect(restarted(pasts(tried(deed, INJECT, end))(KEY).tries[0]!)).toBe(answer);
});

test('forgotten is what holds nothing: gone workloads, and probes that went well', () => {
  const old = { at: 1 };
  const history: History = [
    ...tried('inject', INJECT, { outcome: 'done' }, old),
    ...tried('attach', INJECT, { outcome: 'done' }, { at: 2 }),
    ...tried('inject', INJECT, { outcome: 'done' }, { ...old, workload: 'docker:gone' }),
    ...tried('inject', INJECT, undefined, { at: 3, workload: 'docker:cut-off' }),
    ...tried('attach', INJECT, { outcome: 'done' }, { at: 90_000 }),
  ];
  const kept = forget(history, new Set([KEY]), 50_000);
  expect(kept.map(({ kind, ...record }) => `${kind} ${'id' in record ? record.id : ''}`)).toEqual([
    `started 1 inject ${KEY}`,
    `ended 1 inject ${KEY}`,
    'started 3 inject docker:cut-off',
    `started 90000 attach ${KEY}`,
    `ended 90000 attach ${KEY}`,
  ]);
  expect(forget(kept, new Set([KEY]), 50_000)).toEqual(kept);
});

describe('back-off', () => {
  const delays = (jitter: number) =>
    [1, 2, 3, 8, 9, 5000].map(failures => delayAfter(failures, 'a', DEFAULT_POLICY, () => jitter) / 1000);

  test('doubles up to half an hour; chance takes away up to half', () => {
    expect(delays(0)).toEqual([15, 30, 60, 1800, 1800, 1800]);
    expect(delays(0.5)).toEqual([11.25, 22.5, 45, 1350, 1350, 1350]);
  });

  test('chance is the same for one try, and spread over agents', () => {
    const of = (instance: string) => hashedJitter(instance)('try 1');
    expect(of('a')).toBe(of('a'));
    const spread = Array.from({ length: 1000 }, (_, index) => of(`agent-${index}`));
    const quarters = [0, 0, 0, 0];
    for (const share of spread) quarters[Math.floor(share * 4)]!++;
    expect(Math.min(...quarters)).toBeGreaterThan(200);
  });
});
