/** Our lines, written at once and without touching `process.stderr` or `process.stdout`. */
import type { Writable } from 'node:stream';
import { redactCredentials } from '../calls/redact.js';
import { terminalColumns } from '../report/output.js';
import { isStdoutOver, stdoutBroke } from '../report/stdout.js';
import { writeLine } from '../report/write-line.js';

export { isStdoutOver };

/** One note, without credentials: it may quote a value, an address or somebody else's error. */
export function say(line: string): void {
  write(2, `${fold(`openlit-instrument: ${redactCredentials(line)}`)}\n`);
}

/** Broken at spaces where a terminal would break it inside a word. In a pipe a line stays a line. */
export function fold(line: string, indent = '  '): string {
  const columns = line.length > NARROWEST ? terminalColumns(2) : undefined;
  if (columns === undefined || line.length <= columns) return line;
  const [first = '', ...words] = line.split(' ');
  let used = first.length;
  return words.reduce((text, word) => {
    used += 1 + word.length;
    if (used <= columns) return `${text} ${word}`;
    used = indent.length + word.length;
    return `${text}\n${indent}${word}`;
  }, first);
}

/** Nobody is asked for a width that is as good as never smaller. */
const NARROWEST = 60;

/** A closed descriptor, or a stderr that is full, must never keep the program from running. */
export function write(descriptor: 1 | 2, text: string): void {
  writeLine(descriptor, Buffer.from(text));
}

/** What oclif writes through `process.stdout` fails as our own writes do, and not with a stack trace. */
export function guardStdout(): void {
  process.stdout.removeAllListeners('error').on('error', stdoutBroke);
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
        stream ??= writerTo(descriptor);
        return stream;
      },
    });
  }
}

function writerTo(descriptor: 1 | 2): Writable {
  // Loaded here, because hardly any launch comes here, and streams are a twentieth of what Node takes to start.
  const { Writable } = process.getBuiltinModule('node:stream');
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      write(descriptor, chunk.toString());
      done();
    },
  });
}
