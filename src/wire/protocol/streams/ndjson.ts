/** Newline-delimited JSON (Ollama, Cohere v1): one value a line. */
import { asBuffer, PendingBytes } from '../bytes.js';
import { DEFAULT_EVENT_LIMIT, type ReadEvent, readText, readTrimmed, type StreamDecoder } from './types.js';

const LF = 10;

/**
 * Gives out each line that is not blank, without the space around it; parsing is the reader's business.
 * The last line needs no terminator. @param limit bytes of one line; a larger one is left out
 */
export function createNdjsonDecoder(limit?: number): StreamDecoder<string>;
export function createNdjsonDecoder<T>(limit: number | undefined, read: ReadEvent<T>): StreamDecoder<T>;
export function createNdjsonDecoder<T>(limit = DEFAULT_EVENT_LIMIT, read = readText as ReadEvent<T>): StreamDecoder<T> {
  // The line that has begun and not ended.
  const pending = new PendingBytes(limit);
  // It is over the limit: its rest is passed over.
  let skipLine = false;
  let truncated = false;

  function take(bytes: Buffer, start: number, end: number, lines: T[]): void {
    if (end - start > limit) truncated = true;
    else readTrimmed(read, bytes, start, end, lines);
  }

  return {
    feed(chunk) {
      const bytes = asBuffer(chunk);
      const lines: T[] = [];
      let start = 0;
      for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
        if (skipLine) skipLine = false;
        else if (pending.length === 0) take(bytes, start, end, lines);
        else if (pending.push(bytes, start, end)) take(pending.view(), 0, pending.length, lines);
        else truncated = true;
        pending.clear();
        start = end + 1;
      }
      if (start < bytes.length && !skipLine && !pending.push(bytes, start)) {
        truncated = true;
        skipLine = true;
        pending.clear();
      }
      return lines;
    },
    end() {
      const lines: T[] = [];
      if (pending.length > 0) take(pending.view(), 0, pending.length, lines);
      pending.clear();
      return lines;
    },
    get truncated() {
      return truncated;
    },
    damaged: false,
  };
}
