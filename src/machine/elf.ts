/**
 * What a probe needs of an ELF file: where code lies in the file, where named functions are, and who built it. 64-bit,
 * little-endian only (all machines that attach supports). Reads by position, so that a 100 MB executable costs only its
 * tables; nothing outside the file is believed: offsets are checked, table sizes are bounded.
 *
 * Source: System V ABI, chapters 4 and 5.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface Segment {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
  readonly executable: boolean;
}

export interface FunctionSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

export interface ElfFile {
  readonly machine: 'x64' | 'arm64' | 'other';
  readonly segments: readonly Segment[];
  /** The table of function ranges that unwinders search (`.eh_frame_hdr`), in memory; absent where there is none. */
  readonly unwindTable?: Segment;
  /** Lower-case hex; absent where the linker wrote none. */
  readonly buildId?: string;
  /**
   * Which file it is, and in which state, asked now of its descriptor: device, inode, owner, size, times of change in ns.
   * Absent where it is no file.
   */
  identity?(): string;
  /** Defined functions of these names, from `.dynsym`, then `.symtab`; a name may be missing. */
  functions(names: ReadonlySet<string>): Map<string, FunctionSymbol>;
  /** Up to `length` bytes of the section of this name, fewer at its end; undefined where there is none. */
  section(name: string, length: number): Buffer | undefined;
  /** Where the section of this name is in memory; undefined where there is none. */
  placeOf(name: string): { readonly address: number; readonly size: number } | undefined;
  /** File offset of an address in an executable segment; undefined outside. */
  fileOffset(address: number): number | undefined;
  /** Up to `length` bytes of code at an address, fewer at the segment's end; empty outside executable segments. */
  code(address: number, length: number): Uint8Array;
  /** The same of any segment. */
  bytes(address: number, length: number): Buffer;
  close(): void;
}

const MACHINES: Record<number, ElfFile['machine']> = { 62: 'x64', 183: 'arm64' };
const SHT_SYMTAB = 2;
const SHT_NOTE = 7;
const SHT_DYNSYM = 11;
const PT_LOAD = 1;
const PT_NOTE = 4;
const PT_GNU_EH_FRAME = 0x6474e550;
const STT_FUNC = 2;
/** Largest table read at once; the symbol names of the largest executables take 60 MB. */
const TABLE_LIMIT = 512 * 1024 * 1024;

/** Opens an ELF file. Throws an `Error` with a short reason when it is none, or one that we cannot read. */
export function openElf(path: string): ElfFile {
  const fd = openSync(path, 'r');
  try {
    const elf = readElf(
      {
        size: fstatSync(fd).size,
        read: (offset, length) => {
          const buffer = Buffer.allocUnsafe(length);
          return buffer.subarray(0, readSync(fd, buffer, 0, length, offset));
        },
      },
      () => closeSync(fd),
    );
    return { ...elf, identity: () => identityOf(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function identityOf(fd: number): string {
  const { dev, ino, uid, size, mtimeNs, ctimeNs } = fstatSync(fd, { bigint: true });
  return [dev, ino, uid, size, mtimeNs, ctimeNs].join(' ');
}

export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Buffer;
}

interface Section {
  /** Offset of its name in the table of section names. */
  readonly name: number;
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** `openElf` on any source of bytes. */
export function readElf(source: ByteSource, close: () => void = () => {}): ElfFile {
  const part = (offset: number, length: number): Buffer => {
    if (!(offset >= 0 && length >= 0 && length <= TABLE_LIMIT && offset + length <= source.size))
      throw new Error('its headers point outside the file');
    const bytes = source.read(offset, length);
    if (bytes.length !== length) throw new Error('it is shorter than its headers say');
    return bytes;
  };
  if (source.size < 64) throw new Error('not an ELF file');
  const header = part(0, 64);
  if (header.readUInt32BE(0) !== 0x7f454c46) throw new Error('not an ELF file');
  if (header[4] !== 2 || header[5] !== 1) throw new Error('not a 64-bit little-endian ELF file');

  const number64 = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at));
  const table = (offset: number, count: number, size: number, least: number) => {
    if (size < least) throw new Error('its tables have an unknown form');
    const bytes = count > 0 ? part(offset, count * size) : Buffer.alloc(0);
    return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  };
  const programs = table(number64(header, 32), header.readUInt16LE(56), header.readUInt16LE(54), 56).map(row => ({
    type: row.readUInt32LE(0),
    executable: (row.readUInt32LE(4) & 1) !== 0,
    offset: number64(row, 8),
    address: number64(row, 16),
    size: number64(row, 32),
  }));
  const segments = programs.filter(({ type }) => type === PT_LOAD);
  const unwindTable = programs.find(({ type }) => type === PT_GNU_EH_FRAME);
  const count = header.readUInt16LE(60);
  const sections: Section[] = table(number64(header, 40), count, count > 0 ? header.readUInt16LE(58) : 64, 64).map(
    row => ({
      name: row.readUInt32LE(0),
      type: row.readUInt32LE(4),
      address: number64(row, 16),
      offset: number64(row, 24),
      size: number64(row, 32),
      link: row.readUInt32LE(40),
    }),
  );
  const executableAt = (address: number) =>
    segments.find(s => s.executable && address >= s.address && address < s.address + s.size);

  function sectionOf(name: string): Section | undefined {
    const names = sections[header.readUInt16LE(62)];
    const table = names && part(names.offset, names.size);
    const wanted = Buffer.from(`${name}\0`, 'latin1');
    return sections.find(
      section => table?.subarray(section.name, section.name + wanted.length).equals(wanted) === true,
    );
  }

  const notes = [...programs.filter(p => p.type === PT_NOTE), ...sections.filter(s => s.type === SHT_NOTE)];
  const buildId = notes.map(note => findBuildId(part(note.offset, note.size))).find(id => id !== undefined);
  return {
    machine: MACHINES[header.readUInt16LE(18)] ?? 'other',
    segments,
    ...(unwindTable ? { unwindTable } : {}),
    ...(buildId ? { buildId } : {}),
    functions: names => {
      const found = new Map<string, FunctionSymbol>();
      for (const type of [SHT_DYNSYM, SHT_SYMTAB]) {
        for (const section of sections.filter(s => s.type === type)) {
          if (found.size === names.size) break;
          const strings = sections[section.link];
          if (!strings) continue;
          scanSymbols(
            part(section.offset, section.size),
            part(strings.offset, strings.size),
            names,
            symbol => !found.has(symbol.name) && found.set(symbol.name, symbol),
          );
        }
      }
      return found;
    },
    section: (name, length) => {
      const found = sectionOf(name);
      return found && part(found.offset, Math.min(length, found.size));
    },
    placeOf: sectionOf,
    fileOffset: address => {
      const segment = executableAt(address);
      return segment ? address - segment.address + segment.offset : undefined;
    },
    code: (address, length) => {
      const segment = executableAt(address);
      if (!segment) return Buffer.alloc(0);
      const at = address - segment.address;
      return part(segment.offset + at, Math.min(length, segment.size - at));
    },
    bytes: (address, length) => {
      const segment = segments.find(s => address >= s.address && address < s.address + s.size);
      if (!segment) return Buffer.alloc(0);
      const at = address - segment.address;
      return part(segment.offset + at, Math.min(length, segment.size - at));
    },
    close,
  };
}

/**
 * Symbols by name without making a string of each of a hundred thousand: the names are looked for in the string table
 * (also as tails of longer ones, since linkers share them), then symbols are compared by name offset.
 */
function scanSymbols(
  symbols: Buffer,
  strings: Buffer,
  names: ReadonlySet<string>,
  found: (symbol: FunctionSymbol) => void,
): void {
  const offsets = new Map<number, string>();
  for (const name of names) {
    const wanted = Buffer.from(`${name}\0`, 'latin1');
    for (let at = strings.indexOf(wanted); at >= 0; at = strings.indexOf(wanted, at + 1)) offsets.set(at, name);
  }
  if (offsets.size === 0) return;
  for (let at = 0; at + 24 <= symbols.length; at += 24) {
    const name = offsets.get(symbols.readUInt32LE(at));
    if (name === undefined) continue;
    const defined = symbols.readUInt16LE(at + 6) !== 0;
    if (defined && (symbols[at + 4]! & 15) === STT_FUNC) {
      const address = Number(symbols.readBigUInt64LE(at + 8));
      found({ name, address, size: Number(symbols.readBigUInt64LE(at + 16)) });
    }
  }
}

/** The descriptor of the note named GNU of type 3 (NT_GNU_BUILD_ID). */
function findBuildId(notes: Buffer): string | undefined {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameSize = notes.readUInt32LE(at);
    const size = notes.readUInt32LE(at + 4);
    const descriptor = at + 12 + ((nameSize + 3) & ~3);
    if (notes.readUInt32LE(at + 8) === 3 && notes.toString('latin1', at + 12, at + 15) === 'GNU') {
      const id = notes.subarray(descriptor, descriptor + size);
      if (size >= 8 && id.length === size) return id.toString('hex');
    }
    const next = descriptor + ((size + 3) & ~3);
    if (next <= at) return undefined;
    at = next;
  }
  return undefined;
}
