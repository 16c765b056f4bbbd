/** What an executable was compiled with, where its name does not say it: one look into the file, remembered. */
import { statSync } from 'node:fs';
import { openElf } from './elf.js';
import { RUNTIMES, type RuntimeRow } from './runtimes.js';

const known = new Map<string, RuntimeRow | undefined>();

/** The runtime by its mark; undefined for files that have none, are no ELF or may not be read. */
export function runtimeInside(file: string): RuntimeRow | undefined {
  try {
    const { dev, ino, mtimeMs } = statSync(file);
    const key = `${dev} ${ino} ${mtimeMs}`;
    if (!known.has(key)) known.set(key, markOf(file));
    return known.get(key);
  } catch {
    return undefined;
  }
}

function markOf(file: string): RuntimeRow | undefined {
  const elf = openElf(file);
  try {
    return RUNTIMES.find(row => row.mark?.(elf) === true);
  } finally {
    elf.close();
  }
}
