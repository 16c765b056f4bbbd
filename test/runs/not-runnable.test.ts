/** What was meant by a program that is not there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { notRunnable, shellNote } from '../../src/runs/not-runnable.js';

const before = process.cwd();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'meant-'));
  process.chdir(folder);
  writeFileSync('app.py', 'print(1)\n');
  writeFileSync('server.mjs', '#!/usr/bin/env node\n');
  mkdirSync('node_modules/.bin', { recursive: true });
  writeFileSync('node_modules/.bin/vite', '');
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const missing = { ok: false, status: 'notFound', reason: 'no folder of PATH has it' } as const;

test.each<[string[], string]>([
  [['app.py', '--x'], 'openlit-instrument python app.py --x'],
  [['./app.py'], 'openlit-instrument python ./app.py'],
  [['server.mjs'], 'openlit-instrument node server.mjs'],
  [['vite', 'dev'], 'openlit-instrument ./node_modules/.bin/vite dev'],
  [['attach:4242'], 'openlit-instrument attach 4242'],
  [['uninstall'], 'npm uninstall -g openlit-instrument'],
  [['diff', 'r1', 'r2'], 'openlit-instrument show --diff RUN RUN'],
  [['history'], 'openlit-instrument runs'],
  [['atach', '--pid', '1'], 'openlit-instrument attach --pid 1'],
])('%j', (words, meant) => {
  expect(notRunnable(words, missing)).toMatchObject({ fixes: [meant], reason: 'did you mean this?', exit: 127 });
});

test.each(['qqqqqqqq', 'bun'])('where nothing is near, the reason stays: %s', name => {
  expect(notRunnable([name], missing)).toMatchObject({ reason: 'no folder of PATH has it', exit: 127 });
});

test('a script without #! is run by a shell, and that is said', () => {
  expect(shellNote(['./app.py'], './app.py')).toContain('openlit-instrument python ./app.py');
  expect(shellNote(['./server.mjs'], './server.mjs')).toBeUndefined();
  expect(shellNote(['node'], '/usr/bin/env')).toBeUndefined();
});
