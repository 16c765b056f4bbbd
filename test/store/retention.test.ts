import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openCallStore } from '../../src/store/call-store.js';
import { openReader } from '../../src/store/reader.js';
import { DEFAULT_RETENTION, filesToRemove } from '../../src/store/retention.js';
import { call, keep, RUN } from './kept.js';

const NOW = 1_000_000;
const file = (run: string, changed: number, size = 10, part = '') => ({ name: `${run}${part}`, run, size, changed });

describe('what goes', () => {
  const keeping = { runs: 100, size: 1000, age: 1000 };
  test.each([
    ['nothing, while all is within bounds', { ...keeping }, []],
    ['the oldest runs, where there are too many', { ...keeping, runs: 2 }, ['a', 'b']],
    ['the oldest files, while they are too large together', { ...keeping, size: 45 }, ['a', 'b']],
    ['what was last written too long ago', { ...keeping, age: 250 }, ['a', 'b']],
    ['all but the own one, where nothing may be kept', { runs: 1, size: 1, age: 1 }, ['a', 'b', 'c']],
  ])('%s', (_name, retention, removed) => {
    const files = [file('b', NOW - 300), file('own', NOW - 5000, 20), file('a', NOW - 400), file('c', NOW - 200, 20)];
    expect(filesToRemove(files, 'own', retention, NOW)).toEqual(removed);
  });

  test('the first files of a long run go before newer runs; a run that still grows is no old one', () => {
    const files = [file('long', NOW - 900), file('long', NOW - 10, 10, '.1'), file('short', NOW - 500)];
    expect(filesToRemove(files, 'own', { ...keeping, size: 25 }, NOW)).toEqual(['long']);
    expect(filesToRemove(files, 'own', { ...keeping, runs: 1 }, NOW)).toEqual(['short']);
  });
});

describe('a run that grows', () => {
  let cache: string;
  let folder: string;
  beforeEach(() => {
    cache = mkdtempSync(path.join(os.tmpdir(), 'openlit-retention-'));
    folder = path.join(cache, 'runs');
  });
  afterEach(() => rmSync(cache, { recursive: true, force: true }));

  const fail = (reason: string) => {
    throw new Error(reason);
  };
  const env = () => ({ OPENLIT_INSTRUMENT_CACHE_DIR: cache });
  const sizeOf = (name: string) => readFileSync(path.join(folder, name)).length;

  test('stays within the size: its first calls go, its last ones are there', async () => {
    keep(folder, [call({ id: 1 })], { pid: 1 });
    const size = 40_000;
    const store = openCallStore(RUN, fail, { retention: { ...DEFAULT_RETENTION, size }, env: env() });
    for (let id = 1; id <= 500; id++) {
      store.add(call({ id }));
      const files = readdirSync(folder);
      // One file is written while the others are counted.
      expect(files.reduce((sum, name) => sum + sizeOf(name), 0)).toBeLessThan(size * 1.25);
    }
    const reader = openReader({ folder });
    await reader.read();
    expect(reader.runs).toMatchObject([{ pid: RUN.pid, program: 'python3', broken: 0 }]);
    const ids = [...Array(reader.table.length).keys()].map(row => reader.table.columns.id[row * 8 + 7]);
    expect(ids).toContain(500 & 0xff);
    expect(reader.table.length).toBeGreaterThan(50);
    expect(reader.table.length).toBeLessThan(200);
  });

  test('lets go of what is too old, by its own clock', () => {
    let time = Date.now();
    const age = 8000;
    const store = openCallStore(RUN, fail, { retention: { ...DEFAULT_RETENTION, age }, env: env(), now: () => time });
    for (let index = 0; index < 30; index++) {
      store.add(call({ id: index + 1 }));
      // The system's clock does not stand still for a test: what it would have written.
      const last = readdirSync(folder)
        .sort((a, b) => partOf(a) - partOf(b))
        .at(-1)!;
      utimesSync(path.join(folder, last), time / 1000, time / 1000);
      time += 1000;
    }
    const parts = readdirSync(folder).map(partOf);
    expect(Math.min(...parts)).toBeGreaterThan(10);
    expect(parts.length).toBeLessThanOrEqual(10);
  });

  test('goes on in a whole file where somebody has removed it', async () => {
    const store = openCallStore(RUN, fail, { env: env() });
    store.add(call({ id: 1 }));
    rmSync(folder, { recursive: true });
    store.add(call({ id: 2 }));
    const reader = openReader({ folder });
    await reader.read();
    expect(reader.runs).toMatchObject([{ program: 'python3', calls: 1, broken: 0 }]);
  });
});

const partOf = (name: string) => Number(/\.(\d+)\.ndjson$/.exec(name)?.[1] ?? 0);
