/** Which kept files are removed: the oldest, while there are too many runs, too many bytes or too old ones. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { sortFiles } from './runs-folder.js';

export interface Retention {
  readonly runs: number;
  /** Bytes of all files together. */
  readonly size: number;
  /** Milliseconds since the last call of a file. */
  readonly age: number;
}

export const DEFAULT_RETENTION: Retention = { runs: 200, size: 2 ** 30, age: 90 * 86_400_000 };

/** A long run goes on in a new file from this share of the size or the age on, so that its oldest calls can go by themselves. */
const PARTS = 8;

export const partSize = ({ size }: Retention): number => Math.ceil(size / PARTS);
export const partAge = ({ age }: Retention): number => Math.ceil(age / PARTS);

interface KeptFile {
  readonly name: string;
  readonly run: string;
  readonly size: number;
  /** Unix milliseconds. */
  readonly changed: number;
}

/** Pure: the names of the files that go. `own` is being written and stays. */
export function filesToRemove(files: readonly KeptFile[], own: string, retention: Retention, now: number): string[] {
  const oldestFirst = [...files].sort((a, b) => a.changed - b.changed || (a.name < b.name ? -1 : 1));
  const ownRun = files.find(({ name }) => name === own)?.run;
  let size = files.reduce((sum, file) => sum + file.size, 0);
  const runs = new Map<string, number>();
  for (const { run, changed } of files) runs.set(run, Math.max(runs.get(run) ?? 0, changed));
  // Runs by their last call: one that still grows is no old one.
  const lastFirst = [...runs].sort((a, b) => b[1] - a[1]).map(([run]) => run);
  const ordered = [...new Set([...(ownRun === undefined ? [] : [ownRun]), ...lastFirst])];
  const kept = new Set(ordered.slice(0, retention.runs));
  const removed: string[] = [];
  for (const file of oldestFirst) {
    if (file.name === own) continue;
    if (kept.has(file.run) && now - file.changed <= retention.age && size <= retention.size) continue;
    removed.push(file.name);
    size -= file.size;
  }
  return removed;
}

/** Removes them. A file that another run has removed meanwhile is no error. @throws NodeJS.ErrnoException */
export function applyRetention(folder: string, own: string, retention: Retention, now = Date.now()): void {
  const files = sortFiles(readdirSync(folder)).flatMap(({ name, run }) => {
    const stat = statSync(path.join(folder, name), { throwIfNoEntry: false });
    return stat?.isFile() ? [{ name, run, size: stat.size, changed: stat.mtimeMs }] : [];
  });
  for (const name of filesToRemove(files, own, retention, now)) rmSync(path.join(folder, name), { force: true });
}
