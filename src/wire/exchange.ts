/**
 * The vocabulary of the wire: what a protocol decoder reports and what a provider decoder consumes.
 * Sans-I/O: bytes and times come in from outside, nothing here touches a clock, a socket or a file.
 */

/** Unix time in nanoseconds. A bigint, because 2^53 ns is only 104 days. */
export type UnixNanos = bigint;

/** Whether the observed process asked (client) or answered (server). */
export type Role = 'client' | 'server';

/** A direction of bytes, as the observed process sees it. */
export type Flow = 'sent' | 'received';

export type Protocol = 'http/1.1' | 'h2' | 'websocket';

/**
 * Why an exchange is not whole. The list is closed, because programs may match on it.
 * - `gap`: bytes were lost before they reached us (ring overflow, a record cut by its limit)
 * - `joined`: the connection existed before us and its beginning is unknown
 * - `truncated`: a memory bound of ours cut the body
 * - `aborted`: the peer or the program closed before the protocol's end
 * - `cancelled`: beside `aborted`, where it was the client that closed first: nothing failed
 * - `headers`: some header fields are unknown (HPACK entries from before we joined)
 * - `encoding`: the content encoding was unknown or its data damaged
 * - `detached`: we stopped observing before the end
 * - `deferred`: the answer says that its result can be fetched later, by another exchange
 */
export type PartialReason =
  | 'gap'
  | 'joined'
  | 'truncated'
  | 'aborted'
  | 'cancelled'
  | 'headers'
  | 'encoding'
  | 'detached'
  | 'deferred';

/** Lower-case names; several fields of one name are joined by ", " (RFC 9110 §5.2). */
export type HeaderFields = Readonly<Record<string, string>>;

export interface RequestHead {
  readonly method: string;
  /** Path with query, as on the wire. */
  readonly path: string;
  /** `Host` or `:authority`, with the port when it was sent; absent when it is unknown. */
  readonly host?: string;
  readonly headers: HeaderFields;
}

export interface ResponseHead {
  /** 0 where it is unknown: HTTP/2 joined in the middle, or its head lost. Never report it as a status. */
  readonly status: number;
  readonly headers: HeaderFields;
}

/** What is known of the connection when a request begins. */
export interface ConnectionFacts {
  readonly role: Role;
  readonly protocol: Protocol;
  /** Server name and port by other evidence than the request (SNI, socket); absent when not exact. */
  readonly serverAddress?: string;
  readonly serverPort?: number;
  /** Pid and name of the observed process, when it is not our own. */
  readonly pid?: number;
  readonly process?: string;
}

/**
 * Receives one exchange while it happens. Order: requestHead, then bodies and heads as they arrive (a response may begin
 * before the request has ended), `end` exactly once and last. Body chunks are after transfer-decoding and before
 * content-decoding, and belong to the caller again when the method returns: copy what is kept.
 */
export interface ExchangeListener {
  requestHead(head: RequestHead, at: UnixNanos): void;
  requestBody(chunk: Uint8Array, at: UnixNanos): void;
  requestEnd(at: UnixNanos): void;
  /** The final response head; 1xx are not reported, except 101 of a WebSocket. */
  responseHead(head: ResponseHead, at: UnixNanos): void;
  responseBody(chunk: Uint8Array, at: UnixNanos): void;
  /** Fields behind the body, where the protocol has them: gRPC's status. */
  responseTrailers?(headers: HeaderFields): void;
  /** One whole WebSocket message after permessage-deflate, by who sent it. */
  message(from: 'client' | 'server', data: Uint8Array, binary: boolean, at: UnixNanos): void;
  partial(reason: PartialReason): void;
  end(at: UnixNanos): void;
}

/** Asked once per request; `undefined` means: nobody wants this exchange, skip its bytes as cheaply as possible. */
export type OpenExchange = (head: RequestHead, facts: ConnectionFacts, at: UnixNanos) => ExchangeListener | undefined;

/** Bounds in bytes; what is cut by one of them is marked `truncated`. */
export interface WireLimits {
  /** Largest request or status line plus header block. */
  readonly head: number;
  /** Bytes that one connection may buffer while it waits for the rest of a unit (frame, line, event). */
  readonly connection: number;
}

/** One connection's bytes, both directions, in the order they happened. */
export interface ConnectionDecoder {
  data(flow: Flow, bytes: Uint8Array, at: UnixNanos): void;
  /** `length` bytes are missing here; undefined when nobody knows how many. */
  gap(flow: Flow, length: number | undefined, at: UnixNanos): void;
  /** @param by who closed first, as a flow of the observed process; absent where that is unknown */
  close(at: UnixNanos, reason?: PartialReason, by?: Flow): void;
}

/** One WebSocket message of a whole exchange. */
export interface ExchangeMessage {
  readonly from: 'client' | 'server';
  readonly data: Uint8Array;
  readonly binary: boolean;
  readonly at?: UnixNanos;
}

/** A whole exchange, as `attach --format exchanges` prints it and `decode` reads it (design §2), bodies as bytes. */
export interface Exchange {
  readonly id: string;
  readonly role: Role;
  readonly protocol: Protocol;
  readonly pid?: number;
  readonly process?: string;
  readonly host?: string;
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly method: string;
  readonly path: string;
  readonly requestHeaders: HeaderFields;
  readonly requestBody?: Uint8Array;
  readonly status?: number;
  readonly responseHeaders: HeaderFields;
  readonly responseBody?: Uint8Array;
  readonly start?: UnixNanos;
  readonly firstByte?: UnixNanos;
  readonly end?: UnixNanos;
  readonly partial: readonly PartialReason[];
  /** After a 101: what was said, in order. Sizes and hashes then count the messages' bytes by who sent them. */
  readonly messages?: readonly ExchangeMessage[];
}
