/** A cost for spans that came without one: the same prices as everywhere (`telemetry/cost.ts`). */

import { createCostCalculator } from '../../calls/cost.js';
import { ATTRIBUTE } from '../../calls/genai-attributes.js';
import { loadPrices } from '../../calls/load-prices.js';
import { readPricingFile } from '../../calls/pricing-file.js';
import type { FlatSpan } from '../../receive/values.js';
import type { ReportedCall } from '../../report/reported-call.js';
import { present } from '../../report/reported-call.js';
import type { LlmCall } from '../../wire/llm-call.js';

/** @throws Problem when the pricing file cannot be read */
export function createPricer(pricingFile: string | undefined): (call: ReportedCall, span: FlatSpan) => ReportedCall {
  const calculate = createCostCalculator({
    loadPrices,
    ...(pricingFile ? { pricingFile: readPricingFile(pricingFile) } : {}),
  });
  return (call, span) => {
    if (call.kind !== 'llm' || call.cost !== undefined || call.inputTokens === undefined) return call;
    const cost = calculate(asLlmCall(call, span));
    return cost ? { ...call, cost: { amount: cost.amount, currency: cost.currency } } : call;
  };
}

/** What the calculator reads of a call. */
function asLlmCall(call: ReportedCall, { attributes, start }: FlatSpan): LlmCall {
  const word = (name: string) => (typeof attributes[name] === 'string' ? (attributes[name] as string) : undefined);
  return {
    kind: 'llm',
    id: call.id,
    role: 'client',
    protocol: 'http/1.1',
    partial: [],
    toolCalls: [],
    start,
    request: present({ model: word(ATTRIBUTE.requestModel) }),
    response: present({
      model: word(ATTRIBUTE.responseModel),
      serviceTier: word(ATTRIBUTE.openaiResponseServiceTier),
    }),
    usage: present({
      inputTokens: call.inputTokens,
      outputTokens: call.outputTokens,
      cacheReadInputTokens: call.cacheReadTokens,
      reasoningOutputTokens: call.reasoningTokens,
      cacheWriteInputTokens: attributes[ATTRIBUTE.usageCacheCreationInputTokens] as number | undefined,
    }),
    ...present({ provider: word(ATTRIBUTE.providerName), operation: call.operation as LlmCall['operation'] }),
  };
}
