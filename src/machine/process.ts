/** What `/proc` says of one process, as far as attaching needs it. */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { EXIT_STATUS, Problem } from '../errors.js';
import { type MappedFile, parseMaps } from './maps.js';

export interface ProcessFacts {
  readonly pid: number;
  /** Name of the executable's file, or the kernel's name (15 characters) where it is not readable. */
  readonly name: string;
  /** Clock ticks since boot (field 22 of stat): tells two processes with one pid apart. */
  readonly startTime: string;
}

/** Throws a `Problem` when there is no such process. */
export function readProcess(pid: number): ProcessFacts {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    throw new Problem({ code: 'NO_PROCESS', message: `there is no process ${pid}`, fixes: ['openlit-instrument ps'] });
  }
  const [, name = '', rest = ''] = /^\d+ \(([\s\S]*)\) ([\s\S]*)$/.exec(stat) ?? [];
  const fields = rest.split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X')
    throw new Problem({ code: 'NO_PROCESS', message: `process ${pid} has ended already` });
  return { pid, name: executableName(pid) ?? name, startTime: fields[19] ?? '0' };
}

/** Whether this very process still runs: neither its end nor another one under its number. */
export function isRunning({ pid, startTime }: ProcessFacts): boolean {
  try {
    return readProcess(pid).startTime === startTime;
  } catch {
    return false;
  }
}

function executableName(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
      .replace(/ \(deleted\)$/, '')
      .split('/')
      .pop();
  } catch {
    return undefined;
  }
}

/**
 * Executable files mapped by a process; empty for one that has ended, or is in the middle of an exec. Throws a `Problem`
 * where they may not be read.
 */
export function readMaps(pid: number): MappedFile[] {
  try {
    readlinkSync(`/proc/${pid}/root`); // kernels guard the way to the files better than the map
    return parseMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EACCES' && code !== 'EPERM') return [];
    throw new Problem({
      code: 'NO_PRIVILEGE',
      message: `what process ${pid} has loaded may not be read`,
      reason: 'it belongs to another user or has more rights than we, and CAP_SYS_PTRACE is missing',
      fixes: [`sudo openlit-instrument attach --pid ${pid}`],
      exit: EXIT_STATUS.missingPrivilegeOrFeature,
    });
  }
}

/**
 * A path by which we (and the kernel, for us) reach the very file that the process has mapped: through its own root (it
 * may live in a container), else, when that name is gone or is another file by now, through the mapping itself.
 */
export function reachableFile(pid: number, file: MappedFile): string | undefined {
  const candidates = [
    ...(file.deleted ? [] : [`/proc/${pid}/root${file.path}`]),
    ...file.ranges.map(range => `/proc/${pid}/map_files/${range}`),
    `/proc/${pid}/exe`,
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
