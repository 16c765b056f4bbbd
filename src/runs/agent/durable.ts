/** Files that are whole after a kill or a power cut: written beside, synced, then renamed over the old one. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import path from 'node:path';

/** For the owner's eyes only: reasons of failures quote what others said. */
const MODE = 0o600;

/** @throws NodeJS.ErrnoException; the old file stays then */
export function replaceFile(file: string, text: string): void {
  const beside = `${file}.new`;
  try {
    const fd = openSync(beside, 'w', MODE);
    try {
      writeAll(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, file);
  } catch (error) {
    tryTo(() => unlinkSync(beside));
    throw error;
  }
  syncFolder(path.dirname(file));
}

/** The new name is on disk, too. Some file systems cannot sync a folder; the file itself was synced. */
export function syncFolder(folder: string): void {
  tryTo(() => {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
}

/** `write` may take less than it was given. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

/** Undefined where there is no such file. @throws NodeJS.ErrnoException */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // The caller has done what matters, or throws what it met.
  }
}
