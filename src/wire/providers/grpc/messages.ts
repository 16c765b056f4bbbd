/**
 * The messages of a gRPC body: a flag, a length, and so many bytes. What is longer than `LARGEST` is passed over.
 * Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
import { asBuffer } from '../../protocol/bytes.js';
import { createContentDecoder } from '../../protocol/encoding.js';

/** Bytes of one message that are kept. */
const LARGEST = 4 * 1024 * 1024;
const PREFIX = 5;

export class GrpcMessages {
  /** Something was too long to be kept. */
  truncated = false;
  /** A compression that is not known, or is damaged. */
  damaged = false;
  readonly #encoding: string | undefined;
  #pieces: Buffer[] = [];
  #have = 0;
  #need = PREFIX;
  #inPrefix = true;
  #compressed = false;

  /** @param encoding `grpc-encoding` of the head */
  constructor(encoding: string | undefined) {
    this.#encoding = encoding;
  }

  /** Whole messages that end in these bytes. */
  feed(chunk: Uint8Array): Buffer[] {
    const messages: Buffer[] = [];
    let rest = asBuffer(chunk);
    do {
      const piece = rest.subarray(0, this.#need - this.#have);
      rest = rest.subarray(piece.length);
      // The bytes are the caller's.
      if (this.#need <= LARGEST) this.#pieces.push(Buffer.from(piece));
      this.#have += piece.length;
      if (this.#have < this.#need) break;
      const message = this.#take();
      if (message !== undefined) messages.push(message);
    } while (rest.length > 0 || this.#need === 0);
    return messages;
  }

  #take(): Buffer | undefined {
    const whole = Buffer.concat(this.#pieces);
    const isWhole = whole.length === this.#need;
    this.#pieces = [];
    this.#have = 0;
    if (this.#inPrefix) {
      this.#inPrefix = false;
      this.#compressed = whole[0] === 1;
      this.#need = whole.readUInt32BE(1);
      return undefined;
    }
    this.#inPrefix = true;
    this.#need = PREFIX;
    this.truncated ||= !isWhole;
    return isWhole ? this.#plain(whole) : undefined;
  }

  #plain(message: Buffer): Buffer | undefined {
    if (!this.#compressed) return message;
    const decoder = createContentDecoder(this.#encoding);
    const plain = Buffer.concat([...decoder.feed(message), ...decoder.end()].map(part => Buffer.from(part)));
    this.damaged ||= decoder.damaged;
    this.truncated ||= decoder.truncated;
    return decoder.damaged || decoder.truncated ? undefined : plain;
  }
}
