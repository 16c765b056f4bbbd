// Tools of other languages: where they are, and how they come here. Only Node's own modules.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Of one version for everybody: another one may want other line breaks. */
const RUFF = '0.17.6';
const RUFF_FOLDER = path.join(ROOT, '.cache', 'tools', `ruff-${RUFF}`);
const RUFF_FILE = path.join(RUFF_FOLDER, 'bin', 'ruff');

/** Path of a program, or undefined. */
export function onPath(program) {
  return (process.env.PATH ?? '')
    .split(':')
    .map(folder => path.join(folder, program))
    .find(file => {
      try {
        return statSync(file).isFile() && (statSync(file).mode & 0o111) !== 0;
      } catch {
        return false;
      }
    });
}

/** ruff: our own copy, else the one of the machine. */
export function findRuff() {
  return existsSync(RUFF_FILE) ? RUFF_FILE : onPath('ruff');
}

export const RUFF_HINT = `npm test, or: python3 -m pip install ruff==${RUFF}`;

/** From PyPI into `.cache/tools`. Returns why it could not, or undefined. */
export function installRuff() {
  if (existsSync(RUFF_FILE)) return undefined;
  const temporary = `${RUFF_FOLDER}.${process.pid}`;
  mkdirSync(path.dirname(RUFF_FOLDER), { recursive: true });
  const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  const { status, stderr, error } = spawnSync('python3', [...words, '--target', temporary, `ruff==${RUFF}`], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status === 0 && !existsSync(RUFF_FOLDER)) renameSync(temporary, RUFF_FOLDER);
  rmSync(temporary, { recursive: true, force: true });
  if (existsSync(RUFF_FILE)) return undefined;
  return error?.message ?? (stderr.trim().split('\n').at(-1) || `pip ended with ${status}`);
}
