// The packages of the coverage matrix, in `.cache/libraries`: one virtual environment or node_modules folder for all
// rows that share one. Versions come from the locks in test/libraries/environments; `--lock` writes those anew.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { FOLDER, ROOT } from './table.mjs';

const run = promisify(execFile);
const CACHE = path.join(ROOT, '.cache/libraries');
const LOCKS = path.join(FOLDER, 'environments');
const OPTIONS = { timeout: 900_000, maxBuffer: 1 << 26 };
const NPM = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/** The version that was tried here. */
const UV = 'uv==0.13.9';
/** Many of the libraries need Node 22, which is not everybody's default; npm has its binaries. */
const NODE = '22';

export const say = text => process.stderr.write(`${text}\n`);

async function python() {
  for (const name of ['python3.11', 'python3.12', 'python3.13', 'python3']) {
    const found = await run(name, ['-c', 'import sys; print(sys.version_info[:2] >= (3, 11), sys.executable)']).catch(
      () => {},
    );
    const [enough, file] = (found?.stdout ?? '').trim().split(' ');
    if (enough === 'True') return file;
  }
  throw new Error('the coverage matrix needs Python 3.11 or newer');
}

let uvFile;

function uv() {
  uvFile ??= installUv();
  return uvFile;
}

async function installUv() {
  const folder = path.join(ROOT, '.cache/python', UV.replace('==', '-'));
  const file = path.join(folder, 'bin/uv');
  if (existsSync(file)) return file;
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps'];
  await run(await python(), ['-m', 'pip', 'install', ...quiet, '--target', folder, UV], OPTIONS);
  return file;
}

const uvOptions = () => ({
  ...OPTIONS,
  env: { ...process.env, UV_CACHE_DIR: path.join(ROOT, '.cache/python/uv-cache') },
});

const requirements = rows => [...new Set(rows.flatMap(row => row.requires))].sort();
const lockOf = key => path.join(LOCKS, `${key.replace('/', '-')}${key.startsWith('python/') ? '.txt' : ''}`);

/** Writes the lock of one environment from what its rows require. */
export async function lock(key, rows) {
  say(`locking ${key}`);
  mkdirSync(LOCKS, { recursive: true });
  if (key.startsWith('python/')) {
    const wanted = path.join(CACHE, `${key.replace('/', '-')}.in`);
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(wanted, `${requirements(rows).join('\n')}\n`);
    const words = ['--quiet', '--python', await python(), '--no-header', '--no-annotate', '--output-file', lockOf(key)];
    await run(await uv(), ['pip', 'compile', ...words, wanted], uvOptions());
    return;
  }
  const folder = lockOf(key);
  mkdirSync(folder, { recursive: true });
  const dependencies = Object.fromEntries(
    requirements(rows).map(each => [each.slice(0, each.lastIndexOf('@')), each.slice(each.lastIndexOf('@') + 1)]),
  );
  const description = 'Packages of the coverage matrix; written by scripts/libraries.mjs --lock, never shipped';
  const manifest = { name: `libraries-${key.replace('/', '-')}`, private: true, description, dependencies };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  rmSync(path.join(folder, 'package-lock.json'), { force: true });
  // Else npm reads versions that other runs left there.
  rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true });
  await run('npm', ['install', '--package-lock-only', ...NPM], { ...OPTIONS, cwd: folder });
}

/**
 * Makes one environment, once for each content of its lock.
 * @returns {Promise<{interpreter: string, folder: string}>}
 */
export async function environment(key) {
  const isPython = key.startsWith('python/');
  const file = isPython ? lockOf(key) : path.join(lockOf(key), 'package-lock.json');
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 8);
  const folder = path.join(CACHE, `${key.replace('/', '-')}-${digest}`);
  const ready = path.join(folder, '.ready');
  const interpreter = isPython ? path.join(folder, 'bin/python') : await node();
  if (existsSync(ready)) return { interpreter, folder };
  say(`installing ${key}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (isPython) {
    await run(await python(), ['-m', 'venv', '--without-pip', folder], OPTIONS);
    await run(await uv(), ['pip', 'install', '--quiet', '--no-deps', '--python', interpreter, '-r', file], uvOptions());
  } else {
    for (const name of ['package.json', 'package-lock.json'])
      copyFileSync(path.join(lockOf(key), name), path.join(folder, name));
    await run('npm', ['ci', ...NPM], { ...OPTIONS, cwd: folder });
  }
  writeFileSync(ready, '');
  return { interpreter, folder };
}

async function node() {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = path.join(ROOT, '.cache/runtimes', `${name}-${NODE}`);
  const file = path.join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(file)) return file;
  say(`installing Node ${NODE}`);
  mkdirSync(folder, { recursive: true });
  await run('npm', ['install', '--no-save', '--no-package-lock', ...NPM, '--prefix', folder, `${name}@${NODE}`], {
    ...OPTIONS,
    cwd: folder,
  });
  return file;
}

/** The version of a package in a lock. */
export function lockedVersion(key, requirement) {
  if (key.startsWith('python/')) {
    const plain = name => name.toLowerCase().replaceAll(/[-_.]+/g, '-');
    const name = plain(requirement.replace(/[[=<>~! ].*$/, ''));
    const line = readFileSync(lockOf(key), 'utf8')
      .split('\n')
      .find(each => plain(each.split('==')[0]) === name);
    return line?.split('==')[1]?.split(/[ ;]/)[0];
  }
  const name = requirement.slice(0, requirement.lastIndexOf('@'));
  const { packages } = JSON.parse(readFileSync(path.join(lockOf(key), 'package-lock.json'), 'utf8'));
  return packages[`node_modules/${name}`]?.version;
}
