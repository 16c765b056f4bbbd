/**
 * HPACK decoder of one direction (RFC 7541). Unlike one of an endpoint it may have missed the beginning: entries from
 * before are then unknown, and an unknown field is said to be unknown instead of ending the connection.
 *
 * Why that is never wrong: indices count from the newest entry, so what was inserted since we look is found at its true
 * index, however many unknown entries lie behind it; and entries that the sender has evicted are never referred to, so
 * keeping one too long does no harm.
 */
import { decodeHuffman } from './huffman.js';
import { STATIC_TABLE } from './static-table.js';

/** What is not known is undefined: a name or a value from before we looked. */
export interface HeaderField {
  readonly name: string | undefined;
  readonly value: string | undefined;
}

export interface DecodedBlock {
  readonly fields: readonly HeaderField[];
  /** Every field is known. */
  readonly complete: boolean;
  /** Fields beyond the bound were left out. */
  readonly truncated: boolean;
  /** The block is no HPACK; the table is unknown from here on. */
  readonly broken: boolean;
}

const DEFAULT_TABLE_SIZE = 4_096;
/** The size of the sender's table is unknown after joining: large enough for what servers and clients use. */
const JOINED_TABLE_SIZE = 65_536;
/** Larger tables are followed as if they were this large; what is evicted early shows as unknown. */
const MAX_TABLE_SIZE = 1_048_576;
/** RFC 7541 §4.1. */
const ENTRY_OVERHEAD = 32;

const UNKNOWN: HeaderField = { name: undefined, value: undefined };
const STATIC_FIELDS: readonly HeaderField[] = STATIC_TABLE.map(([name, value]) => ({ name, value }));

/** Thrown and caught inside this file only. */
class BrokenBlock extends Error {}

export class HpackDecoder {
  // Oldest first, so that an insertion is a push; #first is the oldest that is still in the table. Shifting at every
  // eviction would be O(n) each.
  #entries: HeaderField[] = [];
  #first = 0;
  #size = 0;
  #maxSize: number;
  // Entries from before we looked may lie behind the known ones.
  #unknownBehind: boolean;
  // The block in progress: the position in it.
  #at = 0;

  /** @param listLimit bytes of names and values that one block may decode to: a small block can name a large entry often */
  constructor(
    private readonly listLimit: number,
    joined: boolean,
  ) {
    this.#unknownBehind = joined;
    this.#maxSize = joined ? JOINED_TABLE_SIZE : DEFAULT_TABLE_SIZE;
  }

  /** Blocks were lost: what they inserted is unknown, and with it every index. */
  lose(): void {
    this.#entries = [];
    this.#first = 0;
    this.#size = 0;
    this.#maxSize = Math.max(this.#maxSize, JOINED_TABLE_SIZE);
    this.#unknownBehind = true;
  }

  /** A whole header block, all its fragments joined. */
  decode(block: Buffer): DecodedBlock {
    const fields: HeaderField[] = [];
    let size = 0;
    let complete = true;
    let truncated = false;
    this.#at = 0;
    try {
      while (this.#at < block.length) {
        const field = this.#readField(block);
        if (!field) continue;
        if (field.name === undefined || field.value === undefined) complete = false;
        size += (field.name?.length ?? 0) + (field.value?.length ?? 0) + ENTRY_OVERHEAD;
        if (size > this.listLimit) truncated = true;
        else fields.push(field);
      }
    } catch (error) {
      if (!(error instanceof BrokenBlock)) throw error;
      this.lose();
      return { fields, complete: false, truncated, broken: true };
    }
    return { fields, complete, truncated, broken: false };
  }

  /** Undefined for a size update, which is no field. */
  #readField(block: Buffer): HeaderField | undefined {
    const first = block[this.#at]!;
    if (first & 0x80) return this.#lookUp(this.#integer(block, 7));
    if (first & 0x40) {
      const field = this.#literal(block, 6);
      this.#insert(field);
      return field;
    }
    if (first & 0x20) {
      this.#resize(this.#integer(block, 5));
      return undefined;
    }
    return this.#literal(block, 4);
  }

  #literal(block: Buffer, prefix: number): HeaderField {
    const index = this.#integer(block, prefix);
    const name = index === 0 ? this.#text(block).toLowerCase() : this.#lookUp(index).name;
    return { name, value: this.#text(block) };
  }

  /** RFC 7541 §5.1. */
  #integer(block: Buffer, prefix: number): number {
    const mask = (1 << prefix) - 1;
    let value = block[this.#at++]! & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = block[this.#at++];
      // 2^28 is beyond any block; longer encodings are an attack or no HPACK.
      if (byte === undefined || shift > 21) throw new BrokenBlock();
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
  }

  #text(block: Buffer): string {
    if (this.#at >= block.length) throw new BrokenBlock();
    const huffman = (block[this.#at]! & 0x80) !== 0;
    const length = this.#integer(block, 7);
    const start = this.#at;
    this.#at += length;
    if (this.#at > block.length) throw new BrokenBlock();
    if (!huffman) return block.toString('latin1', start, this.#at);
    const text = decodeHuffman(block, start, this.#at);
    if (text === undefined) throw new BrokenBlock();
    return text;
  }

  #lookUp(index: number): HeaderField {
    if (index === 0) throw new BrokenBlock();
    if (index <= STATIC_FIELDS.length) return STATIC_FIELDS[index - 1]!;
    const place = this.#entries.length - (index - STATIC_FIELDS.length);
    if (place >= this.#first) return this.#entries[place]!;
    if (this.#unknownBehind) return UNKNOWN;
    throw new BrokenBlock();
  }

  #insert(field: HeaderField): void {
    this.#entries.push(field);
    this.#size += entrySize(field);
    this.#evict();
  }

  #resize(size: number): void {
    this.#maxSize = Math.min(size, MAX_TABLE_SIZE);
    if (size > MAX_TABLE_SIZE) this.#unknownBehind = true;
    this.#evict();
    // Everything was evicted, on our side and on the sender's: from here on the table is known.
    if (size === 0) this.#unknownBehind = false;
  }

  #evict(): void {
    while (this.#size > this.#maxSize) {
      this.#size -= entrySize(this.#entries[this.#first]!);
      // Not the entry itself: the place must stay for the count, but not the text.
      this.#entries[this.#first++] = UNKNOWN;
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** The size of an unknown name counts 0: the entry stays longer than with the sender, which does no harm. */
function entrySize(field: HeaderField): number {
  return (field.name?.length ?? 0) + (field.value?.length ?? 0) + ENTRY_OVERHEAD;
}
