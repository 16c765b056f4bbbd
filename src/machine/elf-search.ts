/**
 * Searches in files of hundreds of megabytes, a piece at a time: text in data, and code that refers to an address or calls
 * one. x86-64 only where code is looked at. What is found is a candidate: whoever asks decodes it from a known boundary.
 */
import type { ElfFile, Segment } from './elf.js';

const PIECE = 4 * 1024 * 1024;

/** Calls `look` with pieces that overlap by `overlap` bytes; what begins in the overlap is seen again in the next piece. */
function eachPiece(
  elf: ElfFile,
  segments: readonly Segment[],
  overlap: number,
  look: (bytes: Buffer, address: number, end: number) => void,
): void {
  for (const { address, size } of segments) {
    for (let at = 0; at < size; at += PIECE) {
      const bytes = elf.bytes(address + at, Math.min(PIECE + overlap, size - at));
      look(bytes, address + at, Math.min(PIECE, bytes.length));
    }
  }
}

/** Addresses in data segments at which `text` stands. */
export const findInData = (elf: ElfFile, text: string): number[] =>
  findBytes(
    elf,
    elf.segments.filter(({ executable }) => !executable),
    Buffer.from(text, 'latin1'),
  );

/** Addresses in code at which these bytes stand, whether an instruction begins there or not. */
export const findInCode = (elf: ElfFile, wanted: Buffer): number[] =>
  findBytes(
    elf,
    elf.segments.filter(({ executable }) => executable),
    wanted,
  );

function findBytes(elf: ElfFile, segments: readonly Segment[], wanted: Buffer): number[] {
  const found: number[] = [];
  eachPiece(elf, segments, wanted.length, (bytes, address, end) => {
    for (let at = bytes.indexOf(wanted); at >= 0 && at < end; at = bytes.indexOf(wanted, at + 1))
      found.push(address + at);
  });
  return found;
}

export interface Reference {
  /** Where the operand stands. */
  readonly at: number;
  /** The address that it may mean. */
  readonly to: number;
}

/**
 * Where the operand of an instruction stands that may mean one of `addresses`: a rip-relative `lea`, or 32 bits of it. One
 * pass over the code, which takes a second for 250 MB, however many addresses there are.
 */
export function findReferences(elf: ElfFile, addresses: readonly number[]): Reference[] {
  const found = new Map<number, Reference>();
  const wanted = new Set(addresses);
  const code = elf.segments.filter(({ executable }) => executable);
  eachPiece(elf, code, 8, (bytes, base, end) => {
    for (let at = bytes.indexOf(0x8d); at >= 0 && at < end; at = bytes.indexOf(0x8d, at + 1)) {
      // lea, with a displacement from the next instruction.
      if ((bytes[at + 1]! & 0xc7) !== 5 || at + 6 > bytes.length) continue;
      const to = base + at + 6 + bytes.readInt32LE(at + 2);
      if (wanted.has(to)) found.set(base + at + 2, { at: base + at + 2, to });
    }
    for (const to of wanted) {
      if (to > 0x7fffffff) continue;
      const absolute = Buffer.alloc(4);
      absolute.writeUInt32LE(to);
      for (let at = bytes.indexOf(absolute); at >= 0 && at < end; at = bytes.indexOf(absolute, at + 1))
        found.set(base + at, { at: base + at, to });
    }
  });
  return [...found.values()].sort((a, b) => a.at - b.at);
}

/** Addresses between `from` and `to` that something calls directly, sorted. Every byte that may be a call is believed. */
export const findCalled = (elf: ElfFile, from: number, to: number): number[] =>
  findTargets(elf, target => target >= from && target < to);

/** The same, for addresses at most `within` bytes from one of the places. */
export function findCalledNear(elf: ElfFile, places: readonly number[], within: number): number[] {
  // By pieces of that size: one look for each of the millions of calls.
  const pieces = new Set(
    places.map(place => Math.floor(place / within)).flatMap(piece => [piece - 1, piece, piece + 1]),
  );
  return findTargets(elf, target => pieces.has(Math.floor(target / within)));
}

function findTargets(elf: ElfFile, wanted: (target: number) => boolean): number[] {
  const found = new Set<number>();
  const code = elf.segments.filter(({ executable }) => executable);
  eachPiece(elf, code, 5, (bytes, base, end) => {
    for (let at = bytes.indexOf(0xe8); at >= 0 && at < end; at = bytes.indexOf(0xe8, at + 1)) {
      if (at + 5 > bytes.length) break;
      const target = base + at + 5 + bytes.readInt32LE(at + 1);
      if (wanted(target)) found.add(target);
    }
  });
  return [...found].sort((a, b) => a - b);
}
