/**
 * Protocol Buffers by a description: only the fields that are wanted, as an object of the form that the JSON of the same API
 * has. A field that was not sent is absent; zero and empty are not sent by proto3. Enumerations stay numbers.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
import type { Fields } from '../json/fields.js';

export type Scalar = 'text' | 'bytes' | 'int' | 'bool' | 'float' | 'double';

export interface Field {
  readonly name: string;
  readonly is: Scalar | (() => Description);
  readonly many?: true;
  /** What stands in the object in place of the message. */
  readonly read?: (message: Fields) => unknown;
}

/** By field number. */
export type Description = Readonly<Record<number, Field>>;

export const field = (name: string, is: Field['is'], read?: Field['read']): Field =>
  read === undefined ? { name, is } : { name, is, read };
export const many = (name: string, is: Field['is'], read?: Field['read']): Field => ({
  ...field(name, is, read),
  many: true,
});

/** A message in a message; deeper ones are no API's. */
const DEEPEST = 32;
const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

/** Where one reads; `at` moves. */
interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** @returns undefined where the bytes are no message */
export function readMessage(bytes: Buffer, description: Description, depth = 0): Fields | undefined {
  if (depth > DEEPEST) return undefined;
  const cursor: Cursor = { bytes, at: 0 };
  const found: Record<string, unknown> = {};
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor);
    if (tag === undefined) return undefined;
    const known = description[Math.floor(tag / 8)];
    const values = readField(cursor, tag % 8, known, depth);
    if (values === undefined) return undefined;
    if (known === undefined) continue;
    if (known.many) found[known.name] = [...((found[known.name] as unknown[] | undefined) ?? []), ...values];
    else if (values.length > 0) found[known.name] = values.at(-1);
  }
  return found;
}

/** Its values: several where numbers are packed, none where nobody wants them. Undefined: no message. */
function readField(cursor: Cursor, wire: number, known: Field | undefined, depth: number): unknown[] | undefined {
  if (wire === VARINT) {
    const value = readVarint(cursor);
    return value === undefined ? undefined : [known?.is === 'bool' ? value !== 0 : value];
  }
  if (wire === EIGHT_BYTES || wire === FOUR_BYTES) {
    const value = readFixed(cursor, wire === EIGHT_BYTES ? 8 : 4, known?.is);
    return value === undefined ? undefined : [value];
  }
  const length = wire === LENGTH ? readVarint(cursor) : undefined;
  if (length === undefined || length < 0 || cursor.at + length > cursor.bytes.length) return undefined;
  const bytes = cursor.bytes.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  if (known === undefined) return [];
  if (known.is === 'text') return [bytes.toString('utf8')];
  if (known.is === 'bytes') return [bytes.toString('base64')];
  if (typeof known.is === 'string') return readPacked(bytes, known.is);
  const message = readMessage(bytes, known.is(), depth + 1);
  return message && [known.read === undefined ? message : known.read(message)];
}

function readPacked(bytes: Buffer, is: Scalar): unknown[] | undefined {
  const cursor: Cursor = { bytes, at: 0 };
  const values: unknown[] = [];
  while (cursor.at < bytes.length) {
    const value =
      is === 'float' || is === 'double' ? readFixed(cursor, is === 'float' ? 4 : 8, is) : readVarint(cursor);
    if (value === undefined) return undefined;
    values.push(is === 'bool' ? value !== 0 : value);
  }
  return values;
}

/** Negative numbers take ten bytes. Beyond 2^53 the last digits are lost, which no count of ours reaches. */
function readVarint(cursor: Cursor): number | undefined {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined) return undefined;
    cursor.at += 1;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return Number(BigInt.asIntN(64, value));
  }
  return undefined;
}

function readFixed(cursor: Cursor, size: 4 | 8, is: Field['is'] | undefined): number | undefined {
  const { bytes, at } = cursor;
  if (at + size > bytes.length) return undefined;
  cursor.at += size;
  if (is === 'double') return size === 8 ? bytes.readDoubleLE(at) : undefined;
  if (is === 'float') return size === 4 ? shortest(bytes.readFloatLE(at)) : undefined;
  return size === 8 ? Number(bytes.readBigInt64LE(at)) : bytes.readInt32LE(at);
}

/** The number as a person wrote it: 0.7, and not 0.699999988079071. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const written = Number(value.toPrecision(digits));
    if (Math.fround(written) === value) return written;
  }
  return value;
}

/** `google.protobuf.Struct`, the JSON of protobuf: the arguments of tools. */
const VALUE: Description = {
  2: field('number', 'double'),
  3: field('text', 'text'),
  4: field('bool', 'bool'),
  5: field('object', () => STRUCT, structOf),
  6: field(
    'list',
    () => LIST,
    ({ values }) => values ?? [],
  ),
};
const ENTRY: Description = { 1: field('key', 'text'), 2: field('value', () => VALUE, jsonOf) };
const LIST: Description = { 1: many('values', () => VALUE, jsonOf) };
export const STRUCT: Description = { 1: many('fields', () => ENTRY) };

function jsonOf({ number, text, bool, object, list }: Fields): unknown {
  return number ?? text ?? bool ?? object ?? list ?? null;
}

export function structOf(message: Fields): Fields {
  const entries = (message['fields'] as Fields[] | undefined) ?? [];
  return Object.fromEntries(entries.map(({ key, value }) => [key ?? '', value ?? null]));
}
