/**
 * Workers AI over HTTP: one path for every task, with the model in it. The request tells the task; newer models answer in
 * OpenAI's form, older ones in the service's own, both inside an envelope (`result`, `success`, `errors`).
 * @see https://developers.cloudflare.com/workers-ai/
 */
import type { CallDraft } from '../call-draft.js';
import type { Format } from '../format.js';
import { assign, count, type Fields, fields, isFields, items, jsonText, text } from '../json/fields.js';
import { each, KEEP, keep, merge, SIZE } from '../json/selection.js';
import { openAiChat } from '../openai/chat/index.js';
import { readChatUsage } from '../openai/chat/usage.js';
import { openAiCompletions } from '../openai/completions/index.js';
import { openAiResponses } from '../openai/responses/index.js';
import { decode } from '../path-model.js';
import { vectorLength } from '../vectors.js';

/** `…/ai/run/@cf/…` at the service, `…/workers-ai/@cf/…` at its gateway. */
function modelOf(path: string): string | undefined {
  const at = path.indexOf('/@');
  return at < 0 ? undefined : decode(path.slice(at + 1));
}

function taskOf(body: Fields): Format | undefined {
  if (body.messages !== undefined) return openAiChat;
  if (body.prompt !== undefined) return openAiCompletions;
  return body.input === undefined ? undefined : openAiResponses;
}

/** The service's own form, whole or one event of a stream. True when the model said something. */
function readNative(result: Fields, draft: CallDraft): boolean {
  const choice = draft.choice();
  // JSON mode answers with the object itself.
  const piece = isFields(result.response) ? jsonText(result.response) : text(result.response);
  choice.text(piece);
  const calls = items(result.tool_calls);
  for (const value of calls) {
    const call = fields(value);
    const target = isFields(call.function) ? call.function : call;
    const tool = choice.toolCall(count(call.index), { id: text(call.id), name: text(target.name) });
    choice.argue(tool, text(jsonText(target.arguments)));
  }
  choice.finishReason = text(result.finish_reason) ?? choice.finishReason;
  readChatUsage(result.usage, draft);
  return piece !== undefined || calls.length > 0;
}

function readVectors(result: Fields, draft: CallDraft): void {
  const dimensions = vectorLength(items(result.data)[0]);
  // Text goes to translators and classifiers in the same form.
  if (dimensions === undefined) draft.isNoCall = true;
  else assign(draft.response, { embeddingDimensions: dimensions });
}

export const workersAi: Format = {
  name: 'cloudflare.run',
  requestFields: content =>
    merge(
      { text: each(SIZE) },
      ...[openAiChat, openAiCompletions, openAiResponses].map(task => task.requestFields(content)),
    ),
  responseFields: content => ({
    result: merge(
      keep('response', 'tool_calls', 'usage', 'finish_reason'),
      { data: each(SIZE), image: SIZE },
      openAiChat.responseFields(content),
      openAiResponses.responseFields(content),
    ),
    errors: KEEP,
  }),
  isRequest: (body, heads) => modelOf(heads.path) !== undefined && (taskOf(body) ?? body.text) !== undefined,
  readRequest(body, draft, heads) {
    const task = taskOf(body);
    draft.operation = task?.operation ?? 'embeddings';
    task?.readRequest(body, draft, heads);
    delete draft.extra['openai.api.type'];
    assign(draft.request, { model: modelOf(heads.path) });
  },
  readResponse(body, draft, heads) {
    const result = fields(body.result);
    if (draft.operation === 'embeddings') readVectors(result, draft);
    else if (result.image !== undefined) {
      draft.operation = 'image_generation';
      draft.request.outputType = 'image';
    } else if (items(result.choices).length > 0) openAiChat.readResponse(result, draft, heads);
    else if (items(result.output).length > 0) openAiResponses.readResponse(result, draft, heads);
    else readNative(result, draft);
  },
  openStream(draft, heads) {
    const chat = openAiChat.openStream!(draft, heads);
    return {
      complete: false,
      event(event, name) {
        if (event.response !== undefined || event.choices === undefined) return readNative(event, draft);
        const output = chat.event(event, name);
        this.complete = chat.complete;
        return output;
      },
    };
  },
};
