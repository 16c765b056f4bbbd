/**
 * Every environment name that this project reads or sets, once. Bootstraps run in other people's processes and import
 * nothing of ours: `test/structure.test.ts` checks that the names in them are listed here.
 */
export const VARIABLES = {
  // OpenTelemetry's specification
  sdkDisabled: 'OTEL_SDK_DISABLED',
  serviceName: 'OTEL_SERVICE_NAME',
  resourceAttributes: 'OTEL_RESOURCE_ATTRIBUTES',
  endpoint: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  tracesEndpoint: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  metricsEndpoint: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  logsEndpoint: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
  headers: 'OTEL_EXPORTER_OTLP_HEADERS',
  tracesHeaders: 'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
  metricsHeaders: 'OTEL_EXPORTER_OTLP_METRICS_HEADERS',
  logsHeaders: 'OTEL_EXPORTER_OTLP_LOGS_HEADERS',
  protocol: 'OTEL_EXPORTER_OTLP_PROTOCOL',
  tracesProtocol: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
  metricsProtocol: 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
  logsProtocol: 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL',
  compression: 'OTEL_EXPORTER_OTLP_COMPRESSION',
  timeout: 'OTEL_EXPORTER_OTLP_TIMEOUT',
  certificate: 'OTEL_EXPORTER_OTLP_CERTIFICATE',
  clientCertificate: 'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
  clientKey: 'OTEL_EXPORTER_OTLP_CLIENT_KEY',
  tracesExporter: 'OTEL_TRACES_EXPORTER',
  metricsExporter: 'OTEL_METRICS_EXPORTER',
  logsExporter: 'OTEL_LOGS_EXPORTER',
  prometheusHost: 'OTEL_EXPORTER_PROMETHEUS_HOST',
  prometheusPort: 'OTEL_EXPORTER_PROMETHEUS_PORT',
  metricExportInterval: 'OTEL_METRIC_EXPORT_INTERVAL',
  tracesSampler: 'OTEL_TRACES_SAMPLER',
  tracesSamplerArg: 'OTEL_TRACES_SAMPLER_ARG',
  propagators: 'OTEL_PROPAGATORS',
  batchDelay: 'OTEL_BSP_SCHEDULE_DELAY',
  batchSize: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
  queueSize: 'OTEL_BSP_MAX_QUEUE_SIZE',
  metricsTemporality: 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
  semconvOptIn: 'OTEL_SEMCONV_STABILITY_OPT_IN',
  configFile: 'OTEL_CONFIG_FILE',
  /** `true|false` (as OpenLIT reads it) or `off|span|event|both`. */
  captureContent: 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
  /** The event with a call's details: `true` without content, `false` in spite of it. */
  emitEvent: 'OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT',
  // The OpenTelemetry operator's: facts of a pod that only the kubelet knows, for `$(…)` in other variables
  podIp: 'OTEL_POD_IP',
  nodeIp: 'OTEL_NODE_IP',
  attributePodName: 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
  attributePodUid: 'OTEL_RESOURCE_ATTRIBUTES_POD_UID',
  attributeNodeName: 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME',
  /** Where the .NET agent lies. */
  dotnetHome: 'OTEL_DOTNET_AUTO_HOME',
  // Not in the specification, but what both OpenLIT SDKs read
  environment: 'OTEL_DEPLOYMENT_ENVIRONMENT',
  // OpenLIT
  apiKey: 'OPENLIT_API_KEY',
  url: 'OPENLIT_URL',
  disabledInstrumentors: 'OPENLIT_DISABLED_INSTRUMENTORS',
  enabledInstrumentors: 'OPENLIT_ENABLED_INSTRUMENTORS',
  pricingFile: 'OPENLIT_PRICING_JSON',
  maxContentLength: 'OPENLIT_MAX_CONTENT_LENGTH',
  redactPatterns: 'OPENLIT_REDACT_PATTERNS',
  excludeEndpoints: 'OPENLIT_EXCLUDE_ENDPOINTS',
  disableBatch: 'OPENLIT_DISABLE_BATCH',
  disableMetrics: 'OPENLIT_DISABLE_METRICS',
  disableEvents: 'OPENLIT_DISABLE_EVENTS',
  collectGpuStats: 'OPENLIT_COLLECT_GPU_STATS',
  collectSystemMetrics: 'OPENLIT_COLLECT_SYSTEM_METRICS',
  captureDbParameters: 'OPENLIT_CAPTURE_DB_PARAMETERS',
  customSpanAttributes: 'OPENLIT_CUSTOM_SPAN_ATTRIBUTES',
  customMetricsAttributes: 'OPENLIT_CUSTOM_METRICS_ATTRIBUTES',
  controllerMode: 'OPENLIT_CONTROLLER_MODE',
  noKeep: 'OPENLIT_NO_KEEP',
  storeMaxRuns: 'OPENLIT_STORE_MAX_RUNS',
  storeMaxSize: 'OPENLIT_STORE_MAX_SIZE',
  storeMaxAge: 'OPENLIT_STORE_MAX_AGE',
  // Ours
  /** `1` switches launcher and hooks off: the program runs bare. */
  disabled: 'OPENLIT_INSTRUMENT_DISABLED',
  /** Folder with our cache (managed SDK copies, call store); default `$XDG_CACHE_HOME/openlit-instrument`. */
  cacheDir: 'OPENLIT_INSTRUMENT_CACHE_DIR',
  /** Where the hooks find their observer: the one variable of a launch (docs/protocols.md). */
  tap: 'OPENLIT_INSTRUMENT_TAP',
  /** `1`: a launch sets no probes. */
  noAttach: 'OPENLIT_INSTRUMENT_NO_ATTACH',
  /** `PID.START` of the process that observes a launch from outside, so that a launcher inside it does not do it as well. */
  attached: 'OPENLIT_INSTRUMENT_ATTACHED',
  /** Where the agent takes what hooks see, for `inject`; default `/run/openlit-instrument/taps/tap.sock`. */
  agentSocket: 'OPENLIT_INSTRUMENT_AGENT_SOCKET',
  /** A file to which hooks append one JSON line on why they did or did not start; for tests, `doctor` and CI. */
  statusFile: 'OPENLIT_INSTRUMENT_STATUS_FILE',
  /** `1`: hooks explain themselves on stderr. Secrets stay masked. */
  debug: 'OPENLIT_INSTRUMENT_DEBUG',
  /** `1`: hooks print none of their notes (`--quiet`). */
  quiet: 'OPENLIT_INSTRUMENT_QUIET',
  /** Path of the managed Python SDK root (the folder that holds one copy per interpreter). */
  pythonSdk: 'OPENLIT_INSTRUMENT_PYTHON_SDK',
  /** The program's own values from before the launch, so that a hook can hand them to children that opt out. */
  originalPythonPath: 'OPENLIT_INSTRUMENT_ORIGINAL_PYTHONPATH',
  originalNodeOptions: 'OPENLIT_INSTRUMENT_ORIGINAL_NODE_OPTIONS',
  /** Where the model of `doctor` listens, for the runtime that it tries. */
  trialPort: 'OPENLIT_INSTRUMENT_TRIAL_PORT',
  /** From the launcher to itself, when it starts again without what is meant for the program; no program sees it. */
  setAside: 'OPENLIT_INSTRUMENT_SET_ASIDE',
} as const;

export type VariableName = (typeof VARIABLES)[keyof typeof VARIABLES];

/** Variables whose values are never printed. */
export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  VARIABLES.headers,
  VARIABLES.tracesHeaders,
  VARIABLES.metricsHeaders,
  VARIABLES.logsHeaders,
  VARIABLES.apiKey,
]);
