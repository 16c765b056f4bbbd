/** What providers say that a call has cost. They say it in `usage`, whatever the format around it. */
import type { CallDraft } from './call-draft.js';
import { type Fields, fields, items, number, text } from './json/fields.js';

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

/**
 * What Vercel's gateway says the call has cost, in its own protocol and in OpenAI's form; it writes amounts as text. With the user's own key it charges nothing itself,
 * and says what the provider behind it asks.
 */
export function readGatewayCost(metadata: unknown, draft: CallDraft): void {
  // Nearly every answer of everybody else.
  if (metadata === undefined) return;
  const gateway = fields(fields(metadata).gateway);
  const own = Number(text(gateway.cost));
  if (!Number.isFinite(own)) return;
  const upstream = usedOwnKey(fields(gateway.routing)) ? Number(text(gateway.marketCost)) : 0;
  if (Number.isFinite(upstream)) draft.statedCost = { amount: own + upstream, currency: 'USD' };
  else draft.bill({ unpriced: 'upstream' });
}

/** Attempts stand in one list, or by model. */
function usedOwnKey(routing: Fields): boolean {
  const byModel = items(routing.modelAttempts).flatMap(each => items(fields(each).providerAttempts));
  return [...items(routing.attempts), ...byModel]
    .map(fields)
    .some(({ success, credentialType }) => success === true && credentialType === 'byok');
}
