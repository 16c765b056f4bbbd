/** Flags that choose among kept calls, for `show`. */
import { Flags } from '@oclif/core';
import { dollarsOf, durationOf } from '../../config/amounts.js';
import { EXIT_STATUS, Problem } from '../../errors.js';
import type { CallFilter } from '../../store/filter.js';

const HELP_GROUP = 'which calls';

export const FILTER_FLAGS = {
  model: Flags.string({
    summary: 'calls of this model; * stands for any characters',
    helpValue: 'GLOB',
    helpGroup: HELP_GROUP,
  }),
  provider: Flags.string({ summary: 'calls to this provider', helpValue: 'GLOB', helpGroup: HELP_GROUP }),
  process: Flags.string({ summary: 'calls of programs with this name', helpValue: 'GLOB', helpGroup: HELP_GROUP }),
  session: Flags.string({ summary: 'calls of this conversation', helpValue: 'GLOB', helpGroup: HELP_GROUP }),
  errors: Flags.boolean({ summary: 'calls that failed', helpGroup: HELP_GROUP }),
  slower: Flags.string({
    summary: 'calls that took at least as long: 2s, 500ms',
    helpValue: 'TIME',
    helpGroup: HELP_GROUP,
  }),
  dearer: Flags.string({
    summary: 'calls that cost at least as much, in dollars: 0.01',
    helpValue: 'DOLLARS',
    helpGroup: HELP_GROUP,
  }),
  since: Flags.string({
    summary: 'calls that began at this time or later: 2h, 7d, 2026-01-31, 2026-01-31T14:00',
    helpValue: 'TIME',
    helpGroup: HELP_GROUP,
  }),
  until: Flags.string({ summary: 'calls that began before this time', helpValue: 'TIME', helpGroup: HELP_GROUP }),
  text: Flags.string({
    summary: 'calls with this text in a message, a name or an error',
    helpValue: 'TEXT',
    helpGroup: HELP_GROUP,
  }),
};

export interface FilterFlags {
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly process?: string | undefined;
  readonly session?: string | undefined;
  readonly errors: boolean;
  readonly slower?: string | undefined;
  readonly dearer?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly text?: string | undefined;
}

/** Without `text`, which is looked for in the lines. @param now Unix milliseconds @throws Problem that says what is allowed */
export function filterOf(flags: FilterFlags, now: number): CallFilter {
  const { model, provider, process, session, errors, slower, dearer, since, until } = flags;
  const seconds = (text: string) => (durationOf(text) ?? durationOf(`${text}s`) ?? Number.NaN) / 1000;
  return {
    ...(model === undefined ? {} : { model }),
    ...(provider === undefined ? {} : { provider }),
    ...(process === undefined ? {} : { process }),
    ...(session === undefined ? {} : { session }),
    ...(errors ? { error: true } : {}),
    ...read('slower', slower, seconds, 'a time such as 2s, 500ms or 1m'),
    ...read(
      'dearer',
      dearer,
      text => dollarsOf(text) ?? Number.NaN,
      "dollars such as 0.01 (a shell needs quotes around '$0.01')",
    ),
    ...read('since', since, text => timeOf(text, now), TIMES),
    ...read('until', until, text => timeOf(text, now), TIMES),
  };
}

const TIMES = 'a time ago such as 2h or 7d, a day such as 2026-01-31, or 2026-01-31T14:00';

function read<Name extends 'slower' | 'dearer' | 'since' | 'until'>(
  name: Name,
  text: string | undefined,
  toNumber: (text: string) => number,
  allowed: string,
): Partial<Record<Name, number>> {
  if (text === undefined) return {};
  const value = toNumber(text);
  if (!Number.isNaN(value)) return { [name]: value } as Record<Name, number>;
  throw new Problem({
    code: 'FLAG_VALUE',
    message: `--${name} ${JSON.stringify(text)} cannot be used`,
    reason: `allowed: ${allowed}`,
    exit: EXIT_STATUS.usage,
  });
}

/** Unix milliseconds; a day or a time without a zone is local. */
function timeOf(text: string, now: number): number {
  const ago = durationOf(text);
  if (ago !== undefined) return now - ago;
  // A day alone would be taken as one of UTC.
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00` : text) : Number.NaN;
}

/** Whether anything is asked for. */
export const isFiltered = (flags: FilterFlags): boolean =>
  flags.errors ||
  [
    flags.model,
    flags.provider,
    flags.process,
    flags.session,
    flags.slower,
    flags.dearer,
    flags.since,
    flags.until,
    flags.text,
  ].some(each => each !== undefined);
