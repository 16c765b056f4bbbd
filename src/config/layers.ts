/**
 * One source of settings as a layer: id -> value and where it came from. `load.ts` lays them over each other:
 * flags > environment > file.
 */
import { type GivenFlag, SETTINGS, type SettingId, type SettingRow } from './flags.js';
import { maskAddresses } from './mask.js';
import { parseText, type Value } from './values.js';
import { SECRET_VARIABLES, VARIABLES } from './variables.js';

/** Where a value came from, for `config` and for the decision what has to be written to the environment again. */
export type Origin =
  | { readonly from: 'flag'; readonly name: string }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'file'; readonly file: string; readonly line: number | undefined; readonly key: string }
  | { readonly from: 'default' };

export interface Given {
  readonly value: Value;
  readonly origin: Origin;
}

export type Layer = ReadonlyMap<SettingId, Given>;

const IDS: ReadonlySet<string> = new Set(SETTINGS.map(row => row.id));

export function flagLayer(flags: readonly GivenFlag[]): Layer {
  const layer = new Map<SettingId, Given>();
  for (const { row, value, typed } of flags) {
    if (!IDS.has(row.id)) continue;
    const id = row.id as SettingId;
    const before = layer.get(id)?.value;
    layer.set(id, { value: accumulate(row.kind, before, value), origin: { from: 'flag', name: typed } });
  }
  return layer;
}

/** A list or a set of pairs given twice is joined; of any other flag the last one holds. */
function accumulate(kind: SettingRow['kind'], before: Value | undefined, value: Value): Value {
  if (before === undefined) return value;
  if (kind === 'list' || kind === 'lines') return [...(before as string[]), ...(value as string[])];
  if (kind === 'pairs') return { ...(before as object), ...(value as object) } as Value;
  return value;
}

/**
 * The environment. A value that cannot be read is left out with a note, never an error: the variable may be meant for
 * somebody else, and a launch must not fail for it. An empty variable counts as unset (OpenTelemetry's rule).
 */
export function environmentLayer(env: NodeJS.ProcessEnv): { layer: Layer; notes: string[] } {
  const layer = new Map<SettingId, Given>();
  const notes: string[] = [];
  for (const row of SETTINGS as readonly SettingRow[]) {
    const name = row.environment;
    const text = name === undefined ? undefined : env[name];
    if (name === undefined || text === undefined || text.trim() === '') continue;
    if (row.id === 'samplingRate') continue; // below: it is the sampler's argument, and means nothing without it
    const parsed = parseText(row, row.id.endsWith('Exporter') ? firstKnownExporter(row, text) : text);
    if (parsed.ok) layer.set(row.id as SettingId, { value: parsed.value, origin: { from: 'environment', name } });
    else notes.push(`${name} is ignored: ${shown(name, text)} is not ${parsed.allowed}`);
  }
  const rate = samplingRate(env);
  if (rate !== undefined) {
    const name = env[VARIABLES.tracesSamplerArg]?.trim() ? VARIABLES.tracesSamplerArg : VARIABLES.tracesSampler;
    layer.set('samplingRate', { value: rate, origin: { from: 'environment', name } });
  }
  const sdkDisabled = parseText({ kind: 'switch' }, env[VARIABLES.sdkDisabled] ?? '');
  if (sdkDisabled.ok && sdkDisabled.value === true && !layer.has('disabled')) {
    layer.set('disabled', { value: true, origin: { from: 'environment', name: VARIABLES.sdkDisabled } });
  }
  return { layer, notes };
}

/** OpenTelemetry allows a list such as `otlp,console`; what we act on is the first one that we know. */
function firstKnownExporter({ choices = [] }: SettingRow, text: string): string {
  return (
    text
      .split(',')
      .map(word => word.trim())
      .find(word => choices.includes(word)) ?? text
  );
}

/** The rate that OTEL_TRACES_SAMPLER and its argument stand for; `undefined` for samplers that are no plain rate. */
function samplingRate(env: NodeJS.ProcessEnv): number | undefined {
  const sampler = env[VARIABLES.tracesSampler]
    ?.trim()
    .toLowerCase()
    .replace(/^parentbased_/, '');
  if (sampler === 'always_on') return 1;
  if (sampler === 'always_off') return 0;
  if (sampler !== 'traceidratio') return undefined;
  const parsed = parseText({ kind: 'fraction' }, env[VARIABLES.tracesSamplerArg] ?? '1');
  return parsed.ok ? (parsed.value as number) : undefined;
}

function shown(name: string, text: string): string {
  return SECRET_VARIABLES.has(name) ? 'its value' : JSON.stringify(maskAddresses(text));
}
