/** Everything that `/proc` says of one process, read without starting anything and without touching the process. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { type Placement, placementOf } from './cgroup.js';
import { readEnvironment } from './environment.js';
import { executableOf, type ProcessIdentity } from './identity.js';
import { mappedPaths } from './maps.js';
import { PROC, procFile, readBytes, readLink, readText, splitNul } from './proc.js';
import { readStat } from './stat.js';

export interface ProcessFacts extends ProcessIdentity {
  readonly parent: number;
  /** At most 15 bytes; programs and threads may change it. */
  readonly kernelName: string;
  /** Owner of the process; -1 when it ended meanwhile. */
  readonly uid: number;
  readonly commandLine: readonly string[];
  /** Absolute path as the process sees it; absent for other users' processes. */
  readonly executable?: string;
  readonly workingDirectory?: string;
  /** Absent when it may not be read. Values stay inside this process: only chosen ones are ever printed. */
  readonly environment?: ReadonlyMap<string, string>;
  /** Paths of mapped files, once each. Absent when it may not be read. */
  readonly mappedFiles?: readonly string[];
  /** Text of its `cgroup` file; `cgroup.ts` says what it means. */
  readonly cgroup: string;
}

/** Undefined for a process that has ended and for kernel threads, which have no command line. */
export function readFacts(pid: number, root = PROC): ProcessFacts | undefined {
  const commandLine = readCommandLine(pid, root);
  const stat = readStat(pid, root);
  if (!stat || commandLine.length === 0) return undefined;
  const { kernelName, parent, startTime } = stat;
  const executable = executableOf(pid, root);
  const workingDirectory = readLink(procFile(pid, 'cwd', root));
  const environment = readEnvironment(pid, root);
  const mappedFiles = executable === undefined ? undefined : mappedPaths(pid, root);
  return {
    pid,
    parent,
    startTime,
    name: executable === undefined ? kernelName : path.basename(executable),
    kernelName,
    uid: ownerOf(procFile(pid, '', root)),
    commandLine,
    cgroup: readText(procFile(pid, 'cgroup', root)) ?? '',
    ...(executable !== undefined && { executable }),
    ...(workingDirectory !== undefined && { workingDirectory }),
    ...(environment && { environment }),
    ...(mappedFiles && { mappedFiles }),
  };
}

/** The words as they stand in its memory now: programs may rewrite them. Empty when it may not be read. */
export function readCommandLine(pid: number, root = PROC): string[] {
  return splitNul(readBytes(procFile(pid, 'cmdline', root)) ?? Buffer.alloc(0)).map(word => word.toString());
}

/** Where it runs. The mounts are read only where the cgroup's path is hidden and may hide a container. */
export function readPlacement({ pid, cgroup }: ProcessFacts, root = PROC): Placement {
  const placement = placementOf(cgroup);
  const hidden = placement.container === undefined && /^(\d+:[^:]*:\/\n?)+$/.test(cgroup);
  return hidden ? placementOf(cgroup, readText(procFile(pid, 'mountinfo', root))) : placement;
}

/** Where we run ourselves, and what we started. */
export function ownPlacement(): Placement {
  return placementOf(readText(procFile('self', 'cgroup')), readText(procFile('self', 'mountinfo')));
}

/** File name of the executable; of the typed command when the link may not be read. */
export function executableName({ executable, commandLine, name }: ProcessFacts): string {
  return path.basename(executable ?? commandLine[0] ?? name);
}

/** Every name that a person may call the program by: of its file, of the typed command, of the kernel. */
export function namesOf(pid: number): string[] {
  const kernelName = readStat(pid)?.kernelName;
  const executable = executableOf(pid);
  const typed = executable === undefined ? readCommandLine(pid)[0] : undefined;
  return [executable, typed]
    .flatMap(file => (file === undefined ? [] : [path.basename(file)]))
    .concat(kernelName ?? []);
}

function ownerOf(folder: string): number {
  try {
    return statSync(folder).uid;
  } catch {
    return -1;
  }
}
