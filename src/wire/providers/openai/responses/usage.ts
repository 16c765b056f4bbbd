import type { CallDraft } from '../../call-draft.js';
import { count, fields, isFields } from '../../json/fields.js';
import { readStatedCost } from '../../stated-cost.js';
import { modalities } from '../chat/usage.js';

/** Cached tokens are inside the input, reasoning is inside the output. */
export function readResponsesUsage(value: unknown, draft: CallDraft): void {
  // Nearly every chunk of a stream has none.
  if (!isFields(value)) return;
  const usage = value;
  const input = fields(usage.input_tokens_details ?? usage.input_token_details);
  const output = fields(usage.output_tokens_details ?? usage.output_token_details);
  const all = count(usage.output_tokens);
  const reasoning = count(output.reasoning_tokens);
  draft.addUsage({
    inputTokens: count(usage.input_tokens),
    // A part that is larger than the whole stands beside it (gateways in front of Gemini).
    outputTokens: reasoning !== undefined && all !== undefined && reasoning > all ? all + reasoning : all,
    cacheReadInputTokens: count(input.cached_tokens),
    cacheWriteInputTokens: count(input.cache_write_tokens),
    reasoningOutputTokens: reasoning,
    ...modalities(input, output),
  });
  // A lifetime of half a day has a price of its own.
  if (count(fields(input.cache_write_tokens_details).ttl_12h_tokens)) draft.bill({ unpriced: 'cache_write_12h' });
  readStatedCost(usage, draft);
}
