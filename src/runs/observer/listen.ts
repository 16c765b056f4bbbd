/** Listening at a path that an observer before us may have left behind. */
import { chmodSync, renameSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { makeFolders } from '../../config/make-folders.js';
import type { TapServer } from './tap-server.js';

/**
 * Under a name of our own first, then over the wanted one: whoever connects finds the old listener or the new one, and
 * never nobody.
 * @param shared with programs of other users, as in a pod: whoever has the folder mounted may connect
 * @returns what takes the name away again, unless it is another observer's by then
 * @throws NodeJS.ErrnoException
 */
export async function listenAt(server: TapServer, wanted: string, shared = false): Promise<() => void> {
  makeFolders(path.dirname(wanted), shared ? 0o755 : 0o700);
  const own = `${wanted.slice(0, -'.sock'.length)}.${process.pid}`;
  await server.listen(own);
  if (shared) chmodSync(own, 0o666);
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
