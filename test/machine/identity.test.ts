/** Whether a process is there: an end is read from the process, never from a fault of ours. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { identify, isRunning } from '../../src/machine/identity.js';
import { isGone, unreadable } from '../../src/machine/proc.js';
import { tracerOf } from '../../src/machine/tracer.js';

const root = mkdtempSync(path.join(tmpdir(), 'proc-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A process as /proc shows it. */
function plant(pid: number, { state = 'S', start = '77', status = '', comm = 'tool', threads = 1 } = {}) {
  const folder = path.join(root, `${pid}`);
  mkdirSync(folder);
  const rest = `1 1 1 0 -1 ${Array(11).fill('0').join(' ')} ${threads} 0 ${start} 0 0`;
  writeFileSync(path.join(folder, 'stat'), `${pid} (${comm}) ${state} ${rest}\n`);
  writeFileSync(path.join(folder, 'status'), status);
  writeFileSync(path.join(folder, 'comm'), `${comm}\n`);
  symlinkSync('/opt/some tool', path.join(folder, 'exe'));
}

describe('identify and isRunning', () => {
  test('a process that is there', () => {
    plant(10);
    expect(identify(10, root)).toEqual({ pid: 10, name: 'some tool', startTime: '77' });
    expect(isRunning({ pid: 10, name: 'x', startTime: '77' }, root)).toBe(true);
    expect(isRunning({ pid: 10, name: 'x', startTime: '78' }, root)).toBe(false); // another one under its number
  });

  test('none, and one that has ended', () => {
    plant(11, { state: 'Z' });
    for (const pid of [11, 12]) {
      expect(() => identify(pid, root)).toThrow(expect.objectContaining({ code: 'NO_PROCESS' }));
      expect(isRunning({ pid, name: 'x', startTime: '77' }, root)).toBe(false);
    }
  });

  test('a process whose main thread has ended runs on', () => {
    plant(14, { state: 'Z', threads: 2 });
    expect(identify(14, root).startTime).toBe('77');
    expect(isRunning({ pid: 14, name: 'x', startTime: '77' }, root)).toBe(true);
  });

  test('what cannot be read is no end', () => {
    mkdirSync(path.join(root, '13', 'stat'), { recursive: true }); // reading it fails, and not with ENOENT
    expect(() => identify(13, root)).toThrow(expect.objectContaining({ code: 'NOT_READABLE' }));
    expect(isRunning({ pid: 13, name: 'x', startTime: '77' }, root)).toBe(true);
  });

  test.each([
    ['ENOENT', true],
    ['ESRCH', true],
    ['EMFILE', false],
    ['EACCES', false],
  ])('%s: gone is %s', (code, gone) => expect(isGone(Object.assign(new Error(code), { code }))).toBe(gone));

  test.each(['EMFILE', 'ENFILE'])('%s has words of its own, and a command', code => {
    const problem = unreadable('/proc/1/stat', Object.assign(new Error(code), { code }));
    expect(problem).toMatchObject({ code: 'TOO_MANY_FILES', exit: 3 });
    expect(problem.fixes.join()).toContain('ulimit -n');
  });
});

describe('the tracer', () => {
  test('its pid and name, or only its pid, or none', () => {
    plant(20, { comm: 'gdb' });
    plant(21, { status: 'Name:\tx\nTracerPid:\t20\n' });
    plant(22, { status: 'Name:\tx\nTracerPid:\t9999\n' });
    plant(23, { status: 'Name:\tx\nTracerPid:\t0\n' });
    expect(tracerOf(21, root)).toEqual({ pid: 20, name: 'gdb' });
    expect(tracerOf(22, root)).toEqual({ pid: 9999 });
    expect(tracerOf(23, root)).toBeUndefined();
    expect(tracerOf(24, root)).toBeUndefined();
  });
});
