/** Small questions to this machine. */
import { statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

/** Does anybody take connections there? A socket file alone says nothing: its owner may be gone. */
export function somebodyListens(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const connection = net.connect(socket);
    const answer = (listens: boolean) => {
      connection.destroy();
      resolve(listens);
    };
    connection.once('connect', () => answer(true));
    connection.once('error', () => answer(false));
  });
}

/** A file that every user may run: the folders above it may be entered, too. */
export function isExecutableByAll(file: string): boolean {
  try {
    for (let at = file; ; at = path.dirname(at)) {
      if ((statSync(at).mode & 0o001) === 0) return false;
      if (at === '/') return true;
    }
  } catch {
    return false;
  }
}
