/**
 * rustls: small libraries with functions that use the fields of its connection as its own do, assembled here. Real ones are in
 * finders.json, and answer in e2e/attach-clients.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { rustls } from '../../../src/attach/sources/rustls.js';
import { type ElfFile, openElf } from '../../../src/machine/elf.js';

const hasCompiler = spawnSync('gcc', ['--version']).status === 0 && process.arch === 'x64';
if (!hasCompiler) process.stdout.write('skipped: rustls, because there is no gcc for x86-64\n');

/** A counter at 0x32e, whether it may send at 0x336. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  take: 'push %r15; mov %rsi,%rbx; movb $32,0x32e(%rdi); mov (%rbx),%rax; pop %r15; ret',
  send: 'push %rbp; mov %rsi,%rbx; mov %rdi,%r12; cmpb $1,0x336(%r12); mov 0x10(%rbx),%rax; movups 0x18(%rbx),%xmm0; pop %rbp; ret',
  start_traffic: 'push %rbp; movb $1,0x336(%rdi); mov 0x10(%rsi),%rax; mov 0x18(%rsi),%rax; pop %rbp; ret',
  may_send: 'cmpb $1,0x336(%rdi); ret',
};

interface Form {
  readonly functions?: Readonly<Record<string, string>>;
  readonly texts?: readonly string[];
}

const open: ElfFile[] = [];
afterAll(() => {
  for (const elf of open) elf.close();
});

function find({ functions = {}, texts = ['/registry/src/index/rustls-0.23.46/src/common_state.rs'] }: Form = {}) {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'rustls-')), 'library');
  const lines = Object.entries({ ...FUNCTIONS, ...functions }).map(
    ([name, body]) =>
      `.globl ${name}; .type ${name},@function; ${name}: .cfi_startproc; ${body}; .cfi_endproc; .p2align 4,0xcc`,
  );
  const data = ['/registry/src/index/tokio-rustls-0.26.5/src/client.rs', ...texts].map(text => `.asciz "${text}"`);
  const code = ['.section .rodata', ...data, '.text', ...lines, '.section .note.GNU-stack,"",@progbits', ''];
  writeFileSync(`${file}.s`, code.join('\n'));
  execFileSync('gcc', ['-shared', '-nostdlib', '-Wl,--eh-frame-hdr', '-o', file, `${file}.s`]);
  const elf = openElf(file);
  open.push(elf);
  const found = rustls.find(elf);
  if (found === undefined || 'reason' in found) return found;
  const symbols = elf.functions(new Set(Object.keys(FUNCTIONS)));
  const nameOf = (address: number) => [...symbols.values()].find(symbol => symbol.address === address)?.name;
  return { ...found, found: found.placement.places.map(({ address, action }) => [action, nameOf(address)]) };
}

(hasCompiler ? describe : describe.skip)('rustls', () => {
  test('its two functions, and what each probe has to do', () => {
    const seen = find();
    expect(seen).toMatchObject({
      library: 'rustls 0.23.46',
      found: [
        ['write', 'send'],
        ['read', 'take'],
      ],
      placement: {
        places: [
          { convention: 'rustls', returns: true, emulated: true },
          { convention: 'rustls', returns: false, emulated: true },
        ],
      },
    });
  });

  test.each<[string, Form, string]>([
    ['an older one', { texts: ['rustls-0.23.31/src/conn.rs'] }, '0.23.31 has no places that are proven'],
    ['a newer layout', { texts: ['rustls-0.24.0/src/conn.rs'] }, '0.24.0 has no places that are proven'],
    ['two versions', { texts: ['rustls-0.23.40/src/a.rs', 'rustls-0.23.46/src/a.rs'] }, 'several versions of it'],
    ['nothing that resets its counter', { functions: { take: 'ret' } }, '0 functions take plaintext'],
    ['one that is inlined twice', { functions: { other: FUNCTIONS['take']! } }, '2 functions take plaintext'],
    ['a counter elsewhere', { functions: { send: FUNCTIONS['send']!.replace('0x336', '0x335') } }, '0 functions send'],
    ['two that send', { functions: { other: FUNCTIONS['send']! } }, '2 functions send plaintext'],
  ])('%s is refused, with the reason', (_name, form, reason) => {
    expect(find(form)).toEqual({ reason: expect.stringContaining(reason) });
  });

  test('what only has its neighbours is none', () => {
    expect(find({ texts: [] })).toBeUndefined();
  });
});
