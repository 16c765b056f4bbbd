/** Where an export goes: stdout, or a file that only its owner can read and that is never written over unasked. */
import { closeSync, constants, fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { isStdoutOver, say, write } from '../../cli/say.js';
import { EXIT_STATUS, Problem } from '../../errors.js';

const PRIVATE = 0o600;

/** @throws Problem where the file is there already, or cannot be written */
export async function writeOutput(
  pieces: AsyncIterable<string>,
  file: string | undefined,
  force: boolean,
): Promise<void> {
  if (file === undefined) {
    for await (const piece of pieces) {
      write(1, piece);
      if (isStdoutOver()) return;
    }
    return;
  }
  const descriptor = openFor(file, force);
  try {
    for await (const piece of pieces) {
      const bytes = Buffer.from(piece);
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    }
  } catch (error) {
    throw notWritten(file, error);
  } finally {
    closeSync(descriptor);
  }
  say(`written to ${file}`);
}

function openFor(file: string, force: boolean): number {
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC } = constants;
    const descriptor = openSync(file, O_WRONLY | O_CREAT | (force ? O_TRUNC : O_EXCL), PRIVATE);
    // A file that was there has its own mode; a device must keep it.
    if (fstatSync(descriptor).isFile()) fchmodSync(descriptor, PRIVATE);
    return descriptor;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notWritten(file, error);
    throw new Problem({
      code: 'FILE_EXISTS',
      message: `${file} already exists`,
      reason: 'it is not overwritten',
      fixes: ['--force', '--output ANOTHER-FILE'],
      exit: EXIT_STATUS.usage,
    });
  }
}

function notWritten(file: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Problem({ code: 'OUTPUT', message: `${file} cannot be written`, reason: code ?? message });
}
