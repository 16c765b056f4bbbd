/** What first users stumbled on, tried on the built command: each test is a stumble. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, LAUNCH, run } from '../support/launcher.js';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'people-'));
  writeFileSync(path.join(folder, 'app.py'), 'print("app")\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = folder) =>
  run([...LAUNCH, ...words], {
    cwd,
    env: cleanEnvironment({ OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'), ...env }),
  });

test.each<[string[], string]>([
  [['attach', '--pid', 'abc'], '--pid does not accept "abc"'],
  [['attach', '--pdi', '1'], 'did you mean --pid?'],
  [['attach', 'app'], '"app" is not a process id'],
  [['attach', '--name', ''], '--name does not accept ""'],
  [['attach', '--pid', '1', '--memory-limit', '1'], '--memory-limit does not accept "1"'],
  [['attach', '--pid', '1', '--redact-pattern', '('], 'is not a regular expression'],
  [['ps', 'foo'], 'ps takes no "foo"'],
  [['config', 'foo'], 'config takes no "foo"'],
  [['init', 'foo'], 'init takes no "foo"'],
  [['decode', 'a', 'b'], 'decode takes no "b"'],
  [['completion'], 'completion needs the name of your shell'],
  [['completion', 'zhs'], 'did you mean zsh?'],
  [['setup', 'pyton'], 'did you mean setup python?'],
  [['setup', 'python', '--pyton', 'x'], 'did you mean --python?'],
  [['help', 'atach'], 'did you mean attach?'],
])('%j is refused in our words', async (words, message) => {
  const { stdout, stderr, status } = await ask(words);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/^openlit-instrument: /);
  expect(stderr).not.toMatch(/Nonexistent|Parsing|Unexpected argument|not found|See more help|›/);
  expect([stdout, status]).toEqual(['', 2]);
});

test.each([
  ['capture_content', 'span'],
  ['protocol', 'grpc'],
])('a value flag takes the next word in every command: --%s', async (flag, value) => {
  for (const words of [
    ['attach', '--pid', '999999999'],
    ['doctor', '--json'],
  ]) {
    const { stderr } = await ask([words[0]!, `--${flag}`, value, ...words.slice(1)]);
    expect(stderr).not.toMatch(/does not accept|has no flag|needs a value/);
  }
  expect((await ask([`--${flag}`, value, 'python3', 'app.py'])).stdout).toBe('app\n');
});

test('a broken file is reported whole, and the program runs', async () => {
  const broken = path.join(folder, 'broken');
  mkdirSync(broken, { recursive: true });
  writeFileSync(
    path.join(broken, 'openlit.yml'),
    'aplication_name: x\nendpoint: $' + '{NO_SUCH_PORT}\ntraces: {sampling_rate: 3}\n',
  );
  const { stdout, stderr, status } = await ask(['python3', '../app.py'], {}, broken);
  expect([stdout, status]).toEqual(['app\n', 0]);
  expect(stderr.match(/openlit\.yml:\d/g)).toEqual(['openlit.yml:1', 'openlit.yml:2', 'openlit.yml:3']);
  const shown = await ask(['config'], {}, broken);
  expect(shown.stdout).toContain('content.capture');
  expect(shown.stderr).not.toContain('try: openlit-instrument config');
  expect(shown.status).toBe(2);
});

test('doctor takes a program without --, and looks for its script', async () => {
  const missing = await ask(['doctor', 'python3', 'nofile.py']);
  expect(missing.stdout).toMatch(/✗ script +nofile\.py: no such file/);
  expect(missing.status).toBe(1);
  expect((await ask(['doctor', 'python3', 'app.py'])).stdout).toMatch(/✓ script +app\.py/);
});

test("doctor reports OpenLIT's command of the same name", async () => {
  const bin = path.join(folder, 'venv', 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'openlit-instrument'), '#!/usr/bin/python3\nfrom openlit.cli.main import run\n');
  chmodSync(path.join(bin, 'openlit-instrument'), 0o755);
  const { stdout } = await ask(['doctor', 'python3', 'app.py'], { PATH: `${bin}:${process.env['PATH']}` });
  expect(stdout).toMatch(/✗ command +.*is the command of OpenLIT's Python package/);
});

test('the help fits on a screen, with the commands first', async () => {
  const { stdout } = await ask(['--help']);
  expect(stdout.split('\n').length).toBeLessThan(60);
  expect(stdout.indexOf('COMMANDS')).toBeLessThan(stdout.indexOf('OPTIONS\n'));
  expect(stdout).not.toMatch(/docs\/|of ours/);
});

test.each(['run', 'attach', 'ps', 'doctor', 'decode', 'config', 'setup python'])(
  '%s --help writes values one way',
  async id => {
    const { stdout, status } = await ask([...id.split(' '), '--help']);
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/<value>|<option>|--[a-z-]+=[A-Z]/);
  },
);

test('ps in a pipe has rows that can be read, and ends soon after it has printed', async () => {
  const { stdout, status } = await ask(['ps', '--all']);
  expect(status).toBe(0);
  expect(Math.max(...stdout.split('\n').map(line => [...line].length))).toBeLessThanOrEqual(160);
});

test.each([['completion', 'bash'], ['config'], ['ps', '--json']])(
  '%s %s prints nothing of the framework',
  async (...words) => {
    expect(await ask(words)).toMatchObject({ stderr: '', status: 0 });
  },
);

const asRoot = process.getuid?.() === 0 ? test : test.skip;
if (process.getuid?.() !== 0) process.stderr.write('skipped: only root can become another user\n');
asRoot('as another user with the HOME of root there is no word of the framework', async () => {
  const words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/root', ...LAUNCH];
  for (const command of [['config'], ['ps']]) {
    const { stderr } = await run([...words, ...command], { env: cleanEnvironment(), cwd: '/' });
    expect(stderr).not.toContain('package.json');
  }
});

const linux = process.platform === 'linux' ? test : test.skip;
linux('a thread of the kernel is named as what it is', async () => {
  const { stderr, status } = await ask(['attach', '2']);
  // In a container of its own pids, 2 is another process, or none.
  expect(stderr).toMatch(
    /is a thread of the kernel|there is no process 2|attached to|\(pid 2\)|permission denied|privilege|missing/,
  );
  expect(status).not.toBe(0);
});
