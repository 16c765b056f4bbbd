/**
 * The OTLP messages as tables: field number -> [JSON name, kind, message]. Numbers and types are those of
 * opentelemetry-proto 1.x (`opentelemetry/proto/{trace,logs,metrics,common,resource}/v1`). A field that is not listed is
 * skipped, as protobuf wants it.
 */
export type FieldKind =
  | 'string'
  | 'bytes'
  /** Bytes that OTLP/JSON writes as hexadecimal: trace and span ids. */
  | 'id'
  | 'bool'
  | 'uint32'
  | 'sint32'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | 'message';

export interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly repeated: boolean;
  readonly message?: MessageName;
}

type Row = readonly [number, string, FieldKind | `${FieldKind}[]`, string?];

const ROWS = {
  TracesRequest: [[1, 'resourceSpans', 'message[]', 'ResourceSpans']],
  ResourceSpans: [
    [1, 'resource', 'message', 'Resource'],
    [2, 'scopeSpans', 'message[]', 'ScopeSpans'],
    [3, 'schemaUrl', 'string'],
  ],
  ScopeSpans: [
    [1, 'scope', 'message', 'Scope'],
    [2, 'spans', 'message[]', 'Span'],
    [3, 'schemaUrl', 'string'],
  ],
  Span: [
    [1, 'traceId', 'id'],
    [2, 'spanId', 'id'],
    [3, 'traceState', 'string'],
    [4, 'parentSpanId', 'id'],
    [5, 'name', 'string'],
    [6, 'kind', 'uint32'],
    [7, 'startTimeUnixNano', 'fixed64'],
    [8, 'endTimeUnixNano', 'fixed64'],
    [9, 'attributes', 'message[]', 'KeyValue'],
    [10, 'droppedAttributesCount', 'uint32'],
    [11, 'events', 'message[]', 'SpanEvent'],
    [12, 'droppedEventsCount', 'uint32'],
    [13, 'links', 'message[]', 'SpanLink'],
    [14, 'droppedLinksCount', 'uint32'],
    [15, 'status', 'message', 'Status'],
    [16, 'flags', 'fixed32'],
  ],
  SpanEvent: [
    [1, 'timeUnixNano', 'fixed64'],
    [2, 'name', 'string'],
    [3, 'attributes', 'message[]', 'KeyValue'],
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  SpanLink: [
    [1, 'traceId', 'id'],
    [2, 'spanId', 'id'],
    [3, 'traceState', 'string'],
    [4, 'attributes', 'message[]', 'KeyValue'],
    [5, 'droppedAttributesCount', 'uint32'],
    [6, 'flags', 'fixed32'],
  ],
  Status: [
    [2, 'message', 'string'],
    [3, 'code', 'uint32'],
  ],
  Resource: [
    [1, 'attributes', 'message[]', 'KeyValue'],
    [2, 'droppedAttributesCount', 'uint32'],
  ],
  Scope: [
    [1, 'name', 'string'],
    [2, 'version', 'string'],
    [3, 'attributes', 'message[]', 'KeyValue'],
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  KeyValue: [
    [1, 'key', 'string'],
    [2, 'value', 'message', 'AnyValue'],
  ],
  AnyValue: [
    [1, 'stringValue', 'string'],
    [2, 'boolValue', 'bool'],
    [3, 'intValue', 'int64'],
    [4, 'doubleValue', 'double'],
    [5, 'arrayValue', 'message', 'ArrayValue'],
    [6, 'kvlistValue', 'message', 'KeyValueList'],
    [7, 'bytesValue', 'bytes'],
  ],
  ArrayValue: [[1, 'values', 'message[]', 'AnyValue']],
  KeyValueList: [[1, 'values', 'message[]', 'KeyValue']],
  LogsRequest: [[1, 'resourceLogs', 'message[]', 'ResourceLogs']],
  ResourceLogs: [
    [1, 'resource', 'message', 'Resource'],
    [2, 'scopeLogs', 'message[]', 'ScopeLogs'],
    [3, 'schemaUrl', 'string'],
  ],
  ScopeLogs: [
    [1, 'scope', 'message', 'Scope'],
    [2, 'logRecords', 'message[]', 'LogRecord'],
    [3, 'schemaUrl', 'string'],
  ],
  LogRecord: [
    [1, 'timeUnixNano', 'fixed64'],
    [2, 'severityNumber', 'uint32'],
    [3, 'severityText', 'string'],
    [5, 'body', 'message', 'AnyValue'],
    [6, 'attributes', 'message[]', 'KeyValue'],
    [7, 'droppedAttributesCount', 'uint32'],
    [8, 'flags', 'fixed32'],
    [9, 'traceId', 'id'],
    [10, 'spanId', 'id'],
    [11, 'observedTimeUnixNano', 'fixed64'],
    [12, 'eventName', 'string'],
  ],
  MetricsRequest: [[1, 'resourceMetrics', 'message[]', 'ResourceMetrics']],
  ResourceMetrics: [
    [1, 'resource', 'message', 'Resource'],
    [2, 'scopeMetrics', 'message[]', 'ScopeMetrics'],
    [3, 'schemaUrl', 'string'],
  ],
  ScopeMetrics: [
    [1, 'scope', 'message', 'Scope'],
    [2, 'metrics', 'message[]', 'Metric'],
    [3, 'schemaUrl', 'string'],
  ],
  Metric: [
    [1, 'name', 'string'],
    [2, 'description', 'string'],
    [3, 'unit', 'string'],
    [5, 'gauge', 'message', 'Gauge'],
    [7, 'sum', 'message', 'Sum'],
    [9, 'histogram', 'message', 'Histogram'],
    [10, 'exponentialHistogram', 'message', 'ExponentialHistogram'],
  ],
  Gauge: [[1, 'dataPoints', 'message[]', 'NumberDataPoint']],
  Sum: [
    [1, 'dataPoints', 'message[]', 'NumberDataPoint'],
    [2, 'aggregationTemporality', 'uint32'],
    [3, 'isMonotonic', 'bool'],
  ],
  Histogram: [
    [1, 'dataPoints', 'message[]', 'HistogramDataPoint'],
    [2, 'aggregationTemporality', 'uint32'],
  ],
  ExponentialHistogram: [
    [1, 'dataPoints', 'message[]', 'ExponentialHistogramDataPoint'],
    [2, 'aggregationTemporality', 'uint32'],
  ],
  NumberDataPoint: [
    [2, 'startTimeUnixNano', 'fixed64'],
    [3, 'timeUnixNano', 'fixed64'],
    [4, 'asDouble', 'double'],
    [6, 'asInt', 'sfixed64'],
    [7, 'attributes', 'message[]', 'KeyValue'],
    [8, 'flags', 'uint32'],
  ],
  HistogramDataPoint: [
    [2, 'startTimeUnixNano', 'fixed64'],
    [3, 'timeUnixNano', 'fixed64'],
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double'],
    [6, 'bucketCounts', 'fixed64[]'],
    [7, 'explicitBounds', 'double[]'],
    [9, 'attributes', 'message[]', 'KeyValue'],
    [10, 'flags', 'uint32'],
    [11, 'min', 'double'],
    [12, 'max', 'double'],
  ],
  ExponentialHistogramDataPoint: [
    [1, 'attributes', 'message[]', 'KeyValue'],
    [2, 'startTimeUnixNano', 'fixed64'],
    [3, 'timeUnixNano', 'fixed64'],
    [4, 'count', 'fixed64'],
    [5, 'sum', 'double'],
    [6, 'scale', 'sint32'],
    [7, 'zeroCount', 'fixed64'],
    [8, 'positive', 'message', 'Buckets'],
    [9, 'negative', 'message', 'Buckets'],
    [12, 'min', 'double'],
    [13, 'max', 'double'],
  ],
  Buckets: [
    [1, 'offset', 'sint32'],
    [2, 'bucketCounts', 'uint64[]'],
  ],
} as const satisfies Record<string, readonly Row[]>;

export type MessageName = keyof typeof ROWS;

function toFields(rows: readonly Row[]): ReadonlyMap<number, Field> {
  return new Map(
    rows.map(([number, name, type, message]) => {
      const repeated = type.endsWith('[]');
      const kind = (repeated ? type.slice(0, -2) : type) as FieldKind;
      return [number, { name, kind, repeated, ...(message ? { message: message as MessageName } : {}) }];
    }),
  );
}

export const MESSAGES: Readonly<Record<MessageName, ReadonlyMap<number, Field>>> = Object.fromEntries(
  Object.entries(ROWS).map(([name, rows]) => [name, toFields(rows)]),
) as Record<MessageName, ReadonlyMap<number, Field>>;
