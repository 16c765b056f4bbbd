/** The settings for people and programs: what holds, and where it came from. Credentials are masked. Pure. */
import { SETTINGS, type SettingId, type SettingRow } from './flags.js';
import type { Origin } from './layers.js';
import type { Loaded } from './load.js';
import { MASK, maskAddresses } from './mask.js';
import type { Value } from './values.js';

export interface DescribedSetting {
  /** Key in the short form of the file. */
  readonly key: string;
  readonly value: Value | null;
  readonly source: Origin | null;
  readonly flag: string | null;
  readonly environment: string | null;
}

export interface DescribedSettings {
  readonly file: string | null;
  readonly settings: readonly DescribedSetting[];
}

/** Values that hold when nobody sets anything. */
const DEFAULTS: Partial<Record<SettingId, Value>> = { captureContent: 'off', disabled: false };

/** @param all also what nobody has set */
export function describeSettings({ values, sources, file }: Loaded, all: boolean): DescribedSettings {
  const settings = (SETTINGS as readonly SettingRow[]).flatMap(row => {
    const id = row.id as SettingId;
    const value = values.get(id) ?? DEFAULTS[id];
    if (value === undefined && !all) return [];
    return {
      key: row.keys?.[0] ?? row.id,
      value: value === undefined ? null : shown(row, value),
      source: sources.get(id) ?? (value === undefined ? null : ({ from: 'default' } as const)),
      flag: row.flags[0] === undefined ? null : `--${row.flags[0]}`,
      environment: row.environment ?? null,
    };
  });
  return { file: file ?? null, settings };
}

/** As it would stand in the file, so a switch whose key says the opposite is turned round. */
function shown(row: SettingRow, value: Value): Value {
  if (row.keyIsOpposite) return !value;
  if (typeof value === 'string') return row.secret ? MASK : maskAddresses(value);
  if (row.secret && typeof value === 'object') return Object.fromEntries(Object.keys(value).map(name => [name, MASK]));
  return value;
}

export function formatSettings({ file, settings }: DescribedSettings): string {
  const rows = settings.map(setting => [setting.key, formatValue(setting.value), sourceOf(setting)] as const);
  const widths = [0, 1].map(column => Math.min(48, Math.max(0, ...rows.map(row => row[column]!.length))));
  const lines = rows.map(([key, value, source]) => `${key.padEnd(widths[0]!)}  ${value.padEnd(widths[1]!)}  ${source}`);
  return [`file: ${file ?? 'none from here upwards'}`, '', ...lines].join('\n');
}

function formatValue(value: Value | null): string {
  if (value === null) return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function sourceOf({ source, flag, environment }: DescribedSetting): string {
  if (source === null) return `not set (${[flag, environment].filter(Boolean).join(', ')})`;
  if (source.from === 'file') return `${source.file}${source.line === undefined ? '' : `:${source.line}`}`;
  return source.from === 'default' ? 'default' : source.name;
}
