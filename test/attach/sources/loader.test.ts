/** The dynamic loader's notice: where its probe goes, by hand-made files, then the loader of this machine. */
import { readlinkSync, statSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { mayBeLoader, placeNotice } from '../../../src/attach/sources/loader.js';
import { Planner, planFor } from '../../../src/attach/sources/plan.js';
import { readElf } from '../../../src/machine/elf.js';
import { makeElf, sourceOf } from '../elf-image.js';

const loader = (code: string, more: { machine?: number; name?: string } = {}) => {
  const bytes = Buffer.from(code.replaceAll(' ', ''), 'hex');
  const symbols = [{ name: more.name ?? '_dl_debug_state', at: 0x1000, size: bytes.length }];
  const { machine } = more;
  return placeNotice(readElf(sourceOf(makeElf({ code: bytes, symbols, ...(machine ? { machine } : {}) }))));
};

test.each([
  ['at its first instruction', 'c3', 0x400, 'c3'],
  ['behind endbr64', 'f3 0f 1e fa c3', 0x404, 'c3'],
])('%s', (_where, code, fileOffset, bytes) => {
  const place = { action: 'mapped', convention: 'notice', returns: false, fileOffset, bytes };
  expect(loader(code)?.places).toMatchObject([place]);
});

test('arm64', () => {
  expect(loader('c0035fd6', { machine: 183 })?.places).toMatchObject([{ fileOffset: 0x400, bytes: 'c0035fd6' }]);
});

test('a file without it, and a machine that is not ours', () => {
  expect(loader('c3', { name: 'dl_other' })).toBeUndefined();
  expect(loader('c3', { machine: 3 })).toBeUndefined();
});

test.each([
  ['/lib64/ld-linux-x86-64.so.2', true],
  ['/lib/ld-musl-x86_64.so.1', true],
  ['/lib/x86_64-linux-musl/libc.so', true],
  ['/lib/ld-2.28.so', true],
  ['/usr/bin/ld', false],
  ['/usr/lib/libssl.so.3', false],
])('%s may be a loader: %s', (path, is) => expect(mayBeLoader(path)).toBe(is));

test('of this very process: its loader, and TLS libraries beside its C library', () => {
  const planner = new Planner();
  const { loaders } = planner.plan(process.pid);
  if (loaders.length === 0) return console.log('skipped: this Node has no dynamic loader');
  expect(loaders).toHaveLength(1);
  expect(loaders[0]!.placement.places).toMatchObject([{ name: '_dl_debug_state' }]);
  for (const { file, placement } of planner.beside(process.pid)) {
    expect(file).toMatch(/\/lib(ssl|gnutls)\.so/);
    expect(placement.places.length).toBeGreaterThan(0);
  }
});

test('a file of one process is the same file of another, through its own root; a changed one is not', () => {
  const [file] = new Planner().plan(process.pid).loaders;
  if (!file) return console.log('skipped: this Node has no dynamic loader');
  const { dev, ino } = statSync(file.attachPath);
  expect(file.key).toBe(`${dev}:${ino}`);
  expect(planFor(process.ppid, file)).toEqual({ ...file, attachPath: `/proc/${process.ppid}/root${file.file}` });
  expect(readlinkSync(`/proc/${process.ppid}/root`)).toBe('/');
  expect(planFor(process.ppid, { ...file, version: 'another' })).toBeUndefined();
  expect(planFor(4194304, file)).toBeUndefined(); // no such process
});
