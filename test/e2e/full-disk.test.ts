/** Standard output on a full disk, and one whose reader has left: said once with the status 1, and not at all. */
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, DEAD_ENDPOINT, LAUNCH, run } from '../support/launcher.js';

jest.setTimeout(60_000);

const SAID = /^openlit-instrument: standard output cannot be written: ENOSPC: no space left on device$/gm;
const EXCHANGE = `${JSON.stringify({ id: 'x', method: 'GET', path: '/', request_headers: {}, response_headers: {} })}\n`;

let full: number;
beforeAll(() => {
  full = openSync('/dev/full', 'w');
});
afterAll(() => closeSync(full));

const COMMANDS: readonly (readonly [words: string, input?: string])[] = [
  ['ps'],
  ['ps --json'],
  ['ps --watch'],
  ['config'],
  ['doctor'],
  ['decode -', EXCHANGE.repeat(3)],
  ['completion bash'],
  ['--help'],
  ['attach --help'],
  ['--version'],
  ['--dry-run node'],
];

test.each(COMMANDS.map(([words, input = '']) => [words, input] as const))('%s', async (words, input) => {
  const { stderr, status } = await run([...LAUNCH, ...words.split(' ')], {
    input,
    env: cleanEnvironment(),
    stdio: ['pipe', full, 'pipe'],
  });
  expect(stderr.match(SAID)).toHaveLength(1);
  expect(stderr).not.toMatch(/^ +at |node:internal/m);
  expect(status).toBe(1);
});

test('a program that is launched keeps its own status, and nothing is said', async () => {
  const program = [process.execPath, '-e', 'process.exitCode = 7'];
  const { stderr, status } = await run([...LAUNCH, '--quiet', '--endpoint', DEAD_ENDPOINT, '--', ...program], {
    stdio: ['pipe', full, 'pipe'],
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 7 });
});

test('a reader that has read enough is no failure', async () => {
  const script = `${LAUNCH.map(word => `'${word}'`).join(' ')} decode -; echo "status $?" >&2`;
  const { stdout, stderr } = await run(['sh', '-c', `{ ${script}; } | head -n 1`], { input: EXCHANGE.repeat(20_000) });
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toBe('status 0\n');
});

test('a reader that is slow gets every line', async () => {
  const script = `${LAUNCH.map(word => `'${word}'`).join(' ')} decode - | { sleep 1; wc -l; }`;
  const { stdout, stderr } = await run(['sh', '-c', script], { input: EXCHANGE.repeat(20_000) });
  expect({ lines: Number(stdout), stderr }).toEqual({ lines: 20_000, stderr: '' });
});
