/** Small ELF files made by hand: one executable segment, a symbol table, a build-id. Only what the planner reads. */
export interface ImageOptions {
  /** Machine code at `address` (default 0x1000). */
  readonly code: Uint8Array;
  readonly address?: number;
  /** Where the code lies in the file; differs from the address in executables that are not position-independent. */
  readonly codeOffset?: number;
  readonly symbols: readonly {
    readonly name: string;
    readonly at: number;
    readonly size: number;
    readonly undefined?: boolean;
  }[];
  readonly table?: 'dynsym' | 'symtab';
  readonly machine?: number;
  readonly buildId?: string;
}

export function makeElf(options: ImageOptions): Buffer {
  const {
    code,
    address = 0x1000,
    codeOffset = 0x400,
    symbols,
    table = 'dynsym',
    machine = 62,
    buildId = 'c0ffee00c0ffee00',
  } = options;
  const id = Buffer.from(buildId, 'hex');
  const note = Buffer.alloc(16 + id.length);
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(id.length, 4);
  note.writeUInt32LE(3, 8);
  note.write('GNU\0', 12, 'latin1');
  note.set(id, 16);
  const strings = Buffer.from(`\0${symbols.map(({ name }) => name).join('\0')}\0`, 'latin1');
  const rows = symbols.map(symbol => {
    const row = Buffer.alloc(24);
    row.writeUInt32LE(strings.indexOf(`${symbol.name}\0`), 0);
    row.writeUInt8(0x12, 4); // GLOBAL FUNC
    row.writeUInt16LE(symbol.undefined ? 0 : 1, 6);
    row.writeBigUInt64LE(BigInt(symbol.at), 8);
    row.writeBigUInt64LE(BigInt(symbol.size), 16);
    return row;
  });
  const symbolTable = Buffer.concat([Buffer.alloc(24), ...rows]);

  const codeEnd = codeOffset + code.length;
  const symbolsAt = codeEnd;
  const stringsAt = symbolsAt + symbolTable.length;
  const noteAt = stringsAt + strings.length;
  const sectionsAt = (noteAt + note.length + 7) & ~7;
  const image = Buffer.alloc(sectionsAt + 4 * 64);
  image.writeUInt32BE(0x7f454c46, 0);
  image.set([2, 1, 1], 4);
  image.writeUInt16LE(3, 16);
  image.writeUInt16LE(machine, 18);
  image.writeBigUInt64LE(64n, 32); // program headers
  image.writeBigUInt64LE(BigInt(sectionsAt), 40);
  image.writeUInt16LE(56, 54);
  image.writeUInt16LE(1, 56);
  image.writeUInt16LE(64, 58);
  image.writeUInt16LE(4, 60);
  const segment = image.subarray(64, 120);
  segment.writeUInt32LE(1, 0); // PT_LOAD
  segment.writeUInt32LE(5, 4); // read, execute
  segment.writeBigUInt64LE(BigInt(codeOffset), 8);
  segment.writeBigUInt64LE(BigInt(address), 16);
  segment.writeBigUInt64LE(BigInt(code.length), 32);
  segment.writeBigUInt64LE(BigInt(code.length), 40);
  image.set(code, codeOffset);
  image.set(symbolTable, symbolsAt);
  image.set(strings, stringsAt);
  image.set(note, noteAt);
  const section = (index: number, type: number, offset: number, size: number, link: number) => {
    const row = image.subarray(sectionsAt + 64 * index, sectionsAt + 64 * (index + 1));
    row.writeUInt32LE(type, 4);
    row.writeBigUInt64LE(BigInt(offset), 24);
    row.writeBigUInt64LE(BigInt(size), 32);
    row.writeUInt32LE(link, 40);
  };
  section(1, table === 'dynsym' ? 11 : 2, symbolsAt, symbolTable.length, 2);
  section(2, 3, stringsAt, strings.length, 0);
  section(3, 7, noteAt, note.length, 0);
  return image;
}

/** `readElf`'s source over bytes in memory. */
export const sourceOf = (bytes: Buffer) => ({
  size: bytes.length,
  read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
});
