/** One direction of an HTTP/1 connection: heads, bodies, and the way back after bytes were lost. */
import type { UnixNanos, WireLimits } from '../../exchange.js';
import { PendingBytes } from '../bytes.js';
import { BodyReader } from './body.js';
import type { Framing } from './framing.js';
import { findHeadEnd } from './head.js';
import type { Match } from './start-line.js';

/** What comes after a head. `hold`: bytes wait for the answer. `switch`: what follows is another protocol. */
export type AfterHead = Framing | { readonly kind: 'hold' } | { readonly kind: 'switch' };

export interface MessageSink {
  /** A whole head in latin1. Undefined: it is no head, the place is lost. */
  head(text: string, at: UnixNanos): AfterHead | undefined;
  /** Where body bytes go; undefined skips them. Asked once per body. */
  bodyListener(): ((chunk: Buffer, at: UnixNanos) => void) | undefined;
  end(at: UnixNanos): void;
  /** The message in progress (if any) cannot be followed further; `reason` is what cut it. */
  lost(reason: 'gap' | 'truncated', at: UnixNanos): void;
}

/**
 * - `head`: between messages or inside a head
 * - `body`: inside a body
 * - `refused`: a body was announced, but the server has answered that it does not want it: body or next request may follow
 * - `seek`: the place is lost; the next first line at the beginning of a line or of a record is looked for
 * - `held`: bytes are kept until `resume` or `drain`
 * - `switched`: not HTTP any more
 */
type State = 'head' | 'body' | 'refused' | 'seek' | 'held' | 'switched';

const LF = 10;
const CR = 13;

/** A first line that is searched for; one in step may be as long as the head. */
const LINE_LIMIT = 16_384;

export class MessageReader {
  #state: State;
  #body: BodyReader | undefined;
  #emit: ((chunk: Buffer, at: UnixNanos) => void) | undefined;
  // A head, a possible first line, or held bytes, by state.
  readonly #pending: PendingBytes;
  // How far #pending was searched for the head's end; without it a head that comes byte by byte costs O(N²).
  #searched = 0;

  constructor(
    /** Strict, for searches; `loose` in step with the connection, where only the first bytes of a head are checked. */
    private readonly match: {
      start(bytes: Buffer, at: number, limit: number): Match;
      loose(bytes: Buffer, at: number): boolean;
    },
    private readonly sink: MessageSink,
    private readonly limits: WireLimits,
    joined: boolean,
  ) {
    this.#state = joined ? 'seek' : 'head';
    this.#pending = new PendingBytes(Math.max(limits.head, limits.connection));
  }

  get lost(): boolean {
    return this.#state === 'seek';
  }

  get switched(): boolean {
    return this.#state === 'switched';
  }

  /** The body in progress ends when the connection does. */
  get untilClose(): boolean {
    return this.#state === 'body' && this.#body!.untilClose;
  }

  /** @returns the position after the bytes used; less than all only when the protocol was switched */
  feed(bytes: Buffer, at: UnixNanos): number {
    let position = 0;
    while (position < bytes.length) {
      if (this.#state === 'body') position = this.#readBody(bytes, position, at);
      else if (this.#state === 'head') position = this.#readHead(bytes, position, at);
      else if (this.#state === 'refused') position = this.#readRefused(bytes, position, at);
      else if (this.#state === 'seek') position = this.#seek(bytes, position, at);
      else if (this.#state === 'switched') return position;
      else {
        if (!this.#pending.push(bytes, position)) this.#lose('truncated', at);
        return bytes.length;
      }
    }
    return position;
  }

  gap(length: number | undefined, at: UnixNanos): void {
    if (this.#state === 'seek' || this.#state === 'switched') this.#pending.clear();
    else if (this.#state === 'body' && this.#body!.skip(length)) {
      if (this.#body!.done) this.#endBody(at);
    } else this.#lose('gap', at);
  }

  /** The place is lost for a reason that only the caller knows. */
  lose(): void {
    this.#pending.clear();
    this.#searched = 0;
    this.#body = undefined;
    this.#emit = undefined;
    this.#state = 'seek';
  }

  /** The body that was announced may never come (RFC 9110 §10.1.1). */
  refuseBody(): void {
    if (this.#state !== 'body') return;
    this.#emit = undefined;
    this.#state = 'refused';
  }

  /** Ends `hold`: what was held is read as HTTP. */
  resume(at: UnixNanos): void {
    if (this.#state !== 'held') return;
    this.#state = 'head';
    if (this.#pending.length > 0) this.feed(this.#pending.take(), at);
  }

  /** Ends HTTP on this direction; returns bytes that were read and belong to what follows. */
  drain(): Buffer {
    this.#state = 'switched';
    return this.#pending.take();
  }

  #lose(reason: 'gap' | 'truncated', at: UnixNanos): void {
    this.lose();
    this.sink.lost(reason, at);
  }

  #readBody(bytes: Buffer, from: number, at: UnixNanos): number {
    const body = this.#body!;
    const emit = this.#emit;
    const position = body.read(bytes, from, emit && (chunk => emit(chunk, at)));
    if (body.done) this.#endBody(at);
    else if (body.broken) this.#lose('gap', at);
    return position;
  }

  #readRefused(bytes: Buffer, from: number, at: UnixNanos): number {
    this.#pending.push(bytes, from);
    const match = this.match.start(this.#pending.view(), 0, LINE_LIMIT);
    if (match === 'maybe') return bytes.length;
    this.#state = match === 'yes' ? 'head' : 'body';
    if (match === 'yes') this.#body = undefined;
    this.feed(this.#pending.take(), at);
    return bytes.length;
  }

  #endBody(at: UnixNanos): void {
    this.#body = undefined;
    this.#emit = undefined;
    this.#state = 'head';
    this.sink.end(at);
  }

  #readHead(bytes: Buffer, from: number, at: UnixNanos): number {
    let start = from;
    if (this.#pending.length === 0) {
      // Empty lines between messages come from clients that end a body with one too many (RFC 9112 §2.2).
      while (start < bytes.length && (bytes[start] === CR || bytes[start] === LF)) start++;
      if (start === bytes.length) return start;
      const end = findHeadEnd(bytes, start);
      if (end >= 0 && end - start <= this.limits.head) {
        this.#takeHead(bytes.toString('latin1', start, end), at);
        return end;
      }
      if (!this.match.loose(bytes, start)) {
        this.#lose('gap', at);
        return start;
      }
    }
    // The head goes on in a later chunk, or began in an earlier one. Only what a head may have is copied.
    const before = this.#pending.length;
    const room = Math.min(bytes.length, start + this.limits.head - before);
    this.#pending.push(bytes, start, room);
    const view = this.#pending.view();
    const end = findHeadEnd(view, this.#searched);
    if (end >= 0) {
      const text = view.toString('latin1', 0, end);
      this.#pending.clear();
      this.#searched = 0;
      this.#takeHead(text, at);
      return start + end - before;
    }
    // The end may be cut as deep as two bytes before the last one seen.
    this.#searched = Math.max(0, view.length - 2);
    if (view.length >= this.limits.head) this.#lose('truncated', at);
    return room;
  }

  #takeHead(text: string, at: UnixNanos): void {
    const after = this.sink.head(text, at);
    if (!after || after.kind === 'unknown') this.#lose('gap', at);
    else if (after.kind === 'hold') this.#state = 'held';
    else if (after.kind === 'switch') this.#state = 'switched';
    else if (after.kind === 'none') this.sink.end(at);
    else {
      this.#body = new BodyReader(after, this.limits.head);
      this.#emit = this.sink.bodyListener();
      this.#state = 'body';
    }
  }

  /** Looks for a first line where one may begin: at the start of a record, and after each LF. */
  #seek(bytes: Buffer, from: number, at: UnixNanos): number {
    let view = from === 0 ? bytes : bytes.subarray(from);
    if (this.#pending.length > 0) {
      if (this.#pending.push(view)) view = this.#pending.take();
      else this.#pending.clear();
    }
    for (let start = 0; start < view.length; ) {
      const match = this.match.start(view, start, LINE_LIMIT);
      if (match === 'yes') {
        this.#state = 'head';
        // Reads on at once: the rest may hold whole messages. `view` covers all bytes from `from` on.
        const used = this.feed(view.subarray(start), at);
        return this.switched ? bytes.length - (view.length - start - used) : bytes.length;
      }
      if (match === 'maybe') {
        this.#pending.clear();
        this.#pending.push(view, start);
        return bytes.length;
      }
      const next = view.indexOf(LF, start);
      if (next < 0) break;
      start = next + 1;
    }
    return bytes.length;
  }
}
