/** Open descriptors of a process: `fd` and `fdinfo` of proc(5). */
import { openSync } from 'node:fs';
import { type Pid, PROC, procFile, readField, readLink, readNames } from './proc.js';

export interface Descriptor {
  readonly number: number;
  /** Target of the link: a path, `pipe:[inode]`, `anon_inode:[eventpoll]`. */
  readonly target: string;
  /** As open(2) flags. Read when they are asked for: they cost a file. */
  readonly flags: number;
}

/** Undefined when the folder may not be read, or there is no /proc. */
export function listDescriptors(pid: Pid, root = PROC): Descriptor[] | undefined {
  return readNames(procFile(pid, 'fd', root))?.flatMap(name => {
    const target = readLink(procFile(pid, `fd/${name}`, root));
    if (target === undefined) return []; // the descriptor of the listing itself is gone by now
    return {
      number: Number(name),
      target,
      get flags() {
        return Number.parseInt(readField(pid, `fdinfo/${name}`, 'flags', root) ?? '0', 8);
      },
    };
  });
}

/** Socket inodes among the open descriptors; undefined when they may not be read. */
export function socketInodes(pid: Pid, root = PROC): Set<string> | undefined {
  const all = listDescriptors(pid, root);
  return all && new Set(all.flatMap(({ target }) => socketInode(target) ?? []));
}

export const socketInode = (target: string): string | undefined => /^socket:\[(\d+)\]$/.exec(target)?.[1];

/**
 * The file behind one of our own descriptors, opened anew: a description of our own, whose flags nobody shares. Throws as
 * open(2) does, also for what cannot be opened twice (a socket).
 */
export function reopenOwn(descriptor: number, flags: number): number {
  return openSync(procFile('self', `fd/${descriptor}`), flags);
}
