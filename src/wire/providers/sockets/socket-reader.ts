/**
 * One WebSocket that holds any number of calls. The format says which message begins and which ends a call; each call has
 * a draft and times of its own.
 */
import type {
  ConnectionFacts,
  ExchangeListener,
  PartialReason,
  RequestHead,
  ResponseHead,
  UnixNanos,
} from '../../exchange.js';
import { breakOff } from '../broken-off.js';
import { CallDraft } from '../call-draft.js';
import { callFacts } from '../call-facts.js';
import { CallTimes } from '../call-times.js';
import { fields, parseJson } from '../json/fields.js';
import type { ReaderOptions } from '../reader-options.js';
import { flavourOf } from '../recognize/flavour.js';
import type { SocketCall, SocketFormat, SocketListener, SocketSession } from './socket-format.js';

/** Larger messages are audio or images; nothing in them is wanted. */
const MESSAGE_LIMIT = 16 * 1024 * 1024;

/** More calls at once than any API allows on a socket; a hostile one must not allocate without end. */
const LANE_LIMIT = 64;

export class SocketReader implements ExchangeListener, SocketSession {
  readonly head: RequestHead;
  readonly #options: ReaderOptions;
  readonly #provider: string | undefined;
  readonly #connection: ConnectionFacts;
  readonly #listener: SocketListener;
  readonly #partial = new Set<PartialReason>();
  /** The client went away, or said goodbye first: what the server still completes is whole. */
  #left = false;
  #status: number | undefined;
  readonly #calls = new Map<string | undefined, SocketCall>();

  constructor(
    options: ReaderOptions,
    format: SocketFormat,
    provider: string | undefined,
    head: RequestHead,
    connection: ConnectionFacts,
  ) {
    this.#options = options;
    this.#provider = provider ?? flavourOf(format.name);
    this.head = head;
    this.#connection = connection;
    this.#listener = format.open(this);
  }

  callOf(lane?: string): SocketCall | undefined {
    return this.#calls.get(lane);
  }

  begin(at: UnixNanos, lane?: string): SocketCall {
    this.finish(at, lane);
    if (this.#calls.size === LANE_LIMIT) this.finish(at, this.#calls.keys().next().value);
    const call = { draft: new CallDraft(this.#options), times: new CallTimes() };
    this.#calls.set(lane, call);
    call.draft.provider = this.#provider;
    call.draft.request.stream = true;
    call.times.start(at);
    return call;
  }

  finish(at: UnixNanos, lane?: string): void {
    const call = this.#calls.get(lane);
    if (call === undefined) return;
    this.#calls.delete(lane);
    call.times.end(at);
    const partial = new Set(this.#partial);
    if (call.draft.room.exceeded) partial.add('truncated');
    const facts = callFacts({
      id: this.#options.newId(),
      connection: { ...this.#connection, protocol: 'websocket' },
      head: this.head,
      status: this.#status,
      times: call.times,
      partial,
    });
    this.#options.onCall({ ...call.draft.finish(), ...facts });
  }

  message(from: 'client' | 'server', data: Uint8Array, _binary: boolean, at: UnixNanos): void {
    // Gemini sends JSON in binary frames, so the kind of frame says nothing.
    if (data.length > MESSAGE_LIMIT) {
      this.#partial.add('truncated');
      return;
    }
    const event = fields(parseJson(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8')));
    if (from === 'client') this.#listener.client(event, at);
    else this.#listener.server(event, at);
  }

  partial(reason: PartialReason): void {
    if (reason === 'cancelled') this.#left = true;
    else this.#partial.add(reason);
  }

  responseHead(head: ResponseHead): void {
    this.#status = head.status === 0 ? undefined : head.status;
  }

  end(at: UnixNanos): void {
    const lost = this.#partial.has('detached') || this.#partial.has('gap');
    if (this.#left) this.#partial.add('aborted').add('cancelled');
    for (const [lane, { draft }] of [...this.#calls]) {
      if (!lost) breakOff(draft, this.#left);
      this.finish(at, lane);
    }
  }

  requestHead(): void {}
  requestBody(): void {}
  requestEnd(): void {}
  responseBody(): void {}
}
