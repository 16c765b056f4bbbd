/** The root help: the two ways to use the program, our flags by group, and the exit statuses. */
import { Help } from '@oclif/core';
import { FLAGS, type FlagGroup, type FlagRow } from '../config/flags.js';
import { EXIT_STATUS } from '../errors.js';
import { wrap } from '../report/text.js';

const USAGE = `openlit-instrument: the LLM calls of any program as OpenTelemetry, with no change to it

USAGE
  openlit-instrument [OPTIONS] [--] PROGRAM [ARGUMENTS]   run a program and observe it
  openlit-instrument COMMAND [--help]                     one of our own commands

EXAMPLES
  openlit-instrument python app.py
  openlit-instrument --endpoint http://localhost:4318 --service-name shop node server.js
  openlit-instrument --dry-run -- npm start
  openlit-instrument attach --pid 4242`;

const NOTES =
  'All words from the program on belong to it, byte for byte; -- ends our part early. Flags are accepted with underscores too. The same settings can stand in the environment or in openlit.yml: docs/configuration.md.';

/** One table for the help, the documentation and a test. */
export const EXIT_STATUS_TEXT: readonly (readonly [status: string, meaning: string])[] = [
  ["program's own", 'the program was started and ended by itself'],
  [`${EXIT_STATUS.signalBase}+N`, 'signal N ended the program (the launcher ends by the same signal)'],
  [String(EXIT_STATUS.overBudget), 'the program ended with 0, and its calls cost more than --fail-over allows'],
  [String(EXIT_STATUS.notFound), 'the program was not found'],
  [String(EXIT_STATUS.notExecutable), 'the program was found but cannot be executed'],
  [String(EXIT_STATUS.usage), 'wrong use of a flag, a setting or a command of ours; nothing was started'],
  [String(EXIT_STATUS.done), 'our own commands: done'],
  [String(EXIT_STATUS.failed), 'our own commands: failed'],
  [String(EXIT_STATUS.missingPrivilegeOrFeature), 'our own commands: a privilege or a kernel feature is missing'],
];

/** Column of what a flag does. */
const SUMMARY_AT = 42;

/** Wrapped at `columns`, where they are given. */
function formatFlags(rows: readonly FlagRow[] = FLAGS, columns?: number): string {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups
    .map(
      group =>
        `${titleOf(group)}\n${rows
          .filter(row => row.group === group)
          .map(row => formatFlag(row, columns))
          .join('\n')}`,
    )
    .join('\n\n');
}

function titleOf(group: FlagGroup): string {
  return `OPTIONS: ${group.toUpperCase()}`;
}

function formatFlag(row: FlagRow, columns: number | undefined): string {
  const value =
    row.kind === 'switch'
      ? ''
      : row.bare
        ? `[=${row.choices?.join('|')}]`
        : ` ${row.choices?.join('|') ?? row.sample ?? 'VALUE'}`;
  const left = `  --${row.flags[0]}${value}`;
  const head = left.length > SUMMARY_AT - 2 ? `${left}\n${' '.repeat(SUMMARY_AT)}` : left.padEnd(SUMMARY_AT);
  return head + indented(row.summary, SUMMARY_AT, columns);
}

function formatExitStatus(columns?: number): string {
  const rows = EXIT_STATUS_TEXT.map(([status, meaning]) => `  ${status.padEnd(15)} ${indented(meaning, 18, columns)}`);
  return `EXIT STATUS\n${rows.join('\n')}`;
}

/** Text that begins at column `at`, broken at spaces so that it stays right of it. */
function indented(text: string, at: number, columns: number | undefined): string {
  return wrap(text, columns === undefined ? undefined : Math.max(20, columns - at)).join(`\n${' '.repeat(at)}`);
}

export default class RootHelp extends Help {
  override formatRoot(): string {
    const columns = this.opts.maxWidth;
    const notes = wrap(NOTES, columns).join('\n');
    return [USAGE, formatFlags(FLAGS, columns), notes, formatExitStatus(columns)].join('\n\n');
  }

  override async showCommandHelp(command: Parameters<Help['showCommandHelp']>[0]): Promise<void> {
    if (command.id === 'run') await this.showRootHelp();
    else await super.showCommandHelp(command);
  }
}
