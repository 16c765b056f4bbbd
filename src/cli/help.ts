/** The help: what to type first, the commands, then the flags that most people use. Every command's page has one form. */
import { Help } from '@oclif/core';
import { FLAGS, type FlagGroup, type FlagRow, findFlag } from '../config/flags.js';
import { EXIT_STATUS } from '../errors.js';
import { width, wrap } from '../report/text.js';

const USAGE = `openlit-instrument: see the LLM calls of any program, with no change to it

USAGE
  openlit-instrument [OPTIONS] [--] PROGRAM [ARGUMENTS]
  openlit-instrument COMMAND [OPTIONS]

EXAMPLES
  openlit-instrument python app.py
  openlit-instrument --endpoint http://localhost:4318 node server.js
  sudo openlit-instrument attach --pid 4242`;

/** In the order in which people meet them; what is not listed here comes after, by its name. */
const ORDER = [
  'run',
  'attach',
  'ps',
  'runs',
  'show',
  'ui',
  'doctor',
  'decode',
  'config',
  'init',
  'setup python',
  'completion',
  'agent',
  'agent status',
  'agent recover',
  'inject',
  'operator',
];

/** What a first page shows. */
const COMMON = new Set([
  'endpoint',
  'service-name',
  'environment',
  'capture-content',
  'headers-file',
  'live',
  'ui',
  'verbose',
  'quiet',
  'fail-over',
  'no-keep',
  'dry-run',
]);

const NOTES =
  'Everything from PROGRAM on is passed to it unchanged. All options: openlit-instrument run --help. The same settings can stand in openlit.yml (openlit-instrument init writes one) and in the environment (openlit-instrument config --all).';

/** One table for the help, the documentation and a test. */
export const EXIT_STATUS_TEXT: readonly (readonly [status: string, meaning: string])[] = [
  ["program's own", 'the program was started and ended by itself'],
  [`${EXIT_STATUS.signalBase}+N`, 'signal N ended the program (the launcher ends by the same signal)'],
  [String(EXIT_STATUS.overBudget), 'the program ended with 0, and its calls cost more than --fail-over allows'],
  [String(EXIT_STATUS.notFound), 'the program was not found'],
  [String(EXIT_STATUS.notExecutable), 'the program was found but cannot be executed'],
  [String(EXIT_STATUS.usage), 'wrong use of openlit-instrument; nothing was started'],
  [String(EXIT_STATUS.done), 'commands: done'],
  [String(EXIT_STATUS.failed), 'commands: failed'],
  [String(EXIT_STATUS.missingPrivilegeOrFeature), 'commands: a privilege or a kernel feature is missing'],
];

/** Widest left column; what is wider gets a line of its own. */
const MOST_LEFT = 34;

type Row = readonly [left: string, right: string];

/** Two columns, the right one wrapped at `columns`. */
function formatRows(rows: readonly Row[], columns: number | undefined): string {
  const left = Math.min(MOST_LEFT, Math.max(...rows.map(([text]) => width(text))));
  const at = left + 4;
  const room = columns === undefined ? undefined : Math.max(20, columns - at);
  return rows
    .map(([text, meaning]) => {
      const lines = wrap(meaning, room).join(`\n${' '.repeat(at)}`);
      return width(text) > left ? `  ${text}\n${' '.repeat(at)}${lines}` : `  ${text.padEnd(left)}  ${lines}`;
    })
    .join('\n');
}

/** `--name VALUE`, `--name a|b`, `--name[=a|b]`: one way to write a value, everywhere. */
function flagText(name: string, value: string | undefined): string {
  if (value === undefined) return `--${name}`;
  return value.startsWith('[') ? `--${name}[=${value.slice(1)}` : `--${name} ${value}`;
}

function launchRow(row: FlagRow): Row {
  const choices = row.choices?.join('|');
  const value = row.kind === 'switch' ? undefined : row.bare ? `[${choices}]` : (choices ?? row.sample ?? 'VALUE');
  return [flagText(row.flags[0]!, value), row.summary];
}

const section = (title: string, text: string) => `${title}\n${text}`;

function launchSections(columns: number | undefined): string[] {
  const groups = [...new Set(FLAGS.map(({ group }) => group))];
  const title = (group: FlagGroup) => `OPTIONS: ${group.toUpperCase()}`;
  return groups.map(group =>
    section(title(group), formatRows(FLAGS.filter(row => row.group === group).map(launchRow), columns)),
  );
}

type CommandHelp = Parameters<Help['showCommandHelp']>[0];

function commandRow([name, flag]: readonly [string, CommandHelp['flags'][string]]): Row {
  const short = flag.char ? `-${flag.char}, ` : '';
  if (flag.type === 'boolean')
    return [`${short}${flagText(flag.allowNo ? `no-${name}` : name, undefined)}`, flag.summary ?? ''];
  const value = flag.options?.join('|') ?? (typeof flag.helpValue === 'string' ? flag.helpValue : 'VALUE');
  const usual = flag.default === undefined ? '' : ` (default ${String(flag.default)})`;
  return [`${short}${flagText(name, value)}`, `${flag.summary ?? ''}${usual}`];
}

export default class RootHelp extends Help {
  override formatRoot(): string {
    const columns = this.opts.maxWidth;
    const place = (id: string) => (ORDER.includes(id) ? ORDER.indexOf(id) : ORDER.length);
    const commands = this.config.commands
      .filter(({ hidden }) => !hidden)
      .map(({ id, summary = '' }): Row => [id.replaceAll(':', ' '), summary])
      .sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b));
    return [
      USAGE,
      section('COMMANDS', formatRows(commands, columns)),
      section('OPTIONS', formatRows(FLAGS.filter(row => COMMON.has(row.flags[0]!)).map(launchRow), columns)),
      wrap(NOTES, columns).join('\n'),
    ].join('\n\n');
  }

  override async showRootHelp(): Promise<void> {
    this.log(this.formatRoot());
  }

  override async showCommandHelp(command: CommandHelp): Promise<void> {
    this.log(this.#page(command));
  }

  #page(command: CommandHelp): string {
    const columns = this.opts.maxWidth;
    const fill = (text: string) => text.replaceAll('<%= config.bin %>', this.config.bin);
    const id = command.id.replaceAll(':', ' ');
    const usage = [command.usage ?? `${id} [OPTIONS]`].flat().map(line => `  ${this.config.bin} ${line}`);
    const title = wrap(`${this.config.bin} ${id}: ${command.summary ?? ''}`, columns).join('\n');
    const parts = [title, section('USAGE', usage.join('\n'))];
    if (command.description) parts.push(wrap(fill(command.description).replace(/\s+/g, ' '), columns).join('\n'));
    const examples = [command.examples ?? []].flat().map(example => `  ${fill(String(example))}`);
    if (examples.length > 0) parts.push(section('EXAMPLES', examples.join('\n')));
    if (command.id === 'run')
      parts.push(...launchSections(columns), section('EXIT STATUS', formatRows(EXIT_STATUS_TEXT, columns)));
    else parts.push(...this.#flagSections(command, columns));
    return parts.join('\n\n');
  }

  /** The command's own flags first; those of settings by group. */
  #flagSections({ flags }: CommandHelp, columns: number | undefined): string[] {
    const shown = Object.entries(flags).filter(([, { hidden }]) => !hidden);
    const own = shown.filter(([name, flag]) => flag.helpGroup === undefined || findFlag(name) === undefined);
    const groups = [...new Set(shown.filter(each => !own.includes(each)).map(([, { helpGroup }]) => helpGroup ?? ''))];
    return [
      ...(own.length === 0 ? [] : [section('OPTIONS', formatRows(own.map(commandRow), columns))]),
      ...groups.map(group =>
        section(
          `OPTIONS: ${group.toUpperCase()}`,
          formatRows(shown.filter(each => !own.includes(each) && each[1].helpGroup === group).map(commandRow), columns),
        ),
      ),
    ];
  }
}
