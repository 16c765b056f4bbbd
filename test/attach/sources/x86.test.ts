/** Instruction lengths: hand-written prologues, and every instruction of real libraries against binutils. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { decodeInstruction, isEmulated } from '../../../src/attach/sources/x86.js';

const decode = (hex: string) => decodeInstruction(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 0);

describe('instructions that functions begin with', () => {
  test.each([
    ['endbr64', 'f3 0f 1e fa', 4, 'endbr64', false],
    ['push %rbp', '55', 1, 'push', true],
    ['push %r14', '41 56', 2, 'push', true],
    ['sub $0x18,%rsp', '48 83 ec 18', 4, 'stack', false],
    ['sub $0x138,%rsp', '48 81 ec 38 01 00 00', 7, 'stack', false],
    ['mov %rsp,%rbp', '48 89 e5', 3, 'move', false],
    ['mov %rcx,%r8', '49 89 c8', 3, 'move', false],
    ['xor %ecx,%ecx', '31 c9', 2, 'zero', false],
    ['test %rdi,%rdi', '48 85 ff', 3, 'other', false],
    ['nopw 0x0(%rax,%rax,1)', '66 0f 1f 44 00 00', 6, 'nop', true],
    ['call rel32', 'e8 fb ff ff ff', 5, 'call', true],
    ['jmp rel8', 'eb 10', 2, 'jump', true],
    ['jne rel32', '0f 85 00 01 00 00', 6, 'branch', true],
    ['ret', 'c3', 1, 'ret', false],
    ['mov %fs:0x28,%rax', '64 48 8b 04 25 28 00 00 00', 9, 'other', false],
    ['movabs', '48 b8 01 02 03 04 05 06 07 08', 10, 'other', false],
    ['lea 0x4cf25(%rip),%rdx', '48 8d 15 25 cf 04 00', 7, 'address', false],
    ['testl $1,0x44(%rdi)', 'f7 47 44 01 00 00 00', 7, 'other', false],
    ['notl', 'f7 d0', 2, 'other', false],
    ['vmovdqu (%rdi),%ymm0', 'c5 fe 6f 07', 4, 'other', false],
    ['vpalignr', 'c4 e3 75 0f c0 08', 6, 'other', false],
    ['vmovdqu8 zmm', '62 f1 7f 48 6f 47 01', 7, 'other', false],
  ])('%s', (_name, bytes, length, kind, emulated) => {
    const instruction = decode(bytes);
    expect(instruction).toMatchObject({ length, kind });
    expect(isEmulated(instruction!)).toBe(emulated);
  });

  test('a call names its distance, also backwards', () => {
    expect(decode('e8 fb ff ff ff')?.displacement).toBe(-5);
    expect(decode('75 fe')?.displacement).toBe(-2);
  });

  test('registers of a move, in both encodings', () => {
    expect(decode('49 89 c8')).toMatchObject({ to: 8, from: 1 });
    expect(decode('4c 8b c1')).toMatchObject({ to: 8, from: 1 });
  });

  test.each(['', '48', 'e8 00 00', '48 8d 15', '66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90', '06', '62 f1'])(
    'cut or impossible bytes "%s" give nothing',
    bytes => expect(decode(bytes)).toBeUndefined(),
  );

  test('random bytes never throw', () => {
    const bytes = Buffer.alloc(20_000);
    let state = 12345;
    for (let at = 0; at < bytes.length; at++) {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      bytes[at] = state >> 16;
    }
    for (let at = 0; at < bytes.length; at++) {
      const found = decodeInstruction(bytes, at);
      expect(found === undefined || (found.length >= 1 && found.length <= 15)).toBe(true);
    }
  });
});

describe('real libraries', () => {
  const libraries = ['/usr/lib/x86_64-linux-gnu/libssl.so.3', '/lib/x86_64-linux-gnu/libc.so.6'].filter(existsSync);
  const objdump = existsSync('/usr/bin/objdump');
  if (!objdump || libraries.length === 0) console.log('skipped: binutils or the x86-64 libraries are not here');

  (objdump && libraries.length > 0 ? test : test.skip)('every instruction is as long as binutils says', () => {
    for (const library of libraries) {
      const text = execFileSync('objdump', ['-d', '-w', '-j', '.text', library], {
        maxBuffer: 1 << 28,
        encoding: 'latin1',
      });
      const wrong: string[] = [];
      let count = 0;
      for (const [line, hex, words] of text.matchAll(/^ +[0-9a-f]+:\t((?:[0-9a-f]{2} )+) *\t(.+)$/gm)) {
        if (words!.includes('(bad)')) continue;
        const bytes = Buffer.from(hex!.replaceAll(' ', ''), 'hex');
        count++;
        // What follows in the file must not matter, so something else follows here.
        if (decodeInstruction(Buffer.concat([bytes, Buffer.alloc(15, 0x90)]), 0)?.length !== bytes.length)
          wrong.push(line);
      }
      expect(wrong).toEqual([]);
      expect(count).toBeGreaterThan(50_000);
    }
  });
});
