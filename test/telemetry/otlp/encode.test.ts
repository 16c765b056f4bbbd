/** Both encodings against decoders that are not ours: protobufjs with the official field numbers, and JSON.parse. */
import { describe, expect, test } from '@jest/globals';
import { doubleAttributes, SCHEMA_URL } from '../../../src/calls/genai-attributes.js';
import type { LogRecord, Metric, Resource, Span } from '../../../src/calls/model.js';
import { jsonEncoding } from '../../../src/telemetry/otlp/encode-json.js';
import { protobufEncoding } from '../../../src/telemetry/otlp/encode-protobuf.js';
import type { Encoding } from '../../../src/telemetry/otlp/encoding.js';
import { type Decoded, decodeRequest, plain } from '../support/otlp-proto.js';

const RESOURCE: Resource = { attributes: { 'service.name': 'svc ü', 'process.pid': 42 } };
const SCOPE = { name: 'openlit-instrument', version: '1.2.3', schemaUrl: 'https://example.com/schema' };
const DOUBLES = doubleAttributes(SCHEMA_URL['v1.41']);
const SPAN: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  parentIsRemote: true,
  traceState: 'a=b',
  traceFlags: 1,
  name: 'chat gpt-4o',
  kind: 'client',
  start: 1_760_000_000_123_456_789n,
  end: 1_760_000_001_987_654_321n,
  attributes: {
    text: 'héllo 😀',
    empty: '',
    yes: true,
    no: false,
    zero: 0,
    int: 123,
    big: Number.MAX_SAFE_INTEGER,
    negative: -5,
    fraction: 0.1,
    'gen_ai.request.temperature': 1,
    'gen_ai.request.top_k': 40,
    list: ['a', 'b'],
    long: 'x'.repeat(70_000),
  },
  error: { message: 'broken' },
};

function spanWith(encoding: Encoding): Decoded {
  const group = {
    resource: encoding.resource(RESOURCE),
    items: [encoding.span(SPAN, DOUBLES), encoding.span(SPAN, DOUBLES)],
  };
  return encoding.request('traces', [group, group], encoding.scope(SCOPE), SCOPE.schemaUrl);
}

describe('spans', () => {
  test.each([
    ['protobuf', () => decodeRequest('traces', spanWith(protobufEncoding))],
    ['JSON', () => JSON.parse(Buffer.from(spanWith(jsonEncoding)).toString())],
  ])('%s', (_name, decode) => {
    const request = decode();
    expect(request.resourceSpans).toHaveLength(2);
    const [{ resource, scopeSpans }] = request.resourceSpans;
    expect(plain(resource.attributes)).toEqual(RESOURCE.attributes);
    expect(scopeSpans[0].scope).toEqual({ name: SCOPE.name, version: SCOPE.version });
    expect(scopeSpans[0].schemaUrl).toBe(SCOPE.schemaUrl);
    expect(scopeSpans[0].spans).toHaveLength(2);
    const span = scopeSpans[0].spans[1];
    expect(span).toMatchObject({
      traceId: SPAN.traceId,
      spanId: SPAN.spanId,
      parentSpanId: SPAN.parentSpanId,
      traceState: 'a=b',
      name: SPAN.name,
      startTimeUnixNano: '1760000000123456789',
      endTimeUnixNano: '1760000001987654321',
      flags: 0x301,
      status: { message: 'broken' },
    });
    expect([3, 'SPAN_KIND_CLIENT']).toContain(span.kind);
    expect([2, 'STATUS_CODE_ERROR']).toContain(span.status.code);
    expect(plain(span.attributes)).toEqual(SPAN.attributes);
    const byKey = Object.fromEntries(span.attributes.map((entry: Decoded) => [entry.key, entry.value]));
    expect(byKey.int).toEqual({ intValue: '123' });
    expect(byKey.negative).toEqual({ intValue: '-5' });
    expect(byKey.big).toEqual({ intValue: '9007199254740991' });
    // A double by the conventions, whatever JavaScript says.
    expect(byKey['gen_ai.request.temperature']).toEqual({ doubleValue: 1 });
    expect(byKey['gen_ai.request.top_k']).toEqual({ doubleValue: 40 });
    expect(byKey.no).toEqual({ boolValue: false });
    expect(byKey.empty).toEqual({ stringValue: '' });
  });

  test('top_k is an integer in the development head', () => {
    const span = { ...SPAN, attributes: { 'gen_ai.request.top_k': 40 } };
    const json = JSON.parse(Buffer.from(jsonEncoding.span(span, doubleAttributes(SCHEMA_URL.head))).toString());
    expect(json.attributes).toEqual([{ key: 'gen_ai.request.top_k', value: { intValue: '40' } }]);
  });

  test('a span without parent, error and state has none of them', () => {
    const { parentSpanId: _p, parentIsRemote: _r, traceState: _t, error: _e, ...bare } = SPAN;
    for (const encoding of [protobufEncoding, jsonEncoding]) {
      const bytes = encoding.request(
        'traces',
        [{ resource: encoding.resource({ attributes: {} }), items: [encoding.span(bare, DOUBLES)] }],
        encoding.scope({ name: 'n' }),
        undefined,
      );
      const request =
        encoding === jsonEncoding ? JSON.parse(Buffer.from(bytes).toString()) : decodeRequest('traces', bytes);
      const span = request.resourceSpans[0].scopeSpans[0].spans[0];
      for (const key of ['parentSpanId', 'status', 'traceState', 'droppedAttributesCount'])
        expect(span).not.toHaveProperty(key);
      expect(span.flags).toBe(0x101);
    }
  });

  test('a text cut inside a surrogate pair does not break the request', () => {
    const cut = { ...SPAN, attributes: { half: 'a\ud83d', other: '\ude00b', whole: '😀' } };
    const json = Buffer.from(jsonEncoding.span(cut, DOUBLES)).toString();
    expect(json).not.toMatch(/\\ud[89a-f]/i);
    const decoded = decodeRequest(
      'traces',
      protobufEncoding.request(
        'traces',
        [{ resource: protobufEncoding.resource(RESOURCE), items: [protobufEncoding.span(cut, DOUBLES)] }],
        protobufEncoding.scope(SCOPE),
        undefined,
      ),
    );
    const expected = { half: 'a\ufffd', other: '\ufffdb', whole: '😀' };
    expect(plain(decoded.resourceSpans[0].scopeSpans[0].spans[0].attributes)).toEqual(expected);
    expect(plain(JSON.parse(json).attributes)).toEqual(expected);
  });
});

describe('metrics', () => {
  const METRICS: Metric[] = [
    {
      type: 'histogram',
      name: 'gen_ai.client.operation.duration',
      description: 'd',
      unit: 's',
      temporality: 'cumulative',
      points: [
        {
          attributes: { a: 'b' },
          start: 1n,
          time: 2n,
          count: 3,
          sum: 6.5,
          min: 0,
          max: 4,
          bounds: [1, 2.5],
          bucketCounts: [1, 0, 2],
        },
      ],
    },
    {
      type: 'sum',
      name: 'counter',
      description: 'd',
      unit: '{token}',
      temporality: 'delta',
      monotonic: true,
      integer: true,
      points: [{ attributes: {}, start: 1n, time: 2n, value: 12 }],
    },
    {
      type: 'sum',
      name: 'money',
      description: 'd',
      unit: 'USD',
      temporality: 'delta',
      monotonic: false,
      integer: false,
      points: [{ attributes: {}, start: 1n, time: 2n, value: 1 }],
    },
  ];

  test.each([
    ['protobuf', protobufEncoding, (bytes: Uint8Array) => decodeRequest('metrics', bytes)],
    ['JSON', jsonEncoding, (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString())],
  ])('%s', (_name, encoding, decode) => {
    const items = METRICS.map(metric => encoding.metric(metric));
    const group = { resource: encoding.resource(RESOURCE), items };
    const request = decode(encoding.request('metrics', [group], encoding.scope(SCOPE), undefined));
    const [histogram, counter, money] = request.resourceMetrics[0].scopeMetrics[0].metrics;
    expect(histogram).toMatchObject({ name: 'gen_ai.client.operation.duration', unit: 's', description: 'd' });
    expect(histogram.histogram.dataPoints).toEqual([
      {
        attributes: [{ key: 'a', value: { stringValue: 'b' } }],
        startTimeUnixNano: '1',
        timeUnixNano: '2',
        count: '3',
        sum: 6.5,
        min: 0,
        max: 4,
        explicitBounds: [1, 2.5],
        bucketCounts: ['1', '0', '2'],
      },
    ]);
    expect([2, 'AGGREGATION_TEMPORALITY_CUMULATIVE']).toContain(histogram.histogram.aggregationTemporality);
    expect(counter.sum).toMatchObject({ isMonotonic: true, dataPoints: [{ asInt: '12' }] });
    expect([1, 'AGGREGATION_TEMPORALITY_DELTA']).toContain(counter.sum.aggregationTemporality);
    expect(money.sum.isMonotonic ?? false).toBe(false);
    expect(money.sum.dataPoints).toMatchObject([{ asDouble: 1 }]);
  });
});

describe('logs', () => {
  const RECORD: LogRecord = {
    time: 5n,
    eventName: 'gen_ai.client.inference.operation.details',
    severityNumber: 9,
    traceId: SPAN.traceId,
    spanId: SPAN.spanId,
    traceFlags: 1,
    body: 'words',
    attributes: {
      'gen_ai.input.messages': [
        { role: 'user', parts: [{ type: 'text', content: 'hi' }], n: 1.5, none: null, ok: true },
      ],
      'gen_ai.usage.input_tokens': 7,
    },
  };

  test.each([
    ['protobuf', protobufEncoding, (bytes: Uint8Array) => decodeRequest('logs', bytes)],
    ['JSON', jsonEncoding, (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString())],
  ])('%s keeps the structure', (_name, encoding, decode) => {
    const group = { resource: encoding.resource(RESOURCE), items: [encoding.log(RECORD, DOUBLES)] };
    const record = decode(encoding.request('logs', [group], encoding.scope(SCOPE), undefined)).resourceLogs[0]
      .scopeLogs[0].logRecords[0];
    expect(record).toMatchObject({
      timeUnixNano: '5',
      observedTimeUnixNano: '5',
      severityNumber: 9,
      eventName: RECORD.eventName,
      traceId: RECORD.traceId,
      spanId: RECORD.spanId,
      flags: 1,
      body: { stringValue: 'words' },
    });
    expect(plain(record.attributes)).toEqual(RECORD.attributes);
  });
});
