/** The files that a process has mapped: `/proc/PID/maps`, proc(5). */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { EXIT_STATUS, Problem } from '../errors.js';
import { insideProcess } from './files-inside.js';
import { isGone, PROC, procFile, readText, unreadable } from './proc.js';

export interface MappedFile {
  /** As the process sees it, without " (deleted)". */
  readonly path: string;
  readonly deleted: boolean;
  /** `major:minor` in hex and inode number: tells two files at one path apart. */
  readonly device: string;
  readonly inode: number;
  /** Address ranges of the executable mappings, as `map_files` names them: `start-end`. */
  readonly ranges: readonly string[];
}

const LINE = /^([0-9a-f]+-[0-9a-f]+) (....) [0-9a-f]+ ([0-9a-f]+:[0-9a-f]+) (\d+)\s+(\/.*)$/;

/** Files with at least one executable mapping, in the order of their addresses. Lines that say nothing of files are left out. */
export function parseMaps(text: string): MappedFile[] {
  const files = new Map<string, MappedFile & { ranges: string[] }>();
  for (const line of text.split('\n')) {
    const [, range = '', mode = '', device = '', inode = '', name = ''] = LINE.exec(line) ?? [];
    if (!mode.includes('x')) continue;
    const deleted = name.endsWith(' (deleted)');
    const path = unescapeMapsPath(deleted ? name.slice(0, -' (deleted)'.length) : name);
    const key = `${device} ${inode} ${path}`;
    const known = files.get(key);
    if (known) known.ranges.push(range);
    else files.set(key, { path, deleted, device, inode: Number(inode), ranges: [range] });
  }
  return [...files.values()];
}

/** Paths of all mapped files, of data too, once each; undefined when they may not be read. */
export function mappedPaths(pid: number, root = PROC): string[] | undefined {
  const text = readText(procFile(pid, 'maps', root));
  if (text === undefined) return undefined;
  const files = new Set<string>();
  for (const line of text.split('\n')) {
    // Fields: range, permissions, offset, device, inode, path. Anonymous mappings and [heap] have no slash.
    const slash = line.indexOf('/');
    if (slash > 0) files.add(unescapeMapsPath(line.slice(slash).replace(/ \(deleted\)$/, '')));
  }
  return [...files];
}

/** The kernel writes a newline in a name as \012; everything else is as it is. */
function unescapeMapsPath(path: string): string {
  return path.replaceAll('\\012', '\n');
}

/**
 * Executable files mapped by a process; empty for one that has ended, or is in the middle of an exec. Throws a `Problem`
 * where they cannot be read.
 */
export function readMaps(pid: number): MappedFile[] {
  try {
    readlinkSync(procFile(pid, 'root')); // kernels guard the way to the files better than the map
    return parseMaps(readFileSync(procFile(pid, 'maps'), 'utf8'));
  } catch (error) {
    if (isGone(error)) return [];
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EACCES' && code !== 'EPERM') throw unreadable(procFile(pid, 'maps'), error);
    throw forbidden(pid, process.getuid?.() === 0);
  }
}

/** Exported for tests. `root`: sudo gives nothing more; what is missing was taken from the container, or is guarded. */
export function forbidden(pid: number, root: boolean): Problem {
  return new Problem({
    code: 'NO_PRIVILEGE',
    message: `permission denied reading the memory map of process ${pid}`,
    reason: root
      ? 'root lacks CAP_SYS_PTRACE here, as in most containers, or a security module guards the process'
      : 'it belongs to another user or has more rights, and CAP_SYS_PTRACE is missing',
    fixes: root
      ? ['docker run --cap-add SYS_PTRACE --pid=host …   # or run openlit-instrument on the host']
      : [`sudo openlit-instrument attach --pid ${pid}`],
    exit: EXIT_STATUS.missingPrivilegeOrFeature,
  });
}

/** What the system says of a file at a path: enough to know it again. */
export interface FileIdentity {
  /** Device and inode: which file it is for the kernel. */
  readonly key: string;
  /** Size and time of change: an inode number is used again for another file, and a file may be written over. */
  readonly version: string;
}

/** Undefined where there is nothing at the path. */
export function identifyFile(path: string): (FileIdentity & { readonly inode: number }) | undefined {
  try {
    const { dev, ino, size, mtimeMs } = statSync(path);
    return { key: `${dev}:${ino}`, version: `${size} ${mtimeMs}`, inode: ino };
  } catch {
    return undefined;
  }
}

/**
 * A path by which we (and the kernel, for us) reach the very file that the process has mapped: through its own root (it
 * may live in a container), else, when that name is gone or is another file by now, through the mapping itself.
 */
export function reachableFile(pid: number, file: MappedFile): ({ readonly path: string } & FileIdentity) | undefined {
  const candidates = [
    ...(file.deleted ? [] : [insideProcess(pid, file.path)]),
    ...file.ranges.map(range => procFile(pid, `map_files/${range}`)),
    procFile(pid, 'exe'),
  ];
  for (const path of candidates) {
    const found = identifyFile(path);
    // Device numbers differ between maps and stat on some file systems (overlayfs, btrfs), so the inode decides.
    if (found?.inode === file.inode) return { path, key: found.key, version: found.version };
  }
  return undefined;
}
