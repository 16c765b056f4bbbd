/** One agent acts on a machine, whoever was killed before. */
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { namespaceOf } from '../../../src/machine/namespaces.js';
import { readStat } from '../../../src/machine/stat.js';
import { openLock } from '../../../src/runs/agent/lock.js';

const folder = mkdtempSync(path.join(tmpdir(), 'lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => path.join(folder, `${++files}.lock`);
/** A process that certainly lives: the one that started us. */
const alive = { pid: process.ppid, start: readStat(process.ppid)!.startTime };
const namespace = namespaceOf('self', 'pid');

test('free, it is taken; held, it is held further; released, it is gone', () => {
  const file = newFile();
  const lock = openLock(file);
  expect(lock.hold()).toEqual({ ours: true });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
  expect(lock.hold()).toEqual({ ours: true });
  lock.release();
  expect(existsSync(file)).toBe(false);
});

test('a living holder keeps it, and its file', () => {
  const file = newFile();
  const text = JSON.stringify({ ...alive, namespace });
  writeFileSync(file, text);
  const lock = openLock(file);
  expect(lock.hold()).toEqual({ ours: false, heldBy: `process ${process.ppid}` });
  lock.release();
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test.each([
  ['that was killed', { pid: 2 ** 22 + 1, start: '1' }],
  ['whose pid is another process by now', { pid: process.ppid, start: '1' }],
  ['of our own pid, before a reboot', { pid: process.pid, start: '1' }],
])('a holder %s holds nothing', (_name, holder) => {
  const file = newFile();
  writeFileSync(file, JSON.stringify({ ...holder, namespace }));
  expect(openLock(file).hold()).toEqual({ ours: true });
});

test('a file that makes no sense holds nothing', () => {
  const file = newFile();
  writeFileSync(file, 'what');
  expect(openLock(file).hold()).toEqual({ ours: true });
});

test('a holder in another pid namespace is believed while it touches the file', () => {
  const file = newFile();
  writeFileSync(file, JSON.stringify({ pid: 7, start: '1', namespace: 'pid:[1]' }));
  let now = Date.now();
  const lock = openLock(file, () => now);
  expect(lock.hold()).toEqual({ ours: false, heldBy: 'process 7' });
  utimesSync(file, now / 1000, now / 1000);
  now += 121_000;
  expect(lock.hold()).toEqual({ ours: true });
});

test('whose lock was taken away notices before its next deed', () => {
  const file = newFile();
  const lock = openLock(file);
  lock.hold();
  writeFileSync(file, JSON.stringify({ ...alive, namespace }));
  expect(lock.hold()).toEqual({ ours: false, heldBy: `process ${process.ppid}` });
});
