/**
 * What a call cost: the provider's own figure first, else the user's pricing file, else the price list that comes with us.
 * Unknown is absent, never 0.
 */
import type { LlmCall, Usage } from '../wire/llm-call.js';
import { priceFactor } from './price-factor.js';
import { findModel, type PricedModel, type PriceList, priceAt, sum } from './prices.js';
import type { PricingFile } from './pricing-file.js';

/** What a call cost, and how we know. */
export interface Cost {
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  /** `reported`: the provider stated it on the wire; `computed`: usage times a price list. */
  readonly source: 'reported' | 'computed';
  /** Name and version of the prices behind a computed cost: `genai-prices 0.1.8`, `pricing file prices.json`. */
  readonly priceData?: string;
}

export interface CostSources {
  /** Called when the first price is needed; parsing the list takes about 3 ms. Undefined: no list. */
  readonly loadPrices?: () => PriceList | undefined;
  readonly pricingFile?: PricingFile;
}

const MOST_REMEMBERED = 500;

export function createCostCalculator(sources: CostSources): (call: LlmCall) => Cost | undefined {
  let list: PriceList | undefined;
  let loaded = false;
  const prices = (): PriceList | undefined => {
    if (!loaded) {
      loaded = true;
      try {
        list = sources.loadPrices?.();
      } catch {
        list = undefined;
      }
    }
    return list;
  };
  // A search reads up to 700 patterns; a program uses a handful of models, and a hostile one must not fill the memory.
  const found = new Map<string, PricedModel | undefined>();
  const lookUp = (known: PriceList, provider: string, name: string): PricedModel | undefined => {
    const key = `${provider} ${name}`;
    if (!found.has(key)) {
      if (found.size >= MOST_REMEMBERED) found.clear();
      found.set(key, findModel(known, provider, name));
    }
    return found.get(key);
  };
  function costOf(call: LlmCall): Cost | undefined {
    if (call.statedCost !== undefined) return { ...call.statedCost, source: 'reported' };
    const factor = priceFactor(call);
    if (factor === undefined) return undefined;
    const own = sources.pricingFile?.costOf(call);
    if (own !== undefined) {
      // The file has prices of tokens, and one for all that is written to a cache.
      if (hasExtras(call)) return undefined;
      return {
        amount: rounded(own * factor),
        currency: 'USD',
        source: 'computed',
        priceData: sources.pricingFile?.name ?? '',
      };
    }
    if (call.provider === undefined) return undefined;
    const known = prices();
    if (known === undefined) return undefined;
    for (const name of [call.response.model, call.request.model]) {
      const model = name === undefined ? undefined : lookUp(known, call.provider, name);
      if (model === undefined) continue;
      const price = priceAt(model, timeOf(call));
      const amount = price === undefined ? undefined : sum(price, usageOf(call), call.billing);
      if (amount === undefined) return undefined;
      return {
        amount: rounded(amount * factor),
        currency: 'USD',
        source: 'computed',
        priceData: `${known.source} ${known.version}`,
      };
    }
    return undefined;
  }
  return call => (call.batched === undefined ? costOf(call) : sumOfBatch(call, costOf));
}

/** Prices depend on the length of each call, so none is that of the sum. One without a cost leaves the whole without. */
function sumOfBatch(call: LlmCall, costOf: (call: LlmCall) => Cost | undefined): Cost | undefined {
  let total: Cost | undefined;
  for (const each of call.batched ?? []) {
    // What `each` does not state, the sum must not say for it.
    const cost = costOf({ ...call, billing: {}, ...each });
    if (cost === undefined || (total !== undefined && cost.currency !== total.currency)) return undefined;
    const computed = cost.source === 'computed' ? cost : (total ?? cost);
    total = { ...computed, amount: rounded((total?.amount ?? 0) + cost.amount) };
  }
  return total;
}

function hasExtras({
  billing: { cacheWrite1hInputTokens = 0, webSearches = 0, fileSearches = 0 } = {},
}: LlmCall): boolean {
  return cacheWrite1hInputTokens + webSearches + fileSearches > 0;
}

/** An embedding has no output, and none of its answers says so. */
function usageOf(call: LlmCall): Usage {
  const { operation, usage } = call;
  return operation === 'embeddings' && usage.outputTokens === undefined ? { ...usage, outputTokens: 0 } : usage;
}

/** Without a time (a recorded exchange may have none) today's price is the best that is known. */
function timeOf(call: LlmCall): Date {
  return call.start === undefined ? new Date() : new Date(Number(call.start / 1_000_000n));
}

/** Without the noise of binary fractions: `0.00000465`, not `0.0000046499999999999995`. */
const rounded = (amount: number) => Number(amount.toPrecision(12));
