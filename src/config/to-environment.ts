/** `Settings` -> the variables that telemetry reads. Pure. They are for the observer; the program keeps its own. */
import type { SettingId } from './flags.js';
import type { Origin } from './layers.js';
import type { Settings, Signal } from './settings.js';
import { formatPairs } from './values.js';
import { VARIABLES } from './variables.js';

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

const SIGNAL_VARIABLES = {
  traces: { endpoint: VARIABLES.tracesEndpoint, headers: VARIABLES.tracesHeaders, exporter: VARIABLES.tracesExporter },
  metrics: {
    endpoint: VARIABLES.metricsEndpoint,
    headers: VARIABLES.metricsHeaders,
    exporter: VARIABLES.metricsExporter,
  },
  logs: { endpoint: VARIABLES.logsEndpoint, headers: VARIABLES.logsHeaders, exporter: VARIABLES.logsExporter },
} as const;

/**
 * @param sources a variable whose value came from that very variable is left as the user wrote it
 * @returns name -> value of what has to be set; nothing else may be touched
 */
export function settingsToEnvironment(
  settings: Settings,
  sources: ReadonlyMap<SettingId, Origin> = new Map(),
): Record<string, string> {
  const env: Record<string, string> = { ...settings.passthrough };
  const set = (name: string, value: string | number | undefined) => {
    if (value !== undefined) env[name] = String(value);
  };
  set(VARIABLES.serviceName, settings.serviceName);
  set(VARIABLES.environment, settings.environment);
  set(VARIABLES.resourceAttributes, resourceAttributes(settings, sources));
  addEndpoint(settings, set);
  addExporters(settings, set);
  if (settings.metricsExporter === 'prometheus') {
    set(VARIABLES.prometheusHost, settings.prometheusHost);
    set(VARIABLES.prometheusPort, settings.prometheusPort);
  }
  set(VARIABLES.metricExportInterval, settings.metricExportInterval);
  if (settings.samplingRate !== undefined && sources.get('samplingRate')?.from !== 'environment') {
    set(VARIABLES.tracesSampler, 'parentbased_traceidratio');
    set(VARIABLES.tracesSamplerArg, settings.samplingRate);
  }
  // Both OpenLIT SDKs record content unless told otherwise, so `false` is always said.
  set(VARIABLES.captureContent, { off: 'false', span: 'true', event: 'event', both: 'both' }[settings.captureContent]);
  set(VARIABLES.maxContentLength, settings.maxContentLength);
  set(
    VARIABLES.redactPatterns,
    settings.redactPatterns.length > 0 ? JSON.stringify(settings.redactPatterns) : undefined,
  );
  set(VARIABLES.enabledInstrumentors, settings.enabledInstrumentors?.join(','));
  set(VARIABLES.disabledInstrumentors, settings.disabledInstrumentors.join(',') || undefined);
  set(VARIABLES.excludeEndpoints, settings.excludeEndpoints.join(',') || undefined);
  set(VARIABLES.pricingFile, settings.pricingFile);
  set(VARIABLES.apiKey, settings.apiKey);
  set(VARIABLES.quiet, settings.quiet ? '1' : undefined);
  return withoutUnchanged(env, sources);
}

/** `deployment.environment.name` is the standard name; OTEL_DEPLOYMENT_ENVIRONMENT is what the SDKs read. */
function resourceAttributes(settings: Settings, sources: ReadonlyMap<SettingId, Origin>): string | undefined {
  const attributes: Record<string, string> = { ...settings.resourceAttributes };
  const complete = [undefined, attributes['deployment.environment.name']].includes(settings.environment);
  if (complete && sources.get('resourceAttributes')?.from === 'environment') return undefined;
  if (settings.environment !== undefined) attributes['deployment.environment.name'] = settings.environment;
  return Object.keys(attributes).length > 0 ? formatPairs(attributes) : undefined;
}

type Set = (name: string, value: string | number | undefined) => void;

function addEndpoint({ otlp }: Settings, set: Set): void {
  set(VARIABLES.endpoint, otlp.endpoint);
  for (const signal of SIGNALS) {
    set(SIGNAL_VARIABLES[signal].endpoint, otlp.signalEndpoints[signal]);
    const headers = otlp.signalHeaders[signal];
    set(SIGNAL_VARIABLES[signal].headers, headers && formatPairs(headers));
  }
  set(VARIABLES.headers, Object.keys(otlp.headers).length > 0 ? formatPairs(otlp.headers) : undefined);
  set(VARIABLES.protocol, otlp.protocol);
  set(VARIABLES.compression, otlp.compression);
  set(VARIABLES.timeout, otlp.timeout);
  set(VARIABLES.certificate, otlp.certificate);
  set(VARIABLES.clientCertificate, otlp.clientCertificate);
  set(VARIABLES.clientKey, otlp.clientKey);
}

/** A signal that nobody gave an address goes nowhere, instead of to a dead default port. */
function addExporters(settings: Settings, set: Set): void {
  const { endpoint, signalEndpoints } = settings.otlp;
  const chosen = {
    traces: settings.tracesExporter,
    metrics: settings.metricsExporter,
    logs: settings.logsExporter,
  } as const;
  const onlySignals = endpoint === undefined && Object.keys(signalEndpoints).length > 0;
  const silent =
    endpoint === undefined && (settings.tracesExporter === 'none' || settings.tracesExporter === 'console');
  for (const signal of SIGNALS) {
    const deadEnd = (onlySignals || silent) && signalEndpoints[signal] === undefined;
    set(SIGNAL_VARIABLES[signal].exporter, chosen[signal] ?? (deadEnd ? 'none' : undefined));
  }
}

/** Leaves alone what the user's environment already says in its own words. */
function withoutUnchanged(
  env: Record<string, string>,
  sources: ReadonlyMap<SettingId, Origin>,
): Record<string, string> {
  const theirs = new Set([...sources.values()].flatMap(origin => (origin.from === 'environment' ? [origin.name] : [])));
  // These two are made from more than one setting, or are normalised for the SDK.
  const ours = new Set<string>([VARIABLES.resourceAttributes, VARIABLES.captureContent]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => ours.has(name) || !theirs.has(name)));
}
