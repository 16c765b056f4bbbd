/** Whole lines of a file that may still grow, from a place on. A last line without its end is waited for. */
import type { FileHandle } from 'node:fs/promises';

const CHUNK = 1024 * 1024;
/** A call whose line is longer is not read: an answer that large is a fault. */
const LONGEST = 64 * 1024 * 1024;
const LINE_FEED = 10;

export interface LineSink {
  /** @param offset of the line's first byte in the file */
  line(bytes: Buffer, offset: number): void;
  /** A line that is too long to be read. */
  tooLong(): void;
  /** After each piece of a megabyte or less; the next one waits for it. */
  piece?(): Promise<void> | undefined;
}

/**
 * Reads what is there now, or the lines that begin before `to`.
 * @returns the offset behind the last whole line: where to go on
 */
export async function readLines(
  file: FileHandle,
  from: number,
  sink: LineSink,
  to = Number.POSITIVE_INFINITY,
): Promise<number> {
  let buffer = Buffer.allocUnsafe(CHUNK);
  /** Offset in the file of the buffer's first byte, and bytes in it. */
  let at = from;
  let filled = 0;
  let skipping = false;
  for (;;) {
    const room = Math.min(buffer.length - filled, to - at - filled);
    const { bytesRead } = await file.read(buffer, filled, room, at + filled);
    if (bytesRead === 0) return at;
    filled += bytesRead;
    const content = buffer.subarray(0, filled);
    let start = 0;
    for (let end = content.indexOf(LINE_FEED); end >= 0; end = content.indexOf(LINE_FEED, start)) {
      if (!skipping) sink.line(content.subarray(start, end), at + start);
      skipping = false;
      start = end + 1;
    }
    buffer.copyWithin(0, start, filled);
    at += start;
    filled -= start;
    if (start > 0) await sink.piece?.();
    if (filled < buffer.length) continue;
    if (buffer.length >= LONGEST) {
      if (!skipping) sink.tooLong();
      skipping = true;
      at += filled;
      filled = 0;
    } else {
      const larger = Buffer.allocUnsafe(buffer.length * 4);
      buffer.copy(larger, 0, 0, filled);
      buffer = larger;
    }
  }
}

/** Where the first line begins that begins at or behind `from`; undefined where no line ends there. */
export async function nextLine(file: FileHandle, from: number): Promise<number | undefined> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let at = from - 1; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return undefined;
    const end = buffer.subarray(0, bytesRead).indexOf(LINE_FEED);
    if (end >= 0) return at + end + 1;
    at += bytesRead;
  }
}
