/** Where kept runs lie, and the files that are there. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../config/cache-folder.js';
import { type NameFacts, parseFileName } from './kept-lines.js';

export const runsFolder = (env: NodeJS.ProcessEnv = process.env): string => path.join(cacheFolder(env), 'runs');

export interface RunFileName extends NameFacts {
  readonly name: string;
}

/** Files of runs, the oldest first; none where there is no folder. */
export async function listRunFiles(folder: string): Promise<RunFileName[]> {
  const names = await readdir(folder).catch(error => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return sortFiles(names);
}

/** By start, then by part. What is no run of ours is left out. */
export function sortFiles(names: readonly string[]): RunFileName[] {
  const files = names.flatMap(name => {
    const facts = parseFileName(name);
    return facts === undefined ? [] : [{ name, ...facts }];
  });
  return files.sort((a, b) => (a.run === b.run ? a.part - b.part : a.run < b.run ? -1 : 1));
}
