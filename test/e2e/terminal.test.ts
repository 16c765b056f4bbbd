/**
 * What fits a terminal: `ps`, `doctor` and `attach` on real terminals of 80 and 140 columns, with and without colour, and
 * in a pipe. What they show depends on the machine, so widths and colours are held here; `run` has reviewed snapshots in
 * `local-view.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Server, startServer, whyNot } from '../attach/attached.js';
import { cleanEnvironment, LAUNCH, run } from '../support/launcher.js';

jest.setTimeout(60_000);
const TERMINAL = path.resolve(import.meta.dirname, '../support/terminal.py');
const python = spawnSync('python3', ['-c', 'import pty']).status === 0;
if (!python) process.stderr.write('skipped: tests on a terminal need python3\n');
const noAttach = whyNot();
if (noAttach) process.stderr.write(`skipped: attach on a terminal: ${noAttach}\n`);
const onTerminal = python ? test : test.skip;
const attaching = python && !noAttach ? test : test.skip;
const ESCAPE = '\u001b';

let server: Server | undefined;
beforeAll(async () => {
  if (!noAttach) server = await startServer();
});
afterAll(async () => {
  await server?.lines.kill();
});

async function terminal(columns: number, words: readonly string[], extra: NodeJS.ProcessEnv, steps: object[] = []) {
  const sized = ['sh', '-c', `stty cols ${columns} rows 40; exec "$@"`, 'sh', ...LAUNCH, ...words];
  const { stdout } = await run(['python3', TERMINAL, JSON.stringify(steps), ...sized], {
    env: cleanEnvironment({ TERM: 'xterm-256color', ...extra }),
  });
  const { output } = JSON.parse(stdout) as { output: string };
  return { output, lines: stripVTControlCharacters(output).split(/\r?\n|\r/) };
}

const CASES = [80, 140].flatMap(columns => [
  [columns, 'colour', {}] as const,
  [columns, 'NO_COLOR', { NO_COLOR: '1' }] as const,
]);

function expectFits({ output, lines }: { output: string; lines: string[] }, columns: number, colour: string) {
  expect(lines.filter(line => [...line].length > columns)).toEqual([]);
  expect(/\u001b\[[\d;]*m/.test(output)).toBe(colour === 'colour');
}

describe.each(CASES)('%d columns, %s', (columns, colour, extra) => {
  onTerminal('ps', async () => {
    const shown = await terminal(columns, ['ps', '--all'], extra);
    expect(shown.lines[0]).toMatch(
      columns < 118
        ? /^ *PID +RUNTIME +LLM +ATTACH +COMMAND/
        : /^ *PID +RUNTIME +TALKS TO +AI LIBRARIES +ATTACH +NOTES +COMMAND/,
    );
    expectFits(shown, columns, colour);
  });

  onTerminal('doctor', async () => {
    const shown = await terminal(columns, ['doctor'], extra);
    expect(shown.lines).toContain('settings');
    expectFits(shown, columns, colour);
  });

  attaching('attach', async () => {
    const pid = String(server?.lines.process.pid);
    const shown = await terminal(columns, ['attach', '--pid', pid], extra, [{ see: 'attached', send: '\u0003' }]);
    expect(shown.output).toContain('our cost');
    expectFits(shown, columns, colour);
  });
});

test.each(['ps', 'doctor'])('%s in a pipe has no escape sequences', async command => {
  const { stdout } = await run([...LAUNCH, command]);
  expect(stdout).not.toContain(ESCAPE);
  expect(stdout).not.toBe('');
});
