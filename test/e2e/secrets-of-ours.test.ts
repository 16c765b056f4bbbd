/** Planted keys must not show up anywhere: not in `ps`, not in --dry-run, not in errors, not in debug output. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, LAUNCH, run, sees } from '../support/launcher.js';

const KEYS = ['planted-header-key', 'planted-api-key', 'planted-address-key', 'planted-file-key'];
const [HEADER, API, ADDRESS, FILE] = KEYS as [string, string, string, string];

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'secrets-'));
  writeFileSync(path.join(folder, 'headers'), `# ours\nAuthorization=Bearer ${FILE}\n`);
  writeFileSync(
    path.join(folder, 'app.py'),
    'import os,time\nprint(dict(os.environ), "that is all", flush=True)\ntime.sleep(60)\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET_ENV = {
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=${HEADER}`,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: `x-key=${HEADER}`,
  OPENLIT_API_KEY: API,
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${ADDRESS}@127.0.0.1:9`,
};

const launch = (words: string[], env: NodeJS.ProcessEnv = {}) =>
  run([...LAUNCH, ...words], { cwd: folder, env: cleanEnvironment(env) });

function expectNoKey(text: string): void {
  for (const key of KEYS) expect(text).not.toContain(key);
}

test.each([[['--dry-run']], [['--dry-run', '--json']]])('%j', async flags => {
  const given = [
    '--headers',
    `authorization=${HEADER}`,
    '--api-key',
    API,
    '--endpoint',
    `http://u:${ADDRESS}@127.0.0.1:9`,
  ];
  for (const program of ['python3', 'node', 'npm']) {
    const plain = await launch([...flags, ...given, program, 'x']);
    expect(plain.stdout).toContain('***');
    expectNoKey(plain.stdout + plain.stderr);
    const changed = await launch([...flags, '--headers-file', 'headers', program, 'x'], SECRET_ENV);
    expect(changed.stdout).toContain('***');
    expectNoKey(changed.stdout + changed.stderr);
  }
});

test('neither the command line nor the environment of the program has a key of ours', async () => {
  let commandLines = '';
  const words = ['--headers-file', 'headers', '--api-key', API, '--endpoint', `http://u:${ADDRESS}@127.0.0.1:9`];
  const ran = await run([...LAUNCH, ...words, 'python3', 'app.py'], {
    cwd: folder,
    env: cleanEnvironment(),
    meanwhile: async child => {
      await sees(child.stdout, 'that is all');
      commandLines = readFileSync(`/proc/${child.pid}/cmdline`, 'latin1');
      commandLines += (await run(['ps', '-eo', 'args'])).stdout;
      child.kill('SIGTERM');
    },
  });
  expect(ran.stdout).toContain('OPENLIT_INSTRUMENT_TAP');
  expect(commandLines).toContain('app.py');
  expectNoKey(commandLines + ran.stdout + ran.stderr);
});

describe('errors and notes', () => {
  test.each<[string, string[], NodeJS.ProcessEnv]>([
    ['headers that cannot be read', ['--headers', `authorization ${HEADER}`, 'true'], {}],
    ['an unknown flag with a value', [`--api-kee=${API}`, 'true'], {}],
    ['a variable that cannot be read', ['true'], { OTEL_EXPORTER_OTLP_HEADERS: HEADER }],
    ['a bad address', ['--endpoint', `ftp://u:${ADDRESS}@h`, 'true'], {}],
    ['a program that is not there', ['no-such-program'], SECRET_ENV],
    ['debug output', ['python3', '-c', '0'], { ...SECRET_ENV, OPENLIT_INSTRUMENT_DEBUG: '1', DEBUG: '*' }],
    ['debug output of Node', ['node', '-e', '0'], { ...SECRET_ENV, OPENLIT_INSTRUMENT_DEBUG: '1', DEBUG: '*' }],
  ])('%s', async (_name, words, env) => {
    const ran = await launch(words, env);
    expectNoKey(ran.stdout + ran.stderr);
  });

  test('a file of settings with a fault beside the key', async () => {
    writeFileSync(path.join(folder, 'bad.yml'), `api_key: ${API}\nheaders: [${HEADER}]\n`);
    const ran = await launch(['--config', 'bad.yml', 'true']);
    expect(ran.status).toBe(0); // the program's own: wrong settings stop nothing
    expect(ran.stderr).toContain('bad.yml:2: headers');
    expectNoKey(ran.stderr);
  });
});
