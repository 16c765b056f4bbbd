/**
 * Entries of an HTTP archive, one by one: `log.entries` may be larger than the memory, so it is cut out while it is read.
 * @see http://www.softwareishard.com/blog/har-12-spec/
 */
import { createJsonArrayDecoder } from '../wire/protocol/index.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Texts of the entries. Finds the member `entries` of the second level; strings before it may hold anything. */
export async function* readHarEntries(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = createJsonArrayDecoder();
  const finder = createEntriesFinder();
  let found = false;
  for await (const chunk of bytes) {
    const at = found ? 0 : finder(chunk);
    if (at < 0) continue;
    found = true;
    yield* decoder.feed(chunk.subarray(at));
  }
  yield* decoder.end();
}

/** @returns for each chunk in order the position of the array's bracket, or -1 while it has not come */
function createEntriesFinder(): (chunk: Buffer) => number {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let word = '';
  let atEntries = false;
  return chunk => {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) {
          inString = false;
          atEntries = depth === 2 && word === 'entries';
        } else if (word.length < 16) word += String.fromCharCode(byte);
      } else if (byte === QUOTE) {
        inString = true;
        word = '';
      } else if (byte === 0x5b || byte === 0x7b) {
        if (byte === 0x5b && atEntries) return at;
        depth++;
        atEntries = false;
      } else if (byte === 0x5d || byte === 0x7d) depth--;
      else if (byte === 0x2c) atEntries = false;
    }
    return -1;
  };
}
