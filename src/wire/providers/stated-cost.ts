/** What providers say that a call has cost. They say it in `usage`, whatever the format around it. */
import type { CallDraft } from './call-draft.js';
import { type Fields, fields, number } from './json/fields.js';

/** xAI states its price in ticks. @see https://docs.x.ai/docs/models */
const TICKS_PER_DOLLAR = 1e10;

/** OpenRouter sends `cost` as a number, Perplexity as an object with a total, xAI as ticks. */
export function readStatedCost(usage: Fields, draft: CallDraft): void {
  const ticks = number(usage.cost_in_usd_ticks);
  const own =
    number(usage.cost) ??
    number(fields(usage.cost).total_cost) ??
    (ticks === undefined ? undefined : ticks / TICKS_PER_DOLLAR);
  if (own === undefined) return;
  // With the user's own key the gateway charges its fee, and the provider behind it the rest.
  const upstream = usage.is_byok === true ? number(fields(usage.cost_details).upstream_inference_cost) : 0;
  if (upstream === undefined) draft.bill({ unpriced: 'upstream' });
  else draft.statedCost = { amount: own + upstream, currency: 'USD' };
}
