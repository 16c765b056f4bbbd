/**
 * JSON documents that come one after the other and differ in a few values, as the chunks of a stream do: the same id, model
 * and frame each time, and another token. A document is compared, byte by byte, with an earlier one (the model); where they
 * differ only inside strings and whole numbers, the value is the model's with those replaced, and nothing else is parsed.
 * Anything that differs otherwise is parsed natively and becomes the new model. Both ways give equal values; the test holds
 * them to it. What it gains: docs/decisions/0071.
 */
import { parseJsonBytes } from './fields.js';
import { type Container, findLeaves, type Leaf, type Leaves, wholeNumber } from './leaves.js';
import { endOfScalar, QUOTE } from './span.js';

/** Longer documents are no model: they are rare in streams, and every open stream keeps its model. */
const LONGEST_MODEL = 4_096;
/** Documents that are parsed without becoming the model, at most, after models that were of no use. */
const LONGEST_PAUSE = 64;

const BACKSLASH = 0x5c;
const NONE: Leaves = { leaves: [], places: [] };

export class RepeatingJson {
  #model: Buffer = Buffer.alloc(0);
  /** Bytes of the model in its buffer; 0: there is none. */
  #length = 0;
  #known: Leaves = NONE;
  #value: unknown;
  /** Whether the model has been of use. To make one costs about as much as a parse, so it must not be made for nothing. */
  #used = true;
  #pause = 0;
  #skip = 0;
  /** Copies of the model's objects for the document at hand, by their place; and whether there are any. */
  readonly #copies: (Container | undefined)[] = [];
  #copied = false;

  /**
   * @returns the value; `undefined` where it is no JSON. Parts of it may be shared with values given before, so nobody may
   * change it. Keeps nothing of `bytes`.
   */
  read(bytes: Buffer, start: number, end: number): unknown {
    if (this.#length > 0) {
      if (this.#copied) this.#forgetCopies();
      if (this.#follows(bytes, start, end)) {
        this.#used = true;
        this.#pause = 0;
        this.#skip = 0;
        return this.#copies[0] ?? this.#value;
      }
    }
    const value = parseJsonBytes(bytes, start, end);
    this.#learn(bytes, start, end, value);
    return value;
  }

  #learn(bytes: Buffer, start: number, end: number, value: unknown): void {
    if (typeof value !== 'object' || value === null || end - start > LONGEST_MODEL) return;
    if (this.#skip > 0) {
      this.#skip--;
      return;
    }
    if (!this.#used) this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2 + 1);
    this.#skip = this.#pause;
    this.#used = false;
    const length = end - start;
    if (this.#model.length < length) this.#model = Buffer.allocUnsafeSlow(Math.min(LONGEST_MODEL, length * 2));
    bytes.copy(this.#model, 0, start, end);
    const known = findLeaves(this.#model, 0, length, value);
    this.#length = known === undefined ? 0 : length;
    this.#known = known ?? NONE;
    this.#value = known === undefined ? undefined : value;
  }

  /** Whether the document is the model but for values; what differs is then in the copies. */
  #follows(bytes: Buffer, start: number, end: number): boolean {
    const model = this.#model;
    const length = this.#length;
    const { leaves } = this.#known;
    let at = start;
    let place = 0;
    for (let next = 0; ; ) {
      // One index and one bound: written with two this loop, most of what a chunk costs, takes half as long again.
      const ahead = at - place;
      const stop = Math.min(length, end - ahead);
      while (place < stop && bytes[place + ahead] === model[place]) place++;
      at = place + ahead;
      if (place === length || at === end) return place === length && at === end;
      while (next < leaves.length && leaves[next]!.end < place) next++;
      const leaf = leaves[next++];
      if (leaf === undefined || place < leaf.start) return false;
      // Up to here both are the same, so the value begins as far before.
      const from = at - (place - leaf.start);
      at = leaf.isText ? this.#text(leaf, bytes, from, end) : this.#number(leaf, bytes, from, end);
      if (at < 0) return false;
      place = leaf.end;
    }
  }

  /** @returns where the string ends, or -1 */
  #text(leaf: Leaf, bytes: Buffer, from: number, end: number): number {
    let close = from;
    let isPlain = true;
    for (; close < end && bytes[close] !== QUOTE; close++) {
      const byte = bytes[close]!;
      if (byte < 0x20) return -1;
      if (byte === BACKSLASH) close++;
      if (byte === BACKSLASH || byte >= 0x80) isPlain = false;
    }
    if (close >= end) return -1;
    // Made from bytes, so that a token that is kept does not keep the text of its chunk.
    const text = isPlain ? bytes.toString('latin1', from, close) : parseJsonBytes(bytes, from - 1, close + 1);
    if (typeof text !== 'string') return -1;
    this.#replace(leaf, text);
    return close;
  }

  #number(leaf: Leaf, bytes: Buffer, from: number, end: number): number {
    const after = endOfScalar(bytes, from);
    const value = after < 0 || after > end ? undefined : wholeNumber(bytes, from, after);
    if (value === undefined) return -1;
    this.#replace(leaf, value);
    return after;
  }

  #replace({ place, key }: Leaf, value: unknown): void {
    (this.#copy(place) as Record<string | number, unknown>)[key] = value;
  }

  #forgetCopies(): void {
    this.#copied = false;
    // Not by its length: the array would be made anew for every document.
    this.#copies.fill(undefined);
  }

  /** The object of this place in the new value, with all that hold it. */
  #copy(place: number): Container {
    const copied = this.#copies[place];
    if (copied !== undefined) return copied;
    const { value, holder, key } = this.#known.places[place]!;
    const copy = Array.isArray(value) ? value.slice() : { ...value };
    this.#copies[place] = copy;
    this.#copied = true;
    if (place > 0) (this.#copy(holder) as Record<string | number, unknown>)[key] = copy;
    return copy;
  }
}
