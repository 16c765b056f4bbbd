/**
 * One error class and one table. A library part classifies (code, facts); the words for people live here, so that every
 * error has the same form: what happened, why, what to type.
 */

/** Exit statuses of our own commands and of the launcher. The help, the README and a test read this table. */
export const EXIT_STATUS = {
  done: 0,
  failed: 1,
  usage: 2,
  missingPrivilegeOrFeature: 3,
  /** `--fail-over`: the program ended with 0, and its calls cost more. */
  overBudget: 4,
  notExecutable: 126,
  notFound: 127,
  /** 128 + n: a signal ended the program. */
  signalBase: 128,
} as const;

export interface ProblemFacts {
  /** Stable, upper-case, for programs and tests. */
  readonly code: string;
  /** What happened, one sentence, no final stop. */
  readonly message: string;
  /** Why, when it is known. */
  readonly reason?: string;
  /** Several faults of one kind, each a line below the message. */
  readonly details?: readonly string[];
  /** Commands or settings that fix it, each a line that can be typed. */
  readonly fixes?: readonly string[];
  readonly exit?: number;
}

/** An error that a person can act on. `message` never holds a credential. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly reason: string | undefined;
  readonly details: readonly string[];
  readonly fixes: readonly string[];
  readonly exit: number;

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.message, options);
    this.code = facts.code;
    this.reason = facts.reason;
    this.details = facts.details ?? [];
    this.fixes = facts.fixes ?? [];
    this.exit = facts.exit ?? EXIT_STATUS.failed;
  }
}

/** The one form of an error: `openlit-instrument: what: why`, then a line for each detail and each fix. */
export function formatProblem(problem: Problem): string {
  const why = problem.reason ? `: ${problem.reason}` : '';
  const details = problem.details.map(line => `\n  ${line}`).join('');
  const fix = problem.fixes.length > 0 ? `\n  try: ${problem.fixes.join('\n       ')}` : '';
  return `openlit-instrument: ${problem.message}${why}${details}${fix}`;
}

const FILE_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
};

/** The same words everywhere for why a file cannot be read or written. */
export function fileReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? (message ?? 'unknown error') : (FILE_REASONS[code] ?? code);
}
