import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { completionScript, type Shell } from '../../src/cli/completion.js';
import { noTerminal, onTerminal } from '../support/terminal.js';

const flag = (name: string, values?: string[], optional = false) => ({ name, optional, ...(values && { values }) });
const PROTOCOL = flag('--protocol', ['http/json', 'grpc']);
const LAUNCH = [flag('--endpoint', []), PROTOCOL, flag('--capture-content', ['off', 'span'], true), flag('--quiet')];
const COMMANDS = [
  { name: 'attach', words: [], flags: [flag('--pid', []), flag('--port', []), PROTOCOL] },
  { name: 'decode', words: [], flags: [], files: true },
  { name: 'ps', words: [], flags: [flag('--json')] },
  { name: 'run', words: [], flags: LAUNCH },
];

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `${completionScript('bash', COMMANDS, LAUNCH)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _openlit_instrument; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', 'openlit-instrument', ...words], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean);
}

test('bash offers commands and flags first, then the flags of the command', () => {
  expect(offered('att')).toContain('attach');
  expect(offered('--e')).toEqual(['--endpoint']);
  expect(offered('attach', '--p')).toEqual(['--pid', '--port', '--protocol']);
  expect(offered('ps', '--p')).toEqual([]);
});

test('bash offers the values of a closed set, in both spellings', () => {
  expect(offered('--protocol', '')).toEqual(['http/json', 'grpc']);
  expect(offered('--protocol', 'g')).toEqual(['grpc']);
  expect(offered('--protocol', '=', 'g')).toEqual(['grpc']); // bash makes three words of --protocol=g
  expect(offered('attach', '--protocol', 'g')).toEqual(['grpc']);
  expect(offered('--endpoint', '')).toEqual([]); // files, by complete -o default
});

test('bash offers our commands for an empty word, and nothing of ours behind the program', () => {
  expect(offered('')).toEqual(['attach', 'decode', 'ps', 'run']);
  expect(offered('python', 'app.py', '--q')).toEqual([]);
  expect(offered('--protocol', 'grpc', 'python', '--q')).toEqual([]);
  expect(offered('--', 'python', '--q')).toEqual([]);
  expect(offered('run', 'python', '--q')).toEqual([]);
  expect(offered('run', '--q')).toEqual(['--quiet']);
  expect(offered('--endpoint', 'http://h', '--q')).toEqual(['--quiet']);
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'completion-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function scriptFile(shell: Shell): string {
  const file = path.join(folder, shell);
  writeFileSync(file, completionScript(shell, COMMANDS, LAUNCH));
  return file;
}

/** The shell itself where it is installed; a skip says so. */
function withShell(
  shell: Shell,
  reason = spawnSync(shell, ['-c', 'exit']).status === 0 ? undefined : `no ${shell} here`,
) {
  if (reason) process.stderr.write(`skipped: completion in ${shell}: ${reason}\n`);
  return reason ? test.skip : test;
}

/** What fish offers for these words. */
function offeredByFish(words: string): string[] {
  const command = `source ${scriptFile('fish')}; complete -C ${JSON.stringify(`openlit-instrument ${words}`)}`;
  const { stdout } = spawnSync('fish', ['--no-config', '-c', command], { encoding: 'utf8', cwd: folder });
  return stdout.split('\n').map(line => line.split('\t')[0]!);
}

withShell('fish')('fish offers commands, programs and flags, then the flags of the command', () => {
  expect(offeredByFish('att')).toContain('attach');
  expect(offeredByFish('pyth').join()).toMatch(/python/);
  expect(offeredByFish('--e')).toContain('--endpoint');
  expect(offeredByFish('attach --p')).toEqual(expect.arrayContaining(['--pid', '--port']));
  expect(offeredByFish('ps --p')).not.toContain('--pid');
  expect(offeredByFish('node --e')).not.toContain('--endpoint');
  expect(offeredByFish('--endpoint http://h --q')).toContain('--quiet');
  expect(offeredByFish('--protocol grpc pyth').join()).toMatch(/python/);
});

withShell('fish')('fish offers for an empty word our own, and files only where a file may stand', () => {
  const offers = (words: string) => offeredByFish(words).filter(Boolean);
  expect(offers('')).toEqual(['attach', 'decode', 'ps', 'run']);
  expect(offers('ps ')).toEqual([]);
  expect(offers('--protocol ')).toEqual(['grpc', 'http/json']);
  expect(offers('decode ')).toContain('fish');
  expect(offers('python ')).toContain('fish');
});

/** Types into a zsh that somebody sits at; the command says what it was given. */
withShell('zsh', noTerminal)(
  'zsh completes what is typed',
  async () => {
    const command = `openlit-instrument() { print "given: $*." }; PS1='ready> '\n`;
    writeFileSync(path.join(folder, '.zshrc'), completionScript('zsh', COMMANDS, LAUNCH) + command);
    const typed = ['att', '--endp', 'attach --pi'].map(words => ({
      see: 'ready> ',
      send: `openlit-instrument ${words}\t\r`,
    }));
    const { output } = await onTerminal(80, ['zsh', '-d', '-i'], {
      env: { HOME: folder, ZDOTDIR: folder },
      steps: [...typed, { see: 'given: attach --pid', send: 'exit\r' }],
    });
    const given = [...output.matchAll(/given: (.*?) ?\.\r/g)].map(match => match[1]);
    expect(given).toEqual(['attach', '--endpoint', 'attach --pid']);
  },
  60_000,
);
