/**
 * OTLP in JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. Identifiers are hex (not base64),
 * 64-bit integers are strings, enumerations are numbers, names are lowerCamelCase.
 */

import type { AnyValue, HistogramPoint, Metric, SumPoint } from '../../calls/model.js';
import type { Signal } from '../../config/settings.js';
import { type Encoding, type Fragment, SPAN_KIND, STATUS_ERROR, spanFlags, TEMPORALITY } from './encoding.js';

const NAMES: Readonly<Record<Signal, { groups: string; scopes: string; items: string }>> = {
  traces: { groups: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' },
  metrics: { groups: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' },
  logs: { groups: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' },
};

export const jsonEncoding: Encoding = {
  contentType: 'application/json',

  resource: resource => fragment({ attributes: attributes(resource.attributes) }),
  scope: scope => fragment({ name: scope.name, version: scope.version }),

  span: (span, doubles) =>
    fragment({
      traceId: span.traceId,
      spanId: span.spanId,
      traceState: span.traceState,
      parentSpanId: span.parentSpanId,
      flags: spanFlags(span),
      name: span.name,
      kind: SPAN_KIND[span.kind],
      startTimeUnixNano: String(span.start),
      endTimeUnixNano: String(span.end),
      attributes: attributes(span.attributes, doubles),
      droppedAttributesCount: span.droppedAttributes || undefined,
      status: span.error === undefined ? undefined : { code: STATUS_ERROR, message: span.error.message },
    }),

  log: (record, doubles) =>
    fragment({
      timeUnixNano: String(record.time),
      observedTimeUnixNano: String(record.observedTime ?? record.time),
      severityNumber: record.severityNumber,
      severityText: record.severityText,
      eventName: record.eventName,
      body: record.body === undefined ? undefined : anyValue(record.body, false),
      attributes: attributes(record.attributes, doubles),
      flags: record.traceFlags,
      traceId: record.traceId,
      spanId: record.spanId,
    }),

  metric: metric =>
    fragment({ name: metric.name, description: metric.description, unit: metric.unit, ...data(metric) }),

  request: (signal, groups, scope, schemaUrl) => {
    const names = NAMES[signal];
    const scopeText = text(scope);
    const schema = schemaUrl === undefined ? '' : `,"schemaUrl":${JSON.stringify(schemaUrl)}`;
    const parts = groups.map(
      group =>
        `{"resource":${text(group.resource)},"${names.scopes}":[{"scope":${scopeText},"${names.items}":[` +
        `${group.items.map(text).join(',')}]${schema}}]}`,
    );
    return Buffer.from(`{"${names.groups}":[${parts.join(',')}]}`, 'utf8');
  },
};

function data(metric: Metric): object {
  const temporality = TEMPORALITY[metric.temporality];
  if (metric.type === 'histogram') {
    return { histogram: { dataPoints: metric.points.map(histogramPoint), aggregationTemporality: temporality } };
  }
  const points = metric.points.map(point => sumPoint(point, metric.integer));
  return { sum: { dataPoints: points, aggregationTemporality: temporality, isMonotonic: metric.monotonic } };
}

function histogramPoint(point: HistogramPoint): object {
  return {
    startTimeUnixNano: String(point.start),
    timeUnixNano: String(point.time),
    count: String(point.count),
    sum: point.sum,
    bucketCounts: point.bucketCounts.map(String),
    explicitBounds: point.bounds,
    attributes: attributes(point.attributes),
    min: point.min,
    max: point.max,
  };
}

function sumPoint(point: SumPoint, integer: boolean): object {
  return {
    startTimeUnixNano: String(point.start),
    timeUnixNano: String(point.time),
    ...(integer ? { asInt: String(Math.trunc(point.value)) } : { asDouble: point.value }),
    attributes: attributes(point.attributes),
  };
}

const NONE: ReadonlySet<string> = new Set();

function attributes(values: Readonly<Record<string, AnyValue>>, doubles: ReadonlySet<string> = NONE): object[] {
  return Object.keys(values).map(key => ({
    key: wellFormed(key),
    value: anyValue(values[key] as AnyValue, doubles.has(key)),
  }));
}

function anyValue(value: AnyValue, double: boolean): object {
  if (value === null || value === undefined) return {};
  if (typeof value === 'string') return { stringValue: wellFormed(value) };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    if (!double && Number.isSafeInteger(value)) return { intValue: String(value) };
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(item => anyValue(item, double)) } };
  return { kvlistValue: { values: attributes(value) } };
}

/** A text cut inside a surrogate pair is no Unicode, and strict JSON readers refuse the whole request. */
function wellFormed(value: string): string {
  if (!/[\ud800-\udfff]/.test(value)) return value;
  return value.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

function fragment(value: object): Fragment {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function text(bytes: Fragment): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
