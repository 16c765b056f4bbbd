/** How a message's body ends (RFC 9112 §6.3), without trusting a message that contradicts itself. */
import type { HeaderFields } from '../../exchange.js';

export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** Until the connection closes; responses only. */
  | { readonly kind: 'close' }
  /** The message contradicts itself: where it ends is anybody's guess, so nobody guesses. */
  | { readonly kind: 'unknown' };

export const NO_BODY: Framing = { kind: 'none' };
const CHUNKED: Framing = { kind: 'chunked' };
const UNTIL_CLOSE: Framing = { kind: 'close' };
const UNKNOWN: Framing = { kind: 'unknown' };

/** Undefined: no such field. NaN: not a length, or several that differ. */
function contentLength(headers: HeaderFields): number | undefined {
  const field = headers['content-length'];
  if (field === undefined) return undefined;
  const values = new Set(field.split(',').map(value => value.trim()));
  const [value] = values;
  if (values.size !== 1 || !/^[0-9]{1,15}$/.test(value!)) return Number.NaN;
  return Number(value);
}

/** Whether the last transfer coding is `chunked`; undefined where there is none. */
function chunkedLast(headers: HeaderFields): boolean | undefined {
  const codings = headers['transfer-encoding'];
  return codings === undefined ? undefined : /(?:^|[, \t])chunked[ \t]*$/i.test(codings);
}

function byLength(length: number): Framing {
  if (Number.isNaN(length)) return UNKNOWN;
  return length === 0 ? NO_BODY : { kind: 'length', length };
}

/** Transfer-Encoding overrides Content-Length, as every current server and client does. */
export function requestFraming(headers: HeaderFields): Framing {
  const chunked = chunkedLast(headers);
  if (chunked !== undefined) return chunked ? CHUNKED : UNKNOWN;
  return byLength(contentLength(headers) ?? 0);
}

/** @param method of the request that it answers; undefined when that is unknown */
export function responseFraming(headers: HeaderFields, status: number, method: string | undefined): Framing {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY;
  if (method === 'CONNECT' && status < 300) return NO_BODY;
  const chunked = chunkedLast(headers);
  if (chunked !== undefined) return chunked ? CHUNKED : UNTIL_CLOSE;
  const length = contentLength(headers);
  return length === undefined ? UNTIL_CLOSE : byLength(length);
}
