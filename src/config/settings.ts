/**
 * The resolved settings, after flags, environment, file and defaults were merged (`load.ts`). Absent means: not set by
 * anybody, so the runtime's own default holds.
 */
export type ExporterName = 'otlp' | 'console' | 'none';
export type MetricsExporterName = ExporterName | 'prometheus';
export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc';
export type ContentCapture = 'off' | 'span' | 'event' | 'both';
export type Signal = 'traces' | 'metrics' | 'logs';

export interface OtlpEndpoint {
  /** Base URL; the signal's path is appended for HTTP. */
  readonly endpoint?: string;
  /** Full URL per signal; wins over `endpoint`. */
  readonly signalEndpoints: Partial<Record<Signal, string>>;
  readonly protocol?: OtlpProtocol;
  readonly headers: Readonly<Record<string, string>>;
  readonly signalHeaders: Partial<Record<Signal, Readonly<Record<string, string>>>>;
  readonly compression?: 'gzip' | 'none';
  /** Milliseconds for one export. */
  readonly timeout?: number;
  /** PEM files. */
  readonly certificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}

export interface StoreSettings {
  readonly keep: boolean;
  readonly maxRuns?: number;
  /** Bytes. */
  readonly maxSize?: number;
  /** Milliseconds. */
  readonly maxAge?: number;
}

export interface Settings {
  readonly serviceName?: string;
  readonly environment?: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly otlp: OtlpEndpoint;
  readonly tracesExporter?: ExporterName;
  readonly metricsExporter?: MetricsExporterName;
  /** Where the page for Prometheus is served. */
  readonly prometheusHost?: string;
  readonly prometheusPort?: number;
  readonly logsExporter?: ExporterName;
  /** Milliseconds between metric exports. */
  readonly metricExportInterval?: number;
  /** 0..1 */
  readonly samplingRate?: number;
  readonly captureContent: ContentCapture;
  /** Characters per message part. */
  readonly maxContentLength?: number;
  readonly redactPatterns: readonly string[];
  readonly enabledInstrumentors?: readonly string[];
  readonly disabledInstrumentors: readonly string[];
  readonly excludeEndpoints: readonly string[];
  readonly pricingFile?: string;
  readonly apiKey?: string;
  /** Whether calls are kept on this machine, and the bounds of that; absent bounds have their defaults. */
  readonly store: StoreSettings;
  readonly disabled: boolean;
  /** A launch sets no probes. */
  readonly noAttach: boolean;
  readonly quiet: boolean;
  /** OpenLIT's own launcher options that only the SDK understands, under their environment names. */
  readonly passthrough: Readonly<Record<string, string>>;
}
