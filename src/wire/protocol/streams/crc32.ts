import zlib from 'node:zlib';

/** CRC-32 (ISO-HDLC), as gzip and AWS event streams use it. node:zlib has it from 20.15 and 22.2. */
export const crc32: (bytes: Uint8Array) => number =
  (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32 ?? createTableCrc32();

export function createTableCrc32(): (bytes: Uint8Array) => number {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    table[byte] = remainder;
  }
  return bytes => {
    let sum = 0xffffffff;
    for (const byte of bytes) sum = (sum >>> 8) ^ table[(sum ^ byte) & 0xff]!;
    return (sum ^ 0xffffffff) >>> 0;
  };
}
