import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { completionScript } from '../src/completion.js';

const COMMANDS = [
  { name: 'attach', words: ['--pid', '--port'] },
  { name: 'ps', words: ['--json'] },
];
const LAUNCH = ['--endpoint', '--quiet'];

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
  expect(offered('attach', '--p')).toEqual(['--pid', '--port']);
  expect(offered('ps', '--p')).toEqual([]);
});

test('zsh loads the same words; fish has a line for each', () => {
  expect(completionScript('zsh', COMMANDS, LAUNCH)).toContain(completionScript('bash', COMMANDS, LAUNCH));
  const fish = completionScript('fish', COMMANDS, LAUNCH);
  expect(fish).toContain("complete -c openlit-instrument -n '__fish_seen_subcommand_from attach' -l port\n");
  expect(fish).toContain("complete -c openlit-instrument -n '__fish_use_subcommand' -a ps\n");
});
