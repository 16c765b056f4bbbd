/** A span that stands for a call which nothing on the wire shows: a model in the process, a provider over gRPC. */
import type { LlmCall, Message, Operation, RequestFacts, ResponseFacts, Usage } from '../../wire/llm-call.js';
import { ATTRIBUTE } from '../genai-attributes.js';
import type { EndedSpan } from './events.js';
import { type ChatFacts, modelName } from './names.js';
import { endOf, errorType } from './render-span.js';

/** Content stays in the record, as of any call; the content policy decides later what of it leaves. */
export function callOfSpan(span: EndedSpan, facts: ChatFacts, pid: number): LlmCall {
  const { attributes } = span;
  const provider = text(attributes[ATTRIBUTE.providerName]);
  const conversationId = text(attributes[ATTRIBUTE.conversationId]);
  const type = errorType(span) ?? (span.status?.code === 2 ? '_OTHER' : undefined);
  const message = span.status?.message;
  const content = {
    ...present('inputMessages', messages(attributes[ATTRIBUTE.inputMessages])),
    ...present('outputMessages', messages(attributes[ATTRIBUTE.outputMessages])),
  };
  return {
    kind: 'llm',
    id: span.spanId,
    pid,
    role: 'client',
    ...present('provider', provider),
    operation: facts.operation as Operation,
    request: requestOf(attributes, facts.model),
    response: responseOf(attributes),
    usage: usageOf(attributes),
    ...present('conversationId', conversationId),
    start: span.start,
    end: endOf(span),
    ...(type !== undefined && { error: { type, ...present('message', message) } }),
    partial: [],
    toolCalls: [],
    ...(Object.keys(content).length > 0 && { content }),
  };
}

type Values = EndedSpan['attributes'];

function requestOf(attributes: Values, model: string): RequestFacts {
  return {
    model,
    ...(attributes[ATTRIBUTE.requestStream] === true && { stream: true }),
    ...present('temperature', number(attributes[ATTRIBUTE.requestTemperature])),
    ...present('topP', number(attributes[ATTRIBUTE.requestTopP])),
    ...present('topK', number(attributes[ATTRIBUTE.requestTopK])),
    ...present('maxTokens', number(attributes[ATTRIBUTE.requestMaxTokens])),
    ...present('seed', number(attributes[ATTRIBUTE.requestSeed])),
  };
}

function responseOf(attributes: Values): ResponseFacts {
  const reasons = attributes[ATTRIBUTE.responseFinishReasons];
  const named = Array.isArray(reasons) && reasons.length > 0 && reasons.every(reason => typeof reason === 'string');
  return {
    ...present('id', text(attributes[ATTRIBUTE.responseId])),
    ...present('model', modelName(attributes[ATTRIBUTE.responseModel])),
    ...(named && { finishReasons: reasons as string[] }),
  };
}

/** Frameworks write 0 and 0 where nobody counted. */
function usageOf(attributes: Values): Usage {
  const input = number(attributes[ATTRIBUTE.usageInputTokens]);
  const output = number(attributes[ATTRIBUTE.usageOutputTokens]);
  if ((input ?? 0) === 0 && (output ?? 0) === 0) return {};
  return {
    ...present('inputTokens', input),
    ...present('outputTokens', output),
    ...present('cacheReadInputTokens', number(attributes[ATTRIBUTE.usageCacheReadInputTokens]) || undefined),
    ...present('reasoningOutputTokens', number(attributes[ATTRIBUTE.usageReasoningOutputTokens]) || undefined),
  };
}

function messages(value: unknown): Message[] | undefined {
  let parsed = value;
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  const valid =
    Array.isArray(parsed) &&
    parsed.length > 0 &&
    parsed.every(({ role, parts } = {}) => typeof role === 'string' && Array.isArray(parts));
  return valid ? (parsed as Message[]) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function present<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]?: V });
}
