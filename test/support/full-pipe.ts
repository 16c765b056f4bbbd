/** A pipe without room that nobody reads: what a program has as stderr when its reader is stuck. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface FullPipe {
  /** Its end for writing, which blocks. */
  readonly descriptor: number;
  /** Takes everything out. */
  drain(): string;
  close(): void;
}

export function openFullPipe(): FullPipe {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'full-pipe-'));
  const name = path.join(folder, 'pipe');
  execFileSync('mkfifo', [name]);
  const reader = openSync(name, constants.O_RDWR | constants.O_NONBLOCK);
  fill(reader, 4_096);
  fill(reader, 1);
  const descriptor = openSync(name, constants.O_WRONLY);
  return {
    descriptor,
    drain: () => drain(reader),
    close() {
      closeSync(descriptor);
      closeSync(reader);
      rmSync(folder, { recursive: true });
    },
  };
}

function fill(descriptor: number, size: number): void {
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(size, 'x'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
}

function drain(descriptor: number): string {
  const room = Buffer.alloc(1 << 20);
  let all = '';
  try {
    for (;;) all += room.toString('latin1', 0, readSync(descriptor, room));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return all;
  }
}
