/** Runs of bytes inside a JSON document: where a value ends, and what a kept one says. */
import { parseJson } from './fields.js';

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const BACKSLASH = 0x5c;

/** A value that is taken as one run of bytes: skipped, kept, or measured. */
export interface Span {
  readonly kind: 'string' | 'container' | 'scalar';
  readonly purpose: 'skip' | 'keep' | 'size' | 'name';
  depth: number;
  inString: boolean;
  escaped: boolean;
  /** Elements of a measured array, or bytes of a measured string. */
  size: number;
  readonly firstByte: number;
}

/** Position of the closing quote, or -1. Searches natively: long base64 and prompts are most of all bytes. */
export function endOfString(span: Span, bytes: Buffer, from: number): number {
  let at = from;
  if (span.escaped) {
    span.escaped = false;
    at++;
  }
  while (at < bytes.length) {
    const quote = bytes.indexOf(QUOTE, at);
    const stop = quote < 0 ? bytes.length : quote;
    // Odd number of backslashes before the stop: what comes next is escaped.
    let slashes = 0;
    while (stop - 1 - slashes >= at && bytes[stop - 1 - slashes] === BACKSLASH) slashes++;
    const escapes = slashes % 2 === 1;
    if (quote < 0) {
      span.escaped = escapes;
      return -1;
    }
    if (!escapes) return quote;
    at = quote + 1;
  }
  return -1;
}

export function endOfScalar(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || byte <= 0x20) return at;
  }
  return -1;
}

/** Position of the bracket that closes the span, or -1; counts the elements of the outermost array on the way. */
export function endOfContainer(span: Span, bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length) {
    if (span.inString) {
      const quote = endOfString(span, bytes, at);
      if (quote < 0) return -1;
      span.inString = false;
      at = quote + 1;
      continue;
    }
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      span.inString = true;
      if (span.size === 0) span.size = 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      span.depth++;
      if (span.size === 0) span.size = 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (--span.depth === 0) return at;
    } else if (byte === COMMA) {
      if (span.depth === 1) span.size++;
    } else if (span.size === 0 && byte > 0x20) span.size = 1;
    at++;
  }
  return -1;
}

/** The text of a string's raw bytes; of a cut one the last escape or character may be halved and is left out. */
export function parseString(raw: Buffer, cut: boolean): string | undefined {
  const source = raw.toString('utf8');
  if (!cut) return parseJson(`"${source}"`) as string | undefined;
  const whole = source.replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, '').replace(/\uFFFD+$/, '');
  const value = parseJson(`"${whole}"`) ?? parseJson(`"${whole.slice(0, whole.lastIndexOf('\\'))}"`);
  return value as string | undefined;
}
