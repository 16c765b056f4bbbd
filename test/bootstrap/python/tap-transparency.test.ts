/** Bare and observed, a program finds the same objects, functions, errors and modules. */

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { anyPython, environment, pythons } from '../../support/python-environments.js';
import { HOOK, openTapBench, type TapBench } from '../../support/tap-observed.js';
import { ANSWER, openTapProvider, type TapProvider } from '../../support/tap-provider.js';

jest.setTimeout(300_000);

const PROGRAMS = path.resolve(import.meta.dirname, '../../support/python-tap');
let provider: TapProvider;
let bench: TapBench;

beforeAll(async () => {
  provider = await openTapProvider();
  bench = await openTapBench();
});
afterAll(async () => {
  await bench?.close();
  await provider?.close();
});

test('what a program can find out about its libraries', async () => {
  const python = await environment('tap', await anyPython());
  const words = [path.join(PROGRAMS, 'facts.py'), provider.http];
  // Addresses and the ports of sockets differ by themselves.
  const plain = (text: string) => text.replace(/0x[0-9a-f]+/g, '0x');
  const bare = await bench.run(python, words, { bare: true });
  bench.clear();
  const tapped = await bench.run(python, words);
  expect(bare).toMatchObject({ status: 0, stderr: '' });
  expect(plain(tapped.stdout).split('\n')).toEqual(plain(bare.stdout).split('\n'));
  expect(tapped).toMatchObject({ status: 0, stderr: '' });
  expect((await bench.exchanges(17)).length).toBe(17);
});

const CALL = `
import json, sys, urllib.request
sys.stdout.write(repr((sorted(m for m in sys.modules if 'openlit' in m), sys.path[1:], type(sys.modules['http.client'].__spec__).__name__)))
request = urllib.request.Request(sys.argv[1] + "/v1/chat/completions", b'{"messages":[]}', {"content-type": "application/json"})
print(urllib.request.urlopen(request).read())
`;

test('every Python that is here', async () => {
  for (const { file, version } of await pythons(['3.9', '3.10', '3.11', '3.12', '3.13', '3.14'])) {
    const bare = await bench.run(file, ['-c', CALL, provider.http], { bare: true });
    bench.clear();
    const tapped = await bench.run(file, ['-c', CALL, provider.http]);
    expect({ version, ...tapped }).toEqual({ version, ...bare });
    expect(tapped).toMatchObject({ status: 0, stderr: '' });
    const [exchange] = await bench.exchanges(1);
    expect({ version, received: exchange?.received }).toEqual({ version, received: expect.stringContaining(ANSWER) });
  }
});

test('Pythons that are too old run as without us', async () => {
  for (const { file } of await pythons(['2.7', '3.6', '3.7', '3.8'])) {
    const bare = await bench.run(file, ['-c', 'import sys; print(sys.path[1:])'], { bare: true });
    expect(await bench.run(file, ['-c', 'import sys; print(sys.path[1:])'])).toEqual(bare);
  }
});

test('a sitecustomize of the program’s own still runs', async () => {
  const { file } = await anyPython();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'site-'));
  writeFileSync(path.join(folder, 'sitecustomize.py'), 'import sys, http.client; sys.mine = __file__');
  const env = { PYTHONPATH: `${HOOK}${path.delimiter}${folder}` };
  const code = `${CALL}\nprint(sys.mine, sys.modules['sitecustomize'].__file__)`;
  const tapped = await bench.run(file, ['-c', code, provider.http], { env });
  expect(tapped).toMatchObject({ status: 0, stderr: '' });
  const own = path.join(folder, 'sitecustomize.py');
  expect(tapped.stdout).toContain(`${own} ${own}`);
  rmSync(folder, { recursive: true });
});

test('an empty program loads next to nothing', async () => {
  const { file } = await anyPython();
  const code = 'import sys; print(len(sys.modules), "json" in sys.modules, "_socket" in sys.modules)';
  const bare = await bench.run(file, ['-S', '-c', 'pass'], { bare: true });
  expect(bare.status).toBe(0);
  const [without] = (await bench.run(file, ['-c', code], { bare: true })).stdout.split(' ');
  const [count, ...rest] = (await bench.run(file, ['-c', code])).stdout.trim().split(' ');
  expect(rest).toEqual(['False', 'False']);
  expect(Number(count) - Number(without)).toBeLessThan(4);
});

test('compiled code is kept where it is private, and nowhere else', async () => {
  const { file } = await anyPython();
  const base = mkdtempSync(path.join(os.tmpdir(), 'code-'));
  const folder = path.join(base, 'python-code');
  const run = (env = {}) =>
    bench.run(file, ['-c', 'import http.client'], { env: { OPENLIT_INSTRUMENT_CACHE_DIR: base, ...env } });
  await run();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const names = readdirSync(folder);
  expect(names.some(name => /^watch\..*\.code$/.test(name))).toBe(true);
  // What others can write is not run.
  const watch = path.join(folder, names.find(name => name.startsWith('watch.'))!);
  writeFileSync(watch, 'damaged');
  expect(await run()).toMatchObject({ status: 0, stderr: '' });
  chmodSync(folder, 0o777);
  writeFileSync(watch, 'damaged');
  expect(await run()).toMatchObject({ status: 0, stderr: '' });
  expect(statSync(watch).size).toBe(7);
  rmSync(base, { recursive: true });
  const nowhere = mkdtempSync(path.join(os.tmpdir(), 'code-'));
  mkdirSync(path.join(nowhere, 'file'));
  expect(await run({ OPENLIT_INSTRUMENT_CACHE_DIR: '/proc/nowhere' })).toMatchObject({ status: 0, stderr: '' });
  rmSync(nowhere, { recursive: true });
});

test('the first file parses on Python 2.7', async () => {
  for (const { file } of await pythons(['2.7']))
    execFileSync(file, [
      '-c',
      'import sys; compile(open(sys.argv[1]).read(), "s", "exec")',
      path.join(HOOK, 'sitecustomize.py'),
    ]);
});
