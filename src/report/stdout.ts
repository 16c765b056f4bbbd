/**
 * Standard output that cannot be written. A reader that left (`| head`) has read enough, and nothing is said. Anything else,
 * such as a full disk, leaves less than was asked for: that is said once, and the status is 1.
 */
import { writeSync } from 'node:fs';

/** One for the process: the launcher's bundle and the commands each have a copy of this file. */
const STATE = Symbol.for('openlit-instrument.stdout');
const holder = globalThis as { [STATE]?: { over: boolean } };

/** Whether nothing that is written from now on would be read or kept. */
export const isStdoutOver = (): boolean => holder[STATE]?.over === true;

/** Told each error of a write; also those of Node's own stream. */
export function stdoutBroke(error: NodeJS.ErrnoException): void {
  if (isStdoutOver()) return;
  holder[STATE] = { over: true };
  if (error.code === 'EPIPE') return;
  // Node: "ENOSPC: no space left on device, write"
  const [reason] = error.message.split(', ');
  try {
    writeSync(2, `openlit-instrument: standard output cannot be written: ${reason}\n`);
  } catch {
    // The status says it.
  }
  process.on('exit', status => {
    if (status === 0) process.exitCode = 1;
  });
}
