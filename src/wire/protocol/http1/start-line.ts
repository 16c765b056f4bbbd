/** Recognises the first line of a message, whole or in part: for detection, for resynchronising, and as a check. */

export interface RequestLine {
  readonly method: string;
  readonly target: string;
}

/** Methods that may open a connection or end a search. In step with a connection any token is a method. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE'] as const;
const METHOD_STARTS = new Set(METHODS.map(method => method.charCodeAt(0)));
const RESPONSE_PREFIX = Buffer.from('HTTP/1.');

const LF = 10;
const SPACE = 32;

export type Match = 'yes' | 'no' | 'maybe';

/** Whether `bytes` at `start` begin with `text`; `maybe` where they end before it does. */
export function matchText(bytes: Uint8Array, start: number, text: Uint8Array): Match {
  const length = Math.min(text.length, bytes.length - start);
  for (let index = 0; index < length; index++) if (bytes[start + index] !== text[index]) return 'no';
  return length === text.length ? 'yes' : 'maybe';
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 48 && byte <= 57;

/** `HTTP/1.x NNN` and then a space or the line's end. */
export function matchStatusLine(bytes: Uint8Array, start: number): Match {
  const prefix = matchText(bytes, start, RESPONSE_PREFIX);
  if (prefix !== 'yes') return prefix;
  for (let index = 7; index < 13; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return 'maybe';
    const fits =
      index === 8 ? byte === SPACE : index === 12 ? byte === SPACE || byte === 13 || byte === LF : isDigit(byte);
    if (!fits) return 'no';
  }
  return 'yes';
}

const METHOD_BYTES = METHODS.map(method => Buffer.from(`${method} `));
const VERSION = /^[A-Z]+ \S+ HTTP\/1\.[01][ \t]*\r?$/;

/**
 * A known method, a target without spaces, `HTTP/1.x` and the line's end.
 * @param limit bytes that a line may have before it is taken for something else
 */
export function matchRequestLine(bytes: Buffer, start: number, limit: number): Match {
  const first = bytes[start];
  if (first === undefined) return 'maybe';
  if (!METHOD_STARTS.has(first)) return 'no';
  let method: Match = 'no';
  for (const candidate of METHOD_BYTES) {
    const match = matchText(bytes, start, candidate);
    if (match === 'yes') method = 'yes';
    else if (match === 'maybe' && method === 'no') method = 'maybe';
    if (method === 'yes') break;
  }
  if (method !== 'yes') return method;
  const end = bytes.indexOf(LF, start);
  if (end < 0) return bytes.length - start > limit ? 'no' : 'maybe';
  if (end - start > limit) return 'no';
  return VERSION.test(bytes.toString('latin1', start, end)) ? 'yes' : 'no';
}

/** For `MessageReader`: how the heads of each direction begin. */
export const REQUEST_START = {
  start: matchRequestLine,
  /** A token (RFC 9110 §5.6.2). */
  loose: (bytes: Buffer, at: number) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(bytes[at]!)),
} as const;

export const RESPONSE_START = {
  start: matchStatusLine,
  loose: (bytes: Buffer, at: number) => matchText(bytes, at, RESPONSE_PREFIX) !== 'no',
} as const;

/** The parts of a request line. Lenient about the method's name, strict about the shape. */
export function parseRequestLine(line: string): RequestLine | undefined {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) +(\S+) +HTTP\/1\.[0-9][ \t]*$/.exec(line);
  return match ? { method: match[1]!, target: match[2]! } : undefined;
}

export interface StatusLine {
  readonly status: number;
  /** HTTP/1.0: without `keep-alive` the connection ends with the body. */
  readonly minor: number;
}

export function parseStatusLine(line: string): StatusLine | undefined {
  const match = /^HTTP\/1\.([0-9]) +([1-9][0-9][0-9])(?:[ \t]|$)/.exec(line);
  return match ? { status: Number(match[2]), minor: Number(match[1]) } : undefined;
}
