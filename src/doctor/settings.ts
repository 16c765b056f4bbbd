/**
 * Layer `settings`: what holds and where it came from, and what contradicts itself or has no effect. Pure: the settings
 * were loaded before, and a file that could not be loaded comes as the `Problem` that it gave.
 */

import { SETTINGS, type SettingId, type SettingRow } from '../config/flags.js';
import type { Origin } from '../config/layers.js';
import type { Loaded } from '../config/load.js';
import { VARIABLES } from '../config/variables.js';
import type { Problem } from '../errors.js';
import { MASK } from '../plan/describe.js';
import type { Notes } from './finding.js';

export function checkSettings(loaded: Loaded | Problem, env: NodeJS.ProcessEnv, notes: Notes): void {
  if (loaded instanceof Error) {
    const text = [loaded.message, loaded.reason].filter(Boolean).join(': ');
    return notes.failed('file', text, loaded.fixes[0] ?? 'correct the line that is named');
  }
  notes.ok('file', loaded.file ?? 'no openlit.yml from here upwards');
  for (const { id, secret } of SETTINGS as readonly SettingRow[]) {
    const value = loaded.values.get(id as SettingId);
    if (value === undefined) continue;
    const shown = secret ? MASK : typeof value === 'object' ? JSON.stringify(value) : String(value);
    notes.ok(id, `${shown}, from ${describeOrigin(loaded.sources.get(id as SettingId))}`);
  }
  for (const note of loaded.notes) notes.failed('ignored', note);
  for (const { check, fact, fix } of contradictions(loaded, env)) notes.failed(check, fact, fix);
}

function describeOrigin(origin: Origin | undefined): string {
  if (!origin || origin.from === 'default') return 'the default';
  if (origin.from === 'file') return `${origin.file}${origin.line === undefined ? '' : `:${origin.line}`}`;
  return origin.name;
}

interface Contradiction {
  readonly check: string;
  readonly fact: string;
  readonly fix: string;
}

/** Settings that are valid one by one and yet give nothing, or something else than was meant. */
export function contradictions({ settings, sources }: Loaded, env: NodeJS.ProcessEnv): Contradiction[] {
  const found: Contradiction[] = [];
  const add = (check: string, fact: string, fix: string) => found.push({ check, fact, fix });
  const { endpoint, protocol, signalEndpoints } = settings.otlp;
  const port = endpoint && URL.canParse(endpoint) ? new URL(endpoint).port : '';
  if (settings.disabled) {
    const name = describeOrigin(sources.get('disabled'));
    add('switch', `${name} switches launcher and hooks off`, `unset ${name}`);
  }
  if (env[VARIABLES.configFile]) {
    const fact = `${VARIABLES.configFile} is set, and OpenLIT's SDK and our hooks ignore it`;
    add('config-file', fact, `unset ${VARIABLES.configFile}, and put the endpoint into openlit.yml`);
  }
  if (endpoint !== undefined && settings.tracesExporter === 'none' && signalEndpoints.traces === undefined) {
    add(
      'traces',
      `an endpoint is set, and ${VARIABLES.tracesExporter}=none sends no spans to it`,
      '--traces-exporter otlp',
    );
  }
  if (settings.samplingRate === 0) add('sampling', 'a sampling rate of 0 keeps no call', '--sampling-rate 1');
  if (port === '4317' && protocol !== 'grpc') {
    add(
      'protocol',
      `port 4317 is where gRPC is spoken, and the protocol is ${protocol ?? 'http/protobuf'}`,
      '--protocol grpc',
    );
  }
  if (port === '4318' && protocol === 'grpc') {
    add('protocol', 'port 4318 is where HTTP is spoken, and the protocol is grpc', '--protocol http/protobuf');
  }
  if (settings.maxContentLength !== undefined && settings.captureContent === 'off') {
    add('content', 'a content length is set, and content is off', '--capture-content, or leave the length out');
  }
  return found;
}
