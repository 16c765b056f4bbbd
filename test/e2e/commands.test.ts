/** `config` and `init` as a user types them, and the manifest that oclif reads. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, LAUNCH, ROOT, run } from '../support/launcher.js';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'commands-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const own = (words: string[], env: NodeJS.ProcessEnv = {}) =>
  run([...LAUNCH, ...words], { cwd: folder, env: cleanEnvironment(env) });

test('oclif.manifest.json is fresh (npm run build && npm run manifest)', async () => {
  const { stdout, status } = await run([process.execPath, path.join(ROOT, 'scripts/manifest.mjs'), '--print']);
  expect(status).toBe(0);
  const project = path.resolve(import.meta.dirname, '../..');
  expect(JSON.parse(readFileSync(path.join(project, 'oclif.manifest.json'), 'utf8'))).toEqual(JSON.parse(stdout));
});

test('init writes a file that config reads, and never writes over one', async () => {
  writeFileSync(path.join(folder, 'package.json'), '{"name": "@scope/shop"}');
  const file = path.join(folder, 'openlit.yml');
  const first = await own(['init'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:4318' });
  expect(first).toMatchObject({ stdout: `${file}\n`, stderr: '', status: 0 });
  const text = readFileSync(file, 'utf8');

  const described = await own(['config', '--json']);
  expect(described.status).toBe(0);
  const { settings } = JSON.parse(described.stdout) as { settings: { key: string; value: unknown; source: unknown }[] };
  const find = (key: string) => settings.find(setting => setting.key === key);
  expect(find('application_name')).toMatchObject({ value: 'shop', source: { from: 'file', file, line: 5 } });
  expect(find('endpoint')).toMatchObject({ value: 'http://h:4318', source: { from: 'file' } });

  const again = await own(['init']);
  expect(again).toMatchObject({ stdout: '', status: 1 });
  expect(again.stderr).toContain('already exists; not overwritten');
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('the name of a Python project', async () => {
  writeFileSync(
    path.join(folder, 'pyproject.toml'),
    '[build-system]\nrequires = ["x"]\n[project]\nversion = "1"\nname = "py-shop"\n',
  );
  await own(['init']);
  expect(readFileSync(path.join(folder, 'openlit.yml'), 'utf8')).toContain('application_name: "py-shop"');
});

test('config for people; a credential in the environment does not show', async () => {
  const shown = await own(['config'], { OPENLIT_API_KEY: 'planted-key', OTEL_SERVICE_NAME: 'x' });
  expect(shown.stdout).toMatch(/^file: none from here upwards\n/);
  expect(shown.stdout).toMatch(/application_name +x +OTEL_SERVICE_NAME\n/);
  expect(shown.stdout + shown.stderr).not.toContain('planted-key');
});

test('config with a file that is wrong: what is right in it, then the same error as at a launch', async () => {
  writeFileSync(path.join(folder, 'openlit.yml'), 'endpont: http://x');
  const shown = await own(['config']);
  expect(shown.status).toBe(2);
  expect(shown.stdout).toMatch(/^content\.capture +off +default$/m);
  expect(shown.stderr).toContain('openlit.yml:1: unknown key endpont: did you mean endpoint?');
});

test('a wrong flag of a command: status 2', async () => {
  expect((await own(['config', '--nope'])).status).toBe(2);
});
