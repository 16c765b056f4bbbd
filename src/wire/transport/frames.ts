/**
 * What a tap and the observer say to each other: frames on a stream socket, the same in both directions. Documented in
 * docs/protocols.md; `VERSION` changes when an old reader would misunderstand a new writer.
 *
 *   u32 bytes of the payload · u8 kind · u8 flags · u16 0 · u32 channel · u64 Unix nanoseconds · payload   (little-endian)
 */
import type { UnixNanos } from '../exchange.js';

export const FRAMES_VERSION = 1;

/** Tap to observer below 32, observer to tap from 32 on. A reader skips kinds that it does not know. */
export const FRAME = {
  hello: 1,
  open: 2,
  request: 3,
  bytes: 4,
  gap: 5,
  head: 6,
  end: 7,
  message: 8,
  close: 9,
  span: 10,
  lost: 11,
  bye: 12,
  start: 13,
  say: 32,
  done: 33,
} as const;

/** `more`: the rest of this message comes in the next frame of its flow. `left`: it was the program that closed, by itself. */
export const FLAG = { received: 1, binary: 2, aborted: 4, waits: 8, more: 16, left: 32 } as const;

export const FRAME_HEAD = 20;
/** Longest payload: a longer one is no frame of ours, and the connection that it came on is given up. */
export const MAX_PAYLOAD = 4 * 1024 * 1024;

export interface Frame {
  readonly kind: number;
  readonly flags: number;
  /** 0: the process itself. */
  readonly channel: number;
  readonly at: UnixNanos;
  /** Valid until the handler returns. */
  readonly payload: Buffer;
}

export function encodeFrame(
  kind: number,
  payload: string | Uint8Array = '',
  { flags = 0, channel = 0, at = 0n }: { flags?: number; channel?: number; at?: UnixNanos } = {},
): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const frame = Buffer.allocUnsafe(FRAME_HEAD + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame[4] = kind;
  frame[5] = flags;
  frame.writeUInt16LE(0, 6);
  frame.writeUInt32LE(channel, 8);
  frame.writeBigUInt64LE(at, 12);
  frame.set(body, FRAME_HEAD);
  return frame;
}

/** Bytes of a socket -> whole frames. @returns false from `push` once something came that is no frame */
export function createFrameReader(handle: (frame: Frame) => void): { push(chunk: Buffer): boolean } {
  let held: Buffer[] = [];
  let length = 0;
  let wanted = FRAME_HEAD;
  let broken = false;
  return {
    push(chunk) {
      if (broken) return false;
      held.push(chunk);
      length += chunk.length;
      // Joined only when a whole frame is there: a large one comes in many chunks.
      if (length < wanted) return true;
      const bytes = held.length === 1 ? chunk : Buffer.concat(held, length);
      let from = 0;
      wanted = FRAME_HEAD;
      while (bytes.length - from >= FRAME_HEAD) {
        const size = bytes.readUInt32LE(from);
        if (size > MAX_PAYLOAD || bytes.readUInt16LE(from + 6) !== 0) {
          broken = true;
          held = [];
          return false;
        }
        const end = from + FRAME_HEAD + size;
        if (end > bytes.length) {
          wanted = FRAME_HEAD + size;
          break;
        }
        handle({
          kind: bytes[from + 4]!,
          flags: bytes[from + 5]!,
          channel: bytes.readUInt32LE(from + 8),
          at: bytes.readBigUInt64LE(from + 12),
          payload: bytes.subarray(from + FRAME_HEAD, end),
        });
        from = end;
      }
      held = from < bytes.length ? [bytes.subarray(from)] : [];
      length = bytes.length - from;
      return true;
    },
  };
}
