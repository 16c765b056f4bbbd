/** Desired-state files on a real disk: what cannot be read withdraws nothing. */
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Desired, desireOf, NOTHING_DESIRED } from '../../../src/agent/desired.js';
import { createDesiredFiles, type DesiredFiles } from '../../../src/runs/agent/desired-files.js';

const [A, B] = ['linux:exe:aaaaaa', 'linux:exe:bbbbbb'];
const text = (key: string, value = 'on') => `workloads:\n  - key: ${key}\n    observe: ${value}\n`;

let folder: string;
let files: DesiredFiles;
let desired: Desired;
let errors: readonly string[];
let wakes: number;
const NOW = Date.now() + 60_000;
const apply = (now = NOW) => {
  ({ desired, errors } = files.apply(desired, now));
};
const isOn = (key: string) => desireOf(desired, key, 'observe')?.value;
const watching = (...places: string[]) => {
  files = createDesiredFiles(places, () => {
    wakes++;
  });
};
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'desired-'));
  desired = NOTHING_DESIRED;
  errors = [];
  wakes = 0;
});
afterEach(() => {
  files.close();
  rmSync(folder, { recursive: true, force: true });
});
const put = (name: string, content: string) => writeFileSync(path.join(folder, name), content);

test('the files of a folder; one that is taken away withdraws what it asked for', () => {
  watching(folder);
  put('a.yml', text(A!));
  put('b.json', JSON.stringify({ workloads: [{ key: B, observe: 'on' }] }));
  put('.hidden.yml', text('linux:exe:cccccc'));
  put('README.md', 'not for us');
  apply();
  expect([isOn(A!), isOn(B!), errors]).toEqual(['on', 'on', []]);
  expect(desired.wishes).toHaveLength(2);
  unlinkSync(path.join(folder, 'b.json'));
  apply();
  expect([isOn(A!), isOn(B!)]).toEqual(['on', 'off']);
});

test('a folder that is not there, or that is empty of a sudden, is one that is not mounted', () => {
  const inner = path.join(folder, 'fleet.d');
  mkdirSync(inner);
  watching(`${inner}/`);
  writeFileSync(path.join(inner, 'a.yml'), text(A!));
  apply();
  renameSync(inner, `${inner}.away`);
  apply();
  expect([isOn(A!), errors]).toEqual(['on', [`${inner} cannot be read: no such folder`]]);
  mkdirSync(inner);
  apply();
  expect(isOn(A!)).toBe('on');
  expect(errors).toEqual([expect.stringContaining('it has no file any more')]);
  writeFileSync(path.join(inner, 'none.yml'), 'workloads: []\n');
  apply();
  expect([isOn(A!), errors]).toEqual(['off', []]);
});

test('a broken file is said with its line, and keeps what it asked for; the others go on', () => {
  watching(folder);
  put('a.yml', text(A!));
  apply();
  put('a.yml', text(A!, 'perhaps'));
  put('b.yml', text(B!));
  apply();
  expect([isOn(A!), isOn(B!)]).toEqual(['on', 'on']);
  expect(errors).toEqual([`${folder}/a.yml:3: workloads.0.observe is "perhaps": allowed: on or off`]);
});

test('a file that was written just now is read when it has settled: it may be half a file', async () => {
  watching(folder);
  put('a.yml', text(A!));
  apply();
  put('a.yml', '');
  const now = Date.now();
  utimesSync(path.join(folder, 'a.yml'), now / 1000, now / 1000);
  apply(now + 10);
  expect(isOn(A!)).toBe('on');
  while (wakes === 0) await new Promise(resolve => setTimeout(resolve, 20));
  put('a.yml', text(A!));
  apply();
  expect([isOn(A!), desireOf(desired, A!, 'observe')?.revision]).toEqual(['on', 1]);
});

test('files that are links into a folder that is swapped (a ConfigMap) are read through them', () => {
  watching(folder);
  for (const version of ['1', '2']) mkdirSync(path.join(folder, `..${version}`));
  writeFileSync(path.join(folder, '..1', 'a.yml'), text(A!));
  writeFileSync(path.join(folder, '..2', 'a.yml'), text(A!, 'off'));
  symlinkSync('..1', path.join(folder, '..data'));
  symlinkSync('..data/a.yml', path.join(folder, 'a.yml'));
  apply();
  expect(isOn(A!)).toBe('on');
  symlinkSync('..2', path.join(folder, '..new'));
  renameSync(path.join(folder, '..new'), path.join(folder, '..data'));
  apply();
  expect(isOn(A!)).toBe('off');
});

test('a change is noticed at once', async () => {
  watching(folder);
  apply();
  put('a.yml', text(A!));
  while (wakes === 0) await new Promise(resolve => setTimeout(resolve, 20));
  expect(wakes).toBeGreaterThan(0);
});
