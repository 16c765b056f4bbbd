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
  /** Commands or settings that mend it, each a line that can be typed. */
  readonly fixes?: readonly string[];
  readonly exit?: number;
}

/** An error that a person can act on. `message` never holds a credential. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly reason: string | undefined;
  readonly fixes: readonly string[];
  readonly exit: number;

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.message, options);
    this.code = facts.code;
    this.reason = facts.reason;
    this.fixes = facts.fixes ?? [];
    this.exit = facts.exit ?? EXIT_STATUS.failed;
  }
}

/** The one form of an error line: `openlit-instrument: what: why. Try: command`. */
export function formatProblem(problem: Problem): string {
  const why = problem.reason ? `: ${problem.reason}` : '';
  const fix = problem.fixes.length > 0 ? `\n  try: ${problem.fixes.join('\n       ')}` : '';
  return `openlit-instrument: ${problem.message}${why}${fix}`;
}
