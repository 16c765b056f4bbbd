/** Where the values stand in the bytes of a JSON document that has been parsed: what `RepeatingJson` compares others with. */
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, endOfScalar, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './span.js';

const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** Digits that any whole number may have and still be exact. */
const EXACT_DIGITS = 15;
/** Objects and arrays inside each other; a chunk has about five, and each that holds a changed value is copied. */
const DEEPEST = 32;

export type Container = Record<string, unknown> | unknown[];

/** A string, without its quotes, or a whole number that is not negative. */
export interface Leaf {
  readonly isText: boolean;
  readonly start: number;
  readonly end: number;
  /** Number of the object or array that it is a member of. */
  readonly place: number;
  readonly key: string | number;
}

/** An object or array of the parsed value. The first is the whole; each comes after the one that holds it. */
export interface Place {
  readonly value: Container;
  readonly holder: number;
  readonly key: string | number;
}

interface Leaves {
  readonly leaves: readonly Leaf[];
  readonly places: readonly Place[];
}

interface Open {
  readonly place: number;
  readonly value: Container;
  /** Of an object: the name whose value comes next. Of an array: the index of the next element. */
  key: string | number | undefined;
  members: number;
}

/**
 * @param bytes valid JSON from `start` to `end`, of which `value` was parsed
 * @returns `undefined` where a place cannot be told for sure (names that are escaped, that come twice, or `__proto__`), and
 *   for what is nested deeper than any chunk
 */
export function findLeaves(bytes: Buffer, start: number, end: number, value: unknown): Leaves | undefined {
  const leaves: Leaf[] = [];
  const places: Place[] = [];
  const stack: Open[] = [];
  let open: Open | undefined;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte <= 0x20 || byte === COLON) continue;
    if (byte === COMMA) {
      if (typeof open!.key === 'number') open!.key++;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      const inner = open === undefined ? value : memberOf(open);
      if (typeof inner !== 'object' || inner === null) return undefined;
      const isArray = byte === OPEN_ARRAY;
      if (Array.isArray(inner) !== isArray || stack.length === DEEPEST) return undefined;
      places.push({ value: inner as Container, holder: open?.place ?? 0, key: open?.key ?? '' });
      leave(open);
      open = { place: places.length - 1, value: inner as Container, key: isArray ? 0 : undefined, members: 0 };
      stack.push(open);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      // A name that came twice: the bytes have more members than the value.
      if (byte === CLOSE_OBJECT && Object.keys(open!.value).length !== open!.members) return undefined;
      stack.pop();
      open = stack.at(-1);
    } else if (open === undefined) return undefined;
    else if (byte === QUOTE) {
      const close = closingQuote(bytes, at + 1, end);
      if (open.key === undefined) {
        const name = bytes.toString('utf8', at + 1, close);
        if (name === '__proto__' || name.includes('\\')) return undefined;
        open.key = name;
      } else {
        leaves.push({ isText: true, start: at + 1, end: close, place: open.place, key: open.key });
        leave(open);
      }
      at = close;
    } else {
      const after = endOfScalar(bytes, at);
      if (after < 0 || after >= end || open.key === undefined) return undefined;
      if (wholeNumber(bytes, at, after) !== undefined) {
        leaves.push({ isText: false, start: at, end: after, place: open.place, key: open.key });
      }
      leave(open);
      at = after - 1;
    }
  }
  return stack.length === 0 && places.length > 0 ? { leaves, places } : undefined;
}

function memberOf({ value, key }: Open): unknown {
  return key === undefined ? undefined : (value as Record<string | number, unknown>)[key];
}

/** A member's value was read: in an object a name comes next. */
function leave(open: Open | undefined): void {
  if (open === undefined) return;
  open.members++;
  if (typeof open.key === 'string') open.key = undefined;
}

/** Position of the quote that ends the string, or `end`. */
function closingQuote(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return end;
}

/** The number that these digits are; `undefined` where they are not digits alone, or might not be exact. */
export function wholeNumber(bytes: Buffer, start: number, end: number): number | undefined {
  const digits = end - start;
  if (digits === 0 || digits > EXACT_DIGITS || (digits > 1 && bytes[start] === 0x30)) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
