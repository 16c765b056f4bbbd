import type { CallDraft } from '../../call-draft.js';
import { count, type Fields, fields, items, sum } from '../../json/fields.js';

/** The counts of a message; a stream sends them twice, and the second replaces the first field by field. */
export interface MessageCounts {
  input?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
}

/**
 * `input_tokens` leaves cached tokens out, so the total is their sum. Thinking is inside the output. The totals are those
 * of the model that answers; the run in which it summed up its context first is billed, and only among the iterations.
 * An advisor's runs are another model's and stay out, as in the totals.
 * @param counts what earlier events of the same stream said
 * @see https://platform.claude.com/docs/en/build-with-claude/compaction
 */
export function readMessagesUsage(value: unknown, draft: CallDraft, counts: MessageCounts = {}): void {
  const usage = fields(value);
  counts.input = count(usage.input_tokens) ?? counts.input;
  counts.cacheRead = count(usage.cache_read_input_tokens) ?? counts.cacheRead;
  counts.cacheWrite = cacheWrites(usage) ?? counts.cacheWrite;
  const runs = [
    { ...counts, output: count(usage.output_tokens) },
    ...items(usage.iterations).map(fields).filter(isCompaction).map(countsOf),
  ];
  const total = (name: 'input' | 'cacheRead' | 'cacheWrite' | 'output') => sum(...runs.map(run => run[name]));
  draft.addUsage({
    inputTokens: counts.input === undefined ? undefined : sum(total('input'), total('cacheRead'), total('cacheWrite')),
    cacheReadInputTokens: total('cacheRead'),
    cacheWriteInputTokens: total('cacheWrite'),
    outputTokens: total('output'),
    reasoningOutputTokens: count(fields(usage.output_tokens_details).thinking_tokens),
  });
  const tier = typeof usage.service_tier === 'string' ? usage.service_tier : undefined;
  if (tier !== undefined) draft.response.serviceTier = tier;
}

const isCompaction = (iteration: Fields) => iteration.type === 'compaction';

function countsOf(iteration: Fields): MessageCounts & { output: number | undefined } {
  return {
    input: count(iteration.input_tokens),
    cacheRead: count(iteration.cache_read_input_tokens),
    cacheWrite: cacheWrites(iteration),
    output: count(iteration.output_tokens),
  };
}

/** The total, or its split by lifetime where only that is sent. */
function cacheWrites(usage: Fields): number | undefined {
  const split = fields(usage.cache_creation);
  return (
    count(usage.cache_creation_input_tokens) ??
    sum(count(split.ephemeral_5m_input_tokens), count(split.ephemeral_1h_input_tokens))
  );
}
