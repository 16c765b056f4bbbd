/** The files that a process has mapped: `/proc/PID/maps`, proc(5). */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { EXIT_STATUS, Problem } from '../errors.js';
import { PROC, procFile, readText } from './proc.js';

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
 * where they may not be read.
 */
export function readMaps(pid: number): MappedFile[] {
  try {
    readlinkSync(procFile(pid, 'root')); // kernels guard the way to the files better than the map
    return parseMaps(readFileSync(procFile(pid, 'maps'), 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EACCES' && code !== 'EPERM') return [];
    throw unreadable(pid, process.getuid?.() === 0);
  }
}

/** Exported for tests. `root`: sudo gives nothing more; what is missing was taken from the container, or is guarded. */
export function unreadable(pid: number, root: boolean): Problem {
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

/**
 * A path by which we (and the kernel, for us) reach the very file that the process has mapped: through its own root (it
 * may live in a container), else, when that name is gone or is another file by now, through the mapping itself.
 */
export function reachableFile(pid: number, file: MappedFile): string | undefined {
  const candidates = [
    ...(file.deleted ? [] : [procFile(pid, `root${file.path}`)]),
    ...file.ranges.map(range => procFile(pid, `map_files/${range}`)),
    procFile(pid, 'exe'),
  ];
  return candidates.find(path => {
    try {
      // Device numbers differ between maps and stat on some file systems (overlayfs, btrfs), so the inode decides.
      return statSync(path).ino === file.inode;
    } catch {
      return false;
    }
  });
}
