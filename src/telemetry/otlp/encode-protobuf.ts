/**
 * OTLP in protobuf. Field numbers: opentelemetry-proto 1.x (`trace/v1`, `metrics/v1`, `logs/v1`, `common/v1`,
 * `resource/v1`, `collector/…`); the tests decode with generated code of the OpenTelemetry project.
 */
import type { AnyValue, HistogramPoint, LogRecord, Metric, Span, SumPoint } from '../../calls/model.js';
import { type Encoding, SPAN_KIND, STATUS_ERROR, spanFlags, TEMPORALITY } from './encoding.js';
import { ProtobufWriter } from './protobuf-writer.js';

export const protobufEncoding: Encoding = {
  contentType: 'application/x-protobuf',

  resource: resource => encode(writer => writeAttributes(writer, 1, resource.attributes)),

  scope: scope =>
    encode(writer => {
      writer.string(1, scope.name);
      if (scope.version !== undefined) writer.string(2, scope.version);
    }),

  span: (span, doubles) => encode(writer => writeSpan(writer, span, doubles)),
  log: (record, doubles) => encode(writer => writeLog(writer, record, doubles)),
  metric: metric => encode(writer => writeMetric(writer, metric)),

  // The three requests have the same numbers: request 1 = groups; group 1 = resource, 2 = scopes; scope 1, 2 = items, 3.
  request: (_signal, groups, scope, schemaUrl) =>
    encode(writer => {
      for (const group of groups) {
        writer.message(1, () => {
          writer.bytes(1, group.resource);
          writer.message(2, () => {
            writer.bytes(1, scope);
            for (const item of group.items) writer.bytes(2, item);
            if (schemaUrl !== undefined) writer.string(3, schemaUrl);
          });
        });
      }
    }),
};

/** One writer for all: encoding is synchronous and never nested, and its buffer is the larger part of the cost. */
const shared = new ProtobufWriter();

function encode(write: (writer: ProtobufWriter) => void): Uint8Array {
  shared.reset();
  write(shared);
  return shared.finish();
}

function writeSpan(writer: ProtobufWriter, span: Span, doubles: ReadonlySet<string>): void {
  writer.bytes(1, Buffer.from(span.traceId, 'hex'));
  writer.bytes(2, Buffer.from(span.spanId, 'hex'));
  if (span.traceState !== undefined) writer.string(3, span.traceState);
  if (span.parentSpanId !== undefined) writer.bytes(4, Buffer.from(span.parentSpanId, 'hex'));
  writer.string(5, span.name);
  writer.uint(6, SPAN_KIND[span.kind]);
  writer.fixed64(7, span.start);
  writer.fixed64(8, span.end);
  writeAttributes(writer, 9, span.attributes, doubles);
  writer.uint(10, span.droppedAttributes ?? 0);
  const { error } = span;
  if (error !== undefined) {
    writer.message(15, () => {
      if (error.message !== undefined) writer.string(2, error.message);
      writer.uint(3, STATUS_ERROR);
    });
  }
  writer.fixed32(16, spanFlags(span));
}

function writeLog(writer: ProtobufWriter, record: LogRecord, doubles: ReadonlySet<string>): void {
  const { body } = record;
  writer.fixed64(1, record.time);
  writer.uint(2, record.severityNumber ?? 0);
  if (record.severityText !== undefined) writer.string(3, record.severityText);
  if (body !== undefined) writer.message(5, () => writeValue(writer, body, false));
  writeAttributes(writer, 6, record.attributes, doubles);
  writer.fixed32(8, record.traceFlags ?? 0);
  if (record.traceId !== undefined) writer.bytes(9, Buffer.from(record.traceId, 'hex'));
  if (record.spanId !== undefined) writer.bytes(10, Buffer.from(record.spanId, 'hex'));
  writer.fixed64(11, record.observedTime ?? record.time);
  if (record.eventName !== undefined) writer.string(12, record.eventName);
}

function writeMetric(writer: ProtobufWriter, metric: Metric): void {
  writer.string(1, metric.name);
  writer.string(2, metric.description);
  writer.string(3, metric.unit);
  if (metric.type === 'histogram') {
    writer.message(9, () => {
      for (const point of metric.points) writer.message(1, () => writeHistogramPoint(writer, point));
      writer.uint(2, TEMPORALITY[metric.temporality]);
    });
  } else {
    writer.message(7, () => {
      for (const point of metric.points) writer.message(1, () => writeSumPoint(writer, point, metric.integer));
      writer.uint(2, TEMPORALITY[metric.temporality]);
      writer.bool(3, metric.monotonic);
    });
  }
}

function writeHistogramPoint(writer: ProtobufWriter, point: HistogramPoint): void {
  writer.fixed64(2, point.start);
  writer.fixed64(3, point.time);
  writer.fixed64(4, BigInt(point.count));
  writer.double(5, point.sum);
  writer.packedFixed64(6, point.bucketCounts);
  writer.packedDoubles(7, point.bounds);
  writeAttributes(writer, 9, point.attributes);
  if (point.min !== undefined) writer.double(11, point.min);
  if (point.max !== undefined) writer.double(12, point.max);
}

function writeSumPoint(writer: ProtobufWriter, point: SumPoint, integer: boolean): void {
  writer.fixed64(2, point.start);
  writer.fixed64(3, point.time);
  if (integer) writer.sfixed64(6, point.value);
  else writer.double(4, point.value);
  writeAttributes(writer, 7, point.attributes);
}

const NONE: ReadonlySet<string> = new Set();

function writeAttributes(
  writer: ProtobufWriter,
  field: number,
  attributes: Readonly<Record<string, AnyValue>>,
  doubles: ReadonlySet<string> = NONE,
): void {
  for (const key of Object.keys(attributes)) {
    const value = attributes[key] as AnyValue;
    writer.message(field, () => {
      writer.string(1, key);
      writer.message(2, () => writeValue(writer, value, doubles.has(key)));
    });
  }
}

/** An empty AnyValue stands for null. */
function writeValue(writer: ProtobufWriter, value: AnyValue, double: boolean): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'string') writer.string(1, value);
  else if (typeof value === 'boolean') writer.bool(2, value);
  else if (typeof value === 'number') {
    if (!double && Number.isSafeInteger(value)) writer.int64(3, value);
    else writer.double(4, value);
  } else if (Array.isArray(value)) {
    writer.message(5, () => {
      for (const item of value) writer.message(1, () => writeValue(writer, item, double));
    });
  } else {
    writer.message(6, () => writeAttributes(writer, 1, value));
  }
}
