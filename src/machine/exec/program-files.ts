/** Which executables a launch will run: the program itself, or the interpreters of a script. Reads files, starts nothing. */
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { HEAD_BYTES, parseShebang } from './shebang.js';
import { which } from './which.js';

/** A script whose interpreter is a script …: the kernel follows at most this many. */
const MAX_DEPTH = 5;
const ELF = 0x7f454c46;
/** What execvp hands a text without a first line to. */
const SHELL = '/bin/sh';

/** Absolute paths without links; the last is what the process has as its executable in the end. Empty where nobody can tell. */
export function executablesOf(file: string, searchPath: string | undefined, depth = 0): string[] {
  const head = depth < MAX_DEPTH ? readHead(file) : undefined;
  if (head === undefined || head.length < 4) return [];
  if (head.readUInt32BE(0) === ELF) return [realpathSync(file)];
  const shebang = parseShebang(head);
  if (!shebang) return head.includes(0) ? [] : executablesOf(SHELL, searchPath, depth + 1);
  const interpreter = which(shebang.interpreter, searchPath);
  return interpreter.ok ? executablesOf(interpreter.path, searchPath, depth + 1) : [];
}

function readHead(file: string): Buffer | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, readSync(descriptor, head, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
