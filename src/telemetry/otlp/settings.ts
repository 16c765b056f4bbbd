/**
 * `OTEL_*` variables -> how and where to export. The one reader of these variables for the hook (the program's own
 * environment) and for attach (our settings, said as variables and laid over the environment).
 * Source: OpenTelemetry specification, "OTLP exporter configuration" and "SDK environment variables".
 */

import type { Temporality } from '../../calls/model.js';
import type { ExporterName, MetricsExporterName, OtlpProtocol, Signal } from '../../config/settings.js';
import { VARIABLES } from '../../config/variables.js';
import { parseHeaders } from './headers.js';
import { proxyFor } from './proxy.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where one signal goes. */
export interface OtlpTarget {
  /** Full URL with the path of the signal (http) or the bare origin (grpc). */
  readonly url: string;
  readonly protocol: OtlpProtocol;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
  /** Milliseconds for one attempt. */
  readonly timeout: number;
  /** Paths of PEM files. */
  readonly certificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** Address of an HTTP proxy; may hold a password. */
  readonly proxy?: string;
}

export interface PrometheusAddress {
  readonly host: string;
  readonly port: number;
}

export interface OtlpSettings {
  /** `OTEL_SDK_DISABLED=true`: nothing is exported. */
  readonly disabled: boolean;
  readonly exporters: Readonly<Record<Signal, ExporterName>>;
  /** Absent where no endpoint is configured and nobody asked for `otlp` by name: nothing is sent to a dead port. */
  readonly targets: Partial<Readonly<Record<Signal, OtlpTarget>>>;
  /** Where a Prometheus server reads the metrics; absent where nobody asked for it. */
  readonly prometheus?: PrometheusAddress;
  /** Milliseconds that the first item of a batch waits for others. */
  readonly batchDelay: number;
  readonly batchSize: number;
  readonly queueSize: number;
  /** Milliseconds between metric exports. */
  readonly metricInterval: number;
  readonly temporality: Temporality;
  /** What was wrong and ignored; for one line on stderr. No value of a secret. */
  readonly warnings: readonly string[];
}

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];
const PROTOCOLS: readonly string[] = ['http/protobuf', 'http/json', 'grpc'];

/** What the two users of this module want otherwise than the specification's defaults. */
export interface OtlpDefaults {
  readonly batchDelay?: number;
  readonly timeout?: number;
}

/** Never throws: a bad value is named in `warnings` and its default holds, as the specification demands. */
export function otlpSettingsFromEnvironment(given: Environment, defaults: OtlpDefaults = {}): OtlpSettings {
  const env = given;
  const warnings: string[] = [];
  const read = new Reader(env, warnings);
  const targets: Partial<Record<Signal, OtlpTarget>> = {};
  const exporters = {} as Record<Signal, ExporterName>;
  let prometheus: PrometheusAddress | undefined;
  for (const signal of SIGNALS) {
    const words = read.exporters(EXPORTER_VARIABLE[signal], signal === 'metrics');
    const asked = words.find(word => word !== 'prometheus');
    if (words.includes('prometheus')) prometheus = read.prometheus();
    exporters[signal] = asked ?? (words.length > 0 ? 'none' : 'otlp');
    if (exporters[signal] !== 'otlp') continue;
    const target = targetOf(signal, asked === 'otlp', read, defaults);
    if (target !== undefined) targets[signal] = target;
  }
  const temporality = env[VARIABLES.metricsTemporality]?.trim().toLowerCase();
  return {
    disabled: env[VARIABLES.sdkDisabled]?.trim().toLowerCase() === 'true',
    exporters,
    targets,
    ...(prometheus === undefined ? {} : { prometheus }),
    batchDelay: read.milliseconds(VARIABLES.batchDelay) ?? defaults.batchDelay ?? 500,
    batchSize: read.count(VARIABLES.batchSize) ?? 512,
    queueSize: read.count(VARIABLES.queueSize) ?? 2048,
    metricInterval: read.milliseconds(VARIABLES.metricExportInterval) ?? 60_000,
    temporality: temporality === 'delta' || temporality === 'lowmemory' ? 'delta' : 'cumulative',
    warnings,
  };
}

const EXPORTER_VARIABLE: Readonly<Record<Signal, string>> = {
  traces: VARIABLES.tracesExporter,
  metrics: VARIABLES.metricsExporter,
  logs: VARIABLES.logsExporter,
};

function targetOf(signal: Signal, asked: boolean, read: Reader, defaults: OtlpDefaults): OtlpTarget | undefined {
  const protocol = read.protocol(signal);
  const url = urlOf(signal, protocol, asked, read);
  if (url === undefined) return undefined;
  const certificate = read.both(signal, 'CERTIFICATE');
  const clientCertificate = read.both(signal, 'CLIENT_CERTIFICATE');
  const clientKey = read.both(signal, 'CLIENT_KEY');
  const proxy = proxyFor(new URL(url), read.env);
  return {
    url,
    protocol,
    headers: { ...read.headers(VARIABLES.headers), ...read.headers(name(signal, 'HEADERS')) },
    gzip: read.both(signal, 'COMPRESSION')?.toLowerCase() === 'gzip',
    timeout:
      read.milliseconds(name(signal, 'TIMEOUT')) ?? read.milliseconds(VARIABLES.timeout) ?? defaults.timeout ?? 10_000,
    ...(certificate === undefined ? {} : { certificate }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

/** A signal's own endpoint is used as it is; the common one gets the signal's path, below any path it has. */
function urlOf(signal: Signal, protocol: OtlpProtocol, asked: boolean, read: Reader): string | undefined {
  const own = read.text(name(signal, 'ENDPOINT'));
  const common = read.text(VARIABLES.endpoint);
  const fallback = asked ? `http://localhost:${protocol === 'grpc' ? 4317 : 4318}` : undefined;
  const given = own ?? common ?? fallback;
  if (given === undefined) return undefined;
  const insecure = read.both(signal, 'INSECURE')?.toLowerCase() === 'true';
  const url = parseUrl(given, insecure);
  if (url === undefined) {
    const variable = own === undefined ? VARIABLES.endpoint : name(signal, 'ENDPOINT');
    read.warn(`${variable} is not a URL that starts with http:// or https://; ${signal} are not exported`);
    return undefined;
  }
  if (protocol === 'grpc') {
    url.pathname = '';
    url.search = '';
  } else if (own === undefined) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return url.href;
}

/** `host:port` without a scheme is allowed for gRPC and means TLS unless INSECURE says otherwise. */
function parseUrl(given: string, insecure: boolean): URL | undefined {
  const withScheme = given.includes('://') ? given : `${insecure ? 'http' : 'https'}://${given}`;
  try {
    const url = new URL(withScheme);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
  } catch {
    return undefined;
  }
}

function name(signal: Signal, what: string): string {
  return `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`;
}

class Reader {
  constructor(
    readonly env: Environment,
    private readonly warnings: string[],
  ) {}

  warn(line: string): void {
    if (!this.warnings.includes(line)) this.warnings.push(line);
  }

  /** An empty value is like an unset one. */
  text(variable: string): string | undefined {
    const value = this.env[variable]?.trim();
    return value === undefined || value === '' ? undefined : value;
  }

  both(signal: Signal, what: string): string | undefined {
    return this.text(name(signal, what)) ?? this.text(`OTEL_EXPORTER_OTLP_${what}`);
  }

  headers(variable: string): Record<string, string> {
    const value = this.text(variable);
    if (value === undefined) return {};
    const { headers, bad } = parseHeaders(value);
    if (bad > 0) this.warn(`${variable}: ${bad} of its entries are not name=value and are ignored`);
    return headers;
  }

  milliseconds(variable: string): number | undefined {
    return this.number(variable, 0);
  }

  count(variable: string): number | undefined {
    return this.number(variable, 1);
  }

  private number(variable: string, least: number): number | undefined {
    const value = this.text(variable);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (Number.isFinite(number) && number >= least) return number;
    this.warn(`${variable}=${value} is not a number of at least ${least}; its default is used`);
    return undefined;
  }

  /** The specification allows a list. Of those that send, the first is used; Prometheus comes beside it. */
  exporters(variable: string, ofMetrics: boolean): MetricsExporterName[] {
    const value = this.text(variable)?.toLowerCase();
    if (value === undefined) return [];
    const choices: MetricsExporterName[] = ['otlp', 'console', 'none', ...(ofMetrics ? (['prometheus'] as const) : [])];
    const words = value.split(',').map(word => word.trim());
    const known = words.flatMap(word => choices.filter(choice => choice === word));
    if (known.length === 0) this.warn(`${variable}=${value} is unknown (${choices.join(', ')}); otlp is used`);
    return known;
  }

  prometheus(): PrometheusAddress {
    const port = this.number(VARIABLES.prometheusPort, 0);
    const usable = port !== undefined && Number.isInteger(port) && port <= 65_535;
    if (port !== undefined && !usable) this.warn(`${VARIABLES.prometheusPort}=${port} is no port; 9464 is used`);
    return { host: this.text(VARIABLES.prometheusHost) ?? 'localhost', port: usable ? port : 9464 };
  }

  protocol(signal: Signal): OtlpProtocol {
    const value = this.both(signal, 'PROTOCOL')?.toLowerCase();
    if (value === undefined) return 'http/protobuf';
    if (PROTOCOLS.includes(value)) return value as OtlpProtocol;
    this.warn(`OTLP protocol ${value} is unknown (${PROTOCOLS.join(', ')}); http/protobuf is used`);
    return 'http/protobuf';
  }
}
