/**
 * How much of the list price of its tokens an answer says that it costs. A price list knows one price a model; speed, tier
 * and place change it, and the answer states them.
 */
import type { LlmCall } from '../wire/llm-call.js';

/** Tiers that are billed at list price. Others are not, and mostly nobody says by how much. */
const LIST_PRICE_TIERS: ReadonlySet<string> = new Set(['default', 'standard', 'auto', 'on_demand']);

/** Flex costs half: https://platform.openai.com/docs/guides/flex-processing, https://ai.google.dev/gemini-api/docs/optimization */
const FLEX = 0.5;
const HALF_FOR_FLEX: ReadonlySet<string> = new Set(['openai', 'gcp.gemini', 'gcp.vertex_ai', 'gcp.gen_ai']);

/**
 * A batch costs half: https://platform.openai.com/docs/guides/batch, https://docs.claude.com/en/docs/build-with-claude/batch-processing,
 * https://ai.google.dev/gemini-api/docs/batch-api, https://docs.mistral.ai/capabilities/batch, https://console.groq.com/docs/batch,
 * https://learn.microsoft.com/azure/ai-services/openai/how-to/batch. Others say "up to half", by model.
 */
const BATCH = 0.5;
const HALF_FOR_BATCH: ReadonlySet<string> = new Set([
  'openai',
  'azure.ai.openai',
  'anthropic',
  'gcp.gemini',
  'groq',
  'mistral_ai',
]);

const LIST_PRICE_SPEEDS: ReadonlySet<string> = new Set(['standard', 'default']);

/** Tokens of a chosen place cost a tenth more; a model without the choice says so. https://platform.claude.com/docs/en/manage-claude/data-residency */
const PLACES: Readonly<Record<string, number>> = { us: 1.1, global: 1, not_available: 1 };

/** @returns 1 for list price; undefined where something else is billed and nobody says how much */
export function priceFactor(call: LlmCall): number | undefined {
  const { speed = 'standard', inferenceGeo = 'global', unpriced } = call.billing ?? {};
  if (unpriced !== undefined || !LIST_PRICE_SPEEDS.has(speed)) return undefined;
  const tier = tierFactor(call);
  const place = PLACES[inferenceGeo];
  return tier === undefined || place === undefined ? undefined : tier * place;
}

function tierFactor(call: LlmCall): number | undefined {
  const { provider, request, response, usage } = call;
  const tier = response.serviceTier ?? request.serviceTier;
  if (call.billing?.batch === true || tier === 'batch') return batchFactor(call);
  if (tier === undefined || LIST_PRICE_TIERS.has(tier)) return 1;
  if (tier !== 'flex' || provider === undefined || !HALF_FOR_FLEX.has(provider)) return undefined;
  // Whether what was cached is halved once more, Google does not say.
  return provider !== 'openai' && (usage.cacheReadInputTokens ?? 0) > 0 ? undefined : FLEX;
}

function batchFactor({ provider, usage, billing: { webSearches = 0, fileSearches = 0 } = {} }: LlmCall) {
  if (provider === undefined || !HALF_FOR_BATCH.has(provider)) return undefined;
  // Searches cost the same as ever.
  if (webSearches + fileSearches > 0) return undefined;
  // Anthropic halves what was cached once more. Elsewhere it is not halved (Google, Groq), or it depends on the model.
  return provider !== 'anthropic' && (usage.cacheReadInputTokens ?? 0) > 0 ? undefined : BATCH;
}
