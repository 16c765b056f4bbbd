/** Progress of long work: a spinner on a terminal, a plain line for each step elsewhere. The only place that knows ora. */
import { constants } from 'node:fs';
import tty from 'node:tty';
import ora from 'ora';
import { reopenOwn } from '../machine/descriptors.js';
import { openOutput } from './output.js';
import { clean } from './text.js';

export interface Progress {
  /** What is being done now. */
  step(text: string): void;
  done(text: string): void;
  failed(text: string): void;
}

/** Undefined for a terminal that does not know its width (serial lines, some CI): ora would erase lines without end. */
function openTerminal(): tty.WriteStream | undefined {
  const stream = new tty.WriteStream(reopenOwn(2, constants.O_RDWR | constants.O_NOCTTY));
  if (stream.columns > 0) return stream;
  stream.destroy();
  return undefined;
}

/**
 * Shows the progress of `work` on stderr. The spinner writes to a description of its own, so that no flag of the
 * program's stderr changes, and leaves stdin alone.
 */
export function startProgress(text: string, env: NodeJS.ProcessEnv = process.env): Progress {
  const output = openOutput(2, env);
  const plain = (line: string) => output.write(`openlit-instrument: ${clean(line)}\n`);
  const stream = output.terminal && !env.CI && env.TERM !== 'dumb' ? openTerminal() : undefined;
  if (stream === undefined) {
    plain(text);
    return { step: plain, done: plain, failed: line => plain(`${line}: failed`) };
  }
  const spinner = ora({
    text: clean(text),
    stream,
    discardStdin: false,
    hideCursor: false,
    prefixText: 'openlit-instrument:',
    color: output.colour ? 'cyan' : false,
    spinner: output.colour ? 'dots' : 'line',
  }).start();
  const end = (show: () => void) => {
    show();
    stream.destroy();
  };
  return {
    step: line => {
      spinner.text = clean(line);
    },
    done: line => end(() => spinner.succeed(clean(line))),
    failed: line => end(() => spinner.fail(clean(line))),
  };
}

/** Runs `work` under a spinner. Its last word is `done(result)`; on an error the step that failed. */
export async function withProgress<T>(
  text: string,
  work: (step: (text: string) => void) => Promise<T>,
  done: (result: T) => string,
): Promise<T> {
  let current = text;
  const progress = startProgress(text);
  try {
    const result = await work(step => {
      current = step;
      progress.step(step);
    });
    progress.done(done(result));
    return result;
  } catch (error) {
    progress.failed(current);
    throw error;
  }
}
