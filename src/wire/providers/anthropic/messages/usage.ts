import type { CallDraft } from '../../call-draft.js';
import { count, type Fields, fields, sum } from '../../json/fields.js';

/** The counts of a message; a stream sends them twice, and the second replaces the first field by field. */
export interface MessageCounts {
  input?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
}

/**
 * `input_tokens` leaves cached tokens out, so the total is their sum. Thinking is inside the output.
 * @param counts what earlier events of the same stream said
 */
export function readMessagesUsage(value: unknown, draft: CallDraft, counts: MessageCounts = {}): void {
  const usage = fields(value);
  counts.input = count(usage.input_tokens) ?? counts.input;
  counts.cacheRead = count(usage.cache_read_input_tokens) ?? counts.cacheRead;
  counts.cacheWrite = cacheWrites(usage) ?? counts.cacheWrite;
  draft.addUsage({
    inputTokens: counts.input === undefined ? undefined : sum(counts.input, counts.cacheRead, counts.cacheWrite),
    cacheReadInputTokens: counts.cacheRead,
    cacheWriteInputTokens: counts.cacheWrite,
    outputTokens: count(usage.output_tokens),
    reasoningOutputTokens: count(fields(usage.output_tokens_details).thinking_tokens),
  });
  const tier = typeof usage.service_tier === 'string' ? usage.service_tier : undefined;
  if (tier !== undefined) draft.response.serviceTier = tier;
}

/** The total, or its split by lifetime where only that is sent. */
function cacheWrites(usage: Fields): number | undefined {
  const split = fields(usage.cache_creation);
  return (
    count(usage.cache_creation_input_tokens) ??
    sum(count(split.ephemeral_5m_input_tokens), count(split.ephemeral_1h_input_tokens))
  );
}
