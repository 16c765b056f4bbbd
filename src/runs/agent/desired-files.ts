/**
 * The desired-state files on disk. Read at each tick, since changes of mounts and of network folders tell nobody; watched
 * besides, so that a change is taken up at once. What cannot be read asks for nothing new and withdraws nothing: a folder
 * that is not there, or that is empty where there were files, is taken for one that is not mounted.
 */
import { type FSWatcher, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import type { Desired } from '../../agent/desired.js';
import { applyFiles, type DesiredFile } from '../../agent/desired-file/read.js';
import { fileReason } from '../../errors.js';

export interface DesiredFiles {
  /** The wishes of the files laid over `desired`, and what is wrong with them. */
  apply(desired: Desired, now: number): { readonly desired: Desired; readonly errors: readonly string[] };
  close(): void;
}

/** Milliseconds that a file has to be old: a half-written one may be empty, which asks for nothing at all. */
const SETTLE = 300;

/** @param changed a file may have changed, or has settled: it is time to look */
export function createDesiredFiles(given: readonly string[], changed: () => void): DesiredFiles {
  const places = given.map(place => (place.length > 1 ? place.replace(/\/+$/, '') : place));
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const later = (): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE);
    timer.unref();
  };
  /** @param only the one file that matters in it; a log beside it may be written to all the time */
  const watchFolder = (place: string, only: string | undefined): void => {
    if (watchers.has(place)) return;
    try {
      const watcher = watch(place, { persistent: false }, (_event, name) => {
        if (name === null || (only === undefined ? isDesired(name) || name.startsWith('..') : name === only)) later();
      });
      watchers.set(place, watcher);
      // It was moved away, or its file system is gone: it is read at the next tick.
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(place);
      });
    } catch {
      // It is not there yet, or the system has no watches left: it is read at each tick all the same.
    }
  };

  return {
    apply(desired, now) {
      if (places.length === 0) return { desired, errors: [] };
      const files: DesiredFile[] = [];
      const errors: string[] = [];
      let fresh = false;
      for (const place of places) {
        // A file may be replaced by a rename: its folder tells of that.
        if (isFolder(place)) watchFolder(place, undefined);
        else watchFolder(path.dirname(place), path.basename(place));
        const before = filesOf(desired, place);
        const read = readPlace(place, before);
        files.push(...read.files);
        errors.push(...read.errors);
        fresh ||= read.newest > now - SETTLE && read.newest <= now;
      }
      if (fresh) {
        later();
        return { desired, errors: [] };
      }
      const applied = applyFiles(desired, files, now);
      const shown = applied.errors.filter(line => !line.includes(HELD));
      return { desired: applied.desired, errors: [...errors, ...shown] };
    },
    close() {
      closed = true;
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** Why a file of a folder that cannot be read is kept: said once for the folder. */
const HELD = 'its folder cannot be read';

const isDesired = (name: string): boolean => /^[^.].*\.(ya?ml|json)$/.test(name);

interface Place {
  readonly files: readonly DesiredFile[];
  readonly errors: readonly string[];
  /** When the newest of them was written, ms. */
  readonly newest: number;
}

function readPlace(place: string, before: readonly string[]): Place {
  const held = before.map(file => ({ file, text: '', unreadable: HELD }));
  const facts = statSync(place, { throwIfNoEntry: false });
  if (!facts && held.length > 0) return { files: held, errors: [`${place} cannot be read: no such folder`], newest: 0 };
  if (!facts?.isDirectory()) {
    const file = readFile(place);
    return { files: [file.file], errors: [], newest: file.at };
  }
  let names: string[];
  try {
    names = readdirSync(place).filter(isDesired);
  } catch (error) {
    return { files: held, errors: [`${place} cannot be read: ${fileReason(error)}`], newest: 0 };
  }
  if (names.length === 0 && held.length > 0) {
    const what = 'it has no file any more; what its files asked for stays (a file with "workloads: []" withdraws it)';
    return { files: held, errors: [`${place}: ${what}`], newest: 0 };
  }
  const read = names.map(name => readFile(path.join(place, name)));
  return { files: read.map(({ file }) => file), errors: [], newest: Math.max(0, ...read.map(({ at }) => at)) };
}

function readFile(file: string): { file: DesiredFile; at: number } {
  try {
    return { file: { file, text: readFileSync(file, 'utf8') }, at: statSync(file).mtimeMs };
  } catch (error) {
    return { file: { file, text: '', unreadable: fileReason(error) }, at: 0 };
  }
}

/** Files of this place that wishes came from. */
function filesOf({ wishes }: Desired, place: string): string[] {
  const files = wishes.flatMap(({ source, where }) =>
    source === 'file' && where !== undefined ? [where.slice(0, where.lastIndexOf(':'))] : [],
  );
  return [...new Set(files)].filter(file => file.startsWith(`${place}${path.sep}`));
}

const isFolder = (place: string): boolean => statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
