/** What was found in a file is used for that file, and no other that says it is the same. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Planner } from '../../../src/attach/sources/plan.js';
import { makeElf } from '../elf-image.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'plan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const onLinux = process.platform === 'linux' ? test : test.skip;
if (process.platform !== 'linux') process.stdout.write('skipped: places in files of a process need Linux\n');

/** A library of one build-id whose functions begin `apart` bytes apart. */
function library(name: string, apart: number): string {
  const file = path.join(folder, name);
  const symbols = ['SSL_write', 'SSL_read'].map((each, i) => ({ name: each, at: 0x1000 + apart * i, size: 16 }));
  writeFileSync(file, makeElf({ code: Buffer.alloc(128, 0x55), symbols, buildId: 'c0ffee00c0ffee00' }));
  return file;
}

onLinux('a file with the build-id of another has places of its own: who writes a file chooses its build-id', () => {
  const planner = new Planner();
  const readAt = (file: string) =>
    planner.planFile(process.pid, file)!.placement.places.find(({ action }) => action === 'read')!.address;
  expect(readAt(library('one.so', 16))).toBe(0x1010);
  expect(readAt(library('other.so', 64))).toBe(0x1040);
});
