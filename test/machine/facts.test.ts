/** What /proc says, on texts that break naive readers, and on this very process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { childrenOf } from '../../src/machine/children.js';
import { parseEnvironment } from '../../src/machine/environment.js';
import { namesOf, readFacts } from '../../src/machine/facts.js';
import { identify, isRunning } from '../../src/machine/identity.js';
import { namespaceOf } from '../../src/machine/namespaces.js';
import { fieldOf, splitNul } from '../../src/machine/proc.js';
import { detectRuntime } from '../../src/machine/runtime.js';
import { runtimeOfCommand } from '../../src/machine/runtimes.js';
import { parseStat } from '../../src/machine/stat.js';

const linux = process.platform === 'linux' ? test : test.skip;
if (process.platform !== 'linux') console.log('skipped: /proc is Linux alone');

describe('stat', () => {
  test('a name that holds brackets, spaces and a newline', () => {
    const text = '42 (a) R (b\n) S 7 41 40 1025 41 4194304 1 0 0 0 2 3 0 0 20 0 1 0 987654 1 2\n';
    expect(parseStat(text)).toEqual({
      kernelName: 'a) R (b\n',
      state: 'S',
      parent: 7,
      group: 41,
      session: 40,
      foreground: 41,
      threads: 1,
      startTime: '987654',
    });
  });
  test.each(['', 'x', '1 (a'])('%j is no stat', text => {
    expect(parseStat(text)).toBeUndefined();
  });
});

test('environ: the first of two counts, what has no name is left out, a value may hold anything', () => {
  const text = 'A=1\0=x\0noequals\0A=2\0B=\0C=x=y\nz\0';
  expect([...parseEnvironment(Buffer.from(text))]).toEqual([
    ['A', '1'],
    ['B', ''],
    ['C', 'x=y\nz'],
  ]);
});

test('words keep their bytes, also without a zero at the end', () => {
  expect(splitNul(Buffer.from([97, 0, 0, 255, 98]))).toEqual([
    Buffer.from('a'),
    Buffer.alloc(0),
    Buffer.from([255, 98]),
  ]);
});

test('one line of status', () => {
  expect(fieldOf('Name:\tsh\nPPid:\t12\n', 'PPid')).toBe('12');
  expect(fieldOf('XPPid:\t12\n', 'PPid')).toBeUndefined();
});

linux('this very process', () => {
  const facts = readFacts(process.pid)!;
  expect(facts).toMatchObject({
    pid: process.pid,
    parent: process.ppid,
    uid: process.getuid!(),
    executable: process.execPath,
    workingDirectory: process.cwd(),
  });
  expect(facts.environment?.get('PATH')).toBe(process.env['PATH']);
  expect(identify(process.pid)).toEqual({ pid: process.pid, name: facts.name, startTime: facts.startTime });
  expect(detectRuntime(facts)).toEqual({ name: 'node', version: process.versions.node });
  expect(namespaceOf(process.pid, 'net')).toBe(readlinkSync('/proc/self/ns/net'));
  expect(namesOf(process.pid)).toContain(path.basename(process.execPath));
});

linux('children, and the end of a process', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  expect(childrenOf(process.pid)).toContain(child.pid);
  const identity = identify(child.pid!);
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ ...identity, startTime: '1' })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(identity)).toBe(false);
  expect(() => identify(child.pid!)).toThrow(/no process|has ended/);
});

describe('runtimes by the name of their program', () => {
  test.each([
    ['/usr/bin/python3.13t', 'python'],
    ['pypy3.10', 'python'],
    ['node22', 'node'],
    ['nodejs', 'node'],
    ['bun-profile', 'bun'],
    ['/opt/jdk/bin/java', 'java'],
    ['php-fpm8.2', 'php'],
    ['ruby3.3', 'ruby'],
  ])('%s', (command, name) => {
    expect(runtimeOfCommand(command)?.name).toBe(name);
  });
  test.each(['pythonista', 'node-gyp', 'nodemon', 'javac', 'bunx', 'go'])('%s is none', command => {
    expect(runtimeOfCommand(command)).toBeUndefined();
  });
});

linux(
  'a Go program is told by what its linker wrote, under any name',
  async () => {
    if (spawnSync('go', ['version']).status !== 0) return console.log('skipped: no Go to build a program with');
    const folder = mkdtempSync(path.join(tmpdir(), 'runtime-'));
    try {
      const source = path.join(folder, 'main.go');
      const binary = path.join(folder, 'shop');
      const { writeFileSync } = await import('node:fs');
      writeFileSync(source, 'package main\nimport "time"\nfunc main() { time.Sleep(time.Hour) }\n');
      const built = spawnSync('go', ['build', '-ldflags=-s -w', '-o', binary, source], { encoding: 'utf8' });
      expect(built.stderr).toBe('');
      copyFileSync('/bin/sleep', path.join(folder, 'go'));
      const children = [spawn(binary), spawn(path.join(folder, 'go'), ['60'])];
      await Promise.all(children.map(child => once(child, 'spawn')));
      const [go, sleep] = children.map(({ pid }) => detectRuntime(readFacts(pid!)!));
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map(child => once(child, 'exit')));
      expect(go).toEqual({ name: 'go' });
      expect(sleep).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
