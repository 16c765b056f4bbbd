/**
 * Token counts of chat completions and of everything that copies them. Cached tokens are inside `prompt_tokens` and
 * reasoning is inside `completion_tokens`, except where the total proves otherwise.
 */
import type { CallDraft } from '../../call-draft.js';
import { count, type Fields, fields, isFields, sum } from '../../json/fields.js';
import { readStatedCost } from '../../stated-cost.js';

export function readChatUsage(value: unknown, draft: CallDraft): void {
  // Nearly every chunk of a stream has none.
  if (!isFields(value)) return;
  const usage = value;
  // Writer leaves the `s` out.
  const input = fields(usage.prompt_tokens_details ?? usage.prompt_token_details);
  const output = fields(usage.completion_tokens_details);
  const inputTokens = count(usage.prompt_tokens);
  const completion = count(usage.completion_tokens);
  const reasoning =
    count(output.reasoning_tokens) ??
    count(usage.reasoning_tokens) ??
    hiddenThoughts(draft, inputTokens, completion, count(usage.total_tokens));
  draft.addUsage({
    inputTokens,
    outputTokens: reasoningIsExtra(inputTokens, completion, reasoning, count(usage.total_tokens))
      ? sum(completion, reasoning)
      : completion,
    // DeepSeek and Moonshot keep the count of cached tokens beside the totals.
    cacheReadInputTokens:
      count(input.cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? count(usage.cached_tokens),
    cacheWriteInputTokens: count(input.cache_write_tokens),
    reasoningOutputTokens: reasoning,
    ...modalities(input, output),
  });
  // Mistral's own searches and the like.
  if (isFields(usage.connectors)) draft.bill({ unpriced: Object.keys(usage.connectors)[0] });
  readStatedCost(usage, draft);
}

/** What kind of tokens the totals are made of, from the details of the input's and of the output's. */
export function modalities(input: Fields, output: Fields) {
  return {
    textInputTokens: count(input.text_tokens),
    imageInputTokens: count(input.image_tokens),
    audioInputTokens: count(input.audio_tokens),
    textOutputTokens: count(output.text_tokens),
    imageOutputTokens: count(output.image_tokens),
    audioOutputTokens: count(output.audio_tokens),
  };
}

/** Gemini's thoughts where they are asked for in OpenAI's form: in the total, and named nowhere. */
function hiddenThoughts(draft: CallDraft, input = 0, completion = 0, total = 0): number | undefined {
  const model = draft.response.model ?? draft.request.model;
  const rest = total - input - completion;
  return rest > 0 && model?.includes('gemini') ? rest : undefined;
}

/**
 * xAI counts reasoning beside the completion, and so do gateways in front of Gemini; the total tells, whatever the host is
 * called, or that the part would be larger than the whole.
 */
function reasoningIsExtra(input?: number, completion?: number, reasoning?: number, total?: number): boolean {
  if (completion === undefined || !reasoning) return false;
  if (reasoning > completion) return true;
  if (input === undefined || total === undefined) return false;
  return input + completion !== total && input + completion + reasoning === total;
}
