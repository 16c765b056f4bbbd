/** The settings of one call: flags, environment and the file that belongs to the working directory. */
import { readFileSync } from 'node:fs';
import { findFile, workingDirectory } from '../config/find-file.js';
import { findFlag, type GivenFlag, type LaunchFlagId } from '../config/flags.js';
import { type Loaded, mergeSettings } from '../config/load.js';
import { parseHeaderLines } from '../config/values.js';
import { EXIT_STATUS, Problem } from '../errors.js';

/** Flags, environment and file, merged. @throws Problem (status 2) for a file that cannot be accepted */
export async function loadSettings(flags: readonly GivenFlag[], env = process.env): Promise<Loaded> {
  const folder = workingDirectory();
  const chosen = textOf(flags, 'config');
  const wanted = chosen ?? (folder === undefined ? undefined : findFile(folder));
  // cosmiconfig, yaml and zod are loaded only when there is something to read.
  const file =
    wanted === undefined ? undefined : (await import('../config/file.js')).loadFile(folder ?? '/', chosen, env);
  return mergeSettings(withHeadersFile(flags), env, file);
}

/** `--headers-file` is `--headers` with the value kept out of the command line. */
function withHeadersFile(flags: readonly GivenFlag[]): readonly GivenFlag[] {
  const file = textOf(flags, 'headersFile');
  if (file === undefined) return flags;
  let pairs: Record<string, string> | undefined;
  let reason = 'allowed: one KEY=VALUE a line, # for comments';
  try {
    pairs = parseHeaderLines(readFileSync(file, 'utf8'));
  } catch (error) {
    reason = (error as NodeJS.ErrnoException).code ?? 'it cannot be read';
  }
  if (!pairs) {
    throw new Problem({
      code: 'HEADERS_FILE',
      message: `the headers file ${file} cannot be read`,
      reason,
      exit: EXIT_STATUS.usage,
    });
  }
  return [...flags, { row: findFlag('headers')!, value: pairs, typed: '--headers-file' }];
}

/** The last value of a launch flag that takes text. */
function textOf(flags: readonly GivenFlag[], id: LaunchFlagId): string | undefined {
  return flags.findLast(({ row }) => row.id === id)?.value as string | undefined;
}
