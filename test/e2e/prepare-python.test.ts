/** A Python SDK that cannot be set up: the program runs, one line says why, and the next launch does not wait again. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
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
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

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
    /openlit-instrument: Python runs un-instrumented: .* could not be installed: .*; try: openlit-instrument setup python/,
  );
  const { mtimeMs } = statSync(mark());

  const second = await launch();
  expect(second).toMatchObject({ stdout: 'ran\n', status: 0 });
  expect(second.stderr).toMatch(
    /^openlit-instrument: Python runs un-instrumented: its SDK could not be set up; try: .*\n$/,
  );
  // Nothing was tried: the mark is the old one.
  expect(statSync(mark()).mtimeMs).toBe(mtimeMs);
  expect(await launch('--quiet')).toMatchObject({ stdout: 'ran\n', stderr: '', status: 0 });

  const twoHoursAgo = new Date(Date.now() - 7_200_000);
  utimesSync(mark(), twoHoursAgo, twoHoursAgo);
  expect((await launch()).stderr).toContain('could not be installed');
  expect(statSync(mark()).mtimeMs).toBeGreaterThan(mtimeMs);
});
