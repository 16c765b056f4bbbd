/** Runs words on a real terminal (a pty) of a given width, and makes what they showed comparable. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { cleanEnvironment, run } from './launcher.js';

const SCRIPT = path.resolve(import.meta.dirname, 'terminal.py');

/** Why there can be no terminal here. */
export const noTerminal: string | undefined =
  spawnSync('python3', ['-c', 'import pty']).status === 0 ? undefined : 'python3 is needed for a terminal';

/** What is typed or done once something is seen. */
export type Step = { see: string } & ({ send: string } | { resize: [number, number] } | { run: readonly string[] });

export interface Shown {
  readonly output: string;
  readonly status: number;
  readonly timed_out: boolean;
}

export async function onTerminal(
  columns: number,
  words: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; steps?: readonly Step[] } = {},
): Promise<Shown> {
  const sized = ['sh', '-c', `stty cols ${columns} rows 40; exec "$@"`, 'sh', ...words];
  const { stdout } = await run(['python3', SCRIPT, JSON.stringify(options.steps ?? []), ...sized], {
    env: cleanEnvironment({ TERM: 'xterm-256color', NO_COLOR: undefined, ...options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return JSON.parse(stdout) as Shown;
}

/** As a person sees it at the end: what was taken back is not there, nor the echo of Ctrl-C. */
export function settled(output: string): string {
  return (
    output
      .replaceAll('\r\n', '\n')
      // Spaces over the whole width, then back: a line of its own for what follows.
      .replace(/(^|\n) {38,}\r(?!\n)/g, '$1')
      .replace(/ {38,}\r(?!\n)/g, '\n')
      .replace(/^.*\r\u001b\[2K/gm, '')
      .replaceAll('^C', '')
  );
}

/** Lines without colours. */
export function plainLines(output: string): string[] {
  return stripVTControlCharacters(settled(output)).split('\n');
}
