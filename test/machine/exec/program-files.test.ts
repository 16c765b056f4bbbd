/** Which executables a launch will run, by their first bytes. */
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { executablesOf } from '../../../src/machine/exec/program-files.js';

let folder: string;
const file = (name: string, text: string) => {
  const at = path.join(folder, name);
  writeFileSync(at, text, { mode: 0o755 });
  return at;
};
const SHELL = realpathSync('/bin/sh');

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'program-files-'));
  symlinkSync('/bin/sh', path.join(folder, 'linked'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const elf = process.platform === 'linux' ? test : test.skip;
if (process.platform !== 'linux') console.log('skipped: programs that are no ELF files');

elf('a binary is itself, without links', () => {
  expect(executablesOf(path.join(folder, 'linked'), undefined)).toEqual([SHELL]);
});

elf('a script is its interpreter, also through env, another script and without a first line', () => {
  const direct = file('direct', '#!/bin/sh -e\n');
  expect(executablesOf(direct, undefined)).toEqual([SHELL]);
  expect(executablesOf(file('through', '#!/usr/bin/env sh\n'), '/bin')).toEqual([SHELL]);
  expect(executablesOf(file('twice', `#!${direct}\n`), undefined)).toEqual([SHELL]);
  expect(executablesOf(file('plain', 'echo text\n'), undefined)).toEqual([SHELL]);
});

test('what nobody can tell is nothing', () => {
  expect(executablesOf(path.join(folder, 'missing'), undefined)).toEqual([]);
  expect(executablesOf(file('empty', ''), undefined)).toEqual([]);
  expect(executablesOf(file('bytes', '\u0001\u0000\u0000\u0000\u0000'), undefined)).toEqual([]);
  expect(executablesOf(file('lost', '#!/no/such/interpreter\n'), undefined)).toEqual([]);
  const loop = file('loop', `#!${path.join(folder, 'loop')}\n`);
  expect(executablesOf(loop, undefined)).toEqual([]);
});
