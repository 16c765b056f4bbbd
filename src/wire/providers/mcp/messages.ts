/** JSON-RPC messages of MCP, and one call out of a request and its answer. */
import type { CallFacts, McpCall } from '../../llm-call.js';
import { assign, type Fields, fields, isFields, number, text } from '../json/fields.js';
import { KEEP } from '../json/selection.js';

/** Since 2026-07-28 the version stands in each message. */
const VERSION_META = 'io.modelcontextprotocol/protocolVersion';

/** Fields of one message; a batch is an array of them. */
const MESSAGE = { jsonrpc: KEEP, id: KEEP, method: KEEP, params: KEEP, result: KEEP, error: KEEP } as const;
export const MESSAGES = { ...MESSAGE, '*': MESSAGE } as const;

/** Ids are numbers or texts; a notification has none. */
export function idOf(message: Fields): string | undefined {
  return text(message.id) ?? (number(message.id) === undefined ? undefined : String(message.id));
}

/** A request or a notification. */
export function isRequest(message: Fields): boolean {
  return message.jsonrpc === '2.0' && text(message.method) !== undefined;
}

export function isAnswer(message: Fields): boolean {
  return idOf(message) !== undefined && (message.result !== undefined || message.error !== undefined);
}

export interface McpCallSources {
  readonly facts: CallFacts;
  readonly request: Fields;
  readonly answer: Fields | undefined;
  /** Of HTTP headers, where there are any. */
  readonly version?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly content: boolean;
}

export function mcpCall({ facts, request, answer, version, sessionId, content }: McpCallSources): McpCall {
  const method = text(request.method)!;
  const params = fields(request.params);
  const meta = fields(params._meta);
  const result = fields(answer?.result);
  const call: McpCall = { ...facts, kind: 'mcp', method };
  assign(call, {
    toolName: method === 'tools/call' ? text(params.name) : undefined,
    promptName: method === 'prompts/get' ? text(params.name) : undefined,
    resourceUri: method.startsWith('resources/') ? text(params.uri) : undefined,
    requestId: idOf(request),
    protocolVersion:
      text(result.protocolVersion) ?? version ?? text(meta[VERSION_META]) ?? text(params.protocolVersion),
    sessionId,
    traceparent: text(meta.traceparent),
  });
  if (content && method === 'tools/call') assign(call, { toolArguments: params.arguments, toolResult: answer?.result });
  judge(call, answer, result);
  return call;
}

/** The conventions: the JSON-RPC code, or `tool_error` where the tool itself says that it failed. */
function judge(call: McpCall, answer: Fields | undefined, result: Fields): void {
  if (isFields(answer?.error)) {
    const code = String(number(answer.error.code) ?? '_OTHER');
    call.rpcStatusCode = code;
    const message = text(answer.error.message);
    call.error = message === undefined ? { type: code } : { type: code, message };
  } else if (result.isError === true) call.error = { type: 'tool_error' };
  else if (call.httpStatus !== undefined && call.httpStatus >= 400) call.error = { type: String(call.httpStatus) };
}
