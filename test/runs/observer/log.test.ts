/** The observer's log: bounded, without credentials, and never a reason to stop. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { observerLog, openLog } from '../../../src/runs/observer/log.js';
import { CORE, SHAPES } from '../../support/planted.js';

let base: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  base = mkdtempSync(path.join(os.tmpdir(), 'observer-log-'));
  env = { OPENLIT_INSTRUMENT_CACHE_DIR: path.join(base, 'cache') };
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

test('a line has its time and pid, and only this user may read it', () => {
  openLog(env)('the collector cannot be reached');
  const file = observerLog(env);
  expect(readFileSync(file, 'utf8')).toMatch(
    new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z ${process.pid} the collector cannot be reached\\n$`),
  );
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});

test('no credential is in it', () => {
  const log = openLog(env);
  for (const secret of Object.values(SHAPES)) log(`it said: ${secret}`);
  const text = readFileSync(observerLog(env), 'utf8');
  expect(text.split('\n').length).toBeGreaterThan(Object.keys(SHAPES).length);
  expect(text).not.toContain(CORE);
});

test('it does not grow without end', () => {
  const log = openLog(env);
  const line = 'x'.repeat(10_000);
  for (let count = 0; count < 100; count += 1) log(line);
  const file = observerLog(env);
  expect(statSync(file).size).toBeLessThan(300_000);
  expect(statSync(`${file}.1`).size).toBeLessThan(300_000);
});

test('where it cannot be written, nobody is told, and nothing is thrown', () => {
  writeFileSync(path.join(base, 'cache'), 'a file');
  expect(() => openLog(env)('lost')).not.toThrow();
});
