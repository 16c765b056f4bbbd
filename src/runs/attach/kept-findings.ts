/** Where our own process keeps what it found in large files. */
import path from 'node:path';
import { keepFindings } from '../../attach/sources/kept-findings.js';
import type { FindTls } from '../../attach/sources/plan.js';
import { cacheFolder } from '../../config/cache-folder.js';
import { makeFolders } from '../../config/make-folders.js';

/** `findTls`, which remembers in our cache folder what was dear to find. */
export function keptFindings(env: NodeJS.ProcessEnv = process.env): FindTls {
  const makeFolder = (folder: string) => makeFolders(folder, 0o700);
  return keepFindings(path.join(cacheFolder(env), 'findings'), { makeFolder });
}
