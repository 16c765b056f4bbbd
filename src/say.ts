/** Our lines, written at once and without touching `process.stderr` or `process.stdout`. */
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

export function say(line: string): void {
  write(2, `openlit-instrument: ${line}\n`);
}

/** A closed or full descriptor must never keep the program from running. */
export function write(descriptor: 1 | 2, text: string): void {
  try {
    writeSync(descriptor, text);
  } catch {
    // Nobody can read it.
  }
}

/**
 * The first look at `process.stderr` makes a pipe non-blocking, for the program too, because both share the open file;
 * and Node looks at it by itself whenever any socket is destroyed. So during a launch both streams are plain writers.
 */
export function keepStreamsUntouched(): void {
  for (const [name, descriptor] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    let stream: Writable | undefined;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        stream ??= new Writable({
          write(chunk: Buffer, _encoding, done) {
            write(descriptor, chunk.toString());
            done();
          },
        });
        return stream;
      },
    });
  }
}
