/** Flags, environment and file laid over each other: `Settings`, and where each value came from. */
import { durationOf, sizeOf } from './amounts.js';
import { type GivenFlag, SETTINGS, type SettingId, type SettingRow } from './flags.js';
import { environmentLayer, flagLayer, type Given, type Layer, type Origin } from './layers.js';
import type { OtlpEndpoint, Settings, StoreSettings } from './settings.js';
import type { Pairs, Value } from './values.js';

export interface Loaded {
  readonly settings: Settings;
  /** Origin of each setting that somebody gave. */
  readonly sources: ReadonlyMap<SettingId, Origin>;
  readonly values: ReadonlyMap<SettingId, Value>;
  /** Lines about values that were left out, without the launcher's name in front. */
  readonly notes: readonly string[];
  /** Path of the file that was read. */
  readonly file: string | undefined;
}

export interface FileLayer {
  readonly layer: Layer;
  readonly file: string;
}

/** Merges the layers; the file's was read before (`find-file.ts`, `file.ts`), so that this stays small and pure. */
export function mergeSettings(
  flags: readonly GivenFlag[],
  env: NodeJS.ProcessEnv,
  file: FileLayer | undefined,
): Loaded {
  const { layer: fromEnvironment, notes } = environmentLayer(env);
  const merged = overlay([flagLayer(flags), fromEnvironment, file?.layer ?? new Map()]);
  impliedByPort(merged);
  const values = new Map([...merged].map(([id, { value }]) => [id, value]));
  const sources = new Map([...merged].map(([id, { origin }]) => [id, origin]));
  const silenced = exporterNote(values, sources);
  return {
    settings: toSettings(values, flags),
    sources,
    values,
    notes: silenced === undefined ? notes : [...notes, silenced],
    file: file?.file,
  };
}

/** Whoever names a port for Prometheus wants the page; the port of the environment only says where such a page would be. */
function impliedByPort(merged: Map<SettingId, Given>): void {
  const port = merged.get('prometheusPort');
  if (port === undefined || port.origin.from === 'environment' || merged.has('metricsExporter')) return;
  merged.set('metricsExporter', { value: 'prometheus', origin: port.origin });
}

/** An inherited `OTEL_TRACES_EXPORTER=none` keeps every span from an endpoint that somebody named for this very run. */
function exporterNote(
  values: ReadonlyMap<SettingId, Value>,
  sources: ReadonlyMap<SettingId, Origin>,
): string | undefined {
  const exporter = values.get('tracesExporter');
  const [set, endpoint] = [sources.get('tracesExporter'), sources.get('endpoint')];
  if (exporter !== 'none' && exporter !== 'console') return undefined;
  if (set?.from !== 'environment' || endpoint?.from !== 'flag') return undefined;
  return `${set.name}=${exporter} is set, so no span is sent to ${endpoint.name}; --traces-exporter otlp sends them`;
}

/** The first layer that has a value wins; resource attributes are merged key by key. */
function overlay(layers: readonly Layer[]): Map<SettingId, Given> {
  const merged = new Map<SettingId, Given>();
  for (const { id } of SETTINGS) {
    const given = layers.flatMap(layer => layer.get(id) ?? []);
    const [first] = given;
    if (first === undefined) continue;
    if (id !== 'resourceAttributes' || given.length === 1) merged.set(id, first);
    else {
      const value = Object.assign({}, ...given.map(one => one.value).reverse()) as Pairs;
      merged.set(id, { value, origin: mergedOrigin(given) });
    }
  }
  return merged;
}

/** Of merged pairs the strongest source that is not the environment, so that the result is written out again. */
function mergedOrigin(given: readonly Given[]): Origin {
  return given.find(({ origin }) => origin.from !== 'environment')?.origin ?? given[0]!.origin;
}

/** Settings that only OpenLIT's SDK understands: handed on under their environment names. */
const PASSED_ON: readonly SettingId[] = [
  'disableMetrics',
  'disableEvents',
  'disableBatch',
  'collectGpuStats',
  'collectSystemMetrics',
  'captureDbParameters',
  'customSpanAttributes',
  'customMetricsAttributes',
  'controllerMode',
];

function toSettings(values: ReadonlyMap<SettingId, Value>, flags: readonly GivenFlag[]): Settings {
  const get = <T>(id: SettingId) => values.get(id) as T | undefined;
  const attributes = get<Pairs>('resourceAttributes') ?? {};
  const quiet = flags.some(({ row, value }) => row.id === 'quiet' && value === true);
  return defined({
    serviceName: get<string>('serviceName') ?? attributes['service.name'],
    environment:
      get<string>('environment') ?? attributes['deployment.environment.name'] ?? attributes['deployment.environment'],
    resourceAttributes: attributes,
    otlp: toEndpoint(get),
    tracesExporter: get('tracesExporter'),
    metricsExporter: get<boolean>('disableMetrics') ? 'none' : get('metricsExporter'),
    prometheusHost: get('prometheusHost'),
    prometheusPort: get('prometheusPort'),
    logsExporter: get<boolean>('disableEvents') ? 'none' : get('logsExporter'),
    metricExportInterval: get('metricExportInterval'),
    samplingRate: get('samplingRate'),
    captureContent: get('captureContent') ?? 'off',
    maxContentLength: get('maxContentLength'),
    redactPatterns: get('redactPatterns') ?? [],
    enabledInstrumentors: get('enabledInstrumentors'),
    disabledInstrumentors: get('disabledInstrumentors') ?? [],
    excludeEndpoints: get('excludeEndpoints') ?? [],
    pricingFile: get('pricingFile'),
    apiKey: get('apiKey'),
    store: toStore(get),
    disabled: get<boolean>('disabled') ?? false,
    quiet,
    passthrough: passedOn(values),
  }) as unknown as Settings;
}

function toEndpoint(get: <T>(id: SettingId) => T | undefined): OtlpEndpoint {
  return defined({
    endpoint: get('endpoint'),
    signalEndpoints: defined({
      traces: get('tracesEndpoint'),
      metrics: get('metricsEndpoint'),
      logs: get('logsEndpoint'),
    }),
    protocol: get('protocol'),
    headers: get<Pairs>('headers') ?? {},
    signalHeaders: defined({ traces: get('tracesHeaders'), metrics: get('metricsHeaders'), logs: get('logsHeaders') }),
    compression: get('compression'),
    timeout: get('timeout'),
    certificate: get('certificate'),
    clientCertificate: get('clientCertificate'),
    clientKey: get('clientKey'),
  }) as unknown as OtlpEndpoint;
}

function toStore(get: <T>(id: SettingId) => T | undefined): StoreSettings {
  const size = get<string | number>('storeMaxSize');
  const age = get<string>('storeMaxAge');
  return defined({
    keep: get<boolean>('noKeep') !== true,
    maxRuns: get<number>('storeMaxRuns'),
    maxSize: size === undefined ? undefined : sizeOf(String(size)),
    maxAge: age === undefined ? undefined : durationOf(age),
  }) as StoreSettings;
}

/** Switches are handed on only when they are on: OpenLIT's controller takes any value as "configured by somebody". */
function passedOn(values: ReadonlyMap<SettingId, Value>): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const id of PASSED_ON) {
    const value = values.get(id);
    const name = (SETTINGS as readonly SettingRow[]).find(row => row.id === id)?.environment;
    if (name !== undefined && value !== undefined && value !== false) passed[name] = String(value);
  }
  return passed;
}

function defined<T extends object>(object: T): { [K in keyof T]: T[K] } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** True when telemetry has somewhere to go: an address from anybody, or an exporter that needs none. */
export function hasDestination({ otlp, tracesExporter }: Settings): boolean {
  const addresses = [otlp.endpoint, ...Object.values(otlp.signalEndpoints)];
  return addresses.some(address => address !== undefined) || tracesExporter === 'none' || tracesExporter === 'console';
}
