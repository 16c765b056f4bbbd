import type { CallDraft } from '../call-draft.js';
import { isErrorBody, readError } from '../errors.js';
import type { Format } from '../format.js';
import { assign, type Fields, flag, identifier, number, text, texts, whole } from '../json/fields.js';
import { KEEP, keep, SIZE } from '../json/selection.js';

/** Anthropic's legacy text completions. */
function readAnswer(body: Fields, draft: CallDraft): boolean {
  if (isErrorBody(body)) readError(body, draft);
  assign(draft.response, { id: identifier(body.id), model: text(body.model) });
  const choice = draft.choice();
  choice.text(text(body.completion));
  choice.finishReason = text(body.stop_reason) ?? choice.finishReason;
  return text(body.completion) !== undefined;
}

export const anthropicComplete: Format = {
  name: 'anthropic.complete',
  operation: 'text_completion',
  requestFields: content => ({
    ...keep('model', 'stream', 'temperature', 'top_p', 'top_k', 'max_tokens_to_sample', 'stop_sequences'),
    prompt: content ? KEEP : SIZE,
  }),
  responseFields: () => keep('id', 'model', 'completion', 'stop_reason', 'type', 'error'),
  isRequest: body => text(body.model) !== undefined && body.prompt !== undefined,
  readRequest(body, draft) {
    assign(draft.request, {
      model: text(body.model),
      stream: flag(body.stream),
      temperature: number(body.temperature),
      topP: number(body.top_p),
      topK: number(body.top_k),
      maxTokens: whole(body.max_tokens_to_sample),
      stopSequences: texts(body.stop_sequences),
    });
    const prompt = text(body.prompt);
    if (draft.room.enabled && prompt !== undefined) {
      draft.setInput({ messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }] });
    }
  },
  readResponse: readAnswer,
  openStream: draft => ({
    event: event => readAnswer(event, draft),
    get complete() {
      return draft.error !== undefined || draft.choices.some(choice => choice.finishReason !== undefined);
    },
  }),
};
