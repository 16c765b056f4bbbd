/**
 * Functions of a Go program by name, stripped or not: the runtime needs its own table of them, so no linker leaves it out.
 *
 * Source: go.dev/src/internal/abi/symtab.go and src/runtime/symtab.go, `pcHeader` of Go 1.18 to 1.27 and `moduledata`.
 */
import type { ElfFile, FunctionSymbol } from './elf.js';

/** Magic of the table in Go 1.18 and 1.19, and from 1.20 on. */
const MAGICS = [0xfffffff0, 0xfffffff1];
const HEADER = 72;
/** A table of a larger program is a forged one. */
const MOST_FUNCTIONS = 5_000_000;
/** Word of `moduledata` that holds the beginning of the code. */
const TEXT_WORD = 22;

/** Undefined where the file is no Go program, or one of a version whose table is not known. */
export function goFunctions(elf: ElfFile, names: readonly string[]): Map<string, FunctionSymbol> | undefined {
  const table = elf.placeOf('.gopclntab') ?? elf.placeOf('.data.rel.ro.gopclntab');
  if (table === undefined) return undefined;
  const header = elf.bytes(table.address, HEADER);
  if (header.length < HEADER || !MAGICS.includes(header.readUInt32LE(0))) return undefined;
  const word = (index: number) => Number(header.readBigUInt64LE(8 + 8 * index));
  const [count, textStart, namesAt, namesEnd, rowsAt] = [word(0), word(2), word(3), word(4), word(7)];
  if (count === 0 || count > MOST_FUNCTIONS) return undefined;
  const text = beginningOfCode(elf, table.address, textStart);
  if (text === undefined) return undefined;

  const wanted = namesAtOffsets(elf.bytes(table.address + namesAt, namesEnd - namesAt), names);
  const rows = elf.bytes(table.address + rowsAt, table.size - rowsAt);
  const found = new Map<string, FunctionSymbol>();
  for (let index = 0; index < count && found.size < wanted.size; index++) {
    const at = 8 * index;
    if (at + 12 > rows.length) break;
    const facts = rows.readUInt32LE(at + 4) + 4;
    if (facts + 4 > rows.length) continue;
    const name = wanted.get(rows.readInt32LE(facts));
    if (name === undefined) continue;
    const entry = rows.readUInt32LE(at);
    found.set(name, { name, address: text + entry, size: rows.readUInt32LE(at + 8) - entry });
  }
  return found;
}

/** From Go 1.26 on the header says 0, because the place is not known before the program is loaded; `moduledata` has it. */
function beginningOfCode(elf: ElfFile, table: number, said: number): number | undefined {
  const module = elf.placeOf('.go.module');
  if (module !== undefined) {
    const words = elf.bytes(module.address, 8 * (TEXT_WORD + 1));
    if (words.length === 8 * (TEXT_WORD + 1) && Number(words.readBigUInt64LE(0)) === table) {
      const text = Number(words.readBigUInt64LE(8 * TEXT_WORD));
      if (text !== 0) return text;
    }
  }
  return said === 0 ? undefined : said;
}

/** Offset in the table of names -> name. */
function namesAtOffsets(table: Buffer, names: readonly string[]): Map<number, string> {
  const offsets = new Map<number, string>();
  for (const name of names) {
    const at = table.indexOf(Buffer.from(`\0${name}\0`, 'latin1'));
    if (at >= 0) offsets.set(at + 1, name);
  }
  return offsets;
}
