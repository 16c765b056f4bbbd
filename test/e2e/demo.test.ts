/** `npm run demo` in a clean clone, as a stranger runs it: it installs, builds and shows calls of both languages. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, ROOT, run } from '../support/launcher.js';

// npm ci, a build, a virtual environment and the SDK, on a machine with two cores.
jest.setTimeout(900_000);

const folder = mkdtempSync(path.join(os.tmpdir(), 'demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isClone = existsSync(path.join(ROOT, '.git')) && spawnSync('git', ['--version']).status === 0;
if (!isClone) process.stderr.write('skipped: the demo in a clean clone needs git and a clone\n');

(isClone ? test : test.skip)(
  'a clean clone shows the calls of both programs; the second run only runs them',
  async () => {
    const clone = path.join(folder, 'clone');
    execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${ROOT}`, clone], { stdio: 'ignore' });
    const env = cleanEnvironment({ OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'), NO_COLOR: '1' });
    const demo = () => run(['npm', 'run', '--silent', 'demo'], { cwd: clone, env });

    const first = await demo();
    expect(first.stdout + first.stderr).toContain('done: 9 calls made, 9 seen');
    expect(first.status).toBe(0);
    expect(first.stderr).toMatch(/openlit-instrument: 4 calls · 183→47 tokens · \$0\.0000\d+ in/);
    expect(first.stderr).toMatch(/openlit-instrument: 5 calls · 1 error · 183→47 tokens · \$0\.0000\d+ in/);
    for (const step of ['npm ci', 'building', 'virtual environment']) expect(first.stdout).toContain(step);

    const second = await demo();
    expect(second.status).toBe(0);
    for (const step of ['npm ci', 'building', 'virtual environment']) expect(second.stdout).not.toContain(step);
  },
);
