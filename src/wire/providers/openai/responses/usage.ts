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
  draft.addUsage({
    inputTokens: count(usage.input_tokens),
    outputTokens: count(usage.output_tokens),
    cacheReadInputTokens: count(input.cached_tokens),
    cacheWriteInputTokens: count(input.cache_write_tokens),
    reasoningOutputTokens: count(output.reasoning_tokens),
    ...modalities(input, output),
  });
  readStatedCost(usage, draft);
}
