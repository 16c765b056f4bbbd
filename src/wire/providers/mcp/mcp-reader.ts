/**
 * MCP over HTTP: JSON-RPC requests in a POST, answered by one JSON document, by an event stream in which server messages may
 * come before the answer, or by a 202 and an answer on the session's listening stream. One call for each request; batches
 * were allowed in 2025-03-26.
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
import { type ContentDecoder, createContentDecoder } from '../../protocol/encoding.js';
import { callFacts } from '../call-facts.js';
import { CallTimes } from '../call-times.js';
import { CONNECTION_CLOSED } from '../errors.js';
import type { Framing } from '../framing.js';
import { type Chosen, FramingChoice } from '../framing-choice.js';
import { JsonDocument } from '../json/document.js';
import { type Fields, fields, items, text } from '../json/fields.js';
import type { ReaderOptions } from '../reader-options.js';
import { RequestBody } from '../request-body.js';
import type { McpLink, Waiting } from './links.js';
import { idOf, isAnswer, isRequest, MESSAGES, mcpCall } from './messages.js';
import { sessionFacts } from './session-reader.js';

/** One request of the POST. */
interface Pending {
  readonly message: Fields;
  readonly id: string | undefined;
  answer?: Fields;
  /** Of an answer that came on the listening stream. */
  answeredAt?: UnixNanos;
}

export class McpReader implements ExchangeListener {
  readonly #options: ReaderOptions;
  readonly #head: RequestHead;
  readonly #connection: ConnectionFacts;
  readonly #times = new CallTimes();
  readonly #partial = new Set<PartialReason>();
  #request: RequestBody | undefined;
  #requests: Pending[] = [];
  /** Answers of this side to what the other one asked on a stream. */
  #answers: Fields[] = [];
  #startedAt: UnixNanos = 0n;
  #response: ResponseHead | undefined;
  #decoder: ContentDecoder | undefined;
  /** Until the first bytes have told how the answer is framed. */
  #choice: FramingChoice | undefined;
  #framing: Framing | undefined;
  #document: JsonDocument | undefined;
  #ended = false;

  constructor(options: ReaderOptions, head: RequestHead, connection: ConnectionFacts) {
    this.#options = options;
    this.#head = head;
    this.#connection = connection;
    this.#request = new RequestBody(head.headers, MESSAGES, options.json);
  }

  requestHead(_head: RequestHead, at: UnixNanos): void {
    this.#startedAt = at;
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
    const messages = (Array.isArray(value) ? items(value) : [value]).map(fields);
    this.#requests = messages.filter(isRequest).map(message => ({ message, id: idOf(message) }));
    this.#answers = messages.filter(isAnswer);
    // An answer may overtake the 202 that says it will come.
    for (const pending of this.#requests) this.#expect(pending);
  }

  responseHead(head: ResponseHead): void {
    this.requestEnd();
    this.#response = head;
    this.#decoder = createContentDecoder(head.headers['content-encoding']);
    this.#choice = new FramingChoice(head.headers['content-type'] ?? '', {});
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
    this.#times.end(at);
    for (const answer of this.#answers) this.#tellAsked(answer);
    if (this.#requests.length === 0) return;
    for (const decoded of this.#decoder?.end() ?? []) this.#decoded(decoded, at);
    this.#chosen(this.#choice?.end());
    for (const event of this.#framing?.end() ?? []) this.#received(event.data, at);
    if (this.#document !== undefined) {
      const { value } = this.#document.end();
      for (const each of Array.isArray(value) ? value : [value]) this.#received(each, at);
    }
    this.#ended = true;
    const { status = 0 } = this.#response ?? {};
    const comes = (this.#link()?.listening ?? 0) > 0 && status >= 200 && status < 300 && !this.#partial.has('aborted');
    for (const pending of this.#requests) {
      if (pending.answer === undefined && pending.id !== undefined && comes) continue;
      if (pending.id !== undefined) this.#link()?.forget(pending.id);
      this.#tell(pending);
    }
    this.#beginSession();
  }

  get #name(): string {
    const { headers, path } = this.#head;
    return text(headers['mcp-session-id']) ?? path;
  }

  #link(): McpLink | undefined {
    return this.#options.mcp.find(this.#connection, this.#head.host, this.#name);
  }

  #expect(pending: Pending): void {
    const link = this.#link();
    if (link === undefined || link.listening === 0 || pending.id === undefined) return;
    const waiting: Waiting = {
      answered: (answer, at) => {
        pending.answer = answer;
        pending.answeredAt = at;
        if (this.#ended) this.#tell(pending);
      },
      givenUp: reason => {
        if (reason !== undefined) this.#partial.add(reason);
        if (this.#ended) this.#tell(pending, reason === undefined);
      },
    };
    link.expect(pending.id, waiting);
  }

  #decoded(bytes: Uint8Array, at: UnixNanos): void {
    if (bytes.length === 0) return;
    if (this.#choice !== undefined) this.#chosen(this.#choice.feed(bytes, at));
    else this.#framed(bytes, at);
  }

  #chosen(chosen: Chosen | undefined): void {
    if (chosen === undefined) return;
    this.#choice = undefined;
    this.#framing = chosen.framing;
    if (this.#framing === undefined) this.#document = new JsonDocument(MESSAGES, this.#options.json);
    if (chosen.held !== undefined) this.#document?.adopt(chosen.held);
    for (const [bytes, at] of chosen.pieces) this.#framed(bytes, at);
  }

  #framed(bytes: Uint8Array, at: UnixNanos): void {
    if (this.#framing === undefined) return this.#document!.feed(bytes);
    for (const event of this.#framing.feed(bytes)) {
      this.#times.tick(at, true);
      this.#received(event.data, at);
    }
  }

  /** A message of the other side: an answer, or a request of its own. */
  #received(value: unknown, at: UnixNanos): void {
    const message = fields(value);
    if (isAnswer(message)) {
      const pending = this.#requests.find(({ id }) => id === idOf(message));
      if (pending !== undefined) pending.answer ??= message;
    } else if (isRequest(message) && idOf(message) !== undefined) {
      this.#options.mcp.open(this.#connection, this.#head.host, this.#name).ask(message, at);
    }
  }

  #facts(times: CallTimes) {
    return callFacts({
      id: this.#options.newId(),
      connection: this.#connection,
      head: this.#head,
      status: this.#response?.status,
      times,
      partial: this.#partial,
    });
  }

  #tell(pending: Pending, closed = false): void {
    if (pending.answeredAt !== undefined) this.#times.end(pending.answeredAt);
    const { headers } = this.#head;
    const call = mcpCall({
      facts: this.#facts(this.#times),
      request: pending.message,
      answer: pending.answer,
      version: text(headers['mcp-protocol-version']),
      sessionId: text(headers['mcp-session-id']) ?? text(this.#response?.headers['mcp-session-id']),
      content: this.#options.content,
    });
    const unanswered = pending.answer === undefined && pending.id !== undefined && call.error === undefined;
    const broken = (closed || this.#partial.has('aborted')) && !this.#partial.has('cancelled');
    if (unanswered && broken) call.error = { type: CONNECTION_CLOSED };
    this.#options.onCall(call);
  }

  /** `initialize` was answered with the id of a session. */
  #beginSession(): void {
    const sessionId = text(this.#response?.headers['mcp-session-id']);
    const first = this.#requests.find(({ message, answer }) => message.method === 'initialize' && answer !== undefined);
    if (sessionId === undefined || first === undefined || this.#startedAt === 0n) return;
    const protocolVersion = text(fields(first.answer!.result).protocolVersion);
    this.#options.mcp.begin(this.#connection, this.#head.host, {
      ...sessionFacts(this.#connection, this.#head),
      ...(protocolVersion === undefined ? {} : { protocolVersion }),
      sessionId,
      start: this.#startedAt,
    });
  }

  /** This side answered: what it was asked on a stream is a call in which it was the server. */
  #tellAsked(answer: Fields): void {
    const asked = this.#link()?.takeAsked(idOf(answer)!);
    if (asked === undefined) return;
    const times = new CallTimes();
    times.start(asked.at);
    times.end(this.#startedAt);
    const { httpStatus: _post, serverAddress: _a, serverPort: _p, traceparent: _t, ...facts } = this.#facts(times);
    const { headers } = this.#head;
    this.#options.onCall(
      mcpCall({
        facts: { ...facts, role: facts.role === 'client' ? 'server' : 'client' },
        request: asked.message,
        answer,
        version: text(headers['mcp-protocol-version']),
        sessionId: text(headers['mcp-session-id']),
        content: this.#options.content,
      }),
    );
  }
}

/** Whether a POST may be MCP: its own headers, an `mcp` in the path, or the pair of types that only MCP clients accept. */
export function looksLikeMcp(path: string, headers: Readonly<Record<string, string>>): boolean {
  if (headers['mcp-session-id'] !== undefined || headers['mcp-protocol-version'] !== undefined) return true;
  if (headers['mcp-method'] !== undefined || hasMcpSegment(path)) return true;
  const accept = headers.accept ?? '';
  return accept.includes('application/json') && accept.includes('text/event-stream');
}

function hasMcpSegment(path: string): boolean {
  return path === '/mcp' || path.endsWith('/mcp') || path.includes('/mcp/');
}
