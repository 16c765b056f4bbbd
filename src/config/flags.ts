/**
 * Every setting and every launcher flag, once. The fast parser (`argv.ts`), oclif's help, the environment reader, the
 * file schema, the table in `docs/configuration.md` and `openlit.schema.json` all come from these rows: a new setting is
 * one row here and one line in `load.ts`. Over 300 lines because it is a table.
 */
import type { FlagGroup, SettingRow } from './setting-row.js';
import type { Value } from './values.js';
import { VARIABLES } from './variables.js';

export type { FlagGroup, SettingRow, ValueKind } from './setting-row.js';

const EXPORTERS = ['otlp', 'console', 'none'] as const;
const METRICS_EXPORTERS = [...EXPORTERS, 'prometheus'] as const;

export const SETTINGS = [
  {
    id: 'serviceName',
    kind: 'text',
    flags: ['service-name', 'application-name'],
    environment: VARIABLES.serviceName,
    keys: ['application_name', 'application.name'],
    group: 'what is reported',
    summary: 'service.name of all telemetry',
    sample: 'NAME',
  },
  {
    id: 'environment',
    kind: 'text',
    flags: ['environment', 'deployment-environment'],
    environment: VARIABLES.environment,
    keys: ['environment', 'application.environment'],
    group: 'what is reported',
    summary: 'deployment environment, such as production',
    sample: 'NAME',
  },
  {
    id: 'resourceAttributes',
    kind: 'pairs',
    flags: ['resource-attributes'],
    environment: VARIABLES.resourceAttributes,
    keys: ['resource_attributes', 'application.resource_attributes'],
    group: 'what is reported',
    summary: 'more resource attributes; merged with those of the environment and the file',
    sample: 'K=V,…',
  },
  {
    id: 'endpoint',
    kind: 'url',
    flags: ['endpoint', 'otlp-endpoint'],
    environment: VARIABLES.endpoint,
    keys: ['endpoint', 'connection.endpoint'],
    group: 'where it goes',
    summary: 'OTLP base address; without one the calls are shown in this terminal',
    sample: 'URL',
  },
  {
    id: 'tracesEndpoint',
    kind: 'url',
    flags: [],
    environment: VARIABLES.tracesEndpoint,
    keys: ['traces.endpoint', 'exporters.traces.endpoint'],
    group: 'where it goes',
    summary: 'full OTLP address for traces only',
  },
  {
    id: 'metricsEndpoint',
    kind: 'url',
    flags: [],
    environment: VARIABLES.metricsEndpoint,
    keys: ['metrics.endpoint', 'exporters.metrics.endpoint'],
    group: 'where it goes',
    summary: 'full OTLP address for metrics only',
  },
  {
    id: 'logsEndpoint',
    kind: 'url',
    flags: [],
    environment: VARIABLES.logsEndpoint,
    keys: ['logs.endpoint', 'exporters.logs.endpoint'],
    group: 'where it goes',
    summary: 'full OTLP address for logs (events) only',
  },
  {
    id: 'headers',
    kind: 'pairs',
    flags: ['headers', 'otlp-headers'],
    environment: VARIABLES.headers,
    keys: ['headers', 'connection.headers'],
    secret: true,
    group: 'where it goes',
    summary: 'headers of each export; visible in ps, so --headers-file or the environment is better for keys',
    sample: 'K=V,…',
  },
  {
    id: 'tracesHeaders',
    kind: 'pairs',
    flags: [],
    environment: VARIABLES.tracesHeaders,
    keys: ['traces.headers', 'exporters.traces.headers'],
    secret: true,
    group: 'where it goes',
    summary: 'headers for traces only',
  },
  {
    id: 'metricsHeaders',
    kind: 'pairs',
    flags: [],
    environment: VARIABLES.metricsHeaders,
    keys: ['metrics.headers', 'exporters.metrics.headers'],
    secret: true,
    group: 'where it goes',
    summary: 'headers for metrics only',
  },
  {
    id: 'logsHeaders',
    kind: 'pairs',
    flags: [],
    environment: VARIABLES.logsHeaders,
    keys: ['logs.headers', 'exporters.logs.headers'],
    secret: true,
    group: 'where it goes',
    summary: 'headers for logs only',
  },
  {
    id: 'protocol',
    kind: 'choice',
    choices: ['http/protobuf', 'http/json', 'grpc'],
    flags: ['protocol', 'otlp-protocol'],
    environment: VARIABLES.protocol,
    keys: ['protocol', 'connection.protocol'],
    group: 'where it goes',
    summary: 'OTLP protocol (default http/protobuf)',
  },
  {
    id: 'compression',
    kind: 'choice',
    choices: ['gzip', 'none'],
    flags: ['compression'],
    environment: VARIABLES.compression,
    keys: ['compression', 'connection.compression'],
    group: 'where it goes',
    summary: 'compression of each export',
  },
  {
    id: 'timeout',
    kind: 'count',
    flags: ['timeout'],
    environment: VARIABLES.timeout,
    keys: ['timeout', 'connection.timeout'],
    group: 'where it goes',
    summary: 'milliseconds that one export may take',
    sample: 'MS',
  },
  {
    id: 'certificate',
    kind: 'path',
    flags: ['certificate'],
    environment: VARIABLES.certificate,
    keys: ['certificate', 'connection.certificate'],
    group: 'where it goes',
    summary: 'PEM file with the CA certificates to trust for the endpoint',
    sample: 'FILE',
  },
  {
    id: 'clientCertificate',
    kind: 'path',
    flags: ['client-certificate'],
    environment: VARIABLES.clientCertificate,
    keys: ['client_certificate', 'connection.client_certificate'],
    group: 'where it goes',
    summary: 'PEM file with the client certificate',
    sample: 'FILE',
  },
  {
    id: 'clientKey',
    kind: 'path',
    flags: ['client-key'],
    environment: VARIABLES.clientKey,
    keys: ['client_key', 'connection.client_key'],
    group: 'where it goes',
    summary: 'PEM file with the key of the client certificate',
    sample: 'FILE',
  },
  {
    id: 'apiKey',
    kind: 'text',
    flags: ['api-key'],
    environment: VARIABLES.apiKey,
    keys: ['api_key', 'connection.api_key'],
    secret: true,
    group: 'where it goes',
    summary: 'OpenLIT key; visible in ps, so the environment or the file is better',
    sample: 'KEY',
  },
  {
    id: 'tracesExporter',
    kind: 'choice',
    choices: EXPORTERS,
    flags: ['traces-exporter'],
    environment: VARIABLES.tracesExporter,
    keys: ['traces.exporter', 'exporters.traces.exporter'],
    alsoKeys: ['traces.type', 'exporters.traces.type'],
    group: 'where it goes',
    summary: 'where traces go (default otlp)',
  },
  {
    id: 'metricsExporter',
    kind: 'choice',
    choices: METRICS_EXPORTERS,
    flags: ['metrics-exporter'],
    environment: VARIABLES.metricsExporter,
    keys: ['metrics.exporter', 'exporters.metrics.exporter'],
    alsoKeys: ['metrics.type', 'exporters.metrics.type'],
    group: 'where it goes',
    summary: 'where metrics go (default otlp); prometheus: a page to scrape',
  },
  {
    id: 'prometheusPort',
    kind: 'count',
    flags: ['prometheus-port'],
    environment: VARIABLES.prometheusPort,
    keys: ['metrics.port', 'exporters.metrics.port'],
    group: 'where it goes',
    summary: 'port of the page for Prometheus (default 9464)',
    sample: 'PORT',
  },
  {
    id: 'prometheusHost',
    kind: 'text',
    flags: ['prometheus-host'],
    environment: VARIABLES.prometheusHost,
    keys: ['metrics.host', 'exporters.metrics.host'],
    group: 'where it goes',
    summary: 'address of the page for Prometheus (default localhost: this machine only)',
    sample: 'HOST',
  },
  {
    id: 'logsExporter',
    kind: 'choice',
    choices: EXPORTERS,
    flags: ['logs-exporter'],
    environment: VARIABLES.logsExporter,
    keys: ['logs.exporter', 'exporters.logs.exporter'],
    alsoKeys: ['logs.type', 'exporters.logs.type'],
    group: 'where it goes',
    summary: 'where events go (default otlp)',
  },
  {
    id: 'metricExportInterval',
    kind: 'count',
    flags: ['metric-export-interval'],
    environment: VARIABLES.metricExportInterval,
    keys: ['metrics.export_interval', 'exporters.metrics.export_interval'],
    group: 'where it goes',
    summary: 'milliseconds between two exports of metrics',
    sample: 'MS',
  },
  {
    id: 'samplingRate',
    kind: 'fraction',
    flags: ['sampling-rate'],
    environment: VARIABLES.tracesSamplerArg,
    keys: ['traces.sampling_rate', 'sampling.rate'],
    group: 'what is reported',
    summary: 'share of the traces that is kept, 0 to 1',
    sample: 'RATE',
  },
  {
    id: 'captureContent',
    kind: 'choice',
    choices: ['off', 'span', 'event', 'both'],
    bare: 'span',
    // The words of the GenAI conventions.
    synonyms: { no_content: 'off', span_only: 'span', event_only: 'event', span_and_event: 'both' },
    flags: ['capture-content', 'capture-message-content'],
    environment: VARIABLES.captureContent,
    keys: ['content.capture', 'content.capture'],
    group: 'what is captured',
    summary: 'record prompts and answers, and where (default off)',
  },
  {
    id: 'maxContentLength',
    kind: 'count',
    flags: ['max-content-length'],
    environment: VARIABLES.maxContentLength,
    keys: ['content.max_length', 'content.max_length'],
    group: 'what is captured',
    summary: 'characters kept of each message part',
    sample: 'N',
  },
  {
    id: 'redactPatterns',
    kind: 'lines',
    flags: ['redact-pattern', 'redact-patterns'],
    environment: VARIABLES.redactPatterns,
    keys: ['content.redact', 'content.redact'],
    group: 'what is captured',
    summary: 'regular expression whose matches are masked in recorded messages; may be repeated',
    sample: 'RE',
  },
  {
    id: 'enabledInstrumentors',
    kind: 'list',
    flags: ['enabled-instrumentors', 'enabled-libraries'],
    environment: VARIABLES.enabledInstrumentors,
    keys: ['instrumentation.enabled_libraries', 'instrumentation.enabled_libraries'],
    group: 'what is captured',
    summary: 'observe these libraries only',
    sample: 'NAME,…',
  },
  {
    id: 'disabledInstrumentors',
    kind: 'list',
    flags: ['disabled-instrumentors', 'disabled-libraries'],
    environment: VARIABLES.disabledInstrumentors,
    keys: ['instrumentation.disabled_libraries', 'instrumentation.disabled_libraries'],
    group: 'what is captured',
    summary: 'do not observe these libraries',
    sample: 'NAME,…',
  },
  {
    id: 'excludeEndpoints',
    kind: 'list',
    flags: ['exclude-endpoints'],
    environment: VARIABLES.excludeEndpoints,
    keys: ['filters.exclude_endpoints', 'filters.exclude_endpoints'],
    group: 'what is captured',
    summary: 'hosts whose calls are not reported; * stands for any characters',
    sample: 'GLOB,…',
  },
  {
    id: 'pricingFile',
    kind: 'text',
    flags: ['pricing-file', 'pricing-json'],
    environment: VARIABLES.pricingFile,
    keys: ['pricing.file', 'pricing.file'],
    group: 'what is reported',
    summary: "your own prices, in the format of OpenLIT's pricing.json",
    sample: 'FILE',
  },
  {
    id: 'disabled',
    kind: 'switch',
    flags: ['disabled'],
    environment: VARIABLES.disabled,
    keys: ['instrumentation.enabled', 'instrumentation.enabled'],
    keyIsOpposite: true,
    group: 'this run',
    summary: 'run the program as if openlit-instrument were not there',
  },
  {
    id: 'disableMetrics',
    kind: 'switch',
    flags: ['disable-metrics'],
    environment: VARIABLES.disableMetrics,
    keys: ['metrics.enabled', 'exporters.metrics.enabled'],
    keyIsOpposite: true,
    group: 'OpenLIT SDK',
    summary: 'report no metrics',
  },
  {
    id: 'disableEvents',
    kind: 'switch',
    flags: ['disable-events'],
    environment: VARIABLES.disableEvents,
    keys: ['events.enabled', 'exporters.events.enabled'],
    keyIsOpposite: true,
    group: 'OpenLIT SDK',
    summary: 'report no events',
  },
  {
    id: 'disableBatch',
    kind: 'switch',
    flags: ['disable-batch'],
    environment: VARIABLES.disableBatch,
    keys: ['traces.disable_batch', 'exporters.traces.disable_batch'],
    group: 'OpenLIT SDK',
    summary: 'export each span by itself',
  },
  {
    id: 'collectGpuStats',
    kind: 'switch',
    flags: ['collect-gpu-stats'],
    environment: VARIABLES.collectGpuStats,
    keys: ['metrics.collect_gpu_stats', 'exporters.metrics.collect_gpu_stats'],
    group: 'OpenLIT SDK',
    summary: 'report GPU metrics (Python)',
  },
  {
    id: 'collectSystemMetrics',
    kind: 'switch',
    flags: ['collect-system-metrics'],
    environment: VARIABLES.collectSystemMetrics,
    keys: ['metrics.collect_system_metrics', 'exporters.metrics.collect_system_metrics'],
    group: 'OpenLIT SDK',
    summary: 'report system metrics (Python)',
  },
  {
    id: 'captureDbParameters',
    kind: 'switch',
    flags: ['capture-db-parameters'],
    environment: VARIABLES.captureDbParameters,
    keys: ['content.capture_db_parameters', 'content.capture_db_parameters'],
    group: 'OpenLIT SDK',
    summary: 'record the parameters of database queries (Python)',
  },
  {
    id: 'customSpanAttributes',
    kind: 'json',
    flags: ['custom-span-attributes'],
    environment: VARIABLES.customSpanAttributes,
    keys: ['traces.custom_attributes', 'exporters.traces.custom_attributes'],
    group: 'OpenLIT SDK',
    summary: 'attributes for every span',
    sample: 'JSON',
  },
  {
    id: 'customMetricsAttributes',
    kind: 'json',
    flags: ['custom-metrics-attributes'],
    environment: VARIABLES.customMetricsAttributes,
    keys: ['metrics.custom_attributes', 'exporters.metrics.custom_attributes'],
    group: 'OpenLIT SDK',
    summary: 'attributes for every metric',
    sample: 'JSON',
  },
  {
    id: 'controllerMode',
    kind: 'text',
    flags: ['controller-mode'],
    environment: VARIABLES.controllerMode,
    keys: ['instrumentation.controller_mode', 'instrumentation.controller_mode'],
    group: 'OpenLIT SDK',
    summary: "OpenLIT's controller mode (agent_observability)",
    sample: 'MODE',
  },
] as const satisfies readonly SettingRow[];

export type SettingId = (typeof SETTINGS)[number]['id'];

/** Flags that steer this launch and are no settings: no environment name, no key in the file. */
export const LAUNCH_FLAGS = [
  {
    id: 'config',
    kind: 'path',
    flags: ['config'],
    summary: 'read this file instead of looking for openlit.yml',
    sample: 'FILE',
  },
  {
    id: 'headersFile',
    kind: 'path',
    flags: ['headers-file'],
    summary: 'read the export headers from a file, one KEY=VALUE a line',
    sample: 'FILE',
  },
  {
    id: 'live',
    kind: 'switch',
    flags: ['live'],
    summary: 'show each call as it happens, also in a pipe and beside an endpoint',
  },
  {
    id: 'verbose',
    kind: 'switch',
    flags: ['verbose'],
    summary: 'like --live, with the messages (needs --capture-content)',
  },
  { id: 'quiet', kind: 'switch', flags: ['quiet'], summary: 'print nothing but errors' },
  {
    id: 'summaryJson',
    kind: 'path',
    flags: ['summary-json'],
    summary: 'write a summary of the calls to a file',
    sample: 'FILE',
  },
  {
    id: 'dryRun',
    kind: 'switch',
    flags: ['dry-run', 'explain'],
    summary: 'print what would be started and why, start nothing',
  },
  { id: 'json', kind: 'switch', flags: ['json'], summary: 'with --dry-run: as JSON' },
] as const satisfies readonly Omit<SettingRow, 'group'>[];

export type LaunchFlagId = (typeof LAUNCH_FLAGS)[number]['id'];

export type FlagRow = Omit<SettingRow, 'group' | 'id'> & {
  readonly id: SettingId | LaunchFlagId;
  readonly group: FlagGroup;
};

/** A flag as given: the row, its typed value, and the word that gave it, for `config` and errors. */
export interface GivenFlag {
  readonly row: FlagRow;
  readonly value: Value;
  readonly typed: string;
}

/** All flags that may stand before the program. */
export const FLAGS: readonly FlagRow[] = [
  ...SETTINGS.filter(row => row.flags.length > 0),
  ...LAUNCH_FLAGS.map(row => ({ ...row, group: 'this run' as const })),
];

/** A row by what was typed after `--`, hyphens and underscores alike. */
const BY_NAME: ReadonlyMap<string, FlagRow> = new Map(
  FLAGS.flatMap(row => row.flags.map(name => [name, row] as const)),
);

export function findFlag(typed: string): FlagRow | undefined {
  return BY_NAME.get(typed.replaceAll('_', '-'));
}

export function flagNames(): string[] {
  return [...BY_NAME.keys()];
}

/** Of a switch: given, and not with `=false`. */
export function isOn(flags: readonly GivenFlag[], id: LaunchFlagId): boolean {
  return flags.some(({ row, value }) => row.id === id && value === true);
}
