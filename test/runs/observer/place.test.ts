/** The folder where taps and observer meet is ours and closed to all others, or it is not used. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { privateFolder, removeOldSockets } from '../../../src/runs/observer/place.js';

const UID = process.getuid?.() ?? 0;
let base: string;
beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'place-'));
  // Where it goes when the first choice is none.
  mkdirSync(path.join(base, 'tmp'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const temporary = () => ({ TMPDIR: path.join(base, 'tmp') });
const first = () => path.join(base, 'openlit-instrument');
const second = () => path.join(base, 'tmp', `openlit-instrument-${UID}`);
const folder = (uid = UID) => privateFolder({ XDG_RUNTIME_DIR: base, ...temporary() }, uid);
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

test('is made for nobody else, and found again', () => {
  expect(folder()).toBe(first());
  expect(modeOf(first())).toBe('700');
  expect(folder()).toBe(first());
});

test('one that others could enter is closed', () => {
  mkdirSync(first());
  chmodSync(first(), 0o777);
  expect(folder()).toBe(first());
  expect(modeOf(first())).toBe('700');
});

test('without a runtime folder, or with one that is not there: below the one for temporary files', () => {
  expect(privateFolder(temporary())).toBe(second());
  expect(privateFolder({ XDG_RUNTIME_DIR: path.join(base, 'missing'), ...temporary() })).toBe(second());
  expect(modeOf(second())).toBe('700');
});

describe('is another one when the name is', () => {
  test('a link, even to a folder of ours', () => {
    mkdirSync(path.join(base, 'elsewhere'), { mode: 0o700 });
    symlinkSync(path.join(base, 'elsewhere'), first());
    expect(folder()).toBe(second());
  });

  test('a file', () => {
    writeFileSync(first(), '');
    expect(folder()).toBe(second());
  });

  test('too long for a socket', () => {
    const long = path.join(base, 'x'.repeat(90));
    mkdirSync(long);
    expect(privateFolder({ XDG_RUNTIME_DIR: long, ...temporary() })).toBe(second());
    expect(existsSync(path.join(long, 'openlit-instrument'))).toBe(false);
  });

  test("another user's, whatever its mode", () => {
    const other = UID + 4242;
    const theirs = path.join(base, 'tmp', `openlit-instrument-${other}`);
    for (const each of [first(), theirs]) mkdirSync(each, { mode: 0o777 });
    const last = [`/tmp/openlit-instrument-${other}`, `/dev/shm/openlit-instrument-${other}`];
    for (const each of last) writeFileSync(each, '');
    try {
      expect(() => folder(other)).toThrow(
        `there is no private folder for its socket (${first()}: belongs to another user; ` +
          `${theirs}: belongs to another user; ${last[0]}: not a folder; ${last[1]}: not a folder)`,
      );
    } finally {
      for (const each of last) rmSync(each);
    }
  });
});

test('only sockets that are very old are taken away', () => {
  const now = Date.now();
  const day = 24 * 3_600_000;
  for (const [name, age] of [
    ['old.sock', 31],
    ['new.sock', 29],
    ['old.json', 31],
  ] as const) {
    writeFileSync(path.join(base, name), '');
    const then = new Date(now - age * day);
    utimesSync(path.join(base, name), then, then);
  }
  removeOldSockets(base, now);
  expect(['old.sock', 'new.sock', 'old.json'].filter(name => existsSync(path.join(base, name)))).toEqual([
    'new.sock',
    'old.json',
  ]);
  expect(() => removeOldSockets(path.join(base, 'missing'))).not.toThrow();
});
