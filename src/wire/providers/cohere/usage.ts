import type { CallDraft } from '../call-draft.js';
import { count, fields } from '../json/fields.js';

/**
 * Billed units are what the conventions ask for; the plain token counts include Cohere's own prompt.
 * @param value `usage` of version 2, `meta` of version 1 and of embeddings
 */
export function readCohereUsage(value: unknown, draft: CallDraft): void {
  const usage = fields(value);
  const billed = fields(usage.billed_units);
  const tokens = fields(usage.tokens);
  draft.addUsage({
    inputTokens: count(billed.input_tokens) ?? count(tokens.input_tokens),
    outputTokens: count(billed.output_tokens) ?? count(tokens.output_tokens),
    cacheReadInputTokens: count(usage.cached_tokens),
    imageInputTokens: count(billed.images),
  });
}
