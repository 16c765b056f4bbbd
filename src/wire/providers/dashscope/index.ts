/**
 * Alibaba's own API of its models, which its SDKs speak; its OpenAI-compatible one is at other paths. Answers have OpenAI's
 * choices inside `output`, or a bare text.
 * @see https://www.alibabacloud.com/help/en/model-studio/qwen-api-via-dashscope
 */
import type { CallDraft } from '../call-draft.js';
import { readError, readErrorEvent } from '../errors.js';
import type { Format, Heads } from '../format.js';
import { assign, count, type Fields, fields, identifier, isFields, items, jsonText, text } from '../json/fields.js';
import { each, KEEP, keep, SIZE } from '../json/selection.js';
import { readChatRequest } from '../openai/chat/request.js';
import { readResponsesUsage } from '../openai/responses/usage.js';
import { vectorLength } from '../vectors.js';

/** Calls that asked for an answer in pieces that do not repeat what came before. */
const INCREMENTAL = new WeakSet<CallDraft>();

/** The parts of multimodal messages have no type: `{ "text": … }`, `{ "image": … }`. */
function typedMessage(value: unknown): Fields {
  const message = fields(value);
  if (!Array.isArray(message.content)) return message;
  const content = message.content.map(part => {
    const [type = 'generic'] = Object.keys(fields(part));
    return { type, ...fields(part) };
  });
  return { ...message, content };
}

function readRequest(body: Fields, draft: CallDraft, heads: Heads): void {
  const input = fields(body.input);
  const messages = Array.isArray(input.messages)
    ? input.messages.map(typedMessage)
    : [{ role: 'user', content: input.prompt ?? input.text }];
  const stream = heads.request.headers['x-dashscope-sse'] === 'enable' ? true : undefined;
  readChatRequest({ ...fields(body.parameters), model: body.model, messages, stream }, draft);
  if (fields(body.parameters).incremental_output === true) INCREMENTAL.add(draft);
  if (input.text !== undefined) {
    draft.operation = 'speech';
    draft.request.outputType = 'speech';
  }
}

/** What a piece adds to what was said before it. */
type Added = (key: string, piece: string | undefined) => string | undefined;

/** True when the model said something. */
function readOutput(body: Fields, draft: CallDraft, added: Added): boolean {
  const output = fields(body.output);
  const choices = Array.isArray(output.choices) ? output.choices : [{ ...output, message: { content: output.text } }];
  let said = false;
  for (const [index, value] of choices.entries()) {
    const wire = fields(value);
    const message = fields(wire.message);
    const choice = draft.choice(index);
    const reasoning = added(`${index}.reasoning`, text(message.reasoning_content));
    choice.reasoning(reasoning);
    const content = Array.isArray(message.content)
      ? message.content.map(part => text(fields(part).text) ?? '').join('')
      : text(message.content);
    const answer = added(`${index}.content`, content);
    choice.text(answer);
    const calls = items(message.tool_calls);
    for (const [position, each] of calls.entries()) {
      const call = fields(each);
      const target = fields(call.function);
      const key = count(call.index) ?? position;
      const tool = choice.toolCall(key, { id: text(call.id), name: text(target.name) });
      choice.argue(tool, added(`${index}.${key}`, text(jsonText(target.arguments))));
    }
    // While an answer is not finished its reason is the word `null`.
    if (wire.finish_reason !== 'null') choice.finishReason = text(wire.finish_reason) ?? choice.finishReason;
    said ||= calls.length > 0 || (text(reasoning) ?? text(answer)) !== undefined;
  }
  assign(draft.response, { id: identifier(body.request_id) });
  readResponsesUsage(body.usage, draft);
  draft.addUsage({ cacheReadInputTokens: count(fields(fields(body.usage).prompt_tokens_details).cached_tokens) });
  return said;
}

/** By default every event repeats the answer from its beginning; on request, and always from models that think, it does not. */
function additions(draft: CallDraft): Added {
  if (INCREMENTAL.has(draft)) return (_key, piece) => piece;
  const before = new Map<string, string>();
  return (key, piece) => {
    if (piece === undefined || !draft.room.enabled || draft.room.exceeded) return piece;
    const said = before.get(key) ?? '';
    const repeats = piece.startsWith(said);
    before.set(key, repeats ? piece : said + piece);
    return repeats ? piece.slice(said.length) : piece;
  };
}

const isError = (body: Fields) => body.output === undefined && text(body.code) !== undefined;

export const dashscopeGeneration: Format = {
  name: 'dashscope.generation',
  operation: 'chat',
  requestFields: content => ({
    ...keep('model', 'parameters'),
    input: content ? KEEP : { messages: SIZE, prompt: SIZE, text: SIZE },
  }),
  responseFields: () => keep('output', 'usage', 'request_id', 'code', 'message'),
  isRequest: body => text(body.model) !== undefined && isFields(body.input),
  readRequest,
  readResponse(body, draft) {
    if (isError(body)) readError(body, draft);
    else readOutput(body, draft, (_key, piece) => piece);
  },
  openStream(draft) {
    const added = additions(draft);
    return {
      complete: false,
      event(event) {
        if (isError(event)) {
          readErrorEvent(event, draft);
          this.complete = true;
          return false;
        }
        const said = readOutput(event, draft, added);
        this.complete ||= draft.choices.some(choice => choice.finishReason !== undefined);
        return said;
      },
    };
  },
};

export const dashscopeEmbeddings: Format = {
  name: 'dashscope.embeddings',
  operation: 'embeddings',
  requestFields: () => ({ model: KEEP, parameters: keep('dimension'), input: SIZE }),
  responseFields: () => ({
    ...keep('usage', 'request_id', 'code', 'message'),
    output: { embeddings: each({ embedding: SIZE }) },
  }),
  isRequest: body => text(body.model) !== undefined && body.input !== undefined,
  readRequest(body, draft) {
    assign(draft.request, { model: text(body.model), dimensions: count(fields(body.parameters).dimension) });
  },
  readResponse(body, draft) {
    if (isError(body)) readError(body, draft);
    const [first] = items(fields(body.output).embeddings);
    assign(draft.response, {
      id: text(body.request_id),
      embeddingDimensions: vectorLength(fields(first).embedding),
    });
    const { input_tokens: input, total_tokens: total } = fields(body.usage);
    draft.addUsage({ inputTokens: count(input) ?? count(total) });
  },
};
