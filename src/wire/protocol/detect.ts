/** What the bytes at one place of a connection are the beginning of. */
import { type Match, matchRequestLine, matchStatusLine, matchText } from './http1/start-line.js';
import { FRAME, matchFrame, matchPreface } from './http2/frame-header.js';

/**
 * - `request`, `response`: HTTP/1
 * - `preface`: an HTTP/2 client; `settings`: an HTTP/2 peer's first frame; `frame`: one in the middle
 * - `opaque`: known and not readable
 * - `more`: too few bytes to tell
 */
export type Detected = 'request' | 'response' | 'preface' | 'settings' | 'frame' | 'opaque' | 'more' | 'unknown';

/** A request line that is searched for. */
const LINE_LIMIT = 16_384;
const TLS_RECORD = Uint8Array.of(0x16, 3);

/** TLS inside the plaintext (a tunnel): a handshake record of version 3.x. Never readable. */
function matchTls(bytes: Buffer, start: number): Match {
  const header = matchText(bytes, start, TLS_RECORD);
  if (header !== 'yes') return header;
  const minor = bytes[start + TLS_RECORD.length];
  return minor === undefined ? 'maybe' : minor <= 4 ? 'yes' : 'no';
}

const TLS_HEADER = 5;
/** Of a record's content: 2^14 and what encryption may add (RFC 8446 §5.2, RFC 5246 §6.2.3). */
const TLS_LIMIT = 16_384 + 2_048;

/**
 * Whether these bytes are TLS records and nothing else: what a tunnel that existed before us carries. A header alone counts,
 * since OpenSSL reads it alone.
 */
export function isTlsRecords(bytes: Buffer): boolean {
  let at = 0;
  while (at + TLS_HEADER <= bytes.length) {
    const length = bytes.readUInt16BE(at + 3);
    const header = bytes[at]! >= 20 && bytes[at]! <= 23 && bytes[at + 1] === 3 && bytes[at + 2]! <= 4;
    if (!header || length === 0 || length > TLS_LIMIT) return false;
    at += TLS_HEADER + length;
  }
  return at > 0 && (at === bytes.length || bytes.length === TLS_HEADER);
}

export function detect(bytes: Buffer, start: number): Detected {
  const candidates: [Match, Detected][] = [
    [matchStatusLine(bytes, start), 'response'],
    [matchRequestLine(bytes, start, LINE_LIMIT), 'request'],
    [matchPreface(bytes, start), 'preface'],
    [matchTls(bytes, start), 'opaque'],
    [matchFrame(bytes, start), bytes[start + 3] === FRAME.SETTINGS ? 'settings' : 'frame'],
  ];
  const found = candidates.find(([match]) => match === 'yes');
  if (found) return found[1];
  return candidates.some(([match]) => match === 'maybe') ? 'more' : 'unknown';
}
