/** `--dry-run` says what would happen and starts nothing. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, LAUNCH, ROOT, run } from '../support/launcher.js';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'dry-run-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dryRun = async (words: string[], env: NodeJS.ProcessEnv = {}) => {
  const ran = await run([...LAUNCH, '--dry-run', '--json', ...words], { cwd: folder, env: cleanEnvironment(env) });
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as Record<string, never> & {
    environment: Record<string, { from: string | null; to: string }>;
    observer: Record<string, string>;
  };
};

test('program, runtime, environment and reasons, as JSON', async () => {
  const plan = await dryRun(['--endpoint', 'http://h:4318', '--service-name', 's', 'python3', 'app.py', '--x'], {
    PYTHONPATH: '/a',
  });
  expect(plan).toMatchObject({
    argv: ['python3', 'app.py', '--x'],
    way: 'inject',
    runtimes: ['python'],
    hooked: ['python'],
    start: 'exec',
    configuration: null,
    endpoint: 'http://h:4318',
    service: 's',
  });
  expect(plan.environment).toMatchObject({
    OPENLIT_INSTRUMENT_TAP: { from: null, to: expect.any(String) },
    PYTHONPATH: { from: '/a', to: `${path.join(ROOT, 'dist/bootstrap/python')}:/a` },
  });
  // Nothing that the program's own OpenTelemetry would read.
  expect(Object.keys(plan.environment).filter(name => !/^(PYTHON|OPENLIT_INSTRUMENT_)/.test(name))).toEqual([]);
  expect(plan.observer).toMatchObject({ OTEL_SERVICE_NAME: 's', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:4318' });
});

test('without an endpoint: a child under the local view', async () => {
  expect(await dryRun(['node', 'x.js'])).toMatchObject({ runtimes: ['node'], start: 'child', endpoint: null });
});

test('a file of settings, and its values', async () => {
  const file = path.join(folder, 'openlit.yml');
  writeFileSync(file, 'application_name: from-file\nendpoint: http://file:1\n');
  const plan = await dryRun(['--endpoint', 'http://flag:1', 'node', 'x.js'], { OTEL_SERVICE_NAME: 'from-env' });
  rmSync(file);
  expect(plan).toMatchObject({ configuration: file });
  expect(Object.keys(plan.environment).filter(name => name.startsWith('OTEL_'))).toEqual([]);
  expect(plan.observer).toMatchObject({ OTEL_SERVICE_NAME: 'from-env', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://flag:1' });
  expect(plan).toMatchObject({ endpoint: 'http://flag:1', service: 'from-env' });
});

test('what will not be observed is said', async () => {
  // What this machine allows of probes is tested in launch-attached.test.ts.
  const bare = ['--no-attach', 'python3', '-I', 'x.py'];
  expect(await dryRun(bare)).toMatchObject({ way: 'none', hooked: [], environment: {} });
  const ls = await dryRun(['--no-attach', 'ls']);
  expect(ls).toMatchObject({ way: 'none', hooked: [], runtimes: [], environment: {}, start: 'exec' });
});

test('for people, and nothing is started', async () => {
  const ran = await run([...LAUNCH, '--dry-run', '--no-attach', 'sh', '-c', 'touch started'], {
    cwd: folder,
    env: cleanEnvironment(),
  });
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toContain('program      ');
  expect(ran.stdout).toContain('a shell');
  expect(ran.stdout).toMatch(/^way +inject: a hook inside the program$/m);
  expect(existsSync(path.join(folder, 'started'))).toBe(false);
});

test('a program that is not there: the same statuses as a launch', async () => {
  expect((await run([...LAUNCH, '--dry-run', 'no-such-program'])).status).toBe(127);
});
