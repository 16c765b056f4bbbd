/** The tables of docs/configuration.md, made from the rows of `flags.ts`. `npm run manifest` writes them. Pure. */
import { LAUNCH_FLAGS, SETTINGS, type SettingRow } from './flags.js';
import { allowedFor } from './values.js';

export const BEGIN = '<!-- made by `npm run manifest` from src/config/flags.ts -->';
export const END = '<!-- end -->';

const code = (text: string | undefined) => (text === undefined ? '' : `\`${text}\``);

/** One row a setting: key in the file, flags, variable, what it does, what is allowed. */
function settingsTable(): string {
  const rows = (SETTINGS as readonly SettingRow[]).map(row => [
    keysOf(row),
    row.flags.map(flag => code(`--${flag}${row.bare === undefined ? '' : '[=…]'}`)).join(', '),
    code(row.environment),
    row.summary,
    row.keyIsOpposite ? 'true or false; the key says the opposite of the flag' : allowedFor(row),
  ]);
  const launch = (LAUNCH_FLAGS as readonly Omit<SettingRow, 'group'>[]).map(row => [
    `\`${row.flags.map(flag => `--${flag}`).join('`, `')}\``,
    row.summary,
  ]);
  return [
    table(['key', 'flag', 'environment', 'what', 'allowed'], rows),
    '',
    'Flags of one launch, which are no settings:',
    '',
    table(['flag', 'what'], launch),
  ].join('\n');
}

function keysOf({ keys, alsoKeys }: SettingRow): string {
  const both = ([short, long]: readonly [string, string]) =>
    short === long ? code(short) : `${code(short)} (${code(long)})`;
  return [keys, alsoKeys].flatMap(pair => (pair === undefined ? [] : both(pair))).join(', or ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The document with its tables made anew. */
export function withTables(document: string): string {
  const [before, rest = ''] = document.split(BEGIN);
  const after = rest.slice(rest.indexOf(END));
  return `${before}${BEGIN}\n\n${settingsTable()}\n\n${after}`;
}
