import { expect, test } from '@jest/globals';
import type { ReportedCall } from '../../../src/report/reported-call.js';
import { Totals } from '../../../src/report/totals.js';
import { checkBudget } from '../../../src/runs/local-view/budget.js';

function totals(...costs: (readonly [amount: number, currency: string] | undefined)[]): Totals {
  const all = new Totals();
  for (const cost of costs) {
    const call: ReportedCall = {
      id: '1',
      kind: 'llm',
      start: 0n,
      finishReasons: [],
      toolNames: [],
      partial: [],
      inputTokens: 1,
    };
    all.add(cost === undefined ? call : { ...call, cost: { amount: cost[0], currency: cost[1] } });
  }
  return all;
}

test('more than the limit, and not the limit itself', () => {
  expect(checkBudget(totals([0.1, 'USD']), 0.1)).toEqual({ exceeded: false, notes: [] });
  expect(checkBudget(totals([0.1, 'USD'], [0.02, 'USD']), 0.1)).toEqual({
    exceeded: true,
    notes: ['the calls cost $0.12, more than --fail-over $0.10'],
  });
  expect(checkBudget(totals(), 0)).toEqual({ exceeded: false, notes: [] });
});

test('what is not counted is said', () => {
  expect(checkBudget(totals(undefined, undefined, [3, 'EUR']), 1)).toEqual({
    exceeded: false,
    notes: [
      '--fail-over: 2 calls have no known price and are not counted',
      '--fail-over counts US dollars; not counted: €3.00',
    ],
  });
});
