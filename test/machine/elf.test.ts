import { describe, expect, test } from '@jest/globals';
import { openElf, readElf } from '../../src/machine/elf.js';
import { makeElf, sourceOf } from '../attach/elf-image.js';

const NAMES = new Set(['SSL_write', 'SSL_read']);

describe('a hand-made file', () => {
  const image = makeElf({
    code: Buffer.alloc(64, 0x90),
    address: 0x401000,
    codeOffset: 0x800,
    symbols: [
      { name: 'my_SSL_write', at: 0x401020, size: 8 },
      { name: 'SSL_read', at: 0x401010, size: 8 },
      { name: 'SSL_write', at: 0x401030, size: 4, undefined: true },
    ],
  });
  const elf = readElf(sourceOf(image));

  test('symbols that it defines, under their whole names only', () => {
    expect([...elf.functions(NAMES).values()]).toEqual([{ name: 'SSL_read', address: 0x401010, size: 8 }]);
  });

  test('an address is turned into a file offset by the segment that holds it', () => {
    expect(elf.fileOffset(0x401010)).toBe(0x810);
    expect(elf.fileOffset(0x401040)).toBeUndefined();
    expect(elf.fileOffset(0x400fff)).toBeUndefined();
  });

  test('code ends with its segment', () => {
    expect(elf.code(0x40103c, 100)).toHaveLength(4);
    expect(elf.code(0x402000, 4)).toHaveLength(0);
  });

  test('build-id and machine', () => {
    expect(elf.buildId).toBe('c0ffee00c0ffee00');
    expect(elf.machine).toBe('x64');
  });

  test('.symtab serves where .dynsym has nothing', () => {
    const static_ = readElf(
      sourceOf(
        makeElf({ code: Buffer.alloc(8), symbols: [{ name: 'SSL_read', at: 0x1000, size: 8 }], table: 'symtab' }),
      ),
    );
    expect(static_.functions(NAMES).get('SSL_read')?.address).toBe(0x1000);
  });

  test('cut at every place and damaged at every byte: an Error at most, never a wrong read', () => {
    const use = (bytes: Buffer) => {
      try {
        const one = readElf(sourceOf(bytes));
        for (const { address } of one.functions(NAMES).values()) one.code(address, 16);
        return one.fileOffset(0x401010);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return undefined;
      }
    };
    for (let length = 0; length < image.length; length++) use(image.subarray(0, length));
    for (let at = 0; at < image.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const damaged = Buffer.from(image);
        damaged[at] = value;
        use(damaged);
      }
    }
  });
});

test('what is no ELF file is refused with the reason', () => {
  expect(() => readElf(sourceOf(Buffer.from('#!/bin/sh\n'.repeat(20))))).toThrow('not an ELF file');
  const thirtyTwo = makeElf({ code: Buffer.alloc(8), symbols: [] });
  thirtyTwo[4] = 1;
  expect(() => readElf(sourceOf(thirtyTwo))).toThrow('not a 64-bit little-endian ELF file');
});

test('our own executable is read', () => {
  const elf = openElf(process.execPath);
  expect(elf.segments.some(segment => segment.executable)).toBe(true);
  elf.close();
});
