/**
 * Where the managed copies of the Python SDK lie, and the check that every launch makes: two file reads and one stat.
 * `openlit_bootstrap/sdk.py` names the folders; here only the ready marks of interpreters are read.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { VARIABLES } from '../config/variables.js';

export const LOCK_FILES = ['python-3.9.txt', 'python-3.10.txt'] as const;

/** The folder that holds one copy per interpreter version, platform and lock. */
export function pythonSdkStore(env: NodeJS.ProcessEnv = process.env): string {
  const given = env[VARIABLES.pythonSdk];
  if (given) return given;
  const cache = env[VARIABLES.cacheDir];
  const base = env['XDG_CACHE_HOME'] || path.join(env['HOME'] || os.homedir(), '.cache');
  return path.join(cache || path.join(base, 'openlit-instrument'), 'python');
}

/**
 * Whether this interpreter has its copy. Starts nothing: a mark made at set-up is looked for, a link to the copy's own
 * last file, so that a removed copy counts as missing. A false "no" costs a set-up that finds everything there.
 */
export function isPythonSdkReady(python: string, bootstrap: string, env: NodeJS.ProcessEnv = process.env): boolean {
  try {
    return existsSync(readyMark(python, bootstrap, pythonSdkStore(env)));
  } catch {
    return false;
  }
}

/** The mark of one interpreter file and the present locks; another build under the same path has another mark. */
export function readyMark(python: string, bootstrap: string, store: string): string {
  const file = realpathSync(python);
  const { size, mtimeMs } = statSync(file);
  const hash = createHash('sha256').update(`${file}\0${size}\0${mtimeMs}`);
  for (const lock of LOCK_FILES) hash.update(readFileSync(path.join(bootstrap, 'locks', lock)));
  return path.join(store, 'ready', hash.digest('hex').slice(0, 20));
}
