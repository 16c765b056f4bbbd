import type { CallDraft } from '../call-draft.js';
import { assign, type Fields, fields, flag, number, text, texts, whole } from '../json/fields.js';
import { keep, type SelectedMembers } from '../json/selection.js';

/** Parameters that both versions of chat share. */
export const PARAMETERS: SelectedMembers = {
  ...keep('model', 'stream', 'temperature', 'p', 'k', 'max_tokens', 'frequency_penalty', 'presence_penalty', 'seed'),
  ...keep('stop_sequences', 'response_format', 'thinking', 'conversation_id'),
};

export function readParameters(body: Fields, draft: CallDraft): void {
  const format = text(fields(body.response_format).type);
  assign(draft.request, {
    model: text(body.model),
    stream: flag(body.stream),
    temperature: number(body.temperature),
    topP: number(body.p),
    topK: number(body.k),
    maxTokens: whole(body.max_tokens),
    frequencyPenalty: number(body.frequency_penalty),
    presencePenalty: number(body.presence_penalty),
    seed: number(body.seed),
    stopSequences: texts(body.stop_sequences),
    outputType: format === 'json_object' ? 'json' : undefined,
  });
}
