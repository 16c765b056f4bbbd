/**
 * The part of the protobuf wire format that OTLP needs, written forward into one growing buffer. A nested message reserves
 * one length byte and moves its body when that is not enough: cheaper than measuring every message twice.
 * Format: https://protobuf.dev/programming-guides/encoding/
 */

const INITIAL_SIZE = 4096;
const LARGEST_KEPT = 256 * 1024;

/** Characters of a text that are written one by one; its length is one byte. */
const SHORT = 48;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

export class ProtobufWriter {
  private buffer: Buffer;
  private length = 0;

  constructor() {
    this.buffer = Buffer.allocUnsafe(INITIAL_SIZE);
  }

  /** Begins anew, also after a write that threw half-way; one large message does not keep its memory. */
  reset(): void {
    this.length = 0;
    if (this.buffer.length > LARGEST_KEPT) this.buffer = Buffer.allocUnsafe(INITIAL_SIZE);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return new Uint8Array(this.buffer.subarray(0, this.length));
  }

  /** Proto3 leaves default values out: 0 is not written. */
  uint(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, VARINT);
    this.varint(value);
  }

  bool(field: number, value: boolean): void {
    this.tag(field, VARINT);
    this.varint(value ? 1 : 0);
  }

  /** int64, also negative; written even when it is 0, because it stands in a oneof. */
  int64(field: number, value: number): void {
    this.tag(field, VARINT);
    if (value >= 0) this.varint(value);
    else this.bigVarint(BigInt.asUintN(64, BigInt(value)));
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  fixed64(field: number, value: bigint): void {
    this.tag(field, FIXED64);
    this.reserve(8);
    this.length = this.buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.length);
  }

  sfixed64(field: number, value: number): void {
    this.fixed64(field, BigInt(Math.trunc(value)));
  }

  fixed32(field: number, value: number): void {
    if (value === 0) return;
    this.tag(field, FIXED32);
    this.reserve(4);
    this.length = this.buffer.writeUInt32LE(value >>> 0, this.length);
  }

  packedDoubles(field: number, values: readonly number[]): void {
    this.tag(field, LENGTH);
    this.varint(values.length * 8);
    this.reserve(values.length * 8);
    for (const value of values) this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  packedFixed64(field: number, values: readonly number[]): void {
    this.tag(field, LENGTH);
    this.varint(values.length * 8);
    this.reserve(values.length * 8);
    for (const value of values) this.length = this.buffer.writeBigUInt64LE(BigInt(value), this.length);
  }

  bytes(field: number, value: Uint8Array): void {
    this.tag(field, LENGTH);
    this.varint(value.length);
    this.reserve(value.length);
    this.buffer.set(value, this.length);
    this.length += value.length;
  }

  /** Lone surrogates become U+FFFD, as UTF-8 demands. */
  string(field: number, value: string): void {
    this.tag(field, LENGTH);
    if (value.length <= SHORT && this.shortAscii(value)) return;
    const size = Buffer.byteLength(value, 'utf8');
    this.varint(size);
    this.reserve(size);
    this.buffer.write(value, this.length, size, 'utf8');
    this.length += size;
  }

  /** Nearly all names and most values; two calls out of JavaScript cost three times as much. False: it is not ASCII. */
  private shortAscii(value: string): boolean {
    this.reserve(1 + SHORT);
    const { buffer } = this;
    const start = this.length + 1;
    for (let at = 0; at < value.length; at++) {
      const code = value.charCodeAt(at);
      if (code >= 0x80) return false;
      buffer[start + at] = code;
    }
    buffer[this.length] = value.length;
    this.length = start + value.length;
    return true;
  }

  message(field: number, write: () => void): void {
    this.tag(field, LENGTH);
    this.reserve(1);
    const at = this.length;
    this.length += 1;
    write();
    const size = this.length - at - 1;
    const extra = varintSize(size) - 1;
    if (extra > 0) {
      this.reserve(extra);
      this.buffer.copyWithin(at + 1 + extra, at + 1, this.length);
    }
    this.length = at;
    this.varint(size);
    this.length += size;
  }

  private tag(field: number, type: number): void {
    this.varint(field * 8 + type);
  }

  /** Non-negative, up to 2^53. */
  private varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[this.length++] = rest;
  }

  private bigVarint(value: bigint): void {
    this.reserve(10);
    let rest = value;
    while (rest > 0x7fn) {
      this.buffer[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.length++] = Number(rest);
  }

  private reserve(size: number): void {
    const wanted = this.length + size;
    if (wanted <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(wanted, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}
