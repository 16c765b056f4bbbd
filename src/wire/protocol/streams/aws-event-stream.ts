/**
 * AWS event streams (`application/vnd.amazon.eventstream`): binary frames with typed headers and two checksums.
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
import { asBuffer, copyBytes, PendingBytes } from '../bytes.js';
import { crc32 } from './crc32.js';
import type { ReadEvent, StreamDecoder } from './types.js';

export type AwsHeaderValue = boolean | number | bigint | string | Uint8Array | Date;

export interface AwsEvent<T = Uint8Array> {
  readonly headers: Readonly<Record<string, AwsHeaderValue>>;
  /** As what it was read as: by default bytes, in memory of their own. */
  readonly payload: T;
}

const PRELUDE = 12;
/** Prelude and the message checksum. */
const OVERHEAD = 16;
/** Bounds of the format: 128 KiB of headers, 24 MiB of payload. */
const MAX_HEADERS = 128 * 1024;
const MAX_FRAME = 24 * 1024 * 1024 + MAX_HEADERS + OVERHEAD;

/** A prelude that its own checksum confirms: the length can be believed. */
function frameLength(bytes: Buffer, at: number): number | undefined {
  const total = bytes.readUInt32BE(at);
  const headers = bytes.readUInt32BE(at + 4);
  if (total < OVERHEAD || total > MAX_FRAME || headers > MAX_HEADERS || headers > total - OVERHEAD) return undefined;
  return crc32(bytes.subarray(at, at + 8)) === bytes.readUInt32BE(at + 8) ? total : undefined;
}

/** Types with a fixed size, by number. */
const FIXED: Readonly<Record<number, { size: number; read: (bytes: Buffer, at: number) => AwsHeaderValue }>> = {
  0: { size: 0, read: () => true },
  1: { size: 0, read: () => false },
  2: { size: 1, read: (bytes, at) => bytes.readInt8(at) },
  3: { size: 2, read: (bytes, at) => bytes.readInt16BE(at) },
  4: { size: 4, read: (bytes, at) => bytes.readInt32BE(at) },
  5: { size: 8, read: (bytes, at) => bytes.readBigInt64BE(at) },
  8: { size: 8, read: (bytes, at) => new Date(Number(bytes.readBigInt64BE(at))) },
  9: { size: 16, read: (bytes, at) => formatUuid(bytes.toString('hex', at, at + 16)) },
};
const BYTES = 6;
const TEXT = 7;

const formatUuid = (hex: string) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** @throws RangeError where a value is beyond the block, or of no known type */
function readHeaders(bytes: Buffer): Record<string, AwsHeaderValue> {
  const headers: Record<string, AwsHeaderValue> = Object.create(null);
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const type = bytes.readUInt8(nameEnd);
    at = nameEnd + 1;
    const fixed = FIXED[type];
    if (fixed) {
      headers[name] = fixed.read(bytes, at);
      at += fixed.size;
    } else if (type === BYTES || type === TEXT) {
      const end = at + 2 + bytes.readUInt16BE(at);
      if (end > bytes.length) throw new RangeError('header value beyond its block');
      headers[name] = type === TEXT ? bytes.toString('utf8', at + 2, end) : copyBytes(bytes, at + 2, end);
      at = end;
    } else throw new RangeError(`header type ${type}`);
  }
  return headers;
}

/**
 * A frame whose checksum is wrong is left out and marks the stream `damaged`; the next prelude with a right checksum is
 * looked for, so that a gap costs only the frames that it touched. @param limit bytes of one frame
 */
export function createAwsEventStreamDecoder<T>(
  limit: number | undefined,
  readPayload: ReadEvent<T>,
): StreamDecoder<AwsEvent<T>>;
export function createAwsEventStreamDecoder(limit?: number): StreamDecoder<AwsEvent>;
export function createAwsEventStreamDecoder<T>(
  limit = MAX_FRAME,
  readPayload = copyBytes as ReadEvent<Uint8Array> as ReadEvent<T>,
): StreamDecoder<AwsEvent<T>> {
  // The frame that has begun and not ended; while searching, twelve bytes that may be a prelude.
  const pending = new PendingBytes(limit);
  // Length of the frame in `pending`; 0 while its prelude is incomplete.
  let total = 0;
  // Bytes of an oversized frame that are still to come.
  let skip = 0;
  let truncated = false;
  let damaged = false;

  /** One frame, both checksums verified by the caller's prelude check and here. */
  function read(frame: Buffer, events: AwsEvent<T>[]): void {
    const end = frame.length - 4;
    const headersLength = frame.readUInt32BE(4);
    try {
      if (crc32(frame.subarray(0, end)) !== frame.readUInt32BE(end)) throw new RangeError('message checksum');
      const headers = readHeaders(frame.subarray(PRELUDE, PRELUDE + headersLength));
      events.push({ headers, payload: readPayload(frame, PRELUDE + headersLength, end) });
    } catch {
      damaged = true;
    }
  }

  /** The prelude in `pending` is complete. */
  function begin(): void {
    const length = frameLength(pending.view(), 0);
    if (length === undefined) {
      // One byte further: after a gap the next prelude may begin anywhere.
      damaged = true;
      const rest = copyBytes(pending.view(), 1);
      pending.clear();
      pending.push(rest);
    } else if (length > limit) {
      truncated = true;
      skip = length - PRELUDE;
      pending.clear();
    } else total = length;
  }

  return {
    feed(chunk) {
      const bytes = asBuffer(chunk);
      const events: AwsEvent<T>[] = [];
      for (let at = 0; at < bytes.length; ) {
        if (skip > 0) {
          const step = Math.min(skip, bytes.length - at);
          skip -= step;
          at += step;
          continue;
        }
        // Most frames lie whole in a chunk: they are read where they are.
        if (pending.length === 0 && bytes.length - at >= OVERHEAD) {
          const length = frameLength(bytes, at);
          if (length !== undefined && length <= limit && length <= bytes.length - at) {
            read(bytes.subarray(at, at + length), events);
            at += length;
            continue;
          }
        }
        const wanted = total === 0 ? PRELUDE : total;
        const end = Math.min(bytes.length, at + wanted - pending.length);
        pending.push(bytes, at, end);
        at = end;
        if (pending.length < wanted) break;
        if (total === 0) begin();
        else {
          read(pending.view(), events);
          pending.clear();
          total = 0;
        }
      }
      return events;
    },
    end() {
      if (pending.length > 0 || skip > 0) damaged = true;
      pending.clear();
      return [];
    },
    get truncated() {
      return truncated;
    },
    get damaged() {
      return damaged;
    },
  };
}
