/** One direction of an HTTP/2 connection: frames out of bytes, and the way back after bytes were lost. */
import { PendingBytes } from '../bytes.js';
import {
  FLAG,
  FRAME,
  FRAME_HEADER_SIZE,
  type FrameHeader,
  isPlausibleHeader,
  isPossibleHeader,
  matchFrame,
  readFrameHeader,
} from './frame-header.js';

export interface FrameSink {
  /** A run of a DATA frame's content, without padding. Valid during the call only. */
  data(stream: number, chunk: Buffer): void;
  dataEnd(stream: number, flags: number): void;
  /** A whole frame of another type. `payload` is valid during the call only. */
  frame(header: FrameHeader, payload: Buffer): void;
  /** A frame larger than the bound was passed over. */
  skipped(header: FrameHeader): void;
  /** Bytes inside this stream's DATA were lost; the place is known. */
  dataLost(stream: number): void;
  /** The place is lost: frames may be missing from here on. */
  lost(): void;
  /** Whether bytes of this stream can be expected here; tells a frame from chance while the place is looked for. */
  isOpen(stream: number): boolean;
}

/** Frames whose payload is needed as a whole. */
const WHOLE = new Set<number>([FRAME.HEADERS, FRAME.RST_STREAM, FRAME.PUSH_PROMISE, FRAME.GOAWAY, FRAME.CONTINUATION]);

export class FrameReader {
  // A frame header, or the payload of a frame that is needed whole, cut by a chunk.
  readonly #pending: PendingBytes;
  #header: FrameHeader | undefined;
  // Payload bytes of the frame still to come.
  #left = 0;
  // Padding at the end of the DATA frame; -1 until its length byte was read.
  #padding = 0;
  #seeking: boolean;

  constructor(
    private readonly sink: FrameSink,
    private readonly limit: number,
    joined: boolean,
  ) {
    this.#pending = new PendingBytes(Math.max(limit, 256));
    this.#seeking = joined;
  }

  feed(bytes: Buffer): void {
    let at = 0;
    if (this.#seeking) {
      at = this.#seek(bytes);
      if (at < 0) return;
    }
    while (at < bytes.length) {
      if (this.#seeking) {
        const rest = bytes.subarray(at);
        const found = this.#seek(rest);
        if (found < 0) return;
        at += found;
      } else if (!this.#header) at = this.#readHeader(bytes, at);
      else at = this.#readPayload(bytes, at, this.#header);
    }
  }

  gap(length: number | undefined): void {
    const header = this.#header;
    if (this.#seeking) this.#pending.clear();
    else if (!header || length === undefined || length > this.#left || WHOLE.has(header.type)) this.#lose();
    else if (header.type === FRAME.DATA && this.#padding < 0) this.#lose();
    else {
      this.#left -= length;
      if (header.type === FRAME.DATA) this.sink.dataLost(header.stream);
      if (this.#left === 0) this.#finish(header);
    }
  }

  lose(): void {
    this.#lose();
  }

  #lose(): void {
    this.#pending.clear();
    this.#header = undefined;
    this.#seeking = true;
    this.sink.lost();
  }

  #readHeader(bytes: Buffer, from: number): number {
    let at = from;
    let header: FrameHeader;
    if (this.#pending.length === 0 && bytes.length - at >= FRAME_HEADER_SIZE) {
      header = readFrameHeader(bytes, at);
      at += FRAME_HEADER_SIZE;
    } else {
      const end = Math.min(bytes.length, at + FRAME_HEADER_SIZE - this.#pending.length);
      this.#pending.push(bytes, at, end);
      at = end;
      if (this.#pending.length < FRAME_HEADER_SIZE) return at;
      header = readFrameHeader(this.#pending.view(), 0);
      this.#pending.clear();
    }
    if (!isPossibleHeader(header)) {
      this.#lose();
      return at;
    }
    this.#header = header;
    this.#left = header.length;
    this.#padding = header.type === FRAME.DATA && header.flags & FLAG.PADDED ? -1 : 0;
    if (this.#left === 0) this.#finish(header);
    return at;
  }

  #readPayload(bytes: Buffer, from: number, header: FrameHeader): number {
    const end = from + Math.min(this.#left, bytes.length - from);
    if (header.type === FRAME.DATA) return this.#readData(bytes, from, end, header);
    if (WHOLE.has(header.type) && header.length <= this.limit) {
      // Whole in this chunk: read where it is.
      if (this.#pending.length === 0 && end - from === header.length) {
        this.#left = 0;
        this.#finish(header, bytes.subarray(from, end));
        return end;
      }
      this.#pending.push(bytes, from, end);
    }
    this.#left -= end - from;
    if (this.#left === 0) this.#finish(header);
    return end;
  }

  #readData(bytes: Buffer, from: number, end: number, header: FrameHeader): number {
    let at = from;
    if (this.#padding < 0) {
      this.#padding = bytes[at++]!;
      this.#left--;
      if (this.#padding > this.#left) {
        this.#lose();
        return at;
      }
    }
    const content = Math.min(end - at, this.#left - this.#padding);
    if (content > 0) this.sink.data(header.stream, bytes.subarray(at, at + content));
    this.#left -= end - at;
    if (this.#left === 0) this.#finish(header);
    return end;
  }

  #finish(header: FrameHeader, payload?: Buffer): void {
    this.#header = undefined;
    if (header.type === FRAME.DATA) this.sink.dataEnd(header.stream, header.flags);
    else if (!WHOLE.has(header.type)) return;
    else if (header.length > this.limit) this.sink.skipped(header);
    else {
      // Taken before the call: the sink may lose the place, which clears what is pending.
      const whole = payload ?? this.#pending.view();
      this.sink.frame(header, whole);
      if (!payload) this.#pending.clear();
    }
  }

  /**
   * Looks for the next frame: at the beginning of a record one plausible header suffices, anywhere else the next one, the
   * record's end or an open stream must confirm it. @returns the position in `bytes`, or -1
   */
  #seek(bytes: Buffer): number {
    const before = this.#pending.length;
    let view = bytes;
    if (before > 0) {
      this.#pending.push(bytes, 0, Math.min(bytes.length, this.#pending.limit - before));
      view = this.#pending.view();
    }
    for (let at = 0; at < view.length; at++) {
      at = view.indexOf(0, at);
      if (at < 0) break;
      const match = matchFrame(view, at);
      if (match === 'maybe') {
        const rest = Buffer.from(view.subarray(at));
        this.#pending.clear();
        this.#pending.push(rest);
        return -1;
      }
      if (match === 'yes' && (at === 0 || at === before || this.#confirmed(view, at))) {
        return this.#found(view, at, before);
      }
    }
    this.#pending.clear();
    return -1;
  }

  #confirmed(view: Buffer, at: number): boolean {
    const { length, stream } = readFrameHeader(view, at);
    const next = at + FRAME_HEADER_SIZE + length;
    if (next === view.length) return true;
    if (next + FRAME_HEADER_SIZE <= view.length) return isPlausibleHeader(readFrameHeader(view, next));
    return stream !== 0 && this.sink.isOpen(stream);
  }

  /** The frame may begin in what was kept of earlier chunks (at most a header's length). */
  #found(view: Buffer, at: number, before: number): number {
    this.#seeking = false;
    if (at >= before) {
      this.#pending.clear();
      return at - before;
    }
    const head = Buffer.from(view.subarray(at, before));
    this.#pending.clear();
    this.#pending.push(head);
    return 0;
  }
}
