/** The launcher's settings as flags of a command that oclif parses: the same names, aliases, help and errors. */
import { Flags } from '@oclif/core';
import { type FlagRow, findFlag, type GivenFlag, SETTINGS } from '../config/flags.js';
import { allowedFor, parseText } from '../config/values.js';
import { EXIT_STATUS, Problem } from '../errors.js';

/** Those that mean something outside of a program; the others steer OpenLIT's SDK inside one. */
const ROWS: readonly FlagRow[] = (SETTINGS as readonly FlagRow[]).filter(
  ({ group, flags }) => flags.length > 0 && group !== 'OpenLIT SDK' && group !== 'this run',
);

/** For the `flags` of a command. */
export const SETTING_FLAGS: object = Object.fromEntries(ROWS.map(row => [row.flags[0], declare(row)]));

function declare(row: FlagRow) {
  const aliases = row.flags.slice(1).flatMap(name => [name, name.replaceAll('-', '_')]);
  const value = row.sample === undefined ? {} : { helpValue: row.sample };
  const common = { summary: row.summary, helpGroup: row.group, aliases };
  return row.kind === 'switch' ? Flags.boolean(common) : Flags.string({ ...common, ...value });
}

/** What was given of them, and of `--config`, as the launcher's reader takes it. @throws Problem that says what is allowed */
export function givenFlags(flags: Readonly<Record<string, unknown>>): GivenFlag[] {
  const given: GivenFlag[] = [];
  for (const row of [...ROWS, findFlag('config')!]) {
    const name = row.flags[0]!;
    const value = flags[name];
    if (value === undefined || value === false) continue;
    const parsed = parseText(row, String(value));
    if (!parsed.ok)
      throw new Problem({
        code: 'FLAG_VALUE',
        message: `--${name} ${row.secret ? '…' : value} cannot be used`,
        reason: `allowed: ${allowedFor(row)}`,
        exit: EXIT_STATUS.usage,
      });
    given.push({ row, value: parsed.value, typed: `--${name}` });
  }
  return given;
}
