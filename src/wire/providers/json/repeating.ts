/**
 * JSON documents that come one after the other and differ in a few values, as the chunks of a stream do: the same id, model
 * and frame each time, and another token. A document is compared, byte by byte, with an earlier one (the model); where they
 * differ only inside strings and whole numbers, the value is the model's with those replaced, and nothing else is parsed.
 * Anything that differs otherwise is parsed natively and becomes the new model. Both ways give equal values, but for padding;
 * the test holds them to it. What it gains: docs/decisions/0071.
 */
import { parseJsonBytes } from './fields.js';
import { type Container, findLeaves, type Leaf, type Place, wholeNumber } from './leaves.js';
import { endOfScalar, QUOTE } from './span.js';

/** Longer documents are no model: they are rare in streams, and every open stream keeps its model. */
const LONGEST_MODEL = 4_096;
/** Documents that are parsed without becoming the model, at most, after models that were of no use. */
const LONGEST_PAUSE = 64;
/** The part of a model that must be the same in the next document before it is found out where its values stand. */
const LIKELY = 0.25;

/**
 * Members of the whole with which providers pad chunks, so that their length does not tell the token's (OpenAI, Mistral and
 * Bedrock). Nobody reads them, so they keep the model's value: each would cost as much as the token.
 */
const PADDING: ReadonlySet<string | number> = new Set(['obfuscation', 'p']);

const BACKSLASH = 0x5c;

export class RepeatingJson {
  #model: Buffer = Buffer.alloc(0);
  /** Bytes of the model in its buffer; 0: there is none. */
  #length = 0;
  #value: unknown;
  /** Found when they are first needed: that costs about as much as a parse, and the last events of a stream come once. */
  #leaves: readonly Leaf[] = [];
  #places: readonly Place[] = [];
  #found = false;
  /** Whether what was found has been of use. */
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
    this.#used = true;
    const length = end - start;
    if (this.#model.length < length) this.#model = Buffer.allocUnsafeSlow(Math.min(LONGEST_MODEL, length * 2));
    bytes.copy(this.#model, 0, start, end);
    this.#length = length;
    this.#value = value;
    this.#leaves = [];
    this.#places = [];
    this.#found = false;
  }

  #find(): void {
    const { leaves, places } = findLeaves(this.#model, 0, this.#length, this.#value) ?? { leaves: [], places: [] };
    this.#leaves = leaves;
    this.#places = places;
    this.#found = true;
    this.#used = false;
  }

  /** Whether the document is the model but for values; what differs is then in the copies. */
  #follows(bytes: Buffer, start: number, end: number): boolean {
    const model = this.#model;
    const length = this.#length;
    let leaves = this.#leaves;
    let at = start;
    let place = 0;
    for (let next = 0; ; ) {
      // One index and one bound: written with two this loop, most of what a chunk costs, takes half as long again.
      const ahead = at - place;
      const stop = Math.min(length, end - ahead);
      while (place < stop && bytes[place + ahead] === model[place]) place++;
      at = place + ahead;
      if (place === length || at === end) return place === length && at === end;
      if (!this.#found) {
        if (place < length * LIKELY) return false;
        this.#find();
        leaves = this.#leaves;
      }
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
    if (isPlain && leaf.place === 0 && PADDING.has(leaf.key)) return close;
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
    for (let place = 0; place < this.#copies.length; place++) this.#copies[place] = undefined;
  }

  /** The object of this place in the new value, with all that hold it. */
  #copy(place: number): Container {
    const copied = this.#copies[place];
    if (copied !== undefined) return copied;
    const { value, holder, key } = this.#places[place]!;
    const copy = Array.isArray(value) ? value.slice() : { ...value };
    this.#copies[place] = copy;
    this.#copied = true;
    if (place > 0) (this.#copy(holder) as Record<string | number, unknown>)[key] = copy;
    return copy;
  }
}
