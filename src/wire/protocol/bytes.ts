/** Byte helpers that every parser here shares. Nothing in this file keeps a reference to the caller's memory. */

const EMPTY = Buffer.alloc(0);

/** The same memory as a Buffer, whose searches and decoders are native. Costs one small object, copies nothing. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A copy that outlives the caller's buffer, and that does not pin a larger pool as `Buffer.from` may. */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Buffer {
  const copy = Buffer.allocUnsafeSlow(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

/**
 * The beginning of a unit (line, head, frame) whose rest has not arrived yet. Capacity doubles, so N bytes fed one by one
 * cost O(N) copies, not O(N²) as concatenation would; it never holds more than `limit` bytes.
 */
export class PendingBytes {
  #buffer: Buffer = EMPTY;
  length = 0;

  constructor(readonly limit: number) {}

  /** False when the bytes do not fit under the limit; then nothing was added. */
  push(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    const size = end - start;
    const needed = this.length + size;
    if (needed > this.limit) return false;
    if (needed > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.limit, Math.max(needed, this.#buffer.length * 2, 256)));
      grown.set(this.#buffer.subarray(0, this.length));
      this.#buffer = grown;
    }
    this.#buffer.set(size === bytes.length ? bytes : bytes.subarray(start, end), this.length);
    this.length = needed;
    return true;
  }

  /** Makes bytes that nobody else keeps the content, without copying them; only where nothing is held, and under the limit. */
  adopt(bytes: Buffer): boolean {
    if (this.length > 0 || bytes.length > this.limit) return false;
    this.#buffer = bytes;
    this.length = bytes.length;
    return true;
  }

  /** What is held now; valid until the next `push` or `clear`. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.length);
  }

  /** Forgets the content; a large buffer is given back, so that one large unit does not stay in memory for ever. */
  clear(): void {
    this.length = 0;
    if (this.#buffer.length > 65_536) this.#buffer = EMPTY;
  }

  /** Hands the content over and forgets it. Cheaper than a copy: the next `push` allocates anew. */
  take(): Buffer {
    const content = this.#buffer.subarray(0, this.length);
    this.#buffer = EMPTY;
    this.length = 0;
    return content;
  }
}
