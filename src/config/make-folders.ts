import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it, one by one. Not with Node's `recursive`: where a folder that is there says ENOENT of a
 * new one (`/proc`), Node asks for ever; and of a disk that cannot be written it does not tell the reason.
 * @throws NodeJS.ErrnoException with the system's own reason
 */
export function makeFolders(folder: string, mode = 0o777): void {
  try {
    return mkdirSync(folder, { mode });
  } catch (error) {
    if (isFolder(folder)) return;
    const above = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === folder || isFolder(above)) throw error;
    makeFolders(above, mode);
  }
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Somebody else was faster.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}
