/** Kept lines of rows, in the order of the rows, and with no more than a block of them in memory. */
import type { StoredLine } from '../../store/kept-lines.js';
import type { Reader } from '../../store/reader.js';

const BLOCK = 500;

export interface PlacedLine {
  readonly row: number;
  readonly line: StoredLine;
}

/** Rows whose file is gone, or was changed, are left out. */
export async function* linesOf(reader: Reader, rows: readonly number[]): AsyncGenerator<PlacedLine> {
  for (let at = 0; at < rows.length; at += BLOCK) {
    const block = rows.slice(at, at + BLOCK);
    const lines = new Map<number, StoredLine>();
    for await (const [row, bytes] of reader.bytes(block)) {
      try {
        lines.set(row, JSON.parse(bytes.toString('utf8')) as StoredLine);
      } catch {
        // The file was replaced since it was read.
      }
    }
    for (const row of block) {
      const line = lines.get(row);
      if (line !== undefined) yield { row, line };
    }
  }
}
