/** Listening at a path that an observer before us may have left behind. */
import { renameSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../../config/make-folders.js';
import type { TapServer } from './tap-server.js';

/**
 * Under a name of our own first, then over the wanted one: whoever connects finds the old listener or the new one, and
 * never nobody.
 * @returns what takes the name away again, unless it is another observer's by then
 * @throws NodeJS.ErrnoException
 */
export async function listenAt(server: TapServer, wanted: string): Promise<() => void> {
  makeFolders(path.dirname(wanted), 0o700);
  const own = `${wanted.slice(0, -'.sock'.length)}.${process.pid}`;
  await server.listen(own);
  const { ino } = statSync(own);
  renameSync(own, wanted);
  return () => {
    try {
      if (statSync(wanted).ino === ino) unlinkSync(wanted);
    } catch {
      // Somebody else took it away first.
    }
  };
}
