/** A listener that makes one whole `Exchange`, with sizes and hashes of bodies that it need not keep. */
import crypto, { type Hash } from 'node:crypto';
import type {
  ConnectionFacts,
  Exchange,
  ExchangeListener,
  ExchangeMessage,
  OpenExchange,
  PartialReason,
  RequestHead,
  ResponseHead,
  UnixNanos,
} from './exchange.js';

/** Of the body bytes after transfer-decoding and before content-decoding. Absent where no body could be seen. */
export interface ExchangeDigest {
  readonly requestSize?: number;
  /** SHA-256 in hexadecimal. */
  readonly requestSha256?: string;
  readonly responseSize?: number;
  readonly responseSha256?: string;
}

export type CollectedExchange = Exchange & ExchangeDigest;

export interface CollectorOptions {
  readonly id: string;
  readonly facts: ConnectionFacts;
  /** Bytes kept of each body; 0 keeps none. A body that does not fit is kept up to here and marked `truncated`. */
  readonly bodyLimit: number;
  /** Called once, when the exchange has ended. */
  readonly onEnd: (exchange: CollectedExchange) => void;
}

/** A body that comes in one piece of at most this is hashed in one call, which costs half of a `Hash` object. */
const SMALL = 4096;
const EMPTY = Buffer.alloc(0);

/** One body: always counted and hashed, kept as far as the bound allows. */
class Body {
  #hash: Hash | undefined;
  /** All of it so far, while it is one small piece. */
  #small: Buffer = EMPTY;
  readonly #parts: Buffer[] = [];
  #kept = 0;
  size = 0;

  constructor(private readonly limit: number) {}

  /** False when not all of it could be kept. */
  add(chunk: Uint8Array): boolean {
    if (this.size === 0 && chunk.length <= SMALL) this.#small = Buffer.from(chunk);
    else if (chunk.length > 0) {
      this.#hash ??= crypto.createHash('sha256').update(this.#small);
      this.#hash.update(chunk);
    }
    this.size += chunk.length;
    const room = Math.min(chunk.length, this.limit - this.#kept);
    if (room > 0) {
      this.#parts.push(Buffer.from(chunk.subarray(0, room)));
      this.#kept += room;
    }
    return room === chunk.length;
  }

  bytes(): Buffer {
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
  }

  sha256(): string {
    return this.#hash?.digest('hex') ?? crypto.hash('sha256', this.#small);
  }
}

export function createExchangeCollector(options: CollectorOptions): ExchangeListener {
  const { facts, bodyLimit } = options;
  const request = new Body(bodyLimit);
  const response = new Body(bodyLimit);
  const messages: ExchangeMessage[] = [];
  const partial = new Set<PartialReason>();
  let head: RequestHead | undefined;
  let answer: ResponseHead | undefined;
  let start: UnixNanos | undefined;
  let firstByte: UnixNanos | undefined;

  function add(body: Body, chunk: Uint8Array): void {
    if (!body.add(chunk) && bodyLimit > 0) partial.add('truncated');
  }

  return {
    requestHead(seen, at) {
      head = seen;
      start = at;
    },
    requestBody: chunk => add(request, chunk),
    requestEnd() {},
    responseHead(seen, at) {
      answer = seen;
      firstByte = at;
    },
    responseBody: chunk => add(response, chunk),
    message(from, data, binary, at) {
      const body = from === 'client' ? request : response;
      add(body, data);
      // Only whole messages are kept: one that is cut is of no use to a decoder.
      if (bodyLimit > 0 && body.size <= bodyLimit) messages.push({ from, data: Buffer.from(data), binary, at });
    },
    partial(reason) {
      partial.add(reason);
    },
    end(at) {
      if (!head) return;
      // A WebSocket that the client closes properly is whole; only a call in it may not be.
      if (!partial.has('aborted')) partial.delete('cancelled');
      const { host, method, path, headers } = head;
      options.onEnd({
        id: options.id,
        ...facts,
        ...(host === undefined ? {} : { host }),
        method,
        path,
        requestHeaders: headers,
        requestSize: request.size,
        requestSha256: request.sha256(),
        ...(answer && {
          ...(answer.status > 0 && { status: answer.status }),
          responseSize: response.size,
          responseSha256: response.sha256(),
          ...(bodyLimit > 0 && { responseBody: response.bytes() }),
        }),
        ...(bodyLimit > 0 && { requestBody: request.bytes() }),
        responseHeaders: answer?.headers ?? {},
        ...(messages.length > 0 && { messages }),
        ...(start !== undefined && { start }),
        ...(firstByte !== undefined && { firstByte }),
        end: at,
        partial: [...partial],
      });
    },
  };
}

/**
 * Collects every exchange of any number of connections.
 * @param wanted decides by the head; an exchange that is not wanted costs next to nothing
 */
export function collectExchanges(options: {
  readonly bodyLimit: number;
  readonly onExchange: (exchange: CollectedExchange) => void;
  readonly id: () => string;
  readonly wanted?: (head: RequestHead, facts: ConnectionFacts) => boolean;
}): OpenExchange {
  return (head, facts) => {
    if (options.wanted && !options.wanted(head, facts)) return undefined;
    return createExchangeCollector({
      id: options.id(),
      facts,
      bodyLimit: options.bodyLimit,
      onEnd: options.onExchange,
    });
  };
}
