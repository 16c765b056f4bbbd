/**
 * The content policy, applied once to the call itself and not to what is made of it: no consumer can forget it. Messages go
 * where nobody asked for them and are cut where somebody did; credentials go everywhere, from a model's name to an error.
 */
import type { Call, LlmCall, McpCall, Message, MessagePart, ToolCall } from '../wire/llm-call.js';
import { type ContentPolicy, contentOf, cutText } from './content.js';
import { ATTRIBUTE } from './genai-attributes.js';
import type { AnyValue } from './model.js';
import type { Redactor } from './redact.js';
import { redactText } from './redact-value.js';

/** Characters of an error message; providers quote whole requests in some. */
const MAX_ERROR_MESSAGE = 1024;

/** @returns a copy; the decoder's own record stays as it is */
export function cleanCall(call: Call, policy: ContentPolicy): Call {
  const { values, truncated } = contentOf(call, policy);
  const partial = truncated ? [...new Set([...call.partial, 'truncated' as const])] : call.partial;
  const clean = call.kind === 'llm' ? cleanLlm(call, policy, values) : cleanMcp(call, policy, values);
  clean.partial = partial;
  if (call.error !== undefined) clean.error = cleanError(call.error, policy);
  return clean;
}

/** Servers quote prompts in their error messages (validation errors do), so a message is content; its type is not. */
function cleanError({ type, message }: NonNullable<Call['error']>, { capture, maxLength, redact }: ContentPolicy) {
  const clean = { type: redact(type) };
  if (message === undefined || capture === 'off') return clean;
  return { ...clean, message: cutText(redact(message), Math.min(MAX_ERROR_MESSAGE, maxLength)) };
}

function cleanLlm(call: LlmCall, { capture, redact }: ContentPolicy, values: Values): LlmCall {
  const withContent = capture !== 'off';
  const clean: LlmCall = {
    ...call,
    request: cleanFacts(call.request, redact),
    response: cleanFacts(call.response, redact),
    toolCalls: withContent ? call.toolCalls.map(one => cleanToolCall(one, redact)) : [],
  };
  if (call.conversationId !== undefined) clean.conversationId = redact(call.conversationId);
  if (call.provider !== undefined) clean.provider = redact(call.provider);
  if (call.serverAddress !== undefined) clean.serverAddress = redact(call.serverAddress);
  if (call.statedCost !== undefined) clean.statedCost = cleanFacts(call.statedCost, redact);
  if (call.extra !== undefined) clean.extra = cleanFacts(call.extra, redact);
  delete clean.content;
  if (withContent && call.content !== undefined) clean.content = contentFrom(values);
  if (!withContent) delete clean.outputText;
  else if (call.outputText !== undefined) clean.outputText = redactText(call.outputText, redact);
  return clean;
}

/** The model wrote JSON, or what was to become it. */
function cleanToolCall(call: ToolCall, redact: Redactor): ToolCall {
  return { ...cleanFacts(call, redact), arguments: redactText(call.arguments, redact) };
}

function cleanMcp(call: McpCall, { redact }: ContentPolicy, values: Values): McpCall {
  const { kind, role, traceparent } = call;
  const facts = cleanFacts({ ...call, toolArguments: undefined, toolResult: undefined }, redact);
  const clean: McpCall = { ...facts, kind, role, ...(traceparent === undefined ? {} : { traceparent }) };
  delete clean.toolArguments;
  delete clean.toolResult;
  const given = values[ATTRIBUTE.toolCallArguments];
  const result = values[ATTRIBUTE.toolCallResult];
  if (given !== undefined) clean.toolArguments = given;
  if (result !== undefined) clean.toolResult = result;
  return clean;
}

type Values = Readonly<Record<string, AnyValue>>;

function contentFrom(values: Values): NonNullable<LlmCall['content']> {
  const content: NonNullable<LlmCall['content']> = {};
  const system = values[ATTRIBUTE.systemInstructions];
  const input = values[ATTRIBUTE.inputMessages];
  const output = values[ATTRIBUTE.outputMessages];
  const tools = values[ATTRIBUTE.toolDefinitions];
  if (system !== undefined) content.systemInstructions = system as unknown as MessagePart[];
  if (input !== undefined) content.inputMessages = input as unknown as Message[];
  if (output !== undefined) content.outputMessages = output as unknown as Message[];
  if (tools !== undefined) content.toolDefinitions = tools as unknown[];
  return content;
}

/** Models, stop sequences and resource URIs come from the program and may hold what nobody meant to send. */
function cleanFacts<T extends object>(facts: T, redact: Redactor): T {
  const clean: Record<string, unknown> = { ...(facts as Record<string, unknown>) };
  for (const name in clean) {
    const value = clean[name];
    if (typeof value === 'string') clean[name] = redact(value);
    else if (Array.isArray(value) && typeof value[0] === 'string') clean[name] = (value as string[]).map(redact);
  }
  return clean as T;
}
