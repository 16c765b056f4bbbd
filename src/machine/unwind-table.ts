/**
 * Function ranges of a file without symbols: the search table of `.eh_frame_hdr`, which `strip` leaves.
 *
 * Source: Linux Standard Base, core, 10.6 "Exception Frames" and 10.6.2 "The .eh_frame_hdr section".
 */
import type { ElfFile } from './elf.js';

export interface FunctionRange {
  readonly address: number;
  readonly size: number;
}

/** Sorted by address; empty where there is no table, or one of another encoding than the usual (sdata4, from the table). */
export interface FunctionRanges {
  /** The function that an address lies in. */
  of(address: number): FunctionRange | undefined;
}

const NONE: FunctionRanges = { of: () => undefined };
/** DW_EH_PE_datarel | DW_EH_PE_sdata4. */
const TABLE_ENCODING = 0x3b;
/** The entries follow version, three encodings, the address of `.eh_frame` and the count. */
const ENTRIES_AT = 12;

export function readFunctionRanges(elf: ElfFile): FunctionRanges {
  const { unwindTable } = elf;
  if (unwindTable === undefined) return NONE;
  const table = elf.bytes(unwindTable.address, unwindTable.size);
  if (table.length < ENTRIES_AT || table[0] !== 1 || table[3] !== TABLE_ENCODING) return NONE;
  const count = Math.min(table.readUInt32LE(8), Math.floor((table.length - ENTRIES_AT) / 8));
  const start = (index: number) => unwindTable.address + table.readInt32LE(ENTRIES_AT + 8 * index);

  /** Size from the entry itself: length, its parent, then where the function begins and how long it is. */
  function sizeOf(index: number): number {
    const entry = elf.bytes(unwindTable!.address + table.readInt32LE(ENTRIES_AT + 8 * index + 4), 16);
    return entry.length === 16 ? entry.readUInt32LE(12) : 0;
  }

  return {
    of(address) {
      let low = 0;
      let high = count;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (start(middle) <= address) low = middle + 1;
        else high = middle;
      }
      if (low === 0) return undefined;
      const found = { address: start(low - 1), size: sizeOf(low - 1) };
      return address < found.address + found.size ? found : undefined;
    },
  };
}
