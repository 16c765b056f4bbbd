/** Writing and taking back what is ours about one unit, so that afterwards every byte is as before. */
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../../config/make-folders.js';
import { openFolder } from '../payload/places.js';
import { DROP_IN, type DropIn, readDropIn } from './names.js';

export interface FoundDropIn extends DropIn {
  readonly file: string;
  readonly text: string;
}

/** Ours, wherever it lies. */
export function findDropIn(folders: readonly string[]): FoundDropIn | undefined {
  for (const folder of folders) {
    const file = path.join(folder, DROP_IN);
    try {
      const text = readFileSync(file, 'utf8');
      const dropIn = readDropIn(text);
      if (dropIn) return { ...dropIn, file, text };
    } catch {
      // Not there.
    }
  }
  return undefined;
}

/** The first folder that a drop-in can be written to. */
export function writableFolder(folders: readonly string[]): string | undefined {
  return folders.find(folder => {
    for (let at = folder; ; at = path.dirname(at)) {
      if (!existsSync(at)) continue;
      try {
        accessSync(at, constants.W_OK);
        return true;
      } catch {
        return false;
      }
    }
  });
}

/** As a whole or not at all, and never for a moment with another mode. @throws NodeJS.ErrnoException */
export function writeWhole(file: string, text: string, mode: number, owner?: number): void {
  const growing = `${file}.new-${process.pid}`;
  try {
    rmSync(growing, { force: true });
    writeFileSync(growing, text, { mode: 0o600, flag: 'wx' });
    if (owner !== undefined) chownSync(growing, owner, -1);
    chmodSync(growing, mode);
    renameSync(growing, file);
  } catch (error) {
    rmSync(growing, { force: true });
    throw error;
  }
}

/** The folder that only the unit's user may enter; of a user that is not known, every user may, for there is no secret in it. */
export function ownFolder(folder: string, owner: number | undefined): void {
  openFolder(path.dirname(folder));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  if (owner === undefined) chmodSync(folder, 0o755);
  else chownSync(folder, owner, -1);
}

export function writeDropIn(file: string, text: string): void {
  makeFolders(path.dirname(file), 0o755);
  writeWhole(file, text, 0o644);
}

/** The folder goes too where we made it, and nobody else put anything into it. */
export function removeDropIn({ file, madeFolder }: Pick<FoundDropIn, 'file' | 'madeFolder'>): void {
  rmSync(file, { force: true });
  if (!madeFolder) return;
  try {
    rmdirSync(path.dirname(file));
  } catch {
    // Somebody else's file is in it.
  }
}
