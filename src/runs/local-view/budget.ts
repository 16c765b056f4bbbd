/** `--fail-over`: what the calls of a run may cost before it counts as failed. */

import { money } from '../../report/numbers.js';
import type { Totals } from '../../report/totals.js';

export interface BudgetAnswer {
  readonly exceeded: boolean;
  /** What a person has to know of it; without our name in front. */
  readonly notes: readonly string[];
}

/** @param limit US dollars */
export function checkBudget({ all }: Totals, limit: number): BudgetAnswer {
  const { USD: spent = 0, ...others } = all.cost;
  const exceeded = spent > limit;
  const notes: string[] = [];
  if (exceeded) notes.push(`the calls cost ${money(spent)}, more than --fail-over ${money(limit)}`);
  const unknown = all.withoutCost;
  if (unknown > 0) {
    const calls = unknown === 1 ? '1 call has' : `${unknown} calls have`;
    notes.push(`--fail-over: ${calls} no known price and ${unknown === 1 ? 'is' : 'are'} not counted`);
  }
  const foreign = Object.entries(others).map(([currency, amount]) => money(amount, currency));
  if (foreign.length > 0) notes.push(`--fail-over counts US dollars; not counted: ${foreign.join(', ')}`);
  return { exceeded, notes };
}
