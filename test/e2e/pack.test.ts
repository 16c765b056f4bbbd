/** The package as a user gets it: packed, installed in an empty folder, called by npx. Nothing of the clone is reachable. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, ROOT, run } from '../support/launcher.js';
import { type Provider, startProvider } from '../support/provider.js';

// One install of the package and its dependencies.
jest.setTimeout(300_000);

let folder: string;
let provider: Provider;
let files: string[];

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'packed-')));
  provider = await startProvider();
  // `npm test` has built dist/; packing would build it again under the feet of other tests.
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const answer = JSON.parse(packed);
  // npm 11 answers with an object by package name, older ones with a list.
  const [{ filename, files: listed }] = (Array.isArray(answer) ? answer : Object.values(answer)) as [
    { filename: string; files: { path: string }[] },
  ];
  files = listed.map(file => file.path);
  writeFileSync(path.join(folder, 'package.json'), '{"name":"app","private":true,"type":"module"}');
  cpSync(path.join(ROOT, 'examples/node/app.mjs'), path.join(folder, 'app.mjs'));
  const client = JSON.parse(readFileSync(path.join(ROOT, 'examples/node/package.json'), 'utf8')).dependencies.openai;
  execFileSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', `./${path.basename(filename)}`, `openai@${client}`],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
});

afterAll(async () => {
  await provider?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const env = () =>
  cleanEnvironment({
    OPENAI_BASE_URL: `${provider.url}/openai/v1`,
    OPENAI_API_KEY: 'not-a-key',
    OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'),
  });

const npx = (...words: string[]) =>
  run(['npx', '--no-install', 'openlit-instrument', ...words], { cwd: folder, env: env() });

test('npx openlit-instrument node app.mjs shows the calls', async () => {
  const { stdout, stderr, status } = await npx('--live', '--summary-json', 'summary.json', 'node', 'app.mjs');
  expect([status, stdout.split('\n')[0]]).toEqual([0, 'answer: Titan.']);
  expect(stderr).toMatch(/openlit-instrument: 5 calls · 1 error · 183→47 tokens/);
  const summary = JSON.parse(readFileSync(path.join(folder, 'summary.json'), 'utf8'));
  expect(summary).toMatchObject({ calls: 5, errors: 1, input_tokens: 183, output_tokens: 47 });
});

test('version and help', async () => {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  expect((await npx('--version')).stdout.trim()).toBe(`openlit-instrument ${version}`);
  const help = await npx('--help');
  expect(help.status).toBe(0);
  expect(help.stdout).toContain('openlit-instrument [OPTIONS] [--] PROGRAM');
});

test('what runs inside programs is in the package, sources and tests are not', () => {
  const needed = [
    'bin/run.js',
    'bin/package.json',
    'LICENSE',
    'package.json',
    'oclif.manifest.json',
    'dist/prices.json',
    'dist/bootstrap/node/hook.cjs',
    'dist/bootstrap/node/sources.cjs',
    'dist/observer.cjs',
    'dist/bootstrap/start-observer.sh',
    'dist/bootstrap/python/sitecustomize.py',
    'dist/runs/local-view/local-view.js',
    'dist/ui/page/index.html',
    'dist/ui/page/page.js',
    'dist/ui/page/page.css',
    'dist/ui/page/icon.svg',
    'dist/ui/server/markdown.js',
  ];
  expect(needed.filter(name => !files.includes(name))).toEqual([]);
  expect(files.filter(name => /^(src|test|examples|scripts|bench|docs\/decisions)\/|\.pyc$|\.tgz$/.test(name))).toEqual(
    [],
  );
  // Guides that the README points to, whole: what they link to is there, or is named as part of the repository.
  expect(files).toEqual(
    expect.arrayContaining([
      'README.md',
      'docs/README.md',
      'docs/runs.md',
      'docs/internals/attach.md',
      'docs/images/page.png',
    ]),
  );
});

test('no package that it needs runs a script when it is installed', () => {
  const lock = JSON.parse(readFileSync(path.join(folder, 'node_modules/.package-lock.json'), 'utf8'));
  const withScripts = Object.entries(lock.packages as Record<string, { hasInstallScript?: boolean }>)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([name]) => name);
  expect(withScripts).toEqual([]);
});
