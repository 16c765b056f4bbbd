/**
 * The first file of every call, bundled by `scripts/build.mjs`: splits the words and takes the shortest way. A launch
 * needs no oclif; our own commands and the help do.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { splitWords } from './cli/argv.js';
import { guardStdout, isStdoutOver, write } from './cli/say.js';
import { keepYoungGenerationSmall } from './machine/own-memory.js';
import { PACKAGE_FOLDER } from './machine/package-folder.js';
import { launch, reportProblem } from './runs/launch.js';

/** Commands that stand beside other people's programs for days. */
const LONG_LIVED = new Set(['attach']);

export async function main(typed: readonly string[]): Promise<void> {
  try {
    const words = splitWords(typed);
    if (words.kind === 'own') return await runOwnCommand(words.words);
    if (words.kind === 'version') return write(1, `openlit-instrument ${version()}\n`);
    process.exitCode = await launch({ flags: words.flags, words: words.program });
  } catch (error) {
    process.exitCode = reportProblem(error);
  }
}

async function runOwnCommand(words: readonly string[]): Promise<void> {
  if (LONG_LIVED.has(words[0] ?? '')) keepYoungGenerationSmall();
  const { flush, run } = await import('@oclif/core');
  guardStdout();
  // Without it, oclif asks for the shell of this user, and in a container the user's number may be nobody's.
  process.env['SHELL'] ??= '';
  try {
    await run([...words], { root: PACKAGE_FOLDER, userPlugins: false, devPlugins: false });
    if (!isStdoutOver()) await flush();
  } catch (error) {
    process.exitCode = reportProblem(error);
  }
}

function version(): string {
  return (JSON.parse(readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as { version: string }).version;
}
