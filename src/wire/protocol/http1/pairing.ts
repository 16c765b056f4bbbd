/** One request and its response on an HTTP/1 connection, from the first head to the end of both. */
import type { ExchangeListener, PartialReason, ResponseHead, UnixNanos } from '../../exchange.js';

export class Http1Exchange {
  requestDone = false;
  responseStarted = false;
  responseDone = false;
  /** The client waits for `100 Continue`; without it a final answer means that no body was sent. */
  expectsContinue = false;
  bodySeen = false;
  #ended = false;

  constructor(
    readonly method: string,
    /** Value of `Upgrade`, lower-case. */
    readonly upgrade: string | undefined,
    /** Undefined: nobody wants this exchange. Then only its framing is followed. */
    readonly listener: ExchangeListener | undefined,
  ) {}

  get ended(): boolean {
    return this.#ended;
  }

  endRequest(at: UnixNanos): void {
    if (this.requestDone || this.#ended) return;
    this.requestDone = true;
    this.listener?.requestEnd(at);
    this.#settle(at);
  }

  startResponse(head: ResponseHead, at: UnixNanos): void {
    this.responseStarted = true;
    if (!this.#ended) this.listener?.responseHead(head, at);
  }

  endResponse(at: UnixNanos): void {
    if (this.responseDone || this.#ended) return;
    this.responseDone = true;
    this.#settle(at);
  }

  partial(reason: PartialReason): void {
    if (!this.#ended) this.listener?.partial(reason);
  }

  /** Ends it whatever is missing. @param left the client went away by itself */
  abandon(reason: PartialReason | undefined, at: UnixNanos, left = false): void {
    if (this.#ended) return;
    if (reason) this.listener?.partial(reason);
    if (left) this.listener?.partial('cancelled');
    this.#ended = true;
    this.listener?.end(at);
  }

  #settle(at: UnixNanos): void {
    if (this.requestDone && this.responseDone) this.abandon(undefined, at);
  }
}
