/** Without a network: the SDK out of a folder of wheels, and then launches of Python and Node as on any other machine. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { LAUNCH, ROOT } from '../support/launcher.js';
import { PROGRAMS as NODE_PROGRAMS } from '../support/node-observed.js';
import { nodeClients } from '../support/node-versions.js';
import { anyPython, type Python, pythonWithSdk, SDK_CACHE, uv } from '../support/python-environments.js';
import { PLANTED_KEY, PROGRAMS } from '../support/python-observed.js';
import { cutOff, cutOffWithProvider, whyNoNamespaces } from '../support/without-network.js';

jest.setTimeout(240_000);

const why = whyNoNamespaces();
if (why) console.log(`skipped: ${why}`);
const alone = why ? describe.skip : describe;

const LOCK = path.join(ROOT, 'dist/bootstrap/python/locks/python-3.10.txt');

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'openlit-offline-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

alone('setup python --offline', () => {
  let python: Python;
  let wheels: string;

  beforeAll(async () => {
    python = await anyPython();
    wheels = path.join(SDK_CACHE, '..', `wheels-${python.version}`);
    if (existsSync(path.join(wheels, '.ready'))) return;
    // What the error tells a person to type.
    const download = ['--no-deps', '--require-hashes', '-r', LOCK, '-d', wheels];
    execFileSync(python.file, ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...download]);
    writeFileSync(path.join(wheels, '.ready'), '');
  }, 240_000);

  const setup = (offline: string, cache: string, env: NodeJS.ProcessEnv = {}) =>
    cutOff([...LAUNCH, 'setup', 'python', '--python', python.file, '--offline', offline, '--json'], {
      OPENLIT_INSTRUMENT_CACHE_DIR: path.join(scratch, cache),
      PIP_FIND_LINKS: '',
      ...env,
    });

  test('by pip: the whole copy, once', async () => {
    const first = await setup(wheels, 'pip');
    expect(first).toMatchObject({ status: 0 });
    const made = JSON.parse(first.stdout) as { folder: string };
    expect(made).toMatchObject({ created: true, installer: 'pip' });
    expect(readdirSync(made.folder)).toEqual(
      expect.arrayContaining(['openlit', 'opentelemetry', 'wrapt', '.complete']),
    );
    expect(JSON.parse((await setup(wheels, 'pip')).stdout)).toMatchObject({ folder: made.folder, created: false });
  });

  test('by uv: the same', async () => {
    const installer = await uv();
    if (installer === undefined) return console.log('skipped: there is no uv');
    const env = { PATH: `${path.dirname(installer)}:${process.env['PATH']}`, UV_CACHE_DIR: path.join(scratch, 'uv') };
    const { stdout } = await setup(wheels, 'by-uv', env);
    expect(JSON.parse(stdout)).toMatchObject({ created: true, installer: 'uv' });
  });

  test('a wheel is missing: named, with what to type, and nothing is left behind', async () => {
    const few = path.join(scratch, 'few');
    mkdirSync(few, { recursive: true });
    for (const name of readdirSync(wheels)) {
      if (!name.startsWith('wrapt')) copyFileSync(path.join(wheels, name), path.join(few, name));
    }
    const { status, stderr } = await setup(few, 'few-cache');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /has no wheel of wrapt [\d.]+: .*\n {2}try: .* -m pip download .*\n {7}openlit-instrument setup/,
    );
    expect(existsSync(path.join(scratch, 'few-cache'))).toBe(false);
  });

  test('a wheel that is not the locked one is refused by its hash', async () => {
    const wrong = path.join(scratch, 'wrong');
    mkdirSync(wrong, { recursive: true });
    for (const name of readdirSync(wheels)) copyFileSync(path.join(wheels, name), path.join(wrong, name));
    const wheel = readdirSync(wrong).find(name => name.startsWith('typing_extensions'))!;
    writeFileSync(path.join(wrong, wheel), Buffer.concat([readFileSync(path.join(wrong, wheel)), Buffer.from('x')]));
    const { status, stderr } = await setup(wrong, 'wrong-cache');
    expect(status).toBe(1);
    expect(stderr).toMatch(/could not be installed: .*hash/i);
    expect(stderr).toContain(' -m pip download ');
  });

  test('no folder: status 2', async () => {
    const { status, stderr } = await setup('/no/such/wheels', 'none');
    expect(status).toBe(2);
    expect(stderr).toContain('--offline /no/such/wheels is no folder of wheels: it does not exist');
  });
});

alone('launches', () => {
  const summary = () => path.join(scratch, 'summary.json');
  const env = () => ({
    OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE,
    OPENAI_API_KEY: PLANTED_KEY,
    PYTHONDONTWRITEBYTECODE: '',
  });

  /** Bare and observed: the same output, the calls in the local view, and no wait for something that cannot be reached. */
  async function compare(words: readonly string[], cwd: string, calls: number): Promise<void> {
    const timed = async (all: readonly string[]) => {
      const start = performance.now();
      const ended = await cutOffWithProvider(all, env(), cwd);
      return { ...ended, seconds: (performance.now() - start) / 1000 };
    };
    const bare = await timed(words);
    const observed = await timed([...LAUNCH, '--summary-json', summary(), '--', ...words]);
    expect(bare.status).toBe(0);
    expect(observed).toMatchObject({ stdout: bare.stdout, status: 0 });
    // The summary of the local view and nothing else.
    const [head, ...table] = observed.stderr.trim().split('\n');
    expect(head).toMatch(new RegExp(`^openlit-instrument: ${calls} calls · `));
    expect(table).toEqual([
      expect.stringMatching(/^provider +model/),
      expect.stringMatching(/^openai +gpt-4o-mini/),
      expect.stringMatching(/^p50, p95: /),
    ]);
    expect(JSON.parse(readFileSync(summary(), 'utf8'))).toMatchObject({ calls, errors: 0 });
    // The shortest wait for a name server is five seconds; the factor is for a busy machine.
    expect(observed.seconds).toBeLessThan(3 * bare.seconds + 5);
  }

  test('Python', async () => {
    const python = await pythonWithSdk('clients');
    await compare([python, 'openai_steps.py', 'sync', 'chat', 'stream'], PROGRAMS, 2);
  });

  test('Node', async () => {
    await nodeClients();
    await compare([process.execPath, 'openai.mjs', 'chat', 'stream'], NODE_PROGRAMS, 2);
  });
});
