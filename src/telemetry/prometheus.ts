/**
 * The metrics as a page that a Prometheus server reads (`OTEL_METRICS_EXPORTER=prometheus`). One page for all observed
 * programs: series are told apart by `job` (the service), never by process, since every restart would add some for ever.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Attributes, Resource } from '../calls/model.js';
import type { Consumer } from '../calls/recorded-call.js';
import { redactCredentials } from '../calls/redact.js';
import { Problem } from '../errors.js';
import { createAggregator } from './aggregator.js';
import { callAttributes } from './attributes.js';
import { CONTENT_TYPE, type ExpositionFormat, expose, type TargetLabels } from './exposition.js';
import { llmMeasurements, type Measurement, mcpMeasurements, sessionMeasurements } from './measurements.js';

export interface PrometheusOptions {
  /** Where it listens; `localhost` unless somebody asked for more. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface PrometheusEndpoint {
  /** `http://localhost:9464/metrics` */
  readonly url: string;
  observe(resource: Resource, measurements: readonly Measurement[]): void;
  close(): Promise<void>;
}

/**
 * Series of one metric, all programs together; further ones share an overflow series, as the metrics SDK has it. A page with
 * all of them has 12 MB and takes 0.2 s.
 */
const MOST_SERIES = 500;
/** Services with a `target_info` and a `job` of their own. */
const MOST_JOBS = 100;
const OTHER_JOBS = 'other';
/** Two workloads may share a service's name: where the agent knows them, each has series of its own. */
const WORKLOAD_KEY = 'service.workload.key';
const MOST_CONNECTIONS = 32;

/** Attributes of one process or container: with them `target_info` would grow with every restart. */
const OF_ONE_PROCESS = /^(?:process\.|container\.|service\.instance\.|k8s\.(?:pod|container|replicaset|job)\.|faas\.)/;

/** Rejects with a `Problem` where the address cannot be listened on. The server does not keep the process alive. */
export async function createPrometheusEndpoint({ host, port }: PrometheusOptions): Promise<PrometheusEndpoint> {
  const metrics = createJobMetrics();
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    try {
      answer(request, response, host, format => expose(metrics.collect(), metrics.targets(), format));
    } catch {
      response.writeHead(500).end();
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(cannotListen(host, port, error)));
    server.listen({ host, port }, resolve);
  });
  server.unref();
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    observe: metrics.observe,
    close() {
      return new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/**
 * The page as a consumer of recorded calls. It listens in the background; where it cannot, that is said once and everything
 * else goes on.
 */
export function createPrometheusConsumer(options: PrometheusOptions, notice: (line: string) => void): Consumer {
  let endpoint: PrometheusEndpoint | undefined;
  const early: [Resource, Measurement[]][] = [];
  let failed = false;
  const starting = createPrometheusEndpoint(options).then(
    started => {
      endpoint = started;
      for (const [resource, measurements] of early.splice(0)) started.observe(resource, measurements);
    },
    ({ message, reason }: Problem) => {
      failed = true;
      early.length = 0;
      notice(`${message}: ${reason}`);
    },
  );
  const observe = (resource: Resource, measurements: Measurement[]): void => {
    if (endpoint !== undefined) endpoint.observe(resource, measurements);
    else if (!failed) early.push([resource, measurements]);
  };
  return {
    ...measuring(observe),
    async finish() {
      await starting;
      await endpoint?.close();
    },
  };
}

/** What is measured of a call and of a session. */
export function measuring(observe: PrometheusEndpoint['observe']): Pick<Consumer, 'call' | 'session'> {
  return {
    call: ({ call, cost, target: { resource, settings } }) => {
      const { generation } = settings;
      const attributes = callAttributes(call, { generation, ...(cost === undefined ? {} : { cost }) });
      const measurements =
        call.kind === 'llm' ? llmMeasurements(call, attributes, generation, cost) : mcpMeasurements(call, attributes);
      observe(resource, measurements);
    },
    session: (session, { resource }) => observe(resource, sessionMeasurements(session)),
  };
}

/** One set of series for all programs: for this page, and for the agent's. */
export function createJobMetrics(startMilliseconds = Date.now()) {
  const nanos = (milliseconds: number): bigint => BigInt(milliseconds) * 1_000_000n;
  const aggregator = createAggregator('cumulative', nanos(startMilliseconds), MOST_SERIES);
  const jobs = new Map<string, TargetLabels>();
  const known = new WeakMap<Resource, string>();

  function jobOf(resource: Resource): string {
    const before = known.get(resource);
    if (before !== undefined) return before;
    const name = jobName(resource);
    const job = jobs.has(name) || jobs.size < MOST_JOBS ? name : OTHER_JOBS;
    known.set(resource, job);
    // The newest process of a service says what the service is.
    if (job === name) jobs.set(name, targetLabels(name, resource));
    return job;
  }

  return {
    observe(resource: Resource, measurements: readonly Measurement[]): void {
      const [first] = measurements;
      if (first === undefined) return;
      const job = jobOf(resource);
      const workload = resource.attributes[WORKLOAD_KEY];
      const labels: Attributes = workload === undefined || job === OTHER_JOBS ? { job } : { job, workload };
      // Those of one call share one object, and the aggregator knows them by it.
      let given = first.attributes;
      let attributes: Attributes = { ...labels, ...given };
      for (const measurement of measurements) {
        if (measurement.attributes !== given) {
          given = measurement.attributes;
          attributes = { ...labels, ...given };
        }
        aggregator.add({ ...measurement, attributes });
      }
    },
    collect: () => aggregator.collect(nanos(Date.now())),
    targets: (): TargetLabels[] => [...jobs.values()],
  };
}

/** `namespace/name`, as the specification says. */
function jobName({ attributes }: Resource): string {
  const name = redactCredentials(String(attributes['service.name'] ?? 'unknown_service'));
  const namespace = attributes['service.namespace'];
  return namespace === undefined ? name : `${redactCredentials(String(namespace))}/${name}`;
}

function targetLabels(job: string, { attributes }: Resource): TargetLabels {
  const labels: Attributes = { job };
  for (const [name, value] of Object.entries(attributes)) {
    if (OF_ONE_PROCESS.test(name) || name === 'service.name' || name === 'service.namespace') continue;
    labels[name] = typeof value === 'string' ? redactCredentials(value) : value;
  }
  return labels;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  page: (format: ExpositionFormat) => string,
): void {
  const { method, url = '/', headers } = request;
  const refuse = (status: number, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
  };
  if (!isAsked(host, headers.host)) return refuse(403, 'This address answers to localhost alone.');
  if (url.split('?', 1)[0] !== '/metrics') return refuse(404, 'The metrics are at /metrics');
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return refuse(405, 'GET only');
  }
  const format = /application\/openmetrics-text/.test(headers.accept ?? '') ? 'openmetrics' : 'text';
  const text = page(format);
  const zipped = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:\s*,|\s*$))/.test(String(headers['accept-encoding'] ?? ''));
  const body = zipped ? gzipSync(text) : Buffer.from(text);
  response.writeHead(200, {
    'content-type': CONTENT_TYPE[format],
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    ...(zipped && { 'content-encoding': 'gzip' }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/** Whether this host is on this machine alone. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i;

/** A page of the web may send a browser to a name of its own that means this machine: such a name is not answered. */
export function isAsked(host: string, asked: string | undefined): boolean {
  return !LOOPBACK.test(host) || LOOPBACK.test((asked ?? 'localhost').replace(/:\d+$/, ''));
}

function cannotListen(host: string, port: number, error: Error): Problem {
  const { code } = error as NodeJS.ErrnoException;
  const reason =
    code === 'EADDRINUSE'
      ? `port ${port} is taken: by another launch, or by the program's own exporter`
      : `${code ?? error.message}`;
  return new Problem({
    code: 'PROMETHEUS_ADDRESS',
    message: `Metrics for Prometheus cannot be served at ${host}:${port}`,
    reason,
    fixes: ['--prometheus-port PORT', 'OTEL_EXPORTER_PROMETHEUS_PORT=PORT'],
  });
}
