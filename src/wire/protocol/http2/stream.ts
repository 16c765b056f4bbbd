/** One HTTP/2 stream: one request and its response. */
import type {
  ConnectionDecoder,
  ExchangeListener,
  Flow,
  HeaderFields,
  PartialReason,
  ResponseHead,
  UnixNanos,
} from '../../exchange.js';

export interface StreamEnd {
  readonly by?: Flow | undefined;
  readonly left?: boolean;
}

export class Http2Stream {
  #requestDone = false;
  #responseStarted = false;
  #responseDone = false;
  #ended = false;
  /** Of the answer: bytes that were announced, where they were, and bytes that came. */
  #announced: number | undefined;
  #came = 0;
  /** The stream carries a WebSocket (RFC 8441): its DATA goes there. */
  tunnel: ConnectionDecoder | undefined;

  constructor(
    readonly listener: ExchangeListener,
    /** `:protocol` of an extended CONNECT. */
    readonly upgrade: string | undefined,
  ) {}

  get ended(): boolean {
    return this.#ended;
  }

  get responseStarted(): boolean {
    return this.#responseStarted;
  }

  get responseDone(): boolean {
    return this.#responseDone;
  }

  partial(reason: PartialReason): void {
    if (!this.#ended) this.listener.partial(reason);
  }

  startResponse(head: ResponseHead, at: UnixNanos): void {
    if (this.#ended || this.#responseStarted) return;
    this.#responseStarted = true;
    const length = head.headers['content-length'];
    if (length !== undefined && /^\d+$/.test(length)) this.#announced = Number(length);
    this.listener.responseHead(head, at);
  }

  body(fromClient: boolean, flow: Flow, chunk: Buffer, at: UnixNanos): void {
    if (this.#ended) return;
    if (this.tunnel) this.tunnel.data(flow, chunk, at);
    else if (fromClient) {
      if (!this.#requestDone) this.listener.requestBody(chunk, at);
    } else if (!this.#responseDone) {
      // The head was lost: what is left of the answer still belongs to this request.
      this.startResponse({ status: 0, headers: {} }, at);
      this.#came += chunk.length;
      this.listener.responseBody(chunk, at);
    }
  }

  trailers(headers: HeaderFields): void {
    if (!this.#ended) this.listener.responseTrailers?.(headers);
  }

  /** END_STREAM of one side. */
  finish(fromClient: boolean, at: UnixNanos): void {
    if (this.#ended) return;
    if (fromClient) this.endRequest(at);
    else this.#responseDone = true;
    if (this.#requestDone && this.#responseDone) this.end(undefined, at);
  }

  endRequest(at: UnixNanos): void {
    if (this.#requestDone || this.#ended) return;
    this.#requestDone = true;
    this.listener.requestEnd(at);
  }

  /** Whatever is missing. @param by who ended it, where that is known; `left`: that was the client, and it just went away */
  end(reason: PartialReason | undefined, at: UnixNanos, { by, left = false }: StreamEnd = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    // The tunnel ends the listener itself, once.
    if (this.tunnel) this.tunnel.close(at, reason, by);
    else {
      // A client may close, END_STREAM unread, when all that was announced has come (curl does): nothing is missing then.
      const whole = this.#requestDone && this.#responseStarted && this.#came === this.#announced;
      if (reason && !whole) {
        this.listener.partial(reason);
        if (left) this.listener.partial('cancelled');
      }
      this.listener.end(at);
    }
  }
}
