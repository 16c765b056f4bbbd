/** Transfer-decoding of one body. Skipping allocates nothing: all state is numbers. */
import type { Framing } from './framing.js';

/** What the reader waits for. The names from `size` on belong to chunked bodies. */
type Step = 'data-length' | 'data-close' | 'size' | 'extension' | 'data' | 'data-end' | 'trailer' | 'done' | 'broken';

const LF = 10;
const CR = 13;
/** 2^52: more than any body, and exact in a number. */
const MAX_CHUNK_DIGITS = 13;

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

export class BodyReader {
  #step: Step;
  // Bytes left of the body (data-length) or of the chunk (data).
  #left = 0;
  // Digits of the size line so far; 0 means that none came, which is an error at its end.
  #digits = 0;
  // Bytes of the extension or the trailer section so far: both are for nobody, and a hostile peer could send them for ever.
  #overhead = 0;
  // Bytes of the current trailer line, to see the empty one that ends the body.
  #line = 0;

  constructor(
    framing: Framing,
    private readonly overheadLimit: number,
  ) {
    this.#step = framing.kind === 'length' ? 'data-length' : framing.kind === 'chunked' ? 'size' : 'data-close';
    if (framing.kind === 'length') this.#left = framing.length;
  }

  get done(): boolean {
    return this.#step === 'done';
  }

  /** The chunking is not chunking: where the body ends cannot be known. */
  get broken(): boolean {
    return this.#step === 'broken';
  }

  get untilClose(): boolean {
    return this.#step === 'data-close';
  }

  /**
   * @param emit gets each run of body bytes; undefined skips them
   * @returns the position after the bytes that belong to this body
   */
  read(bytes: Buffer, from: number, emit: ((chunk: Buffer) => void) | undefined): number {
    let at = from;
    while (at < bytes.length && this.#step !== 'done' && this.#step !== 'broken') {
      if (this.#step === 'data' || this.#step === 'data-length') at = this.#data(bytes, at, emit);
      else if (this.#step === 'data-close') {
        emit?.(at === 0 ? bytes : bytes.subarray(at));
        at = bytes.length;
      } else this.#control(bytes[at++]!);
    }
    return at;
  }

  #data(bytes: Buffer, at: number, emit: ((chunk: Buffer) => void) | undefined): number {
    const end = at + Math.min(this.#left, bytes.length - at);
    this.#left -= end - at;
    emit?.(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left === 0) this.#step = this.#step === 'data' ? 'data-end' : 'done';
    return end;
  }

  /** One byte of what is around the data of chunks. */
  #control(byte: number): void {
    switch (this.#step) {
      case 'size': {
        const digit = hexDigit(byte);
        if (digit >= 0) {
          this.#left = this.#left * 16 + digit;
          if (++this.#digits > MAX_CHUNK_DIGITS) this.#step = 'broken';
        } else if (this.#digits === 0) this.#step = 'broken';
        else if (byte === LF) this.#sizeEnd();
        else if (byte === CR || byte === 59 || byte === 32 || byte === 9) this.#step = 'extension';
        else this.#step = 'broken';
        break;
      }
      case 'extension':
        if (byte === LF) this.#sizeEnd();
        else if (++this.#overhead > this.overheadLimit) this.#step = 'broken';
        break;
      case 'data-end':
        if (byte === LF) this.#step = 'size';
        else if (byte !== CR) this.#step = 'broken';
        break;
      default:
        if (byte === LF) {
          if (this.#line === 0) this.#step = 'done';
          this.#line = 0;
        } else if (byte !== CR) this.#line++;
        if (++this.#overhead > this.overheadLimit) this.#step = 'broken';
    }
  }

  #sizeEnd(): void {
    this.#step = this.#left === 0 ? 'trailer' : 'data';
    this.#digits = 0;
    this.#overhead = 0;
    this.#line = 0;
  }

  /** Steps over lost bytes. False where the place in the body is lost with them. */
  skip(length: number | undefined): boolean {
    if (this.#step === 'data-close') return true;
    if (length === undefined || (this.#step !== 'data' && this.#step !== 'data-length') || length > this.#left)
      return false;
    this.#left -= length;
    if (this.#left === 0) this.#step = this.#step === 'data' ? 'data-end' : 'done';
    return true;
  }
}
