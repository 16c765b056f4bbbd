/**
 * Writes to the output that we share with the program. A stderr that is full and that nobody reads must hold neither us nor
 * the program: it is opened anew without blocking, and what does not fit is left out. What is asked of stdout is the
 * command's very work: its reader is waited for, and what goes wrong is said (stdout.ts).
 */
import { constants, fstatSync, writeSync } from 'node:fs';
import { reopenOwn } from '../machine/descriptors.js';
import { isStdoutOver, stdoutBroke } from './stdout.js';

/** Pause of a full, non-blocking descriptor, and how often it may ask for one before the line is given up. */
const PAUSE = 5;
const PATIENCE = 40;

/** The descriptor that is written instead of stderr, which does not change while we run. */
let ownStderr: number | undefined;
/** The last line did not fit: the next one does not wait again. */
let full = false;

/** Never throws. On stderr it never waits for long. */
export function writeLine(descriptor: 1 | 2, bytes: Uint8Array): void {
  return descriptor === 1 ? writeOut(bytes) : writeNote(bytes);
}

function writeOut(bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length && !isStdoutOver(); ) {
      const written = writeSome(1, bytes, done);
      done += written ?? 0;
      if (written === undefined) pause();
    }
  } catch (error) {
    stdoutBroke(error as NodeJS.ErrnoException);
  }
}

function writeNote(bytes: Uint8Array): void {
  try {
    ownStderr ??= openWithoutBlocking(2);
    let pauses = full ? PATIENCE : 0;
    for (let done = 0; done < bytes.length; ) {
      const written = writeSome(ownStderr, bytes, done);
      done += written ?? 0;
      full = written === undefined;
      if (!full) continue;
      if (++pauses > PATIENCE) return;
      pause();
    }
  } catch {
    // Nobody can read it.
  }
}

const pause = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);

/** @returns undefined where it is full for now */
function writeSome(descriptor: number, bytes: Uint8Array, from: number): number | undefined {
  try {
    return writeSync(descriptor, bytes, from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** The flags of the shared description are the program's, so a description of our own is made. It is closed at an exec. */
function openWithoutBlocking(descriptor: number): number {
  try {
    if (!fstatSync(descriptor).isFIFO()) return descriptor;
    return reopenOwn(descriptor, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // No /proc, or the pipe of another user. Without a reader the write itself fails.
    return descriptor;
  }
}
