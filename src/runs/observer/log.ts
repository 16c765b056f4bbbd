/** What an observer without an output has to say: the last of it, in one file of the cache, for `doctor` and for people. */
import { appendFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { redactCredentials } from '../../calls/redact.js';
import { cacheFolder } from '../../config/cache-folder.js';
import { makeFolders } from '../../config/make-folders.js';

/** Bytes; then the file is put aside and begun anew. */
const LARGEST = 256 * 1024;

export function observerLog(env: NodeJS.ProcessEnv): string {
  return path.join(cacheFolder(env), 'observer.log');
}

/** @returns a function that never throws */
export function openLog(env: NodeJS.ProcessEnv): (line: string) => void {
  return line => {
    try {
      const file = observerLog(env);
      makeFolders(path.dirname(file), 0o700);
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST) renameSync(file, `${file}.1`);
      const when = new Date().toISOString();
      appendFileSync(file, `${when} ${process.pid} ${redactCredentials(line)}\n`, { mode: 0o600 });
    } catch {
      // A disk that is full, or no home: nobody can be told.
    }
  };
}
