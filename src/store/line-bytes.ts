/** The bytes of kept lines by their places: a few large reads for many rows, one small one for a single row. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Columns } from './columns.js';

/** Bytes that one read takes at most, unless a single line is longer. */
const BLOCK = 1024 * 1024;
/** Rows that lie this far apart are read by themselves. */
const FAR = 64 * 1024;

/**
 * In the order of files and places, whatever the order of the rows. Rows whose file is gone are left out.
 * The bytes are valid until the next ones are asked for.
 */
export async function* lineBytes(
  columns: Columns,
  rows: readonly number[],
  fileOf: (index: number) => string | undefined,
): AsyncGenerator<readonly [row: number, bytes: Buffer]> {
  const ordered = [...rows].sort(
    (a, b) => columns.file[a]! - columns.file[b]! || columns.offset[a]! - columns.offset[b]!,
  );
  let handle: FileHandle | undefined;
  try {
    for (let at = 0; at < ordered.length; ) {
      const file = columns.file[ordered[at]!]!;
      const name = fileOf(file);
      handle = name === undefined ? undefined : await open(name, 'r').catch(() => undefined);
      let behind = at;
      while (behind < ordered.length && columns.file[ordered[behind]!] === file) behind++;
      if (handle !== undefined) yield* bytesOfFile(handle, columns, ordered.slice(at, behind));
      await handle?.close();
      handle = undefined;
      at = behind;
    }
  } finally {
    await handle?.close();
  }
}

async function* bytesOfFile(
  handle: FileHandle,
  { offset, length }: Columns,
  rows: readonly number[],
): AsyncGenerator<readonly [row: number, bytes: Buffer]> {
  for (let at = 0; at < rows.length; ) {
    const start = offset[rows[at]!]!;
    let end = start + length[rows[at]!]!;
    let behind = at + 1;
    for (; behind < rows.length; behind++) {
      const next = rows[behind]!;
      const nextEnd = offset[next]! + length[next]!;
      if (offset[next]! - end > FAR || nextEnd - start > BLOCK) break;
      end = nextEnd;
    }
    const block = Buffer.allocUnsafe(end - start);
    const { bytesRead } = await handle.read(block, 0, block.length, start);
    for (; at < behind; at++) {
      const from = offset[rows[at]!]! - start;
      const to = from + length[rows[at]!]!;
      if (to <= bytesRead) yield [rows[at]!, block.subarray(from, to)];
    }
  }
}
