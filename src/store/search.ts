/** Text in calls, looked for in the kept lines: messages are not in memory. */
import type { StoredLine } from './kept-lines.js';
import { textsOf } from './line-text.js';
import type { Reader } from './reader.js';

/**
 * Rows in whose messages, names or errors the text stands; upper and lower case are one.
 * @param onFound told of each row as it is found
 * @param signal ends the search
 */
export async function searchText(
  reader: Reader,
  rows: readonly number[],
  text: string,
  onFound: (row: number) => void = () => {},
  signal?: AbortSignal,
): Promise<number[]> {
  const wanted = text.toLowerCase();
  const found = new Set<number>();
  // Most lines are left out without being parsed. Messages are JSON inside JSON: a text may be escaped once, or twice.
  const once = JSON.stringify(wanted).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  for await (const [row, bytes] of reader.bytes(rows)) {
    if (signal?.aborted) break;
    const line = bytes.toString('utf8').toLowerCase();
    if (!line.includes(once) && !line.includes(twice)) continue;
    if (!contains(bytes, wanted)) continue;
    found.add(row);
    onFound(row);
  }
  return rows.filter(row => found.has(row));
}

function contains(bytes: Buffer, wanted: string): boolean {
  try {
    for (const text of textsOf(JSON.parse(bytes.toString('utf8')) as StoredLine)) {
      if (text.toLowerCase().includes(wanted)) return true;
    }
  } catch {
    // The file was replaced.
  }
  return false;
}
