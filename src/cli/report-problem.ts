/** The last word on an error: one form for all, and the exit status that goes with it. */
import { redactCredentials } from '../calls/redact.js';
import { EXIT_STATUS, formatProblem, type Problem } from '../errors.js';
import { fold, say, write } from './say.js';

/** By its shape: the bundle and the commands each have the class of their own file. */
export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && error.name === 'Problem' && 'fixes' in error && 'exit' in error;
}

/** Prints an error of ours, without credentials: it may quote the value that is wrong. Returns the exit status for it. */
export function reportProblem(error: unknown): number {
  if (!isProblem(error)) return reportOther(error);
  // What happened may be broken into lines; what is to be typed may not.
  const [what = '', ...more] = redactCredentials(formatProblem(error)).split('\n');
  const details = more.slice(0, error.details.length).map(line => fold(line, '    '));
  write(2, `${[fold(what), ...details, ...more.slice(error.details.length)].join('\n')}\n`);
  return error.exit;
}

/** oclif's own errors carry their status, and advice that is not ours; anything else is a fault of ours. */
function reportOther(error: unknown): number {
  const { message, code, oclif } = error as Error & { code?: string; oclif?: { exit?: number } };
  if (oclif === undefined) {
    say(`unexpected error: ${message}`);
    return EXIT_STATUS.failed;
  }
  if (code !== 'EEXIT') {
    say(message.replace(/\s*See more help with --help\s*$/, '').replace(/\s+/g, ' '));
    write(2, '  try: openlit-instrument --help\n');
  }
  return oclif.exit ?? EXIT_STATUS.usage;
}
