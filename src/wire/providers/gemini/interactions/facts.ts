import type { CallDraft } from '../../call-draft.js';
import { readError } from '../../errors.js';
import { assign, count, type Fields, fields, identifier, items, sum, text } from '../../json/fields.js';

/** Nothing of the answer is there yet. */
const OPEN: ReadonlySet<string> = new Set(['in_progress', 'queued']);

/** Statuses that are a reason to stop; the conventions' word for it, or the API's own where they have none. */
const REASONS: Readonly<Record<string, string>> = {
  requires_action: 'tool_call',
  incomplete: 'length',
  // The tokens of one request are used up; the next one goes on, with what is billed of its own.
  requires_continuation: 'requires_continuation',
  budget_exceeded: 'budget_exceeded',
  failed: 'error',
  cancelled: 'error',
};

/** What an interaction says of itself, whole or in an event: who, how many tokens, whether it is over and why. */
export function readFacts(body: Fields, draft: CallDraft): void {
  assign(draft.response, { id: identifier(body.id), model: text(body.model), serviceTier: text(body.service_tier) });
  readUsage(fields(body.usage), draft);
  const status = text(body.status);
  const id = text(body.id);
  if (id !== undefined) {
    const background = body.background === true || draft.inBackground;
    draft.outcome = { id, open: status !== undefined && OPEN.has(status), background };
  }
  if (status === undefined) return;
  if (status === 'completed') draft.choice().finishReason = draft.choice().hasToolCalls ? 'tool_call' : 'stop';
  else if (REASONS[status] !== undefined) draft.choice().finishReason = REASONS[status];
  if (status !== 'failed' && status !== 'cancelled') return;
  const [error] = items(body.errors);
  if (error === undefined) draft.fail(status);
  else readError({ error: { status, ...fields(error) } }, draft);
}

function readUsage(usage: Fields, draft: CallDraft): void {
  const input = count(usage.total_input_tokens);
  const output = count(usage.total_output_tokens);
  const thought = count(usage.total_thought_tokens);
  const toolUse = count(usage.total_tool_use_tokens);
  const total = count(usage.total_tokens);
  // Thoughts are beside the output, as in generateContent, unless the total says that they are inside.
  const inside = total !== undefined && thought !== undefined && sum(input, output, toolUse) === total;
  draft.addUsage({
    inputTokens: sum(input, toolUse),
    outputTokens: inside ? output : sum(output, thought),
    cacheReadInputTokens: count(usage.total_cached_tokens),
    reasoningOutputTokens: thought,
  });
  // Billed by the search or by the prompt, above a number that is free.
  if (items(usage.grounding_tool_count).some(each => (count(fields(each).count) ?? 0) > 0))
    draft.bill({ unpriced: 'grounding' });
}
