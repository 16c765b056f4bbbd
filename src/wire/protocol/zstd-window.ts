/**
 * Walks the frames of a zstd stream (RFC 8878 §3.1) without decoding them, and finds the windows that they ask for. A
 * decoder allocates what the frame header says, up to gigabytes; HTTP allows 8 MiB (RFC 9659 §3).
 */

export const MAX_WINDOW = 8 * 1024 * 1024;
/** `ZSTD_d_windowLogMax` of the same bound. */
export const MAX_WINDOW_LOG = 23;

const MAGIC = 0xfd2fb528;
const DICTIONARY_SIZES = [0, 1, 2, 4] as const;
const CONTENT_SIZES = [0, 2, 4, 8] as const;

/** Magic number, descriptor, window, dictionary and content size. */
const LONGEST_HEADER = 18;

export class ZstdWindowGuard {
  // The header that is being read: of a frame, or of a block.
  readonly #header = Buffer.alloc(LONGEST_HEADER);
  #held = 0;
  // Bytes of that header that must be there before it can be read on.
  #wanted = 5;
  // Content of a block or of a skippable frame, or a checksum, to be passed over.
  #skip = 0;
  #place: 'frame' | 'block' = 'frame';
  #checksum = false;

  /** How many of the bytes may be decoded: fewer than all where a frame asks for too much, or is none. */
  allowed(bytes: Buffer): number {
    for (let at = 0; at < bytes.length; ) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      this.#header[this.#held++] = bytes[at++]!;
      if (this.#held < this.#wanted) continue;
      if (!(this.#place === 'frame' ? this.#readFrame() : this.#readBlock())) return at - 1;
    }
    return bytes.length;
  }

  #next(place: 'frame' | 'block', wanted: number): true {
    this.#place = place;
    this.#wanted = wanted;
    this.#held = 0;
    return true;
  }

  #readFrame(): boolean {
    const header = this.#header;
    const magic = header.readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === 0x184d2a50) {
      if (this.#held < 8) {
        this.#wanted = 8;
        return true;
      }
      this.#skip = header.readUInt32LE(4);
      return this.#next('frame', 5);
    }
    if (magic !== MAGIC) return false;
    const descriptor = header[4]!;
    const single = (descriptor & 0x20) !== 0;
    const dictionary = DICTIONARY_SIZES[descriptor & 3]!;
    const content = descriptor >> 6 === 0 && single ? 1 : CONTENT_SIZES[descriptor >> 6]!;
    const size = 5 + (single ? 0 : 1) + dictionary + content;
    if (this.#held < size) {
      this.#wanted = size;
      return true;
    }
    this.#checksum = (descriptor & 4) !== 0;
    if ((single ? this.#contentSize(5 + dictionary, content) : windowSize(header[5]!)) > MAX_WINDOW) return false;
    return this.#next('block', 3);
  }

  #contentSize(at: number, size: number): number {
    if (size === 8) return Number(this.#header.readBigUInt64LE(at));
    return this.#header.readUIntLE(at, size) + (size === 2 ? 256 : 0);
  }

  #readBlock(): boolean {
    const block = this.#header.readUIntLE(0, 3);
    const type = (block >> 1) & 3;
    if (type === 3) return false;
    this.#skip = type === 1 ? 1 : block >> 3;
    if ((block & 1) === 0) return this.#next('block', 3);
    if (this.#checksum) this.#skip += 4;
    return this.#next('frame', 5);
  }
}

/** RFC 8878 §3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}
