/**
 * The payload: hooks and observer of one version, copied whole. In it also lie the environment files that lead programs to
 * it: whoever removes the folder removes both, and the programs start as if we had never been there.
 */
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openFolder } from './places.js';

const PARTS = ['bootstrap/python', 'bootstrap/node', 'observer.cjs', 'prices.json'];

export interface Payload {
  readonly folder: string;
  readonly hooks: { readonly python: string; readonly node: string };
  readonly observer: string;
}

export interface PayloadFile {
  /** Relative to the payload. */
  readonly name: string;
  readonly content: Buffer;
}

/** What a payload holds, in order of its names. @throws Error where our own build is not whole */
export function payloadFiles(built: string): PayloadFile[] {
  const names = PARTS.flatMap(part => {
    const file = path.join(built, part);
    if (!existsSync(file)) throw new Error(`our own file ${file} is missing; install the package again`);
    if (part.includes('.')) return [part];
    return readdirSync(file, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.parentPath.includes('__pycache__'))
      .map(entry => path.relative(built, path.join(entry.parentPath, entry.name)));
  });
  return names.sort().map(name => ({ name, content: readFileSync(path.join(built, name)) }));
}

/** `0.1.0-3fa9c1d2`: the version, and what is in it. */
export function payloadName(version: string, files: readonly PayloadFile[]): string {
  const hash = createHash('sha256');
  for (const { name, content } of files) hash.update(`${name}\0${content.length}\0`).update(content);
  return `${version}-${hash.digest('hex').slice(0, 8)}`;
}

export const payloadAt = (folder: string): Payload => ({
  folder,
  hooks: {
    python: path.posix.join(folder, 'bootstrap/python'),
    node: path.posix.join(folder, 'bootstrap/node/hook.cjs'),
  },
  observer: path.posix.join(folder, 'observer.cjs'),
});

/** Copies it where it is not, or not whole. Every user may read it, nobody else write. @throws NodeJS.ErrnoException */
export function installPayload(root: string, name: string, built: string, files: readonly PayloadFile[]): Payload {
  const folder = path.join(root, 'payload', name);
  if (isWhole(folder, files)) return payloadAt(folder);
  openFolder(path.join(root, 'payload'));
  for (const above of [root, path.join(root, 'payload')]) chmodSync(above, 0o755);
  const growing = `${folder}.new-${process.pid}`;
  rmSync(growing, { recursive: true, force: true });
  try {
    for (const { name: file } of files) {
      const target = path.join(growing, file);
      makeReadable(growing, path.dirname(file));
      copyFileSync(path.join(built, file), target);
      chmodSync(target, 0o644);
    }
    makeReadable(growing, 'units');
    // What lies there is not whole, and what leads to it goes with it: nobody starts with half a hook.
    rmSync(folder, { recursive: true, force: true });
    renameSync(growing, folder);
  } catch (error) {
    rmSync(growing, { recursive: true, force: true });
    throw error;
  }
  return payloadAt(folder);
}

function makeReadable(base: string, below: string): void {
  let at = base;
  for (const part of ['', ...below.split('/')]) {
    at = path.join(at, part);
    mkdirSync(at, { recursive: true });
    chmodSync(at, 0o755);
  }
}

function isWhole(folder: string, files: readonly PayloadFile[]): boolean {
  return files.every(({ name, content }) => {
    try {
      return readFileSync(path.join(folder, name)).equals(content);
    } catch {
      return false;
    }
  });
}

/** What leads this unit to a payload, of whichever version: a drop-in that somebody else removed does not name it any more. */
export function removeLeads(root: string, unit: string): void {
  const payloads = path.join(root, 'payload');
  for (const name of namesIn(payloads)) rmSync(path.join(payloads, name, 'units', `${unit}.env`), { force: true });
}

/** Takes away what no environment file leads to any more, and the root with the last of it. */
export function removeUnusedPayloads(root: string): void {
  const payloads = path.join(root, 'payload');
  for (const name of namesIn(payloads)) {
    if (namesIn(path.join(payloads, name, 'units')).length === 0)
      rmSync(path.join(payloads, name), { recursive: true, force: true });
  }
  for (const folder of [payloads, path.join(root, 'workloads'), root]) {
    if (existsSync(folder) && namesIn(folder).length === 0) rmSync(folder, { recursive: true, force: true });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
