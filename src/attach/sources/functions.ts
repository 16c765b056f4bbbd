/**
 * Functions of a file without symbols. The unwind table tells where each begins and ends; some are built without one (Deno),
 * and then a function begins where something calls it and the function before has ended. x86-64.
 *
 * Both are needed: bytes that look like a call may be data, and a probe in the middle of an instruction crashes the program.
 */
import type { ElfFile } from '../../machine/elf.js';
import { findCalledNear } from '../../machine/elf-search.js';
import { type FunctionRange, readFunctionRanges } from '../../machine/unwind-table.js';

export interface Functions {
  /** Functions that begin at most `within` bytes before one of the places; without a table, each that may be one. */
  around(places: readonly number[], within: number): FunctionRange[];
}

export function createFunctions(elf: ElfFile): Functions {
  const ranges = elf.unwindTable === undefined ? undefined : readFunctionRanges(elf);
  return {
    around(places, within) {
      if (ranges === undefined) return calledNear(elf, places, within);
      const found = new Map<number, FunctionRange>();
      for (const place of places) {
        const range = ranges.of(place);
        if (range !== undefined && place - range.address <= within) found.set(range.address, range);
      }
      return [...found.values()];
    },
  };
}

function calledNear(elf: ElfFile, places: readonly number[], within: number): FunctionRange[] {
  const called = findCalledNear(elf, places, within).filter(address => followsAnEnd(elf, address));
  return called.flatMap((address, index) => {
    if (!places.some(place => place >= address && place - address <= within)) return [];
    return [{ address, size: (called[index + 1] ?? Number.MAX_SAFE_INTEGER) - address }];
  });
}

/** How the last instruction of a function begins, and how far before the next function: ret, ud2, int3, nop, jumps, a call of what never returns. */
const ENDS: readonly (readonly [distance: number, ...bytes: number[]])[] = [
  [1, 0xc3],
  [2, 0x0f, 0x0b],
  [1, 0xcc],
  [1, 0x90],
  [5, 0xe9],
  [2, 0xeb],
  [5, 0xe8],
];
const LONGEST_END = 5;

function followsAnEnd(elf: ElfFile, address: number): boolean {
  // Padding has many forms; what follows it lies on a round address.
  if (address % 16 === 0) return true;
  const before = elf.code(address - LONGEST_END, LONGEST_END);
  return ENDS.some(([distance, ...bytes]) =>
    bytes.every((byte, index) => before[LONGEST_END - distance + index] === byte),
  );
}
