/** One direction of an HTTP/2 connection: frames to header blocks and data, with that direction's HPACK table. */
import { PendingBytes } from '../bytes.js';
import { FLAG, FRAME, type FrameHeader, matchPreface, PREFACE_SIZE } from './frame-header.js';
import { FrameReader } from './frame-reader.js';
import { type DecodedBlock, HpackDecoder } from './hpack.js';

export interface DirectionSink {
  /** This direction began with the client's preface. */
  preface(): void;
  headers(stream: number, block: DecodedBlock, endStream: boolean): void;
  /** A header block was lost or too large: the stream has one, but nobody knows what it said. */
  headersLost(stream: number, endStream: boolean): void;
  data(stream: number, chunk: Buffer): void;
  endStream(stream: number): void;
  /** @param code RFC 9113 §7 */
  reset(stream: number, code: number): void;
  /** Streams above `last` will not be answered. */
  goAway(last: number): void;
  dataLost(stream: number): void;
  lost(): void;
  isOpen(stream: number): boolean;
}

interface OpenBlock {
  readonly stream: number;
  readonly endStream: boolean;
  /** A promised request: decoded for the table only. */
  readonly promise: boolean;
  /** Fragments do not fit under the bound. */
  oversized: boolean;
}

/** The fragment of a HEADERS or PUSH_PROMISE frame, without padding, priority and promised stream. */
function fragmentOf({ type, flags }: FrameHeader, payload: Buffer): Buffer | undefined {
  const padding = flags & FLAG.PADDED ? payload[0]! : 0;
  let start = flags & FLAG.PADDED ? 1 : 0;
  if (type === FRAME.PUSH_PROMISE) start += 4;
  else if (flags & FLAG.PRIORITY) start += 5;
  return start + padding <= payload.length ? payload.subarray(start, payload.length - padding) : undefined;
}

/** Of a reset that does not say its code. */
const INTERNAL_ERROR = 2;

export class Http2Direction {
  readonly #hpack: HpackDecoder;
  readonly #reader: FrameReader;
  // The first bytes, until they tell whether they are the preface; then undefined.
  #start: PendingBytes | undefined;
  // A header block goes over several frames; nothing else may come between them.
  #block: OpenBlock | undefined;
  readonly #fragments: PendingBytes;

  constructor(
    private readonly sink: DirectionSink,
    limit: number,
    joined: boolean,
  ) {
    this.#hpack = new HpackDecoder(limit, joined);
    this.#fragments = new PendingBytes(limit);
    this.#start = joined ? undefined : new PendingBytes(PREFACE_SIZE);
    this.#reader = new FrameReader(
      {
        data: (stream, chunk) => this.#between() && sink.data(stream, chunk),
        dataEnd: (stream, flags) => {
          if (flags & FLAG.END_STREAM) sink.endStream(stream);
        },
        frame: (header, payload) => this.#frame(header, payload),
        skipped: header => this.#skipped(header),
        dataLost: stream => sink.dataLost(stream),
        lost: () => {
          this.#block = undefined;
          this.#fragments.clear();
          this.#hpack.lose();
          sink.lost();
        },
        isOpen: stream => sink.isOpen(stream),
      },
      limit,
      joined,
    );
  }

  feed(bytes: Buffer): void {
    const start = this.#start;
    if (!start) {
      this.#reader.feed(bytes);
      return;
    }
    const taken = Math.min(bytes.length, PREFACE_SIZE - start.length);
    start.push(bytes, 0, taken);
    const match = matchPreface(start.view(), 0);
    if (match === 'maybe') return;
    this.#start = undefined;
    if (match === 'yes') this.sink.preface();
    else this.#reader.feed(start.take());
    if (taken < bytes.length) this.#reader.feed(bytes.subarray(taken));
  }

  gap(length: number | undefined): void {
    if (this.#start) {
      this.#start = undefined;
      this.#reader.lose();
    } else this.#reader.gap(length);
  }

  /** False inside a header block, where no other frame may be: then the place is lost. */
  #between(): boolean {
    if (!this.#block) return true;
    this.#reader.lose();
    return false;
  }

  #frame(header: FrameHeader, payload: Buffer): void {
    if (header.type === FRAME.CONTINUATION) this.#continue(header, payload);
    else if (!this.#between()) return;
    else if (header.type === FRAME.HEADERS || header.type === FRAME.PUSH_PROMISE) this.#begin(header, payload);
    else if (header.type === FRAME.RST_STREAM)
      this.sink.reset(header.stream, payload.length >= 4 ? payload.readUInt32BE(0) : INTERNAL_ERROR);
    else if (header.type === FRAME.GOAWAY && payload.length >= 4)
      this.sink.goAway(payload.readUInt32BE(0) & 0x7fffffff);
  }

  #begin(header: FrameHeader, payload: Buffer): void {
    const promise = header.type === FRAME.PUSH_PROMISE;
    const endStream = !promise && (header.flags & FLAG.END_STREAM) !== 0;
    const fragment = fragmentOf(header, payload);
    if (!fragment) {
      this.#hpack.lose();
      if (!promise) this.sink.headersLost(header.stream, endStream);
      return;
    }
    const block: OpenBlock = { stream: header.stream, endStream, promise, oversized: false };
    // Nearly every block is one frame: decoded where it is.
    if (header.flags & FLAG.END_HEADERS) this.#decode(block, fragment);
    else {
      this.#block = block;
      block.oversized = !this.#fragments.push(fragment);
    }
  }

  #continue(header: FrameHeader, payload: Buffer): void {
    const block = this.#block;
    if (!block || block.stream !== header.stream) {
      // The block's beginning was lost, or this is no HTTP/2.
      if (block) this.#reader.lose();
      else this.#hpack.lose();
      return;
    }
    if (!block.oversized && !this.#fragments.push(payload)) block.oversized = true;
    if (!(header.flags & FLAG.END_HEADERS)) return;
    this.#block = undefined;
    if (block.oversized) {
      this.#hpack.lose();
      if (!block.promise) this.sink.headersLost(block.stream, block.endStream);
    } else this.#decode(block, this.#fragments.view());
    this.#fragments.clear();
  }

  #decode(block: OpenBlock, fragment: Buffer): void {
    const decoded = this.#hpack.decode(fragment);
    if (!block.promise) this.sink.headers(block.stream, decoded, block.endStream);
  }

  /** A frame above the bound: if it was a header block, the table is unknown from here on. */
  #skipped(header: FrameHeader): void {
    const { type, stream, flags } = header;
    if (type !== FRAME.HEADERS && type !== FRAME.PUSH_PROMISE && type !== FRAME.CONTINUATION) return;
    const block = this.#block;
    this.#block = undefined;
    this.#fragments.clear();
    this.#hpack.lose();
    if (type === FRAME.HEADERS) this.sink.headersLost(stream, (flags & FLAG.END_STREAM) !== 0);
    else if (block && !block.promise) this.sink.headersLost(block.stream, block.endStream);
  }
}
