/**
 * One agent acts on a machine. A lock file names its holder by pid and start, so that a holder that was killed is told from
 * one that runs, and a pid that was used again from both. A holder in another pid namespace cannot be looked at: it is
 * believed while it touches the file.
 */
import { linkSync, readFileSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { namespaceOf } from '../../machine/namespaces.js';
import { readStat } from '../../machine/stat.js';

export interface Lock {
  /** Takes it, or holds it further. Said at each tick, before anything is done. */
  hold(): { readonly ours: true } | { readonly ours: false; readonly heldBy: string };
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly start: string;
  readonly namespace?: string;
}

/** Milliseconds that a holder who cannot be looked at may stay silent. */
const SILENCE = 120_000;

export function openLock(file: string, now: () => number = Date.now): Lock {
  const own: Holder = { pid: process.pid, start: readStat('self')?.startTime ?? '', ...namespace('self') };
  const text = JSON.stringify(own);

  const take = (): boolean => {
    const beside = `${file}.${process.pid}`;
    writeFileSync(beside, text, { mode: 0o644 });
    try {
      linkSync(beside, file); // fails where there is one
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return false;
    } finally {
      unlinkSync(beside);
    }
  };

  /** Two agents may both find the same dead holder: the file is moved away first, and put back if it was another's. */
  const clear = (dead: string): void => {
    const aside = `${file}.${process.pid}.dead`;
    try {
      renameSync(file, aside);
      if (readFileSync(aside, 'utf8') !== dead) linkSync(aside, file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
    }
    try {
      unlinkSync(aside);
    } catch {
      // It was never there.
    }
  };

  return {
    hold() {
      for (let attempt = 0; attempt < 3; attempt++) {
        const there = read(file);
        if (there === text) {
          utimesSync(file, now() / 1000, now() / 1000);
          return { ours: true };
        }
        if (there === undefined) {
          take();
          continue;
        }
        const holder = parse(there);
        if (holder && isAlive(holder, file, now())) return { ours: false, heldBy: `process ${holder.pid}` };
        clear(there);
      }
      return read(file) === text ? { ours: true } : { ours: false, heldBy: 'another one that starts now' };
    },
    release() {
      if (read(file) === text) unlinkSync(file);
    },
  };
}

/** Who acts on this machine; undefined: nobody. Takes nothing. */
export function lockHolder(file: string, now: () => number = Date.now): number | undefined {
  const holder = parse(read(file) ?? '');
  return holder && isAlive(holder, file, now()) ? holder.pid : undefined;
}

function isAlive(holder: Holder, file: string, now: number): boolean {
  const ours = namespace('self').namespace;
  if (holder.namespace !== undefined && ours !== undefined && holder.namespace !== ours) {
    const touched = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return now - touched < SILENCE;
  }
  const stat = readStat(holder.pid);
  return stat !== undefined && stat.state !== 'Z' && stat.startTime === holder.start;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder;
    return typeof holder.pid === 'number' && typeof holder.start === 'string' ? holder : undefined;
  } catch {
    return undefined;
  }
}

function namespace(pid: 'self'): { namespace?: string } {
  const found = namespaceOf(pid, 'pid');
  return found === undefined ? {} : { namespace: found };
}
