/**
 * What `/proc` says of one process, read without starting anything and without touching the process. A file that cannot
 * be read (another user's process, one that just ended) is an absent fact, not an error.
 * Source: proc(5).
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  /** Kernel's short name, at most 15 bytes. */
  readonly name: string;
  readonly uid: number;
  readonly commandLine: readonly string[];
  /** Absolute path as the process sees it; absent for other users' processes. */
  readonly executable?: string;
  readonly workingDirectory?: string;
  /** Absent when it may not be read. Values stay inside this process: only chosen ones are ever printed. */
  readonly environment?: ReadonlyMap<string, string>;
  /** Paths of mapped files, once each. Absent when it may not be read. */
  readonly mappedFiles?: readonly string[];
  readonly cgroup: string;
}

/** All process ids, ascending; kernel threads included. */
export function listPids(root = '/proc'): number[] {
  return readdirSync(root)
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Undefined for a process that has ended and for kernel threads, which have no command line. */
export function readProcess(pid: number, root = '/proc'): ProcessFacts | undefined {
  const folder = `${root}/${pid}`;
  const commandLine = splitZeros(readText(`${folder}/cmdline`));
  const stat = readText(`${folder}/stat`);
  if (stat === undefined || commandLine.length === 0) return undefined;
  // The name is in parentheses and may itself hold spaces and parentheses: the last one closes it.
  const close = stat.lastIndexOf(')');
  const executable = readLink(`${folder}/exe`);
  const workingDirectory = readLink(`${folder}/cwd`);
  const environment = readEnvironment(`${folder}/environ`);
  const mappedFiles = executable === undefined ? undefined : readMappedFiles(`${folder}/maps`);
  return {
    pid,
    parent: Number(stat.slice(close + 2).split(' ')[1]),
    name: stat.slice(stat.indexOf('(') + 1, close),
    uid: ownerOf(folder),
    commandLine,
    cgroup: readText(`${folder}/cgroup`) ?? '',
    ...(executable !== undefined && { executable }),
    ...(workingDirectory !== undefined && { workingDirectory }),
    ...(environment && { environment }),
    ...(mappedFiles && { mappedFiles }),
  };
}

/** Socket inodes among the open descriptors; undefined when the folder may not be read. */
export function readSocketInodes(pid: number, root = '/proc'): Set<string> | undefined {
  const folder = `${root}/${pid}/fd`;
  try {
    const inodes = new Set<string>();
    for (const descriptor of readdirSync(folder)) {
      const match = /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${descriptor}`) ?? '');
      if (match) inodes.add(match[1]!);
    }
    return inodes;
  } catch {
    return undefined;
  }
}

function readEnvironment(file: string): Map<string, string> | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const environment = new Map<string, string>();
  for (const entry of splitZeros(text)) {
    const equals = entry.indexOf('=');
    if (equals > 0) environment.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return environment;
}

function readMappedFiles(file: string): string[] | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  const files = new Set<string>();
  for (const line of text.split('\n')) {
    // Fields: range, permissions, offset, device, inode, path. Anonymous mappings and [heap] have no slash.
    const slash = line.indexOf('/');
    if (slash > 0) files.add(line.slice(slash).replace(/ \(deleted\)$/, ''));
  }
  return [...files];
}

function ownerOf(folder: string): number {
  try {
    return statSync(folder).uid;
  } catch {
    return -1;
  }
}

export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

export function readLink(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}

function splitZeros(text: string | undefined): string[] {
  if (!text) return [];
  return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0');
}
