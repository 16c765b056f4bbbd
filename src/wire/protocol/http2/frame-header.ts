/** Frame headers of HTTP/2 (RFC 9113 §4.1, §6), and what a plausible one looks like. */
import { type Match, matchText } from '../http1/start-line.js';

export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const FLAG = { END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

export const FRAME_HEADER_SIZE = 9;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
export const PREFACE_SIZE = PREFACE.length;

/** Whether a client begins an HTTP/2 connection here. */
export const matchPreface = (bytes: Uint8Array, start: number): Match => matchText(bytes, start, PREFACE);

export interface FrameHeader {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
}

export function readFrameHeader(bytes: Buffer, at: number): FrameHeader {
  return {
    length: bytes.readUIntBE(at, 3),
    type: bytes[at + 3]!,
    flags: bytes[at + 4]!,
    // The reserved bit is ignored (RFC 9113 §4.1).
    stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
  };
}

interface FrameRule {
  /** Flags that may be set; senders leave the others 0. */
  readonly flags: number;
  readonly stream: 'zero' | 'some' | 'any';
  readonly length: (length: number, flags: number) => boolean;
}

/** Frames of usual peers stay below 16 KiB (the default); some servers raise it. */
const USUAL_LENGTH = 65_536;
const any = (length: number) => length <= USUAL_LENGTH;

const RULES: readonly FrameRule[] = [
  { flags: 0x09, stream: 'some', length: any },
  { flags: 0x2d, stream: 'some', length: length => length > 0 && any(length) },
  { flags: 0x00, stream: 'some', length: length => length === 5 },
  { flags: 0x00, stream: 'some', length: length => length === 4 },
  {
    flags: 0x01,
    stream: 'zero',
    length: (length, flags) => (flags & FLAG.ACK ? length === 0 : length % 6 === 0 && length <= 1_024),
  },
  { flags: 0x0c, stream: 'some', length: length => length > 4 && any(length) },
  { flags: 0x01, stream: 'zero', length: length => length === 8 },
  { flags: 0x00, stream: 'zero', length: length => length >= 8 && any(length) },
  { flags: 0x00, stream: 'any', length: length => length === 4 },
  { flags: 0x04, stream: 'some', length: any },
];

/** Follows the rules of its type to the letter. One in a million random places does; text never does (it has no zero byte). */
export function isPlausibleHeader({ type, flags, stream, length }: FrameHeader): boolean {
  const rule = RULES[type];
  if (!rule || (flags & ~rule.flags) !== 0 || !rule.length(length, flags)) return false;
  return rule.stream === 'any' || (rule.stream === 'zero') === (stream === 0);
}

/** In step with the connection only what makes the next header unfindable or meaningless is refused. */
export function isPossibleHeader({ type, stream }: FrameHeader): boolean {
  const rule = RULES[type];
  return !rule || rule.stream === 'any' || (rule.stream === 'zero') === (stream === 0);
}

/**
 * Whether a frame begins at `start` of bytes that are not known to be HTTP/2: plausible, and so is the next one as far as
 * it can be seen. `maybe` where the header is not all there.
 */
export function matchFrame(bytes: Buffer, start: number): Match {
  // Lengths below 65536 begin with a zero byte; without it there is nothing to wait for.
  if (bytes[start] !== 0) return 'no';
  if (bytes.length - start < FRAME_HEADER_SIZE) return 'maybe';
  const header = readFrameHeader(bytes, start);
  if (!isPlausibleHeader(header)) return 'no';
  const next = start + FRAME_HEADER_SIZE + header.length;
  if (next + FRAME_HEADER_SIZE > bytes.length) return 'yes';
  return isPlausibleHeader(readFrameHeader(bytes, next)) ? 'yes' : 'no';
}
