import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openCallStore, type RunFacts, type StoredCall } from '../../src/store/call-store.js';

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'openlit-store-'));
  env = { OPENLIT_INSTRUMENT_CACHE_DIR: folder };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const RUN = { program: 'python3', pid: 99, started: '2026-01-02T03:04:05.678Z' };
const CALL: StoredCall = {
  id: 'b'.repeat(16),
  pid: 4242,
  attributes: { 'gen_ai.operation.name': 'chat' },
  start: '1000000000',
  first_chunk: '1100000000',
  end: '1500000000',
  partial: ['gap'],
  cost: { amount: 0.0000039, currency: 'USD' },
  trace_id: 'a'.repeat(32),
};

function unexpected(reason: string): never {
  throw new Error(reason);
}

interface StoredRun extends RunFacts {
  readonly file: string;
  readonly calls: readonly StoredCall[];
}

/** As a later command would: runs, newest first; lines that are cut are left out. */
function readRuns(): StoredRun[] {
  const runs = path.join(folder, 'runs');
  if (!existsSync(runs)) return [];
  const files = readdirSync(runs).map(name => path.join(runs, name));
  return files
    .sort()
    .reverse()
    .map(file => {
      const [head, ...calls] = readFileSync(file, 'utf8').split('\n').flatMap(parseLine);
      return { ...head.run, file, calls };
    });
}

function parseLine(line: string) {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

describe('call store', () => {
  test('calls come back as they were, in the stable form', () => {
    const store = openCallStore(RUN, unexpected, { env });
    const below = { ...CALL, id: '2', parent_id: 'c'.repeat(16) };
    store.add(CALL);
    store.add(below);
    expect(readRuns()).toEqual([
      { ...RUN, file: path.join(folder, 'runs', '2026-01-02T030405.678Z-99.ndjson'), calls: [CALL, below] },
    ]);
  });

  test('a run without calls leaves nothing', () => {
    openCallStore(RUN, unexpected, { env });
    expect(readdirSync(folder)).toEqual([]);
    expect(readRuns()).toEqual([]);
  });

  test('only its owner can read it', () => {
    openCallStore(RUN, unexpected, { env }).add(CALL);
    const { file } = readRuns()[0]!;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
  });

  test('a run that was killed while it wrote keeps what was whole', () => {
    openCallStore(RUN, unexpected, { env }).add(CALL);
    const { file } = readRuns()[0]!;
    appendFileSync(file, '{"id":"half');
    expect(readRuns()[0]!.calls).toHaveLength(1);
  });

  test('the newest 200 runs are kept, the newest first', () => {
    const runs = path.join(folder, 'runs');
    mkdirSync(runs);
    for (let index = 0; index < 205; index++) {
      const name = `2025-01-01T00${String(index).padStart(4, '0')}.000Z-1.ndjson`;
      writeFileSync(path.join(runs, name), `${JSON.stringify({ run: { ...RUN, pid: index } })}\n`);
    }
    openCallStore(RUN, unexpected, { env }).add(CALL);
    const found = readRuns();
    expect(found).toHaveLength(200);
    expect(found.slice(0, 2).map(({ pid }) => pid)).toEqual([99, 204]);
  });

  test('a folder that cannot be made is said once, and the run goes on', () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    const said: string[] = [];
    const store = openCallStore(RUN, reason => said.push(reason), { env: { OPENLIT_INSTRUMENT_CACHE_DIR: file } });
    store.add(CALL);
    store.add(CALL);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^calls are not kept: ENOTDIR at /);
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
