/**
 * The files of /proc, and nothing about what they mean: each kind of fact has a module of its own beside this one. A file
 * that cannot be read (another user's process, one that just ended, no /proc at all) is an absent fact, not an error.
 * Source: proc(5).
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { EXIT_STATUS, Problem } from '../errors.js';

export const PROC = '/proc';

/** `self`: this very process, also before its number is known. */
export type Pid = number | 'self';

/** The path of a file about a process. */
export const procFile = (pid: Pid, name: string, root = PROC): string => `${root}/${pid}/${name}`;

/** All process ids, ascending; kernel threads included. Empty where there is no /proc. */
export function listPids(root = PROC): number[] {
  return (readNames(root) ?? [])
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export const readText = (file: string): string | undefined => attempt(() => readFileSync(file, 'utf8'));

/**
 * The text of a file about a process, where "there is none" has to be sure: undefined only when the process is gone. Throws
 * a `Problem` for everything else, which says nothing of the process: a limit of ours, a right that we lack.
 */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw unreadable(file, error);
  }
}

/** Whether an error of the system says that the process, or this of it, is not there. */
export const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '');

/** What kept us from reading a file, in words of its own where it is the limit of open files. */
export function unreadable(file: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EMFILE' || code === 'ENFILE') return tooManyFiles(error as Error);
  return new Problem({ code: 'NOT_READABLE', message: `${file} cannot be read`, reason: message }, { cause: error });
}

/** We have too many files open; the machine has, in the case of ENFILE. */
export function tooManyFiles(cause: Error): Problem {
  const { message } = cause;
  return new Problem(
    {
      code: 'TOO_MANY_FILES',
      message: 'the limit of open files is reached',
      reason: message,
      fixes: ['ulimit -n 65536', 'LimitNOFILE=65536   (in a systemd unit)'],
      exit: EXIT_STATUS.missingPrivilegeOrFeature,
    },
    { cause },
  );
}

export const readBytes = (file: string): Buffer | undefined => attempt(() => readFileSync(file));

export const readLink = (file: string): string | undefined => attempt(() => readlinkSync(file));

/** Names in a folder. */
export const readNames = (folder: string): string[] | undefined => attempt(() => readdirSync(folder));

/** One `Name: value` line of `status`, `limits` and their like. */
export function readField(pid: Pid, file: string, name: string, root = PROC): string | undefined {
  return fieldOf(readText(procFile(pid, file, root)) ?? '', name);
}

export function fieldOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:?[ \\t]+(.*)$`, 'm').exec(text)?.[1]?.trim();
}

/** NUL-separated words (`cmdline`, `environ`), with their bytes as they are. */
export function splitNul(bytes: Buffer): Buffer[] {
  const words: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    words.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = end < 0 ? bytes.length : end + 1;
  }
  return words;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
