/**
 * MCP over HTTP: JSON-RPC requests in a POST, answered by one JSON document or by an event stream in which server messages
 * may come before the answer. One call for each request; batches were allowed in 2025-03-26.
 * @see https://modelcontextprotocol.io/specification
 */
import type {
  ConnectionFacts,
  ExchangeListener,
  PartialReason,
  RequestHead,
  ResponseHead,
  UnixNanos,
} from '../../exchange.js';
import type { McpCall } from '../../llm-call.js';
import { type ContentDecoder, createContentDecoder } from '../../protocol/encoding.js';
import { callFacts } from '../call-facts.js';
import type { ReaderOptions } from '../call-reader.js';
import { CallTimes } from '../call-times.js';
import { CONNECTION_CLOSED } from '../errors.js';
import { type Framing, openFraming } from '../framing.js';
import { JsonDocument } from '../json/document.js';
import { assign, type Fields, fields, isFields, items, number, text } from '../json/fields.js';
import { KEEP } from '../json/selection.js';
import { RequestBody } from '../request-body.js';

const VERSION_META = 'io.modelcontextprotocol/protocolVersion';

/** Fields of one message; a batch is an array of them. */
const MESSAGE = { jsonrpc: KEEP, id: KEEP, method: KEEP, params: KEEP, result: KEEP, error: KEEP } as const;

export class McpReader implements ExchangeListener {
  readonly #options: ReaderOptions;
  readonly #head: RequestHead;
  readonly #connection: ConnectionFacts;
  readonly #times = new CallTimes();
  readonly #partial = new Set<PartialReason>();
  #request: RequestBody | undefined;
  #requests: Fields[] = [];
  #response: ResponseHead | undefined;
  #decoder: ContentDecoder | undefined;
  #framing: Framing | undefined;
  #document: JsonDocument | undefined;
  /** Answers by request id. */
  readonly #answers = new Map<string, Fields>();

  constructor(options: ReaderOptions, head: RequestHead, connection: ConnectionFacts) {
    this.#options = options;
    this.#head = head;
    this.#connection = connection;
    this.#request = new RequestBody(head.headers, { ...MESSAGE, '*': MESSAGE }, options.json);
  }

  requestHead(_head: RequestHead, at: UnixNanos): void {
    this.#times.start(at);
  }

  requestBody(chunk: Uint8Array): void {
    this.#request?.feed(chunk);
  }

  requestEnd(): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    const value = request.end();
    const messages = Array.isArray(value) ? items(value) : [value];
    this.#requests = messages.map(fields).filter(each => each.jsonrpc === '2.0' && text(each.method) !== undefined);
  }

  responseHead(head: ResponseHead): void {
    this.requestEnd();
    this.#response = head;
    this.#decoder = createContentDecoder(head.headers['content-encoding']);
  }

  responseBody(chunk: Uint8Array, at: UnixNanos): void {
    if (this.#requests.length === 0) return;
    for (const decoded of this.#decoder!.feed(chunk)) this.#decoded(decoded, at);
  }

  message(): void {}

  partial(reason: PartialReason): void {
    this.#partial.add(reason);
  }

  end(at: UnixNanos): void {
    this.requestEnd();
    if (this.#requests.length === 0) return;
    for (const decoded of this.#decoder?.end() ?? []) this.#decoded(decoded, at);
    for (const event of this.#framing?.end() ?? []) this.#answer(event.data);
    if (this.#document !== undefined) {
      const { value } = this.#document.end();
      for (const each of Array.isArray(value) ? value : [value]) this.#answer(each);
    }
    this.#times.end(at);
    for (const request of this.#requests) this.#options.onCall(this.#call(request));
  }

  #decoded(bytes: Uint8Array, at: UnixNanos): void {
    if (bytes.length === 0) return;
    if (this.#framing === undefined && this.#document === undefined) {
      this.#framing = openFraming(this.#response!.headers['content-type'] ?? '', bytes, false);
      if (this.#framing === undefined)
        this.#document = new JsonDocument({ ...MESSAGE, '*': MESSAGE }, this.#options.json);
    }
    if (this.#framing === undefined) return this.#document!.feed(bytes);
    for (const event of this.#framing.feed(bytes)) {
      this.#times.tick(at, true);
      this.#answer(event.data);
    }
  }

  #answer(value: unknown): void {
    const message = fields(value);
    const id = idOf(message);
    if (id !== undefined && (message.result !== undefined || message.error !== undefined))
      this.#answers.set(id, message);
  }

  #call(request: Fields): McpCall {
    const facts = callFacts({
      id: this.#options.newId(),
      connection: this.#connection,
      head: this.#head,
      status: this.#response?.status,
      times: this.#times,
      partial: this.#partial,
    });
    const method = text(request.method)!;
    const params = fields(request.params);
    const meta = fields(params._meta);
    const id = idOf(request);
    const answer = id === undefined ? undefined : this.#answers.get(id);
    const result = fields(answer?.result);
    const headers = this.#head.headers;
    const call: McpCall = { ...facts, kind: 'mcp', method };
    assign(call, {
      toolName: method === 'tools/call' ? text(params.name) : undefined,
      promptName: method === 'prompts/get' ? text(params.name) : undefined,
      resourceUri: method.startsWith('resources/') ? text(params.uri) : undefined,
      requestId: id,
      protocolVersion:
        text(result.protocolVersion) ??
        text(headers['mcp-protocol-version']) ??
        text(meta[VERSION_META]) ??
        text(params.protocolVersion),
      sessionId: text(headers['mcp-session-id']) ?? text(this.#response?.headers['mcp-session-id']),
      traceparent: text(meta.traceparent),
    });
    if (this.#options.content && method === 'tools/call') {
      assign(call, { toolArguments: params.arguments, toolResult: answer?.result });
    }
    this.#judge(call, answer, result);
    return call;
  }

  /** The conventions: the JSON-RPC code, or `tool_error` where the tool itself says that it failed. */
  #judge(call: McpCall, answer: Fields | undefined, result: Fields): void {
    const status = this.#response?.status;
    if (isFields(answer?.error)) {
      const code = String(number(answer.error.code) ?? '_OTHER');
      call.rpcStatusCode = code;
      const message = text(answer.error.message);
      call.error = message === undefined ? { type: code } : { type: code, message };
    } else if (result.isError === true) call.error = { type: 'tool_error' };
    else if (status !== undefined && status >= 400) call.error = { type: String(status) };
    else if (answer === undefined && call.requestId !== undefined && call.partial.includes('aborted')) {
      call.error = { type: CONNECTION_CLOSED };
    }
  }
}

/** Ids are numbers or texts; a notification has none. */
function idOf(message: Fields): string | undefined {
  return text(message.id) ?? (number(message.id) === undefined ? undefined : String(message.id));
}

/** Whether a POST may be MCP: its own headers, an `mcp` in the path, or the pair of types that only MCP clients accept. */
export function looksLikeMcp(path: string, headers: Readonly<Record<string, string>>): boolean {
  if (headers['mcp-session-id'] !== undefined || headers['mcp-protocol-version'] !== undefined) return true;
  if (headers['mcp-method'] !== undefined || hasMcpSegment(path)) return true;
  const accept = headers.accept ?? '';
  return accept.includes('application/json') && accept.includes('text/event-stream');
}

export function hasMcpSegment(path: string): boolean {
  return path === '/mcp' || path.endsWith('/mcp') || path.includes('/mcp/');
}
