/** Places in which we cannot do as we like, and in which the program must run all the same. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { openFullPipe } from '../support/full-pipe.js';
import { cleanEnvironment, DEAD_ENDPOINT, LAUNCH, ROOT, type RunOptions, run } from '../support/launcher.js';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'odd-places-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = (extra: NodeJS.ProcessEnv = {}) =>
  cleanEnvironment({ OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'), ...extra });

const PROGRAM = [process.execPath, '-e', 'console.log("ran")'];

/** Ends what hangs. */
const launched = (words: readonly string[], options: RunOptions) =>
  run(['timeout', '-s', 'KILL', '20', ...words], { env: environment(), ...options });

describe('stderr is a full pipe that nobody reads', () => {
  test.each([
    ['the local view and its summary', [...LAUNCH, '--live', ...PROGRAM]],
    ['a note before the program', [...LAUNCH, '--live', '--endpoint', DEAD_ENDPOINT, ...PROGRAM]],
  ])('%s', async (_, words) => {
    const pipe = openFullPipe();
    try {
      const ended = await launched(words, { stdio: ['ignore', 'pipe', pipe.descriptor] });
      expect(ended).toMatchObject({ stdout: 'ran\n', status: 0 });
      expect(pipe.drain()).toMatch(/^x+$/);
    } finally {
      pipe.close();
    }
  });

  test('a line of the tap', async () => {
    const strange = path.join(folder, 'strange.cjs');
    writeFileSync(strange, 'require("net").Socket.prototype.push = undefined;');
    const hook = path.join(ROOT, 'dist/bootstrap/node/hook.cjs');
    const words = [
      process.execPath,
      '--require',
      strange,
      '--require',
      hook,
      '-e',
      'require("fs").writeSync(1, "ran")',
    ];
    const env = environment({ OPENLIT_INSTRUMENT_TAP: '{}' });
    expect((await launched(words, { env })).stderr).toContain('net.Socket has no push');
    const pipe = openFullPipe();
    try {
      const ended = await launched(words, { env, stdio: ['ignore', 'pipe', pipe.descriptor] });
      expect(ended).toMatchObject({ stdout: 'ran', status: 0 });
    } finally {
      pipe.close();
    }
  });
});

test.each([
  ['OPENLIT_INSTRUMENT_CACHE_DIR', ['--endpoint', DEAD_ENDPOINT]],
  ['XDG_CACHE_HOME', ['--endpoint', DEAD_ENDPOINT]],
  ['OPENLIT_INSTRUMENT_CACHE_DIR', ['--quiet']],
])('%s in a folder that takes no folder: %j', async (name, flags) => {
  const env = { ...environment({ OPENLIT_INSTRUMENT_CACHE_DIR: undefined }), [name]: '/proc/openlit' };
  expect(await launched([...LAUNCH, ...flags, ...PROGRAM], { env })).toMatchObject({ stdout: 'ran\n', status: 0 });
});

test.each([[['--live']], [['--endpoint', DEAD_ENDPOINT, '--quiet']]])(
  'the working directory was deleted: %j',
  async flags => {
    const gone = path.join(folder, 'gone');
    mkdirSync(gone);
    const program = ['/bin/sh', '-c', 'ls -a . && echo ran'];
    const script = `cd ${gone} && rmdir ${gone} && exec "$@"`;
    const ended = await launched(['/bin/sh', '-c', script, 'sh', ...LAUNCH, ...flags, ...program], {});
    expect(ended).toMatchObject({ stdout: 'ran\n', status: 0 });
    expect(ended.stderr).not.toContain('unexpected error');
  },
);
