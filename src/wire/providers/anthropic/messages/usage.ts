import type { Billing } from '../../../llm-call.js';
import type { CallDraft } from '../../call-draft.js';
import { count, type Fields, fields, items, sum, text } from '../../json/fields.js';
import { readStatedCost } from '../../stated-cost.js';

/** The counts of a message; a stream sends them twice, and the second replaces the first field by field. */
export interface MessageCounts {
  input?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
  cacheWrite1h?: number | undefined;
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
  counts.cacheWrite1h = longWrites(usage) ?? counts.cacheWrite1h;
  const runs = [
    { ...counts, output: count(usage.output_tokens) },
    ...items(usage.iterations).map(fields).filter(isCompaction).map(countsOf),
  ];
  const total = (name: keyof MessageCounts | 'output') => sum(...runs.map(run => run[name]));
  draft.addUsage({
    inputTokens: counts.input === undefined ? undefined : sum(total('input'), total('cacheRead'), total('cacheWrite')),
    cacheReadInputTokens: total('cacheRead'),
    cacheWriteInputTokens: total('cacheWrite'),
    outputTokens: total('output'),
    reasoningOutputTokens: count(fields(usage.output_tokens_details).thinking_tokens),
  });
  const tier = text(usage.service_tier);
  if (tier !== undefined) draft.response.serviceTier = tier;
  const tools = serverTools(fields(usage.server_tool_use));
  draft.bill({
    cacheWrite1hInputTokens: total('cacheWrite1h'),
    speed: text(usage.speed),
    inferenceGeo: text(usage.inference_geo),
    ...tools,
    unpriced: otherPrice(usage) ?? tools.unpriced,
  });
  readStatedCost(usage, draft);
}

const isCompaction = (iteration: Fields) => iteration.type === 'compaction';

/** An advisor's run: billed, at the price of another model. */
const isOtherModel = (iteration: Fields) => text(iteration.type)?.startsWith('advisor') === true;

/** Fetching a page and looking for a tool are billed by their tokens alone. */
const FREE_TOOLS: ReadonlySet<string> = new Set(['web_fetch_requests', 'tool_search_requests']);

/** Why the tokens are not all billed at the price of the model that answered. */
function otherPrice(usage: Fields): string | undefined {
  const runs = items(usage.iterations).map(fields);
  if (runs.some(isOtherModel)) return 'advisor';
  // A model that declined has read the question, too.
  if (new Set(runs.flatMap(run => text(run.model) ?? [])).size > 1) return 'fallback';
  return fields(fields(usage.fallback_credit).status).type === 'redeemed' ? 'fallback_credit' : undefined;
}

function serverTools(counts: Fields): Billing {
  const billing: Billing = {};
  for (const [name, value] of Object.entries(counts)) {
    const requests = count(value) ?? 0;
    if (name === 'web_search_requests') billing.webSearches = requests;
    else if (requests > 0 && !FREE_TOOLS.has(name)) billing.unpriced = name;
  }
  return billing;
}

function countsOf(iteration: Fields): MessageCounts & { output: number | undefined } {
  return {
    input: count(iteration.input_tokens),
    cacheRead: count(iteration.cache_read_input_tokens),
    cacheWrite: cacheWrites(iteration),
    cacheWrite1h: longWrites(iteration),
    output: count(iteration.output_tokens),
  };
}

/** Twice the price of the input, where others cost a quarter more. */
function longWrites(usage: Fields): number | undefined {
  return count(fields(usage.cache_creation).ephemeral_1h_input_tokens);
}

/** The total, or its split by lifetime where only that is sent. */
function cacheWrites(usage: Fields): number | undefined {
  const split = fields(usage.cache_creation);
  return (
    count(usage.cache_creation_input_tokens) ??
    sum(count(split.ephemeral_5m_input_tokens), count(split.ephemeral_1h_input_tokens))
  );
}
