/** WebSocket frames of one direction (RFC 6455 §5), unmasked. */
import { asBuffer, PendingBytes } from '../bytes.js';

export interface FrameHeader {
  readonly final: boolean;
  /** The first reserved bit: the message is compressed (RFC 7692). */
  readonly compressed: boolean;
  readonly opcode: number;
  readonly length: number;
}

export interface FrameSink {
  begin(header: FrameHeader): void;
  /** A run of payload, unmasked, in memory that is only valid during the call. */
  payload(chunk: Buffer): void;
  end(): void;
  /** What came is no frame; nothing more is read. */
  broken(): void;
}

/** Longest header: two bytes, eight of length, four of mask. */
const MAX_HEADER = 14;
/** 2^48: no message of this century. A larger length is a sign that these are no frames. */
const MAX_LENGTH = 2 ** 48;

interface ParsedHeader extends FrameHeader {
  readonly size: number;
  readonly maskAt: number;
}

/** Undefined: not all of it is there. Null: no frame. */
function parseHeader(bytes: Buffer): ParsedHeader | undefined | null {
  if (bytes.length < 2) return undefined;
  const first = bytes[0]!;
  const second = bytes[1]!;
  const opcode = first & 0x0f;
  const known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
  if ((first & 0x30) !== 0 || !known) return null;
  const short = second & 0x7f;
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
  // Control frames are short and whole.
  if (opcode >= 8 && (lengthSize > 0 || (first & 0x80) === 0)) return null;
  const masked = (second & 0x80) !== 0;
  const size = 2 + lengthSize + (masked ? 4 : 0);
  if (bytes.length < size) return undefined;
  const length = lengthSize === 0 ? short : lengthSize === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > MAX_LENGTH) return null;
  return {
    final: (first & 0x80) !== 0,
    compressed: (first & 0x40) !== 0,
    opcode,
    length,
    size,
    maskAt: masked ? 2 + lengthSize : -1,
  };
}

export function createFrameReader(sink: FrameSink) {
  // A header that a chunk cut.
  const pending = new PendingBytes(MAX_HEADER);
  const mask = Buffer.alloc(4);
  let masked = false;
  // Payload bytes of the current frame still to come; -1 between frames.
  let left = -1;
  // Place in the mask: frames may be cut anywhere.
  let maskPlace = 0;
  let broken = false;

  function unmask(chunk: Buffer): Buffer {
    if (!masked) return chunk;
    // A copy: the bytes belong to the observed program.
    const plain = Buffer.allocUnsafe(chunk.length);
    for (let at = 0; at < chunk.length; at++) plain[at] = chunk[at]! ^ mask[(maskPlace + at) & 3]!;
    maskPlace = (maskPlace + chunk.length) & 3;
    return plain;
  }

  function finish(): void {
    left = -1;
    sink.end();
  }

  return {
    feed(chunk: Uint8Array): void {
      const bytes = asBuffer(chunk);
      for (let at = 0; at < bytes.length && !broken; ) {
        if (left >= 0) {
          const end = at + Math.min(left, bytes.length - at);
          left -= end - at;
          if (end > at) sink.payload(unmask(bytes.subarray(at, end)));
          at = end;
          if (left === 0) finish();
          continue;
        }
        const before = pending.length;
        const end = Math.min(bytes.length, at + MAX_HEADER - before);
        pending.push(bytes, at, end);
        const header = parseHeader(pending.view());
        if (header === undefined) return;
        if (header === null) {
          broken = true;
          sink.broken();
          return;
        }
        masked = header.maskAt >= 0;
        if (masked) mask.set(pending.view().subarray(header.maskAt, header.maskAt + 4));
        maskPlace = 0;
        left = header.length;
        at += header.size - before;
        pending.clear();
        sink.begin(header);
        if (left === 0) finish();
      }
    },
    /** Steps over lost payload bytes. False where the place is lost with them. */
    skip(length: number | undefined): boolean {
      if (length === undefined || left < 0 || length > left) return false;
      left -= length;
      maskPlace = (maskPlace + length) & 3;
      if (left === 0) finish();
      return true;
    },
    stop(): void {
      broken = true;
    },
  };
}
