import type { CallDraft } from '../../call-draft.js';
import { isErrorBody, readError } from '../../errors.js';
import type { Format } from '../../format.js';
import { count, type Fields, fields, items, text, texts } from '../../json/fields.js';
import { each, KEEP, keep, type SelectedMembers } from '../../json/selection.js';
import { namesModel } from '../../path-model.js';
import { readChatRequest } from '../chat/request.js';
import { readEnvelope } from '../chat/response.js';

/** The older text completion, still what vLLM, llama.cpp and code editors speak; Mistral's fill-in-the-middle is one too. */

const REQUEST: SelectedMembers = {
  ...keep('model', 'stream', 'temperature', 'top_p', 'top_k', 'max_tokens', 'frequency_penalty', 'presence_penalty'),
  ...keep('seed', 'random_seed', 'stop', 'n', 'service_tier'),
  stream_options: keep('include_usage'),
};

const RESPONSE: SelectedMembers = {
  ...keep('id', 'object', 'model', 'service_tier', 'system_fingerprint', 'usage', 'error', 'message', 'type', 'code'),
  choices: each({ ...keep('index', 'finish_reason', 'text'), message: keep('content') }),
};

function readRequest(body: Fields, draft: CallDraft): void {
  readChatRequest(body, draft);
  if (!draft.room.enabled) return;
  const prompts = texts(body.prompt) ?? [];
  draft.setInput({ messages: prompts.map(content => ({ role: 'user', parts: [{ type: 'text', content }] })) });
}

/** A whole answer or a chunk of a stream; both carry `text`. Fill-in-the-middle answers in chat form. */
function readChoices(body: Fields, draft: CallDraft): boolean {
  let output = false;
  for (const [position, each] of items(body.choices).entries()) {
    const wire = fields(each);
    const choice = draft.choice(count(wire.index) ?? position);
    const piece = text(wire.text) ?? text(fields(wire.message ?? wire.delta).content);
    choice.text(piece);
    choice.finishReason = text(wire.finish_reason) ?? choice.finishReason;
    output ||= piece !== undefined;
  }
  // Writer streams bare values.
  const value = text(body.value);
  if (value !== undefined) draft.choice().text(value);
  return output || value !== undefined;
}

export const openAiCompletions: Format = {
  name: 'openai.completions',
  operation: 'text_completion',
  requestFields: content => (content ? { ...REQUEST, prompt: KEEP } : { ...REQUEST, prompt: 'size' }),
  responseFields: () => RESPONSE,
  isRequest: (body, heads) => namesModel(body, heads) && body.prompt !== undefined,
  readRequest,
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    readEnvelope(body, draft);
    readChoices(body, draft);
  },
  openStream(draft) {
    return {
      complete: false,
      event(chunk) {
        if (isErrorBody(chunk)) {
          readError(chunk, draft);
          this.complete = true;
        }
        readEnvelope(chunk, draft);
        const output = readChoices(chunk, draft);
        this.complete ||= draft.choices.some(choice => choice.finishReason !== undefined);
        return output;
      },
    };
  },
};
