/**
 * Ollama's own API: chat, generate, embeddings. Streams unless told not to, one JSON object a line.
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 */
import type { CallDraft } from '../call-draft.js';
import { isErrorBody, readError } from '../errors.js';
import type { Format, StreamReader } from '../format.js';
import {
  assign,
  count,
  type Fields,
  fields,
  flag,
  isFields,
  items,
  jsonText,
  number,
  text,
  texts,
} from '../json/fields.js';
import { each, KEEP, keep, type SelectedMembers, SIZE } from '../json/selection.js';
import { chatMessages, chatTools } from '../openai/chat/messages.js';
import { vectorLength } from '../vectors.js';

const PARAMETERS: SelectedMembers = keep('model', 'stream', 'format', 'options', 'think', 'dimensions');

const ANSWER: SelectedMembers = {
  ...keep(
    'model',
    'done',
    'done_reason',
    'prompt_eval_count',
    'eval_count',
    'error',
    'response',
    'thinking',
    'created_at',
  ),
  message: KEEP,
};

function readParameters(body: Fields, draft: CallDraft): void {
  const options = fields(body.options);
  const predict = number(options.num_predict);
  assign(draft.request, {
    model: text(body.model),
    stream: flag(body.stream) ?? true,
    temperature: number(options.temperature),
    topP: number(options.top_p),
    topK: number(options.top_k),
    // -1 and -2 mean: without a limit.
    maxTokens: predict !== undefined && predict >= 0 ? predict : undefined,
    frequencyPenalty: number(options.frequency_penalty),
    presencePenalty: number(options.presence_penalty),
    seed: number(options.seed),
    stopSequences: texts(options.stop),
    outputType: body.format === 'json' || isFields(body.format) ? 'json' : undefined,
    reasoningLevel: text(body.think),
  });
}

/** A whole answer or one line of a stream: both have the same form. */
function readAnswer(body: Fields, draft: CallDraft): boolean {
  if (isErrorBody(body)) {
    readError(body, draft);
    return false;
  }
  // No other server speaks so, on whatever host it runs.
  if (body.done !== undefined) draft.provider ??= 'ollama';
  if (body.done_reason === 'load' || body.done_reason === 'unload') draft.isNoCall = true;
  assign(draft.response, { model: text(body.model) });
  const choice = draft.choice();
  const message = fields(body.message);
  const thinking = text(message.thinking) ?? text(body.thinking);
  const piece = text(message.content) ?? text(body.response);
  choice.reasoning(thinking);
  choice.text(piece);
  for (const each of items(message.tool_calls)) {
    const target = fields(fields(each).function);
    choice.argue(
      choice.toolCall(undefined, { id: text(fields(each).id), name: text(target.name) }),
      jsonText(target.arguments),
    );
  }
  choice.finishReason = text(body.done_reason) ?? choice.finishReason;
  draft.addUsage({ inputTokens: count(body.prompt_eval_count), outputTokens: count(body.eval_count) });
  return (thinking ?? piece) !== undefined || items(message.tool_calls).length > 0;
}

function openStream(draft: CallDraft): StreamReader {
  return {
    complete: false,
    event(line) {
      this.complete ||= line.done === true || isErrorBody(line);
      return readAnswer(line, draft);
    },
  };
}

export const ollamaChat: Format = {
  name: 'ollama.chat',
  operation: 'chat',
  requestFields: content =>
    content ? { ...PARAMETERS, messages: each(KEEP), tools: each(KEEP) } : { ...PARAMETERS, messages: SIZE },
  responseFields: () => ANSWER,
  isRequest: body => text(body.model) !== undefined && body.messages !== undefined,
  readRequest(body, draft) {
    readParameters(body, draft);
    if (draft.room.enabled) draft.setInput({ messages: chatMessages(body.messages), tools: chatTools(body) });
  },
  readResponse: readAnswer,
  openStream,
  lineStream: true,
};

export const ollamaGenerate: Format = {
  name: 'ollama.generate',
  operation: 'text_completion',
  requestFields: content => ({ ...PARAMETERS, prompt: content ? KEEP : SIZE, ...(content ? { system: KEEP } : {}) }),
  responseFields: () => ANSWER,
  isRequest: body => text(body.model) !== undefined && body.prompt !== undefined,
  readRequest(body, draft) {
    readParameters(body, draft);
    const prompt = text(body.prompt);
    const system = text(body.system);
    if (!draft.room.enabled || prompt === undefined) return;
    draft.setInput({
      messages: [{ role: 'user', parts: [{ type: 'text', content: prompt }] }],
      ...(system === undefined ? {} : { system: [{ type: 'text', content: system }] }),
    });
  },
  readResponse: readAnswer,
  openStream,
  lineStream: true,
};

export const ollamaEmbeddings: Format = {
  name: 'ollama.embeddings',
  operation: 'embeddings',
  requestFields: () => ({ ...keep('model', 'dimensions'), input: SIZE, prompt: SIZE }),
  responseFields: () => ({ ...keep('model', 'prompt_eval_count', 'error'), embeddings: each(SIZE), embedding: SIZE }),
  isRequest: body => text(body.model) !== undefined && (body.input ?? body.prompt) !== undefined,
  readRequest(body, draft) {
    assign(draft.request, { model: text(body.model), dimensions: count(body.dimensions) });
  },
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    const first = body.embedding ?? items(body.embeddings)[0];
    assign(draft.response, { model: text(body.model), embeddingDimensions: vectorLength(first) });
    draft.addUsage({ inputTokens: count(body.prompt_eval_count) });
  },
};
