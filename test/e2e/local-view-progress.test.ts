/** The spinner of long work: on a terminal, on one that does not know its width, and in a pipe. */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, jest, test } from '@jest/globals';
import { cleanEnvironment, ROOT, run } from '../support/launcher.js';

jest.setTimeout(60_000);

const TERMINAL = path.resolve(import.meta.dirname, '../support/terminal.py');
const SOURCE = `
  import { withProgress } from ${JSON.stringify(pathToFileURL(path.join(ROOT, 'dist/report/progress.js')).href)};
  await withProgress('Installing', async step => { step('Compiling \\u001b[2J'); return 5; }, count => 'ready: ' + count);
  await withProgress('Fetching', async () => { throw new Error('planned'); }, () => '').catch(error => console.log(error.message));
`;
const PROGRAM = [process.execPath, '--input-type=module', '-e', SOURCE];

async function terminal(rows: number, columns: number): Promise<string> {
  const sized = ['sh', '-c', `stty cols ${columns} rows ${rows}; exec "$@"`, 'sh', ...PROGRAM];
  const env = cleanEnvironment({ TERM: 'xterm-256color' });
  delete env.CI;
  const { stdout } = await run(['python3', TERMINAL, '[]', ...sized], { env });
  const { output, status } = JSON.parse(stdout);
  expect(status).toBe(0);
  return output;
}

const PLAIN = [
  'openlit-instrument: Installing',
  'openlit-instrument: Compiling ',
  'openlit-instrument: ready: 5',
  'openlit-instrument: Fetching',
  'openlit-instrument: Fetching: failed',
];

test('in a pipe: one plain line for each step', async () => {
  const { stdout, stderr } = await run(PROGRAM);
  expect(stderr.trimEnd().split('\n')).toEqual(PLAIN);
  expect(stdout).toBe('planned\n');
});

test('on a terminal without a width: plain lines, and an end', async () => {
  expect((await terminal(0, 0)).trimEnd().split('\r\n')).toEqual([...PLAIN, 'planned']);
});

test('on a terminal: the last words stay, and nothing from outside clears the screen', async () => {
  const output = await terminal(30, 80);
  expect(output).toContain('ready: 5\r\n');
  expect(output).toMatch(/✖.*Fetching\r\n/);
  expect(output).not.toContain('\u001b[2J');
});
