/** A Python SDK that cannot be set up: the program runs, one line says why, and the next launch does not wait again. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, DEAD_ENDPOINT, LAUNCH, run } from '../support/launcher.js';

// pip tries a dead index for a while.
jest.setTimeout(120_000);

let store: string;
let python: string;
beforeAll(() => {
  store = mkdtempSync(path.join(os.tmpdir(), 'prepare-python-'));
  // Without pip of its own there is one installer to wait for instead of two: the one in ensurepip.
  execFileSync('python3', ['-m', 'venv', '--without-pip', path.join(store, 'venv')]);
  python = path.join(store, 'venv', 'bin', 'python');
  // The one thing that asks for the SDK: a library that has no hook of its own.
  mkdirSync(path.join(sitePackages(), 'crewai-1.15.30.dist-info'));
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

const sitePackages = () => {
  const library = path.join(store, 'venv', 'lib');
  return path.join(library, readdirSync(library)[0]!, 'site-packages');
};

const launch = (...flags: string[]) =>
  run([...LAUNCH, ...flags, '--endpoint', DEAD_ENDPOINT, python, '-c', 'print("ran")'], {
    env: cleanEnvironment({
      OPENLIT_INSTRUMENT_PYTHON_SDK: store,
      // An index where nobody listens, asked once.
      PIP_INDEX_URL: `${DEAD_ENDPOINT}/simple`,
      PIP_RETRIES: '0',
      PIP_TIMEOUT: '1',
      PIP_NO_CACHE_DIR: '1',
      UV_DEFAULT_INDEX: `${DEAD_ENDPOINT}/simple`,
      UV_HTTP_RETRIES: '0',
      UV_NO_CACHE: '1',
    }),
  });

const mark = () =>
  path.join(store, 'ready', readdirSync(path.join(store, 'ready')).find(name => name.endsWith('.failed'))!);

test('one line, and the program runs; afterwards the failure is remembered for an hour', async () => {
  const first = await launch();
  expect(first).toMatchObject({ stdout: 'ran\n', status: 0 });
  expect(first.stderr).toMatch(
    /openlit-instrument: LLM calls are seen, agents and tools are not: .* could not be installed: .*; try: openlit-instrument setup python/,
  );
  const { mtimeMs } = statSync(mark());

  const second = await launch();
  expect(second).toMatchObject({ stdout: 'ran\n', status: 0 });
  expect(second.stderr).toMatch(
    /^openlit-instrument: LLM calls are seen, agents and tools are not: OpenLIT's SDK for Python could not be set up; try: .*\n$/,
  );
  // Nothing was tried: the mark is the old one.
  expect(statSync(mark()).mtimeMs).toBe(mtimeMs);
  expect(await launch('--quiet')).toMatchObject({ stdout: 'ran\n', stderr: '', status: 0 });

  const twoHoursAgo = new Date(Date.now() - 7_200_000);
  utimesSync(mark(), twoHoursAgo, twoHoursAgo);
  expect((await launch()).stderr).toContain('could not be installed');
  expect(statSync(mark()).mtimeMs).toBeGreaterThan(mtimeMs);
});

test('without a library that needs it, nothing is fetched and nothing is said', async () => {
  rmSync(path.join(sitePackages(), 'crewai-1.15.30.dist-info'), { recursive: true });
  rmSync(path.join(store, 'ready'), { recursive: true, force: true });
  expect(await launch()).toMatchObject({ stdout: 'ran\n', stderr: '', status: 0 });
  expect(readdirSync(store)).toEqual(['venv']);
});
