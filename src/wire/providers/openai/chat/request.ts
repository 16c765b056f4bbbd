import type { RequestFacts } from '../../../llm-call.js';
import type { CallDraft } from '../../call-draft.js';
import { assign, count, type Fields, fields, flag, items, number, text, texts, whole } from '../../json/fields.js';
import { chatMessages, chatTools } from './messages.js';

/** Parameters of a chat completion; also those that compatible providers name differently (Mistral's `random_seed`). */
export function readChatRequest(body: Fields, draft: CallDraft): void {
  assign(draft.request, {
    model: text(body.model),
    stream: flag(body.stream),
    temperature: number(body.temperature),
    topP: number(body.top_p),
    topK: number(body.top_k),
    maxTokens: whole(body.max_completion_tokens) ?? whole(body.max_tokens),
    frequencyPenalty: number(body.frequency_penalty),
    presencePenalty: number(body.presence_penalty),
    seed: number(body.seed) ?? number(body.random_seed),
    stopSequences: texts(body.stop),
    choiceCount: count(body.n),
    reasoningLevel: text(body.reasoning_effort) ?? text(fields(body.reasoning).effort),
    outputType: outputType(body),
    serviceTier: text(body.service_tier),
  });
  draft.countsFollow = flag(fields(body.stream_options).include_usage) === true;
  if (draft.room.enabled) draft.setInput({ messages: chatMessages(body.messages), tools: chatTools(body) });
}

function outputType(body: Fields): RequestFacts['outputType'] | undefined {
  if (items(body.modalities).includes('audio')) return 'speech';
  if (items(body.modalities).includes('image')) return 'image';
  const type = text(fields(body.response_format).type);
  if (type === 'json_object' || type === 'json_schema') return 'json';
  return type === 'text' ? 'text' : undefined;
}
