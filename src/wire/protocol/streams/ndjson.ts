/** Newline-delimited JSON (Ollama, Cohere v1): one value a line. */
import { asBuffer, PendingBytes } from '../bytes.js';
import { DEFAULT_EVENT_LIMIT, type StreamDecoder } from './types.js';

const LF = 10;

/**
 * Gives out each line that is not blank as its JSON text; parsing is the reader's business, which may want one field only.
 * The last line needs no terminator. @param limit bytes of one line; a larger one is left out
 */
export function createNdjsonDecoder(limit = DEFAULT_EVENT_LIMIT): StreamDecoder<string> {
  // The line that has begun and not ended.
  const pending = new PendingBytes(limit);
  // It is over the limit: its rest is passed over.
  let skipLine = false;
  let truncated = false;

  function take(bytes: Buffer, start: number, end: number, lines: string[]): void {
    if (end - start > limit) truncated = true;
    else {
      const text = bytes.toString('utf8', start, end).trim();
      if (text !== '') lines.push(text);
    }
  }

  return {
    feed(chunk) {
      const bytes = asBuffer(chunk);
      const lines: string[] = [];
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
      const lines: string[] = [];
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
