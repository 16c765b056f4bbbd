import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { which } from '../../../src/machine/exec/which.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'which-'));
  for (const name of ['a', 'b']) mkdirSync(path.join(folder, name));
  mkdirSync(path.join(folder, 'a', 'dir'));
  writeFileSync(path.join(folder, 'a', 'plain'), 'x');
  for (const file of ['b/prog', 'b/plain', 'b/dir']) {
    writeFileSync(path.join(folder, file), 'x');
    chmodSync(path.join(folder, file), 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (...parts: string[]) => path.join(folder, ...parts);

test('PATH in its order; what cannot be executed is passed by, as execvp does', () => {
  const search = `${at('none')}:${at('a')}:${at('b')}`;
  expect(which('prog', search)).toEqual({ ok: true, path: at('b/prog') });
  expect(which('plain', search)).toEqual({ ok: true, path: at('b/plain') });
  expect(which('dir', search)).toEqual({ ok: true, path: at('b/dir') });
});

test('what is missing and what may not be executed are told apart', () => {
  expect(which('none', at('a'))).toMatchObject({ ok: false, status: 'notFound' });
  expect(which('plain', at('a'))).toMatchObject({ ok: false, status: 'notExecutable', path: at('a/plain') });
  expect(which(at('a'), '')).toMatchObject({ ok: false, status: 'notExecutable', reason: 'it is a directory' });
  expect(which(at('a/none'), '')).toMatchObject({ ok: false, status: 'notFound' });
  expect(which('', at('b'))).toMatchObject({ ok: false, status: 'notFound' });
});

test('a name with a slash is never looked up', () => {
  expect(which(at('b/prog'), '/nowhere')).toEqual({ ok: true, path: at('b/prog') });
  expect(which('./sh', '/bin')).toMatchObject({ ok: false, status: 'notFound' });
});

test('without PATH the default of libc holds', () => {
  expect(which('sh', undefined)).toMatchObject({ ok: true });
});
