/**
 * A decoder of one body format. Sans-I/O: bytes in any cut go in, whole events come out in order; the same bytes give the
 * same events wherever they are cut.
 */
export interface StreamDecoder<T> {
  feed(bytes: Uint8Array): T[];
  /** The body is over: an event that only lacked its terminator. */
  end(): T[];
  /** An event was larger than the bound and is missing from the output. */
  readonly truncated: boolean;
  /** Bytes did not follow the format; what could be read of the rest was. */
  readonly damaged: boolean;
}

/**
 * Makes of an event's bytes what is given out; they are UTF-8 and the decoder's own, so that what is kept must be copied. By
 * default their text.
 */
export type ReadEvent<T> = (bytes: Buffer, start: number, end: number) => T;

export const readText: ReadEvent<string> = (bytes, start, end) => bytes.toString('utf8', start, end);

const isSpace = (byte: number | undefined) => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);

/** Reads what is left without the space around it, as `String.trim` has it; blank is nothing. */
export function readTrimmed<T>(read: ReadEvent<T>, bytes: Buffer, start: number, end: number, into: T[]): void {
  let from = start;
  let to = end;
  while (from < to && isSpace(bytes[from])) from++;
  while (from < to && isSpace(bytes[to - 1])) to--;
  if (from === to) return;
  if (bytes[from]! < 0x80 && bytes[to - 1]! < 0x80) {
    into.push(read(bytes, from, to));
    return;
  }
  // A byte order mark, or one of Unicode's many spaces.
  const text = Buffer.from(bytes.toString('utf8', from, to).trim());
  if (text.length > 0) into.push(read(text, 0, text.length));
}

/** Largest single event kept, in bytes. A model's whole answer is far below; an image in one event may reach it. */
export const DEFAULT_EVENT_LIMIT = 16 * 1024 * 1024;
