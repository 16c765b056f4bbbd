/** What a launch needs before it knows what to launch: each of Node's own parts that it loads costs every user, every time. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../support/launcher.js';

test('the launcher loads no streams, no sockets and no ESM loader at its start', () => {
  const script = `
    const before = new Set(process.moduleLoadList);
    require(${JSON.stringify(path.join(ROOT, 'dist/launcher.cjs'))});
    console.log(JSON.stringify(process.moduleLoadList.filter(name => !before.has(name))));`;
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
  expect(loaded.filter(name => /stream|net$|tty|module|child_process|crypto|zlib/.test(name))).toEqual([]);
});
