/**
 * A real OTLP receiver for tests: http/protobuf, http/json and gRPC on one port. Attributes come as plain values.
 *
 *   const receiver = await startOtlpReceiver();
 *   // run a program with OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url
 *   const spans = await receiver.waitForSpans(2);
 */

import { type FlatSpan, flattenSpans, type Json, plainAttributes } from '../../src/receive/otlp-json.js';
import { type OtlpExport, type OtlpTransport, startReceiver } from './otlp/receiver.js';

export type { FlatSpan };

export interface FlatMetricPoint {
  name: string;
  unit?: string;
  resource: Record<string, unknown>;
  attributes: Record<string, unknown>;
  /** The data point in the shape of OTLP/JSON. */
  point: Json;
}

export interface FlatLog {
  eventName?: string;
  resource: Record<string, unknown>;
  attributes: Record<string, unknown>;
  body?: unknown;
  traceId?: string;
  spanId?: string;
}

export interface OtlpReceiver {
  /** Base endpoint, the same for HTTP and gRPC. */
  url: string;
  port: number;
  spans: FlatSpan[];
  metrics: FlatMetricPoint[];
  logs: FlatLog[];
  exports: { signal: string; transport: OtlpTransport; headers: OtlpExport['headers']; size: number; body: Json }[];
  refused(): number;
  /** Resolves with all spans as soon as there are `count`; fails after `limit` milliseconds with what came so far. */
  waitForSpans(count: number, limit?: number): Promise<FlatSpan[]>;
  /** Resolves as soon as `condition` holds; it is asked after each export. */
  waitFor(condition: () => boolean, limit?: number): Promise<void>;
  clear(): void;
  close(): Promise<void>;
}

function flattenMetrics(body: Json): FlatMetricPoint[] {
  const points: FlatMetricPoint[] = [];
  for (const { resource, scopeMetrics } of body.resourceMetrics ?? []) {
    for (const metric of (scopeMetrics ?? []).flatMap((scope: Json) => scope.metrics ?? [])) {
      const data = metric.sum ?? metric.gauge ?? metric.histogram ?? metric.exponentialHistogram;
      for (const point of data?.dataPoints ?? []) {
        points.push({
          name: metric.name,
          unit: metric.unit,
          resource: plainAttributes(resource?.attributes),
          attributes: plainAttributes(point.attributes),
          point,
        });
      }
    }
  }
  return points;
}

function flattenLogs(body: Json): FlatLog[] {
  const logs: FlatLog[] = [];
  for (const { resource, scopeLogs } of body.resourceLogs ?? []) {
    for (const record of (scopeLogs ?? []).flatMap((scope: Json) => scope.logRecords ?? [])) {
      logs.push({
        eventName: record.eventName,
        resource: plainAttributes(resource?.attributes),
        attributes: plainAttributes(record.attributes),
        body: plainAttributes([{ key: 'body', value: record.body }]).body,
        traceId: record.traceId,
        spanId: record.spanId,
      });
    }
  }
  return logs;
}

/** Starts a receiver. `onExport` may throw to answer with a failure. */
export async function startOtlpReceiver(
  options: { port?: number; host?: string; onExport?: (request: OtlpExport) => void } = {},
): Promise<OtlpReceiver> {
  const waiters = new Set<() => void>();
  const store = {
    spans: [] as FlatSpan[],
    metrics: [] as FlatMetricPoint[],
    logs: [] as FlatLog[],
    exports: [] as OtlpReceiver['exports'],
  };
  const receiver = await startReceiver({
    token: false,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.host === undefined ? {} : { host: options.host }),
    onExport(request) {
      options.onExport?.(request);
      store.exports.push(request);
      if (request.signal === 'traces') store.spans.push(...flattenSpans(request.body));
      if (request.signal === 'metrics') store.metrics.push(...flattenMetrics(request.body));
      if (request.signal === 'logs') store.logs.push(...flattenLogs(request.body));
      for (const wake of waiters) wake();
    },
  });

  async function waitFor(condition: () => boolean, limit = 15_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const done = (finish: () => void) => {
        clearTimeout(timer);
        waiters.delete(check);
        finish();
      };
      const check = () => {
        if (condition()) done(resolve);
      };
      const timer = setTimeout(() => {
        const names = store.spans.map(span => span.name).join(', ') || 'none';
        done(() => reject(new Error(`not received within ${limit} ms; spans so far: ${names}`)));
      }, limit);
      waiters.add(check);
    });
  }

  return {
    url: receiver.url,
    port: receiver.port,
    ...store,
    refused: receiver.refused,
    waitFor,
    async waitForSpans(count, limit) {
      await waitFor(() => store.spans.length >= count, limit);
      return store.spans;
    },
    clear() {
      for (const list of Object.values(store)) list.length = 0;
    },
    close: receiver.close,
  };
}
