/**
 * The AI SDK's own protocol, in which it speaks to Vercel's AI Gateway: the SDK's model interface as JSON, its stream parts
 * as SSE. Versions 2 to 4 of the interface differ in how tokens and finish reasons are nested. The model is in a header.
 * @see https://github.com/vercel/ai/tree/main/packages/gateway
 */
import type { Message, MessagePart } from '../../llm-call.js';
import type { CallDraft } from '../call-draft.js';
import type { Choice } from '../choice.js';
import { isErrorBody, readError, readErrorEvent } from '../errors.js';
import type { Format, Heads } from '../format.js';
import {
  assign,
  count,
  type Fields,
  fields,
  identifier,
  isFields,
  items,
  jsonText,
  number,
  text,
  texts,
  whole,
} from '../json/fields.js';
import { each, KEEP, keep, SIZE } from '../json/selection.js';
import { readGatewayCost } from '../stated-cost.js';

/** `provider/model`; other kinds of models than language models have the shorter header. */
export function gatewayModel(heads: Heads): string | undefined {
  return text(heads.request.headers['ai-language-model-id']) ?? text(heads.request.headers['ai-model-id']);
}

function readRequest(body: Fields, draft: CallDraft, heads: Heads): void {
  const format = text(fields(body.responseFormat).type);
  assign(draft.request, {
    model: gatewayModel(heads),
    stream: heads.request.headers['ai-language-model-streaming'] === 'true' ? true : undefined,
    maxTokens: whole(body.maxOutputTokens),
    temperature: number(body.temperature),
    topP: number(body.topP),
    topK: number(body.topK),
    presencePenalty: number(body.presencePenalty),
    frequencyPenalty: number(body.frequencyPenalty),
    seed: number(body.seed),
    stopSequences: texts(body.stopSequences),
    outputType: format === 'json' || format === 'text' ? format : undefined,
  });
  if (!draft.room.enabled) return;
  draft.setInput({
    messages: items(body.prompt).map(message),
    tools: items(body.tools).map(value => {
      const { inputSchema: parameters, ...tool } = fields(value);
      return parameters === undefined ? tool : { ...tool, parameters };
    }),
  });
}

function message(value: unknown): Message {
  const { role, content } = fields(value);
  const parts = typeof content === 'string' ? [{ type: 'text', content }] : items(content).map(inputPart);
  return { role: text(role) ?? 'user', parts };
}

function inputPart(value: unknown): MessagePart {
  const part = fields(value);
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return { type: part.type, content: part.text };
    case 'tool-call':
      return { type: 'tool_call', id: part.toolCallId, name: part.toolName, arguments: part.input };
    case 'tool-result':
      return { type: 'tool_call_response', id: part.toolCallId, response: fields(part.output).value ?? part.output };
    default:
      return { ...part, type: text(part.type) ?? 'generic' };
  }
}

/** A whole part of the answer, which a stream sends in the same form when it is no text. */
function readPart(part: Fields, choice: Choice): boolean {
  switch (part.type) {
    case 'text':
      choice.text(text(part.text));
      return true;
    case 'reasoning':
      choice.reasoning(text(part.text));
      return true;
    case 'tool-call':
      if (part.providerExecuted === true) choice.other({ ...part, type: 'server_tool_call', name: part.toolName });
      else {
        const tool = choice.toolCall(undefined, { id: text(part.toolCallId), name: text(part.toolName) });
        choice.argueWhole(tool, text(jsonText(part.input)));
      }
      return true;
    case 'tool-result':
    case 'file':
    case 'source':
      choice.other({ ...part, type: String(part.type) });
      return true;
    default:
      return false;
  }
}

/** Numbers in version 2; since version 3 objects of a total and its shares. */
function readEnd(end: Fields, draft: CallDraft): void {
  const choice = draft.choice();
  choice.finishReason = text(end.finishReason) ?? text(fields(end.finishReason).unified) ?? choice.finishReason;
  const { inputTokens: input, outputTokens: output, cachedInputTokens, reasoningTokens } = fields(end.usage);
  draft.addUsage({
    inputTokens: count(isFields(input) ? input.total : input),
    outputTokens: count(isFields(output) ? output.total : output),
    cacheReadInputTokens: count(fields(input).cacheRead) ?? count(cachedInputTokens),
    cacheWriteInputTokens: count(fields(input).cacheWrite),
    reasoningOutputTokens: count(fields(output).reasoning) ?? count(reasoningTokens),
  });
  readGatewayCost(end.providerMetadata, draft);
}

function readMetadata(value: unknown, draft: CallDraft): void {
  const { id, modelId } = fields(value);
  assign(draft.response, { id: identifier(id), model: text(modelId) });
}

const PARAMETERS = keep(
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'stopSequences',
  'responseFormat',
);

export const vercelLanguageModel: Format = {
  name: 'vercel.language-model',
  operation: 'chat',
  requestFields: content =>
    content ? { ...PARAMETERS, prompt: each(KEEP), tools: each(KEEP) } : { ...PARAMETERS, prompt: SIZE },
  responseFields: () => keep('content', 'finishReason', 'usage', 'providerMetadata', 'response', 'error'),
  isRequest: (body, heads) => gatewayModel(heads) !== undefined && body.prompt !== undefined,
  readRequest,
  readResponse(body, draft) {
    if (isErrorBody(body)) readError(body, draft);
    for (const part of items(body.content)) readPart(fields(part), draft.choice());
    readMetadata(body.response, draft);
    readEnd(body, draft);
  },
  openStream(draft) {
    return {
      complete: false,
      event(event) {
        const choice = draft.choice();
        switch (event.type) {
          case 'text-delta':
            choice.text(text(event.delta));
            return text(event.delta) !== undefined;
          case 'reasoning-delta':
            choice.reasoning(text(event.delta));
            return text(event.delta) !== undefined;
          case 'tool-input-delta':
            // The call follows whole.
            return true;
          case 'response-metadata':
            readMetadata(event, draft);
            return false;
          case 'finish':
            readEnd(event, draft);
            this.complete = true;
            return false;
          case 'error':
            readErrorEvent(event, draft);
            this.complete = true;
            return false;
          default:
            return readPart(event, choice);
        }
      },
    };
  },
};
