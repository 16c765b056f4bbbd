/**
 * The listening stream of MCP: a GET that is answered by an event stream for as long as the session lasts. Answers to POSTs
 * come on it (always in 2024-11-05, which names the endpoint of the POSTs in its first event), and requests of the server.
 * Notifications are no calls of anybody: hundreds may tell the progress of one.
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports
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
import { createSseDecoder, type SseEvent } from '../../protocol/streams/sse.js';
import type { StreamDecoder } from '../../protocol/streams/types.js';
import { fields, parseJson, text } from '../json/fields.js';
import type { ReaderOptions } from '../reader-options.js';
import type { McpLink } from './links.js';
import { idOf, isAnswer, isRequest } from './messages.js';
import { sessionFacts } from './session-reader.js';

export class ListenReader implements ExchangeListener {
  readonly #options: ReaderOptions;
  readonly #head: RequestHead;
  readonly #connection: ConnectionFacts;
  #startedAt: UnixNanos = 0n;
  #decoder: ContentDecoder | undefined;
  #events: StreamDecoder<SseEvent> | undefined;
  #link: McpLink | undefined;
  /** Why its end is not the stream's own. */
  #lost: PartialReason | undefined;
  /** 2024-11-05: the stream is the session. */
  #isSession = false;

  constructor(options: ReaderOptions, head: RequestHead, connection: ConnectionFacts) {
    this.#options = options;
    this.#head = head;
    this.#connection = connection;
  }

  requestHead(_head: RequestHead, at: UnixNanos): void {
    this.#startedAt = at;
  }

  requestBody(): void {}

  requestEnd(): void {}

  responseHead(head: ResponseHead): void {
    if (head.status !== 200 || !(head.headers['content-type'] ?? '').includes('event-stream')) return;
    this.#decoder = createContentDecoder(head.headers['content-encoding']);
    this.#events = createSseDecoder();
    const { headers, path } = this.#head;
    // What only listens to a known endpoint may listen from its first byte; any other stream must name its endpoint first.
    if (text(headers['mcp-session-id']) !== undefined || text(headers['mcp-protocol-version']) !== undefined)
      this.#listen(text(headers['mcp-session-id']) ?? path);
  }

  responseBody(chunk: Uint8Array, at: UnixNanos): void {
    if (this.#events === undefined) return;
    for (const bytes of this.#decoder!.feed(chunk)) {
      for (const event of this.#events?.feed(bytes) ?? []) this.#event(event, at);
    }
  }

  message(): void {}

  partial(reason: PartialReason): void {
    // That the other side broke off is how such a stream ends.
    if (reason !== 'aborted' && reason !== 'cancelled') this.#lost ??= reason;
  }

  end(at: UnixNanos): void {
    this.#link?.stopListening(this.#lost);
    if (this.#lost !== undefined) return;
    if (!this.#isSession || this.#startedAt === 0n || at === 0n) return;
    const facts = sessionFacts(this.#connection, this.#head);
    this.#options.onSession?.({ ...facts, start: this.#startedAt, end: at });
  }

  #listen(name: string): void {
    this.#link = this.#options.mcp.open(this.#connection, this.#head.host, name);
    this.#link.listening += 1;
  }

  #event({ event, data }: SseEvent, at: UnixNanos): void {
    if (this.#link === undefined) {
      const endpoint = event === 'endpoint' ? pathBelow(data, this.#head) : undefined;
      if (endpoint === undefined) this.#events = undefined;
      else {
        this.#isSession = true;
        this.#listen(endpoint);
      }
      return;
    }
    const message = fields(parseJson(data));
    if (isAnswer(message)) this.#link.answer(message, at);
    else if (isRequest(message) && idOf(message) !== undefined) this.#link.ask(message, at);
  }
}

/** Path and query of the endpoint, which may be relative; undefined where it is no address. */
function pathBelow(endpoint: string, { host, path }: RequestHead): string | undefined {
  try {
    const url = new URL(endpoint, `http://${host ?? 'host.invalid'}${path}`);
    return url.pathname + url.search;
  } catch {
    return undefined;
  }
}

/** Whether a GET may open such a stream: it accepts nothing but events, and says MCP or ends as the first revision had it. */
export function mayListen({ method, headers }: RequestHead, path: string): boolean {
  if (method !== 'GET' || !(headers.accept ?? '').includes('text/event-stream')) return false;
  return (
    headers['mcp-session-id'] !== undefined ||
    headers['mcp-protocol-version'] !== undefined ||
    /\/(?:sse|mcp)\/?$/.test(path)
  );
}
