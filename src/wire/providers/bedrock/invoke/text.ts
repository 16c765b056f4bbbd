/** Bodies of the text models that have a form of their own: Titan, Llama, Mistral, Command, Jurassic, Claude 2. */
import type { CallDraft } from '../../call-draft.js';
import {
  assign,
  count,
  type Fields,
  fields,
  identifier,
  items,
  number,
  text,
  texts,
  whole,
} from '../../json/fields.js';
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../../json/selection.js';

export const TEXT_REQUEST: SelectedMembers = {
  ...keep('temperature', 'topP', 'top_p', 'p', 'topK', 'top_k', 'k', 'stop', 'stop_sequences', 'stopSequences', 'seed'),
  ...keep('max_tokens', 'maxTokens', 'max_gen_len', 'max_tokens_to_sample', 'dimensions', 'output_dimension'),
  ...keep('textGenerationConfig', 'embeddingConfig', 'anthropic_version', 'input_type', 'taskType'),
  singleEmbeddingParams: keep('embeddingDimension'),
  inputText: SIZE,
  texts: SIZE,
  messages: SIZE,
};

export const TEXT_RESPONSE: SelectedMembers = {
  ...keep('inputTextTokenCount', 'generation', 'prompt_token_count', 'generation_token_count', 'stop_reason'),
  ...keep('completion', 'text', 'finish_reason', 'id', 'response_id', 'response_type', 'message'),
  results: each(KEEP),
  outputs: each(KEEP),
  generations: each(keep('text', 'finish_reason')),
  completions: each({ data: keep('text'), finishReason: KEEP }),
};

export function readTextRequest(body: Fields, draft: CallDraft): void {
  const titan = fields(body.textGenerationConfig);
  assign(draft.request, {
    temperature: number(body.temperature) ?? number(titan.temperature),
    topP: number(body.top_p) ?? number(body.topP) ?? number(body.p) ?? number(titan.topP),
    topK: number(body.top_k) ?? number(body.topK) ?? number(body.k),
    seed: number(body.seed),
    maxTokens:
      whole(body.max_tokens) ??
      count(body.maxTokens) ??
      count(body.max_gen_len) ??
      count(body.max_tokens_to_sample) ??
      count(titan.maxTokenCount),
    stopSequences:
      texts(body.stop) ?? texts(body.stop_sequences) ?? texts(body.stopSequences) ?? texts(titan.stopSequences),
  });
  if (!draft.room.enabled) return;
  const prompt = text(body.prompt) ?? text(body.inputText) ?? text(body.message);
  if (prompt !== undefined)
    draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }] });
}

/** A whole answer or a chunk of a stream: the families use the same names for both. @returns whether it had text */
export function readTextResponse(body: Fields, draft: CallDraft): boolean {
  let output = false;
  let listed = false;
  const say = (index: number, piece: unknown, reason: unknown) => {
    const choice = draft.choice(index);
    choice.text(text(piece));
    choice.finishReason = text(reason) ?? choice.finishReason;
    output ||= text(piece) !== undefined;
  };
  const lists: [unknown, (item: Fields) => [unknown, unknown]][] = [
    [body.results, item => [item.outputText, item.completionReason]],
    [body.outputs, item => [item.text, item.stop_reason]],
    [body.generations, item => [item.text, item.finish_reason]],
    [body.completions, item => [fields(item.data).text, fields(item.finishReason).reason]],
  ];
  for (const [list, read] of lists) {
    for (const [index, item] of items(list).entries()) {
      say(index, ...read(fields(item)));
      listed = true;
    }
  }
  const bare = body.generation ?? body.completion ?? body.outputText ?? body.text;
  const reason = body.stop_reason ?? body.completionReason ?? body.finish_reason;
  if (!listed && (bare !== undefined || text(reason) !== undefined)) say(0, bare, reason);
  assign(draft.response, { id: identifier(body.response_id) ?? identifier(body.id) });
  draft.addUsage({
    inputTokens: count(body.inputTextTokenCount) ?? count(body.prompt_token_count),
    outputTokens:
      count(body.generation_token_count) ??
      count(body.totalOutputTextTokenCount) ??
      count(fields(items(body.results)[0]).tokenCount),
  });
  return output;
}
