import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeFolders } from '../../src/config/make-folders.js';

let top: string;
beforeEach(() => {
  top = mkdtempSync(path.join(os.tmpdir(), 'make-folders-'));
});
afterEach(() => rmSync(top, { recursive: true }));

test('makes what is missing with the mode that is asked for, and takes what is there', () => {
  const deep = path.join(top, 'a', 'b', 'c');
  makeFolders(deep, 0o700);
  makeFolders(deep, 0o755);
  for (const folder of [deep, path.dirname(deep)]) expect(statSync(folder).mode & 0o777).toBe(0o700);
  symlinkSync(deep, path.join(top, 'link'));
  makeFolders(path.join(top, 'link'));
});

test('gives up with the reason of the system', () => {
  const file = path.join(top, 'file');
  writeFileSync(file, '');
  symlinkSync(path.join(top, 'nowhere'), path.join(top, 'dangling'));
  expect(() => makeFolders('/proc/openlit/runs')).toThrow(/ENOENT.*'\/proc\/openlit'/);
  expect(() => makeFolders(file)).toThrow(/EEXIST/);
  expect(() => makeFolders(path.join(file, 'under'))).toThrow(/ENOTDIR/);
  expect(() => makeFolders(path.join(top, 'dangling'))).toThrow(/EEXIST/);
});
