/** Feeds a whole exchange to a listener, as if it happened: for `decode`, for the corpus and for tests. */
import type { ConnectionFacts, Exchange, OpenExchange, UnixNanos } from './exchange.js';

/** How a body is cut into chunks; every chunk must have at least one byte. */
export type Chunking = (body: Uint8Array) => Iterable<Uint8Array>;

export const wholeBody: Chunking = body => [body];

export const singleBytes: Chunking = function* (body) {
  for (let at = 0; at < body.length; at++) yield body.subarray(at, at + 1);
};

/** Chunks of 1 to `longest` bytes. @param random numbers below 1; a seeded generator makes a case repeatable */
export function randomChunks(random: () => number, longest = 64): Chunking {
  return function* (body) {
    for (let at = 0; at < body.length; ) {
      const end = Math.min(body.length, at + 1 + Math.floor(random() * longest));
      yield body.subarray(at, end);
      at = end;
    }
  };
}

/** Two chunks, cut at `place`. */
export function cutAt(place: number): Chunking {
  return body =>
    place > 0 && place < body.length ? [body.subarray(0, place), body.subarray(place)] : body.length > 0 ? [body] : [];
}

/** Stands for a time that the source does not have; a listener then reports no time at all. */
export const UNKNOWN_TIME: UnixNanos = 0n;

/** A fact that is absent stays absent. */
function factsOf(exchange: Exchange): ConnectionFacts {
  const { role, protocol, serverAddress, serverPort, pid, process } = exchange;
  return {
    role,
    protocol,
    ...(serverAddress === undefined ? {} : { serverAddress }),
    ...(serverPort === undefined ? {} : { serverPort }),
    ...(pid === undefined ? {} : { pid }),
    ...(process === undefined ? {} : { process }),
  };
}

/**
 * Body chunks carry the only times that an exchange has: the request's its start, the response's its first byte, what is
 * absent `UNKNOWN_TIME`. @returns false where `open` did not want it
 */
export function replayExchange(exchange: Exchange, open: OpenExchange, chunking: Chunking = wholeBody): boolean {
  const start = exchange.start ?? UNKNOWN_TIME;
  const firstByte = exchange.firstByte ?? UNKNOWN_TIME;
  const end = exchange.end ?? UNKNOWN_TIME;
  const head = {
    method: exchange.method,
    path: exchange.path,
    headers: exchange.requestHeaders,
    ...(exchange.host === undefined ? {} : { host: exchange.host }),
  };
  const listener = open(head, factsOf(exchange), start);
  if (!listener) return false;
  listener.requestHead(head, start);
  if (!exchange.messages && exchange.requestBody && exchange.requestBody.length > 0) {
    for (const chunk of chunking(exchange.requestBody)) listener.requestBody(chunk, start);
  }
  listener.requestEnd(start);
  // A status that was never seen is 0, as the decoders say it.
  if (exchange.status !== undefined || exchange.responseBody) {
    listener.responseHead({ status: exchange.status ?? 0, headers: exchange.responseHeaders }, firstByte);
    if (exchange.messages) {
      for (const { from, data, binary, at } of exchange.messages) {
        listener.message(from, data, binary, at ?? UNKNOWN_TIME);
      }
    } else if (exchange.responseBody && exchange.responseBody.length > 0) {
      for (const chunk of chunking(exchange.responseBody)) listener.responseBody(chunk, firstByte);
    }
  }
  for (const reason of exchange.partial) listener.partial(reason);
  listener.end(end);
  return true;
}
