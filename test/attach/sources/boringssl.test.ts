/** BoringSSL without symbols: small libraries that put its errors and call one another as it does, assembled here. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { boringssl } from '../../../src/attach/sources/boringssl.js';
import { type ElfFile, openElf } from '../../../src/machine/elf.js';

const hasCompiler = spawnSync('gcc', ['--version']).status === 0 && process.arch === 'x64';
if (!hasCompiler) process.stdout.write('skipped: BoringSSL without symbols, because there is no gcc for x86-64\n');

type Step = number | string;

/** Name -> reasons of the errors it puts (numbers) and what it calls (names). */
type Library = Record<string, readonly Step[]>;

const LIBRARY: Library = {
  SSL_do_handshake: [134],
  quic_handshake: [134],
  read_impl: [226, 215, 'SSL_do_handshake'],
  SSL_read: [66, 'read_impl', 'discard'],
  SSL_peek: [66, 'read_impl'],
  SSL_write: [66, 226, 215, 111, 'SSL_do_handshake'],
  SSL_shutdown: [226, 291, 'read_impl'],
  discard: [],
  SSL_set_fd: [7],
};

interface Form {
  /** The unused second argument was dropped, so all others are one register earlier. */
  readonly dropped?: boolean;
  /** No unwind table: functions are found by who calls them. */
  readonly bare?: boolean;
}

function assembly(library: Library, { dropped, bare }: Form): string {
  const put = (reason: number) =>
    dropped
      ? `mov $16,%edi; mov $${reason},%esi; lea path(%rip),%rdx; mov $9,%ecx; call put`
      : `mov $16,%edi; xor %esi,%esi; mov $${reason},%edx; lea path(%rip),%rcx; mov $9,%r8d; call put`;
  const functions = Object.entries({ ...library, put: [], all: Object.keys(library) }).map(([name, steps]) =>
    [
      `.type ${name},@function; ${name}:`,
      bare ? '' : '.cfi_startproc',
      'push %rbp; mov %rsp,%rbp; test %rdi,%rdi',
      ...steps.map((step, index) =>
        typeof step === 'number' ? `jne ${name}_${index}; ${put(step)}; ${name}_${index}:` : `call ${step}`,
      ),
      'pop %rbp; ret',
      bare ? '' : '.cfi_endproc',
      '.p2align 4,0xcc',
    ].join('\n'),
  );
  return [
    '.section .rodata; .byte 0; path: .asciz "/build/boringssl/ssl/ssl_lib.cc"',
    '.text; .p2align 4,0xcc',
    ...functions,
    '.section .note.GNU-stack,"",@progbits',
  ].join('\n');
}

const open: ElfFile[] = [];
afterAll(() => {
  for (const elf of open) elf.close();
});

/** The places that are found by name -> the address of the function of that name; the reason where there are none. */
function find(library: Library, form: Form = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'boringssl-'));
  const source = path.join(folder, 'library.s');
  const file = path.join(folder, 'library.so');
  writeFileSync(source, `${assembly(library, form)}\n`);
  execFileSync('gcc', ['-shared', '-nostdlib', '-o', file, source]);
  const symbols = Object.fromEntries(
    execFileSync('nm', [file], { encoding: 'utf8' })
      .split('\n')
      .map(line => line.split(' '))
      .map(([address, , name]) => [name, Number.parseInt(address!, 16)]),
  );
  execFileSync('strip', ['--strip-all', file]);
  const elf = openElf(file);
  open.push(elf);
  const found = boringssl.find(elf);
  if (found === undefined || 'reason' in found) return found?.reason;
  return Object.fromEntries(
    found.placement.places.map(({ name, address }) => [name, address === symbols[name] ? 'right' : 'wrong']),
  );
}

const RIGHT = { SSL_write: 'right', SSL_read: 'right', SSL_shutdown: 'right', SSL_do_handshake: 'right' };

(hasCompiler ? describe : describe.skip)('BoringSSL without symbols', () => {
  test.each<[string, Form]>([
    ['as Bun has it', {}],
    ['with an argument dropped', { dropped: true }],
    ['without an unwind table', { bare: true }],
  ])('%s', (_, form) => expect(find(LIBRARY, form)).toEqual(RIGHT));

  test('is found where SSL_peek was left out by the linker', () => {
    const { SSL_peek: _, ...rest } = LIBRARY;
    expect(find(rest)).toEqual(RIGHT);
  });

  test.each<[string, Library, RegExp]>([
    ['two writing functions', { ...LIBRARY, other: [66, 226, 215, 111] }, /do not tell its functions apart/],
    ['SSL_peek like SSL_read', { ...LIBRARY, SSL_peek: [66, 'read_impl', 'discard'] }, /SSL_peek/],
    ['a write that never shakes hands', { ...LIBRARY, SSL_write: [66, 226, 215, 111] }, /call one another/],
    ['a shutdown that reads nothing', { ...LIBRARY, SSL_shutdown: [226, 291] }, /call one another/],
  ])('is refused with %s', (_, library, reason) => expect(find(library)).toMatch(reason));

  test('a file that only has the name of the file is nothing', () => {
    expect(find({ SSL_set_fd: [] })).toBeUndefined();
  });
});
