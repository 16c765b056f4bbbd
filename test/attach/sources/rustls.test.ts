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
  /** What calls them, in a file that has no unwind table, as Deno's. */
  readonly callers?: string;
}

const open: ElfFile[] = [];
afterAll(() => {
  for (const elf of open) elf.close();
});

const TEXTS = ['/registry/src/index/rustls-0.23.46/src/common_state.rs'];

function find({ functions = {}, texts = TEXTS, callers }: Form = {}) {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'rustls-')), 'library');
  const all = { ...FUNCTIONS, ...functions, ...(callers !== undefined && { callers }) };
  // Without the table they lie behind one another, as in a file that is built for size.
  const [begin, end] = callers === undefined ? ['.cfi_startproc', '.cfi_endproc; .p2align 4,0xcc'] : ['', ''];
  const lines = Object.entries(all).map(
    ([name, body]) => `.hidden ${name}; .globl ${name}; .type ${name},@function; ${name}: ${begin}; ${body}; ${end}`,
  );
  const data = ['/registry/src/index/tokio-rustls-0.26.5/src/client.rs', ...texts].map(text => `.asciz "${text}"`);
  const code = ['.section .rodata', ...data, '.text', ...lines, '.section .note.GNU-stack,"",@progbits', ''];
  writeFileSync(`${file}.s`, code.join('\n'));
  const table = callers === undefined ? '--eh-frame-hdr' : '--no-eh-frame-hdr';
  execFileSync('gcc', ['-shared', '-nostdlib', `-Wl,${table}`, '-Wl,--build-id', '-o', file, `${file}.s`]);
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

  test('without an unwind table: where something calls them, and the function before has ended', () => {
    const found = [
      ['write', 'send'],
      ['read', 'take'],
    ];
    expect(find({ callers: 'call take; call send; call may_send; ret' })).toMatchObject({ found });
    // Built for size: what reads the payload is a function of its own.
    const take = 'push %rbx; movb $32,0x32e(%rdi); lea -8(%rsp),%rdi; call owned; pop %rbx; ret';
    const owned = 'xor %eax,%eax; cmp (%rsi),%rax; mov 8(%rsi),%rax; mov 0x10(%rsi),%rdx; ret';
    const callers = 'call take; call send; call owned; ret';
    expect(find({ functions: { take, owned }, callers })).toMatchObject({ found });
    const other = owned.replace('0x10(%rsi)', '0x18(%rsi)');
    expect(find({ functions: { take, owned: other }, callers })).toHaveProperty('reason');
  });

  test('without an unwind table, what nothing calls is not believed to begin there', () => {
    expect(find({ callers: 'call send; ret' })).toEqual({
      reason: expect.stringContaining('0 functions take plaintext'),
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
