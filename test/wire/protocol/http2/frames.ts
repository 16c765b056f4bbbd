/** Writes HTTP/2 frames, so that tests can say what no library would send. */
import type { Step } from '../support.js';

export function frame(type: number, flags: number, stream: number, payload: Uint8Array | string = ''): Buffer {
  const body = Buffer.from(payload as string, 'latin1');
  const header = Buffer.alloc(9);
  header.writeUIntBE(body.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, body]);
}

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
export const SETTINGS = frame(4, 0, 0);
export const SETTINGS_ACK = frame(4, 1, 0);
export const END_STREAM = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const PRIORITY = 0x20;

/** A field as a literal without indexing; names and values shorter than 127 bytes. */
export const literal = (name: string, value: string) =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ]);

/** The block of a POST, static entries where they exist. */
export const post = (path: string, ...more: Buffer[]) =>
  Buffer.concat([Buffer.from([0x83, 0x87]), literal(':path', path), literal(':authority', 'h'), ...more]);
export const ok = (...more: Buffer[]) => Buffer.concat([Buffer.from([0x88]), ...more]);

export const headers = (stream: number, block: Uint8Array, flags = 0) => frame(1, END_HEADERS | flags, stream, block);
export const data = (stream: number, text: string, flags = 0) => frame(0, flags, stream, text);

/** How every connection begins. */
export const start: Step[] = [
  ['C', Buffer.concat([Buffer.from(PREFACE), SETTINGS])],
  ['S', SETTINGS],
  ['C', SETTINGS_ACK],
];
