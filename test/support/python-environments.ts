/**
 * Interpreters, virtual environments and the SDK copy that the Python tests need. All of it lies in `.cache/python` and is
 * made when it is missing: a clean clone only needs some python3 and a package index. Packages are installed by uv, which
 * takes a second where pip takes a minute of CPU; where uv cannot be had, by pip.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { LAUNCH, ROOT } from './launcher.js';

const run = promisify(execFile);
const REQUIREMENTS = path.resolve(import.meta.dirname, 'python-requirements');
const CACHE = path.resolve(import.meta.dirname, '../../.cache/python');

/** The copies of the SDK that the tests use: never the developer's own. */
export const SDK_CACHE = path.join(CACHE, 'sdk');

export interface Python {
  /** `3.11` */
  readonly version: string;
  readonly file: string;
}

/** All of these versions that the machine has (on PATH or in pyenv), newest patch first; the others are named on stderr. */
export async function pythons(versions: readonly string[]): Promise<Python[]> {
  const found: Python[] = [];
  const missing: string[] = [];
  for (const version of versions) {
    const file = await find(version);
    if (file === undefined) missing.push(version);
    else found.push({ version, file });
  }
  if (missing.length > 0) process.stderr.write(`skipped, not on this machine: Python ${missing.join(', ')}\n`);
  return found;
}

async function find(version: string): Promise<string | undefined> {
  const pyenv = path.join(process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv'), 'versions');
  const managed = existsSync(pyenv) ? readdirSync(pyenv).filter(name => name.startsWith(`${version}.`)) : [];
  const candidates = managed.map(name => path.join(pyenv, name, 'bin', 'python'));
  for (const candidate of [...candidates, `/usr/bin/python${version}`, `python${version}`, 'python3']) {
    const seen = await run(candidate, [
      '-c',
      'import sys; print("%d.%d %s" % (sys.version_info[:2] + (sys.executable,)))',
    ]).catch(() => undefined);
    const [is, file] = (seen?.stdout ?? '').trim().split(' ');
    if (is === version && file) return file;
  }
  return undefined;
}

/** The version that was tried here; a newer one is welcome when somebody needs it. */
const UV = 'uv==0.13.9';
let uvFile: Promise<string | undefined> | undefined;

/** uv's program, from the package index into `.cache/python`; undefined, with a line on stderr, when it cannot be had. */
export function uv(): Promise<string | undefined> {
  uvFile ??= installUv();
  return uvFile;
}

async function installUv(): Promise<string | undefined> {
  const folder = path.join(CACHE, UV.replace('==', '-'));
  const file = path.join(folder, 'bin', 'uv');
  if (existsSync(file)) return file;
  const temporary = `${folder}.new-${process.pid}`;
  try {
    const { file: python } = await anyPython();
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps'];
    await run(python, ['-m', 'pip', 'install', ...quiet, '--target', temporary, UV], { timeout: 120_000 });
    renameSync(temporary, folder);
    return file;
  } catch (error) {
    process.stderr.write(`packages are installed by pip, because there is no uv: ${(error as Error).message}\n`);
    return undefined;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** The interpreter that most tests use: 3.11 where it is, else any that can be observed. */
export async function anyPython(): Promise<Python> {
  for (const version of ['3.11', '3.12', '3.13', '3.10']) {
    const file = await find(version);
    if (file !== undefined) return { version, file };
  }
  throw new Error('the Python tests need Python 3.10 or newer');
}

/**
 * A virtual environment with the packages of `python-requirements/<name>.txt`.
 * @returns its interpreter
 */
export async function environment(name: string, python: Python): Promise<string> {
  const list = path.join(REQUIREMENTS, `${name}.txt`);
  const digest = createHash('sha256').update(readFileSync(list)).update(python.file).digest('hex').slice(0, 8);
  const folder = path.join(CACHE, `${name}-${python.version}-${digest}`);
  const ready = path.join(folder, '.ready');
  const file = path.join(folder, 'bin', 'python');
  if (existsSync(ready)) return file;
  process.stderr.write(`installing ${name} for Python ${python.version} into ${path.relative(ROOT, folder)}\n`);
  // Scripts in bin/ name their interpreter by its path, so the folder is made where it stays.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  const env = { ...process.env, PYTHONPATH: '', PYTHONDONTWRITEBYTECODE: '' };
  const options = { env, timeout: 600_000, maxBuffer: 1 << 26 };
  const packages = ['--quiet', '--no-deps', '-r', list];
  const installer = await uv();
  if (installer !== undefined) {
    await run(python.file, ['-m', 'venv', '--without-pip', folder], options);
    const cache = { ...options, env: { ...env, UV_CACHE_DIR: path.join(CACHE, 'uv-cache') } };
    await run(installer, ['pip', 'install', '--python', file, ...packages], cache);
  } else {
    await run(python.file, ['-m', 'venv', folder], options);
    await run(file, ['-m', 'pip', 'install', '--disable-pip-version-check', ...packages], options);
  }
  writeFileSync(ready, '');
  return file;
}

/** A virtual environment without pip and without packages of its own, over those of another one. */
export async function environmentWithoutPip(python: Python, packagesOf: string): Promise<string> {
  const folder = path.join(CACHE, `without-pip-${python.version}`);
  const file = path.join(folder, 'bin', 'python');
  if (existsSync(path.join(folder, '.ready'))) return file;
  const temporary = `${folder}.new-${process.pid}`;
  await run(python.file, ['-m', 'venv', '--without-pip', temporary]);
  const site = path.join('lib', `python${python.version}`, 'site-packages');
  writeFileSync(path.join(temporary, site, 'packages.pth'), `${path.resolve(packagesOf, '../..', site)}\n`);
  writeFileSync(path.join(temporary, '.ready'), '');
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return file;
}

/** Makes the SDK copy for an interpreter, as a user would: with uv on PATH, or without it, by pip. */
export async function setupSdk(python: string, by: 'pip' | 'uv' = 'pip'): Promise<void> {
  const installer = by === 'uv' ? await uv() : undefined;
  const search = installer === undefined ? {} : { PATH: `${path.dirname(installer)}:${process.env['PATH']}` };
  const env = { ...process.env, ...search, OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE, PYTHONPATH: '' };
  await run(LAUNCH[0]!, [...LAUNCH.slice(1), 'setup', 'python', '--python', python], { env, timeout: 600_000 });
}

/**
 * An interpreter whose programs a launch can observe.
 * @param packages as in `environment`
 */
export async function pythonWithSdk(packages: string): Promise<string> {
  const python = await environment(packages, await anyPython());
  await setupSdk(python);
  return python;
}
