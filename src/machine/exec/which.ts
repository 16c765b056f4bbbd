/** Finds the file that `execvp` would run for a name, and why it could not. Reads the file system, changes nothing. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** glibc's default when PATH is unset. */
const DEFAULT_PATH = '/bin:/usr/bin';

export type Found =
  | { readonly ok: true; readonly path: string }
  | {
      readonly ok: false;
      readonly status: 'notFound' | 'notExecutable';
      readonly path?: string;
      readonly reason: string;
    };

type Fit = 'runnable' | 'missing' | 'directory' | 'forbidden';

/** A name with a slash is taken as it is; any other is looked up in PATH, where an empty part is the working directory. */
export function which(name: string, searchPath: string | undefined): Found {
  if (name === '') return { ok: false, status: 'notFound', reason: 'the name is empty' };
  if (name.includes('/')) return explain(name, fitOf(name));
  let refused: Found | undefined;
  for (const folder of (searchPath ?? DEFAULT_PATH).split(':')) {
    const candidate = folder === '' ? `./${name}` : path.posix.join(folder, name);
    const fit = fitOf(candidate);
    if (fit === 'runnable') return { ok: true, path: candidate };
    // Like execvp: go on looking, but remember that something was there.
    if (fit === 'forbidden') refused ??= explain(candidate, fit);
  }
  return refused ?? { ok: false, status: 'notFound', reason: 'no folder of PATH has it' };
}

function explain(file: string, fit: Fit): Found {
  switch (fit) {
    case 'runnable':
      return { ok: true, path: file };
    case 'missing':
      return { ok: false, status: 'notFound', path: file, reason: 'there is no such file' };
    case 'directory':
      return { ok: false, status: 'notExecutable', path: file, reason: 'it is a directory' };
    case 'forbidden':
      return { ok: false, status: 'notExecutable', path: file, reason: 'it may not be executed (chmod +x?)' };
  }
}

function fitOf(file: string): Fit {
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return 'directory';
    // root passes access(X_OK) for any file with one x bit, as exec does.
    accessSync(file, constants.X_OK);
    return 'runnable';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'missing';
  }
}
