/**
 * Writes to the output that we share with the program. A pipe that is full and that nobody reads must hold neither us nor
 * the program: it is opened anew without blocking, and what does not fit is left out.
 */
import { constants, fstatSync, writeSync } from 'node:fs';
import { reopenOwn } from '../machine/descriptors.js';

/** Pause of a full, non-blocking descriptor, and how often it may ask for one before the line is given up. */
const PAUSE = 5;
const PATIENCE = 40;

/** The descriptor that is written instead of stderr, which does not change while we run. */
let ownStderr: number | undefined;
/** The last line did not fit: the next one does not wait again. */
let full = false;

/** All of it, where there is room and somebody who reads. Never throws, and never waits for long. */
export function writeLine(descriptor: number, bytes: Uint8Array): void {
  try {
    ownStderr ??= openWithoutBlocking(2);
    const target = descriptor === 2 ? ownStderr : descriptor;
    let pauses = full && descriptor === 2 ? PATIENCE : 0;
    for (let done = 0; done < bytes.length; ) {
      const written = writeSome(target, bytes, done);
      done += written ?? 0;
      if (descriptor === 2) full = written === undefined;
      if (written !== undefined) continue;
      if (++pauses > PATIENCE) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  } catch {
    // Nobody can read it.
  }
}

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
