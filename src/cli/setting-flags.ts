/** The launcher's settings as flags of a command that oclif parses: the same names, aliases, help and errors. */
import { Flags } from '@oclif/core';
import { type FlagRow, findFlag, type GivenFlag, SETTINGS } from '../config/flags.js';
import { maskAddresses } from '../config/mask.js';
import { parseText, type Value } from '../config/values.js';
import { EXIT_STATUS, Problem } from '../errors.js';

/** Those that mean something outside of a program; the others steer OpenLIT's SDK inside one. */
const ROWS: readonly FlagRow[] = [
  ...(SETTINGS as readonly FlagRow[]).filter(
    ({ group, flags }) => flags.length > 0 && group !== 'OpenLIT SDK' && group !== 'this run',
  ),
  findFlag('headers-file')!,
];

/** For the `flags` of a command. */
export const SETTING_FLAGS: object = Object.fromEntries(ROWS.map(row => [row.flags[0], declare(row)]));

function declare(row: FlagRow) {
  const aliases = row.flags.slice(1).flatMap(name => [name, name.replaceAll('-', '_')]);
  // Not oclif's `options`: a synonym is accepted too, and `givenFlags` says what is allowed.
  const sample = row.sample ?? row.choices?.join('|');
  const value = sample === undefined ? {} : { helpValue: row.bare === undefined ? sample : `[${sample}]` };
  const common = { summary: row.summary, helpGroup: row.group, aliases };
  if (row.kind === 'switch') return Flags.boolean(common);
  return isJoined(row) ? Flags.string({ ...common, ...value, multiple: true }) : Flags.string({ ...common, ...value });
}

/** Given twice, the values are joined (config/layers.ts). */
function isJoined({ kind }: FlagRow): boolean {
  return kind === 'list' || kind === 'lines' || kind === 'pairs';
}

/** What was given of them, and of `--config`, as the launcher's reader takes it. @throws Problem that says what is allowed */
export function givenFlags(flags: Readonly<Record<string, unknown>>): GivenFlag[] {
  const given: GivenFlag[] = [];
  for (const row of [...ROWS, findFlag('config')!]) {
    const name = row.flags[0]!;
    for (const value of [flags[name] ?? []].flat()) {
      if (value === false) continue;
      given.push({ row, value: readValue(row, String(value)), typed: `--${name}` });
    }
  }
  return given;
}

function readValue(row: FlagRow, text: string): Value {
  const parsed = parseText(row, text);
  if (parsed.ok) return parsed.value;
  const shown = row.secret ? 'a value' : JSON.stringify(maskAddresses(text));
  throw new Problem({
    code: 'BAD_VALUE',
    message: `--${row.flags[0]} does not accept ${shown}`,
    reason: `allowed: ${parsed.allowed}`,
    exit: EXIT_STATUS.usage,
  });
}
