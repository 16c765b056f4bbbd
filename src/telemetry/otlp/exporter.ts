/**
 * The one exporter of this project, behind the OpenTelemetry SDK in the observer, in `attach` and in `decode`. It never keeps
 * a process alive, never throws and never blocks.
 */

import { doubleAttributes } from '../../calls/genai-attributes.js';
import type { LogRecord, Metric, Resource, Scope, Span } from '../../calls/model.js';
import type { OtlpProtocol, Signal } from '../../config/settings.js';
import { consoleLine } from './console.js';
import { jsonEncoding } from './encode-json.js';
import { protobufEncoding } from './encode-protobuf.js';
import type { Encoding, Fragment } from './encoding.js';
import { Lane, type LaneStats } from './lane.js';
import { prepareRequest } from './prepared-request.js';
import type { OtlpSettings, OtlpTarget } from './settings.js';
import type { Transport } from './transport.js';

export interface ExporterOptions {
  readonly settings: OtlpSettings;
  readonly scope: Scope;
  /** Receives each kind of problem once, as one line without our name in front; by default it goes to stderr with it. */
  readonly notice?: (line: string) => void;
  /** Where `console` writes; stderr by default, because stdout belongs to the program or to `--format`. */
  readonly write?: (line: string) => void;
  /** Default 16 MiB, for all signals together a third each. */
  readonly queueBytes?: number;
}

export interface Exporter {
  span(resource: Resource, span: Span): void;
  log(resource: Resource, record: LogRecord): void;
  metric(resource: Resource, metric: Metric): void;
  /** Whether anybody wants this signal; what nobody wants need not be rendered. */
  wants(signal: Signal): boolean;
  /**
   * Sends all now. Holds the event loop until then, but at most `milliseconds`, and no longer than it takes to find twice
   * that the collector cannot be reached. True when nothing is left.
   */
  flush(milliseconds: number): Promise<boolean>;
  shutdown(milliseconds: number): Promise<void>;
  stats(): Readonly<Record<Signal, Readonly<LaneStats>>>;
}

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];
const DEFAULT_QUEUE_BYTES = 16 * 1024 * 1024;
/** gRPC servers refuse messages over 4 MiB unless told otherwise. */
const BATCH_BYTES = 3 * 1024 * 1024;

export function createExporter(options: ExporterOptions): Exporter {
  const { settings, scope } = options;
  const doubles = doubleAttributes(scope.schemaUrl);
  const write = options.write ?? (line => void process.stderr.write(line));
  const notices = createNotices(options.notice ?? (line => write(`openlit-instrument: ${line}\n`)));
  const transports = createTransports();
  const routes = new Map<Signal, Route>();
  for (const signal of settings.disabled ? [] : SIGNALS) {
    const target = settings.targets[signal];
    if (target !== undefined) routes.set(signal, createRoute(signal, target));
  }

  function createRoute(signal: Signal, target: OtlpTarget): Route {
    const encoding = target.protocol === 'http/json' ? jsonEncoding : protobufEncoding;
    const scopeBytes = encoding.scope(scope);
    const limits = {
      queueSize: settings.queueSize,
      queueBytes: Math.floor((options.queueBytes ?? DEFAULT_QUEUE_BYTES) / SIGNALS.length),
      batchSize: Math.min(settings.batchSize, settings.queueSize),
      batchBytes: BATCH_BYTES,
      batchDelay: settings.batchDelay,
    };
    const lane = new Lane(signal, limits, {
      prepare: groups =>
        prepareRequest(
          signal,
          target,
          encoding.contentType,
          encoding.request(signal, groups, scopeBytes, scope.schemaUrl),
        ),
      send: async (request, onHandedOver) => (await transports(target.protocol)).send(request, onHandedOver),
      problem: (kind, reason) => notices.say(kind, signal, target, reason),
      recovered: () => notices.recovered(target),
    });
    return { lane, encoding, resources: new WeakMap() };
  }

  /** A resource is encoded once; the queue groups items by the identity of the bytes. */
  function offer(signal: Signal, resource: Resource, encode: (encoding: Encoding) => Fragment, key?: string): void {
    const route = routes.get(signal);
    if (route === undefined) return;
    let resourceBytes = route.resources.get(resource);
    if (resourceBytes === undefined) {
      resourceBytes = route.encoding.resource(resource);
      route.resources.set(resource, resourceBytes);
    }
    route.lane.offer(resourceBytes, encode(route.encoding), key);
  }

  const onConsole = (signal: Signal): boolean => !settings.disabled && settings.exporters[signal] === 'console';

  return {
    span(resource, span) {
      if (onConsole('traces')) write(consoleLine('span', resource, span));
      else offer('traces', resource, encoding => encoding.span(span, doubles));
    },
    log(resource, record) {
      if (onConsole('logs')) write(consoleLine('log', resource, record));
      else offer('logs', resource, encoding => encoding.log(record, doubles));
    },
    metric(resource, metric) {
      if (onConsole('metrics')) write(consoleLine('metric', resource, metric));
      else {
        const key = metric.temporality === 'cumulative' ? metric.name : undefined;
        offer('metrics', resource, encoding => encoding.metric(metric), key);
      }
    },
    wants: signal => routes.has(signal) || onConsole(signal),
    async flush(milliseconds) {
      const lanes = [...routes.values()].map(route => route.lane);
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>(resolve => {
        timer = setTimeout(resolve, milliseconds);
      });
      await Promise.all(lanes.map(lane => lane.drain(deadline)));
      clearTimeout(timer);
      return lanes.every(lane => lane.stats.queued === 0);
    },
    async shutdown(milliseconds) {
      await this.flush(milliseconds);
      for (const route of routes.values()) route.lane.close();
      transports.close();
    },
    stats() {
      const none: LaneStats = { exported: 0, dropped: 0, queued: 0 };
      const of = (signal: Signal): LaneStats => ({ ...(routes.get(signal)?.lane.stats ?? none) });
      return { traces: of('traces'), metrics: of('metrics'), logs: of('logs') };
    },
  };
}

interface Route {
  readonly lane: Lane;
  readonly encoding: Encoding;
  readonly resources: WeakMap<Resource, Fragment>;
}

/** Loaded when first used: node:https and node:http2 take 5–15 ms that a program should not wait for at its first call. */
function createTransports(): { (protocol: OtlpProtocol): Promise<Transport>; close(): void } {
  let http: Transport | undefined;
  let grpc: Transport | undefined;
  const get = async (protocol: OtlpProtocol): Promise<Transport> => {
    if (protocol === 'grpc') {
      const { createGrpcTransport } = await import('./grpc-transport.js');
      grpc ??= createGrpcTransport();
      return grpc;
    }
    const { createHttpTransport } = await import('./http-transport.js');
    http ??= createHttpTransport();
    return http;
  };
  return Object.assign(get, {
    close(): void {
      http?.close();
      grpc?.close();
    },
  });
}

/** Says each kind of problem once per collector; after a recovery a new outage may be said again. */
function createNotices(tell: (line: string) => void) {
  const said = new Set<string>();
  return {
    say(
      kind: 'unreachable' | 'refused' | 'rejected' | 'full',
      signal: Signal,
      target: OtlpTarget,
      reason: string,
    ): void {
      const origin = new URL(target.url).origin;
      const key = kind === 'unreachable' ? `${kind} ${origin}` : `${kind} ${signal} ${origin}`;
      if (said.has(key)) return;
      said.add(key);
      try {
        tell(WORDS[kind](signal, origin, reason));
      } catch {
        // Nobody listens; the export goes on.
      }
    },
    recovered(target: OtlpTarget): void {
      said.delete(`unreachable ${new URL(target.url).origin}`);
    },
  };
}

const WORDS = {
  unreachable: (_signal: Signal, origin: string, reason: string) =>
    `the collector at ${origin} cannot be reached (${reason}); trying again, the program is not affected`,
  refused: (signal: Signal, origin: string, reason: string) =>
    `the collector at ${origin} refused ${signal} (${reason}); they are dropped`,
  rejected: (signal: Signal, origin: string, reason: string) =>
    `the collector at ${origin} rejected some ${signal} (${reason})`,
  full: (signal: Signal, origin: string, reason: string) =>
    `the queue of ${signal} for ${origin} is full (${reason}); what does not fit is dropped and counted`,
} as const;
