/**
 * A streaming JSON scanner: bytes in any cut go in, the selected parts come out, the rest is skipped and never stored. So a
 * `model` behind 100 MB of messages costs one pass and a few bytes of memory. It navigates only where the selection leads
 * (its stack is as deep as the selection), and takes every other value as one span of bytes, so deep nesting is harmless.
 *
 * It is lenient, because it observes: commas and colons are not checked, and a document that breaks off gives what was
 * complete, with a string that was cut in the middle as far as it came.
 */
import { asBuffer, PendingBytes } from '../../protocol/bytes.js';
import { parseJson } from './fields.js';
import { KEEP, type SelectedMembers, type Selection, SIZE, type Sized } from './selection.js';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  endOfContainer,
  endOfScalar,
  endOfString,
  OPEN_ARRAY,
  OPEN_OBJECT,
  parseString,
  QUOTE,
  type Span,
} from './span.js';

/** Longer member names are none that we want. */
const NAME_LIMIT = 256;

/** Bytes kept back for short members of objects, so that a `model` behind messages that used up the budget is found. */
const RESERVE = 64 * 1024;
const SHORT = 4 * 1024;
/** What an object or array costs, so that a million empty ones cannot fill the memory. */
const CONTAINER_COST = 64;

interface Frame {
  readonly selection: SelectedMembers;
  readonly container: Record<string, unknown> | unknown[];
  /** The member whose value comes next; `undefined` while a name is expected. Unused in arrays. */
  name: string | undefined;
}

export interface Picked {
  /** `undefined` when no value began. */
  readonly value: unknown;
  /** The document was closed: nothing is missing at its end. */
  readonly complete: boolean;
}

/** Names of members whose text is a word and no prose. */
const FACT = /(?:id|model|object|status|role|type|code|reason|tier|fingerprint|version|name)$/i;

export class JsonPicker {
  readonly #root: Selection;
  readonly #stack: Frame[] = [];
  readonly #kept: PendingBytes;
  #span: Span | undefined;
  #value: unknown;
  #complete = false;
  /** Bytes that may still be kept; what goes beyond is left out, and `truncated` says so. */
  #budget: number;
  #reserve = RESERVE;
  /** Most that the open span may keep, and whether it had more. */
  #spanLimit = 0;
  #spanCut = false;
  truncated = false;

  constructor(selection: Selection, budget: number) {
    this.#root = selection;
    this.#budget = budget;
    this.#kept = new PendingBytes(Math.max(budget, SHORT) + 2);
  }

  feed(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    let at = 0;
    while (at < bytes.length && !this.#complete) {
      at = this.#span === undefined ? this.#token(bytes, at) : this.#continueSpan(this.#span, bytes, at);
    }
  }

  /** What was seen; a value in the middle of which the document stops is given as far as it is sure. */
  end(): Picked {
    const span = this.#span;
    if (span !== undefined && span.purpose !== 'name') {
      // A cut string is text all the same, unless it says which, what or why: half of a name is another name. A number
      // at the top level has no byte that ends it; inside, its last digits may be missing.
      const name = this.#stack.at(-1)?.name;
      const isHalf =
        span.purpose !== 'size' &&
        (span.kind === 'string' ? name !== undefined && FACT.test(name) : this.#stack.length > 0);
      if (isHalf) this.#skip();
      else if (span.kind !== 'container' || span.purpose === 'size') this.#finishSpan(span, span.kind === 'string');
      this.#span = undefined;
    }
    return { value: this.#value, complete: this.#complete };
  }

  /** Between values: finds the next name, value or end of container. Returns the position after what it consumed. */
  #token(bytes: Buffer, from: number): number {
    let at = from;
    const frame = this.#stack.at(-1);
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte <= 0x20 || byte === COMMA || byte === 0x3a) continue;
      if (byte === 0xef || byte === 0xbb || byte === 0xbf) continue; // byte order mark
      if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        this.#stack.pop();
        if (this.#stack.length === 0) this.#complete = true;
        return at + 1;
      }
      if (frame !== undefined && !Array.isArray(frame.container) && frame.name === undefined) {
        // Only a string can be a name; anything else is damage and is passed over byte by byte.
        if (byte !== QUOTE) continue;
        this.#open('string', 'name', byte);
        return at + 1;
      }
      return this.#enter(byte, at, frame);
    }
    return at;
  }

  /** The first byte of a value: enter it, or take it as a span. */
  #enter(byte: number, at: number, frame: Frame | undefined): number {
    const wanted = frame === undefined ? this.#root : selectionOf(frame);
    const isContainer = byte === OPEN_OBJECT || byte === OPEN_ARRAY;
    if (isContainer && typeof wanted === 'object') {
      const isArray = byte === OPEN_ARRAY;
      if ((!isArray || wanted['*'] !== undefined) && this.#spend(CONTAINER_COST)) {
        const container = isArray ? [] : {};
        this.#place(container);
        this.#stack.push({ selection: wanted, container, name: undefined });
        return at + 1;
      }
      this.#open('container', 'skip', byte);
      return at + 1;
    }
    const purpose = wanted === undefined ? 'skip' : wanted === SIZE ? 'size' : 'keep';
    if (isContainer) this.#open('container', purpose, byte);
    else if (byte === QUOTE) this.#open('string', purpose, byte);
    else {
      this.#open('scalar', purpose === 'size' ? 'keep' : purpose, byte);
      return at;
    }
    return at + 1;
  }

  #open(kind: Span['kind'], purpose: Span['purpose'], firstByte: number): void {
    this.#span = { kind, purpose, depth: 1, inString: false, escaped: false, size: 0, firstByte };
    this.#spanLimit = purpose === 'name' ? NAME_LIMIT : purpose === 'keep' ? this.#allowance() : 0;
    this.#spanCut = false;
    this.#kept.clear();
    if (kind === 'container' && purpose === 'keep') this.#keep(Buffer.of(firstByte), 0, 1);
  }

  /** Consumes bytes of the open span; returns the position after its end, or the end of the chunk. */
  #continueSpan(span: Span, bytes: Buffer, from: number): number {
    const end =
      span.kind === 'string'
        ? endOfString(span, bytes, from)
        : span.kind === 'scalar'
          ? endOfScalar(bytes, from)
          : endOfContainer(span, bytes, from);
    const stop = end < 0 ? bytes.length : end;
    if (span.purpose === 'keep' || span.purpose === 'name') this.#keep(bytes, from, stop);
    else if (span.purpose === 'size' && span.kind === 'string') span.size += stop - from;
    if (end < 0) return stop;
    this.#span = undefined;
    this.#finishSpan(span, false);
    // The closing quote or bracket is consumed; the byte that ends a scalar belongs to the container.
    return span.kind === 'scalar' ? stop : stop + 1;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const fits = Math.max(0, Math.min(to - from, this.#spanLimit - this.#kept.length));
    if (fits > 0) this.#kept.push(bytes, from, from + fits);
    if (fits < to - from) this.#spanCut = true;
  }

  /** Most that the next value may keep: elements live on the budget alone, short members also on the reserve. */
  #allowance(): number {
    const isMember = !Array.isArray(this.#stack.at(-1)?.container);
    return Math.max(this.#budget, isMember ? Math.min(SHORT, this.#reserve) : 0);
  }

  /** False, and the document is truncated, where neither the budget nor the reserve has so much left. */
  #spend(bytes: number): boolean {
    if (this.#budget >= bytes) this.#budget -= bytes;
    else if (this.#reserve >= bytes) this.#reserve -= bytes;
    else {
      this.truncated = true;
      return false;
    }
    return true;
  }

  #finishSpan(span: Span, cut: boolean): void {
    if (span.purpose === 'skip') return this.#skip();
    if (span.purpose === 'size') {
      const sized: Sized =
        span.kind === 'string' ? { length: span.size, sized: 'string' } : { length: span.size, sized: 'array' };
      return this.#place(sized);
    }
    const overflow = this.#spanCut;
    const raw = this.#kept.view();
    if (span.purpose === 'name') {
      const frame = this.#stack.at(-1)!;
      frame.name = overflow ? '' : (parseString(raw, false) ?? '');
      return;
    }
    if (overflow) this.truncated = true;
    this.#spend(raw.length);
    if (span.kind === 'string') return this.#place(parseString(raw, cut || overflow));
    if (overflow) return this.#skip();
    this.#place(
      parseJson(span.kind === 'container' ? `${raw.toString('utf8')}${closing(span.firstByte)}` : raw.toString('utf8')),
    );
  }

  #place(value: unknown): void {
    const frame = this.#stack.at(-1);
    if (frame === undefined) {
      this.#value = value;
      if (typeof value !== 'object' || value === null || this.#root === KEEP || this.#root === SIZE)
        this.#complete = true;
      return;
    }
    if (Array.isArray(frame.container)) frame.container.push(value);
    else if (value !== undefined && frame.name !== undefined) set(frame.container, frame.name, value);
    frame.name = undefined;
  }

  #skip(): void {
    const frame = this.#stack.at(-1);
    if (frame === undefined) this.#complete = true;
    else frame.name = undefined;
  }
}

function selectionOf(frame: Frame): Selection | undefined {
  if (Array.isArray(frame.container)) return frame.selection['*'];
  const name = frame.name!;
  return Object.hasOwn(frame.selection, name) ? frame.selection[name] : undefined;
}

/** As JSON.parse does it: `__proto__` is a member like any other. */
function set(container: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(container, name, { value, enumerable: true, writable: true, configurable: true });
}

function closing(firstByte: number): string {
  return firstByte === OPEN_OBJECT ? '}' : ']';
}
