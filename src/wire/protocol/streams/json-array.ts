/** The elements of a top-level JSON array as they complete (Gemini without `alt=sse`). */
import { asBuffer, PendingBytes } from '../bytes.js';
import { DEFAULT_EVENT_LIMIT, type ReadEvent, readText, readTrimmed, type StreamDecoder } from './types.js';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;

const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13);
const opens = (byte: number) => byte === 0x7b || byte === 0x5b;
const closes = (byte: number) => byte === 0x7d || byte === 0x5d;

/**
 * Gives out the JSON text of each element. Follows quotes and brackets only: an element that is no JSON is the reader's to
 * find out. A body that is one object and no array is one element. @param limit bytes of one element
 */
export function createJsonArrayDecoder<T>(limit: number | undefined, read: ReadEvent<T>): StreamDecoder<T>;
export function createJsonArrayDecoder(limit?: number): StreamDecoder<string>;
export function createJsonArrayDecoder<T>(
  limit = DEFAULT_EVENT_LIMIT,
  read = readText as ReadEvent<T>,
): StreamDecoder<T> {
  // The element that has begun and not ended.
  const pending = new PendingBytes(limit);
  // `before` the array, `inside` it between or in elements, `after` it.
  let place: 'before' | 'inside' | 'after' = 'before';
  // The body is one value of its own and not an array.
  let single = false;
  // Brackets open inside the element: a counter, not a stack, so that deep nesting costs nothing.
  let depth = 0;
  let inString = false;
  let escaped = false;
  // An element has begun. Needed for numbers and words, which have no bracket.
  let begun = false;
  let oversized = false;
  let truncated = false;
  let damaged = false;

  function keep(bytes: Buffer, start: number, end: number): void {
    if (oversized || end <= start) return;
    if (!pending.push(bytes, start, end)) {
      oversized = true;
      pending.clear();
    }
  }

  function finish(elements: T[]): void {
    if (oversized) truncated = true;
    else if (pending.length > 0) readTrimmed(read, pending.view(), 0, pending.length, elements);
    pending.clear();
    begun = false;
    oversized = false;
  }

  return {
    feed(chunk) {
      const bytes = asBuffer(chunk);
      const elements: T[] = [];
      // Start of the part of the element that lies in this chunk.
      let start = 0;
      for (let at = 0; at < bytes.length && place !== 'after'; at++) {
        const byte = bytes[at]!;
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
        } else if (begun) {
          if (byte === QUOTE) inString = true;
          else if (opens(byte)) depth++;
          else if (closes(byte) && depth > 0) {
            depth--;
            if (depth === 0) {
              keep(bytes, start, at + 1);
              finish(elements);
              if (single) place = 'after';
            }
          } else if (depth === 0 && (byte === COMMA || byte === 0x5d)) {
            keep(bytes, start, at);
            finish(elements);
            if (byte === 0x5d) place = 'after';
          }
        } else if (place === 'before') {
          if (byte === 0x5b) place = 'inside';
          else if (byte === 0x7b) {
            place = 'inside';
            single = true;
            begun = true;
            depth = 1;
            start = at;
          } else if (!isSpace(byte) && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) {
            damaged = true;
            place = 'after';
          }
        } else if (byte === 0x5d) place = 'after';
        else if (byte !== COMMA && !isSpace(byte)) {
          begun = true;
          start = at;
          if (byte === QUOTE) inString = true;
          else if (opens(byte)) depth = 1;
          else if (byte === 0x7d) damaged = true;
        }
      }
      if (begun) keep(bytes, start, bytes.length);
      return elements;
    },
    end() {
      // An element that has not ended is no value; only its loss is told.
      if (begun) damaged = true;
      pending.clear();
      return [];
    },
    get truncated() {
      return truncated || oversized;
    },
    get damaged() {
      return damaged;
    },
  };
}
