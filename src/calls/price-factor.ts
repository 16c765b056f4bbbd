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

function tierFactor({ provider, request, response, usage }: LlmCall): number | undefined {
  const tier = response.serviceTier ?? request.serviceTier;
  if (tier === undefined || LIST_PRICE_TIERS.has(tier)) return 1;
  if (tier !== 'flex' || provider === undefined || !HALF_FOR_FLEX.has(provider)) return undefined;
  // Whether what was cached is halved once more, Google does not say.
  return provider !== 'openai' && (usage.cacheReadInputTokens ?? 0) > 0 ? undefined : FLEX;
}
