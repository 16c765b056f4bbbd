/** The words of the command line, tried on the built launcher; `test/argv.test.ts` has the whole table. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { EXIT_STATUS_TEXT } from '../../src/cli/help.js';
import { FLAGS } from '../../src/config/flags.js';
import { cleanEnvironment, DEAD_ENDPOINT, LAUNCH, run } from '../support/launcher.js';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'words-'));
  for (const name of ['attach', 'run', 'help']) {
    writeFileSync(path.join(folder, name), `#!/bin/sh\necho "program ${name}: $*"\n`);
    chmodSync(path.join(folder, name), 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const launch = (...words: string[]) =>
  run([...LAUNCH, ...words], { env: cleanEnvironment({ PATH: `${folder}:${process.env['PATH']}` }), cwd: folder });

test.each([
  [['--', 'attach', '--pid', '9'], 'program attach: --pid 9\n'],
  [['run', 'attach', '--pid', '9'], 'program attach: --pid 9\n'],
  [['run', '--', 'run', '--'], 'program run: --\n'],
  [['--', 'help'], 'program help: \n'],
  [['--service-name=x', '--', 'echo', '--service-name', 'y'], '--service-name y\n'],
])('%j', async (words, stdout) => {
  const [first, ...rest] = words;
  const typed =
    first === 'run'
      ? ['run', '--quiet', '--endpoint', DEAD_ENDPOINT, ...rest]
      : ['--quiet', '--endpoint', DEAD_ENDPOINT, ...words];
  expect(await launch(...typed)).toMatchObject({ stdout, stderr: '', status: 0 });
});

test('no words, --help, -h, help: the same help, on stdout, status 0', async () => {
  const help = await launch();
  expect(help).toMatchObject({ status: 0, stderr: '' });
  expect(help.stdout).toContain('USAGE');
  for (const words of [['--help'], ['-h'], ['help']]) expect((await launch(...words)).stdout).toBe(help.stdout);
  const whole = await launch('run', '--help');
  for (const words of [
    ['help', 'run'],
    ['--quiet', '--help'],
  ])
    expect((await launch(...words)).stdout).toBe(whole.stdout);
});

test('the help of run has the table of exit statuses and every flag', async () => {
  const { stdout } = await launch('run', '--help');
  // Long meanings are broken at spaces.
  const words = stdout.replace(/\s+/g, ' ');
  for (const [status, meaning] of EXIT_STATUS_TEXT) expect(words).toContain(` ${status} ${meaning}`);
  for (const { flags } of FLAGS) expect(stdout).toContain(`  --${flags[0]}`);
});

test('the version', async () => {
  for (const word of ['--version', '-v', '-V']) {
    expect((await launch(word)).stdout).toMatch(/^openlit-instrument \d+\.\d+\.\d+\n$/);
  }
});

test('an unknown flag: status 2, the nearest name, the way out; nothing is started', async () => {
  const { status, stdout, stderr } = await launch('--endpont', 'http://x', 'touch', path.join(folder, 'started'));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('unknown flag --endpont: did you mean --endpoint?');
  expect(stderr).toContain('put it after the program');
  expect((await run(['ls', folder])).stdout).not.toContain('started');
});

test('an error in a file of settings is said, and the program runs', async () => {
  writeFileSync(path.join(folder, 'bad.yml'), 'traces:\n  sampling_rate: 7\n');
  const { status, stdout, stderr } = await launch('--config', 'bad.yml', 'echo', 'started');
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'started\n' });
  expect(stderr).toContain('bad.yml:2: traces.sampling_rate is 7: allowed: a number from 0 to 1');
});

test('the working directory, its file and ours are not mixed up', async () => {
  const { stdout } = await launch(
    '--quiet',
    '--endpoint',
    DEAD_ENDPOINT,
    'python3',
    '-c',
    'import os,sys; print(os.getcwd(), sys.path[0] == "")',
  );
  expect(stdout).toBe(`${folder} True\n`);
});

test('flags that would do nothing are said', async () => {
  const idle = await launch('--live', '--no-attach', '--endpoint', DEAD_ENDPOINT, 'echo', '1');
  expect(idle).toMatchObject({ stdout: '1\n', status: 0 });
  expect(idle.stderr).toContain('--live has no effect in this launch');
  expect(await launch('--json', 'python3', '-c', 'print(1)')).toMatchObject({ stdout: '', status: 2 });
});

test('a mistyped command: the nearest one is named', async () => {
  const mistyped = await launch('doctr', '--pid', '1');
  expect(mistyped).toMatchObject({ stdout: '', status: 127 });
  expect(mistyped.stderr).toContain('openlit-instrument doctor --pid 1');
});

test('what may be a value or a program is refused', async () => {
  const { stdout, stderr, status } = await launch('--capture-content', 'true', 'python', 'app.py');
  expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  expect(stderr).toContain('openlit-instrument --capture-content=true PROGRAM');
});
