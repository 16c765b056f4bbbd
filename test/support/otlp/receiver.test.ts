/** The receiver against the official exporters: what they send is what is received, by each transport. */
import { Metadata } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from '@jest/globals';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { type OtlpReceiver, startOtlpReceiver } from '../otlp-receiver.js';
import { startReceiver, TOKEN_METADATA } from './receiver.js';

const TRANSPORTS = {
  'http/protobuf': { traces: ProtoTraces, metrics: ProtoMetrics, logs: ProtoLogs },
  'http/json': { traces: JsonTraces, metrics: JsonMetrics, logs: JsonLogs },
  grpc: { traces: GrpcTraces, metrics: GrpcMetrics, logs: GrpcLogs },
} as const;

const resource = resourceFromAttributes({ 'service.name': 'sender', 'service.instance.count': 3 });

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function receive(): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver();
  closers.push(receiver.close);
  return receiver;
}

function endpoint(receiver: { url: string }, transport: string, signal: string) {
  return { url: transport === 'grpc' ? receiver.url : `${receiver.url}/v1/${signal}` };
}

describe.each(Object.entries(TRANSPORTS))('the official exporters over %s', (transport, exporters) => {
  test.each(['none', 'gzip'])('a span arrives whole, compression %s', async compression => {
    const receiver = await receive();
    const options = { ...endpoint(receiver, transport, 'traces'), compression } as object;
    const provider = new NodeTracerProvider({
      resource,
      spanProcessors: [new SimpleSpanProcessor(new exporters.traces(options))],
    });
    const parent = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
    });
    const started = Date.now() - 1500;
    const attributes = {
      text: 'žluť 漢字 🌙',
      empty: '',
      yes: true,
      no: false,
      zero: 0,
      int: 12,
      negative: -7,
      big: 2 ** 52 + 1,
      double: 0.25,
      strings: ['a', 'b'],
      numbers: [1, -2, 300],
    };
    const span = provider.getTracer('scope', '1.2.3').startSpan(
      'chat gpt-4o',
      {
        kind: SpanKind.CLIENT,
        startTime: started,
        attributes,
        links: [{ context: trace.getSpanContext(parent)! }],
      },
      parent,
    );
    span.addEvent('gen_ai.event', { n: 1 }, started + 10);
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    span.end(started + 1500);
    await provider.forceFlush();

    const [received] = await receiver.waitForSpans(1);
    expect(received).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: span.spanContext().spanId,
      parentSpanId: 'b7ad6b7169203331',
      name: 'chat gpt-4o',
      kind: 3,
      start: BigInt(started) * 1_000_000n,
      end: BigInt(started + 1500) * 1_000_000n,
      status: { code: 2, message: 'broken' },
      attributes,
      events: [{ name: 'gen_ai.event', time: BigInt(started + 10) * 1_000_000n, attributes: { n: 1 } }],
      scope: { name: 'scope', version: '1.2.3' },
      resource: { 'service.name': 'sender', 'service.instance.count': 3 },
    });
    expect(receiver.exports[0]!.transport).toBe(transport);
    await provider.shutdown();
  });

  test('metrics arrive with their points', async () => {
    const receiver = await receive();
    const provider = new MeterProvider({
      resource,
      readers: [
        new PeriodicExportingMetricReader({
          exporter: new exporters.metrics(endpoint(receiver, transport, 'metrics')),
          exportIntervalMillis: 1e8,
          exportTimeoutMillis: 1e7,
        }),
      ],
      views: [{ instrumentName: 'exponential', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
    });
    const meter = provider.getMeter('scope');
    meter.createCounter('counter', { unit: '{token}' }).add(41, { kind: 'input' });
    meter.createUpDownCounter('balance').add(-0.5);
    meter
      .createHistogram('histogram', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } })
      .record(0.25, { model: 'm' });
    meter.createHistogram('exponential').record(3);
    await provider.forceFlush();
    await receiver.waitFor(() => receiver.metrics.length >= 4);

    const byName = Object.fromEntries(receiver.metrics.map(metric => [metric.name, metric]));
    expect(byName.counter).toMatchObject({ unit: '{token}', attributes: { kind: 'input' } });
    expect(Number(byName.counter!.point.asInt ?? byName.counter!.point.asDouble)).toBe(41);
    expect(Number(byName.balance!.point.asDouble)).toBe(-0.5);
    const { count, sum, bucketCounts, explicitBounds, min, max } = byName.histogram!.point;
    expect([Number(count), sum, bucketCounts.map(Number), explicitBounds, min, max]).toEqual([
      1,
      0.25,
      [0, 1, 0],
      [0.1, 1],
      0.25,
      0.25,
    ]);
    const exponential = byName.exponential!.point;
    expect([Number(exponential.count), exponential.sum]).toEqual([1, 3]);
    expect(exponential.positive.bucketCounts.map(Number).reduce((a: number, b: number) => a + b)).toBe(1);
    await provider.shutdown();
  });

  test('log records arrive with event name, body and span', async () => {
    const receiver = await receive();
    const provider = new LoggerProvider({
      resource,
      processors: [
        new SimpleLogRecordProcessor({ exporter: new exporters.logs(endpoint(receiver, transport, 'logs')) }),
      ],
    });
    const context = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
    });
    provider.getLogger('scope').emit({
      eventName: 'gen_ai.client.inference.operation.details',
      context,
      body: { deep: [{ a: 1 }] },
      attributes: { 'gen_ai.input.messages': [{ role: 'user' }] },
    });
    await provider.forceFlush();
    await receiver.waitFor(() => receiver.logs.length >= 1);
    expect(receiver.logs[0]).toEqual({
      eventName: 'gen_ai.client.inference.operation.details',
      resource: { 'service.name': 'sender', 'service.instance.count': 3 },
      attributes: { 'gen_ai.input.messages': [{ role: 'user' }] },
      body: { deep: [{ a: 1 }] },
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
    });
    await provider.shutdown();
  });
});

describe('the random word', () => {
  async function guarded() {
    const seen: string[] = [];
    const receiver = await startReceiver({ onExport: ({ transport }) => seen.push(transport) });
    closers.push(receiver.close);
    return { receiver, seen };
  }

  const post = (url: string, init: RequestInit = {}) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}', ...init });

  test('HTTP needs it in the path', async () => {
    const { receiver, seen } = await guarded();
    const base = `http://127.0.0.1:${receiver.port}`;
    expect((await post(`${base}/v1/traces`)).status).toBe(404);
    expect((await post(`${base}/${'0'.repeat(32)}/v1/traces`)).status).toBe(404);
    expect(seen).toEqual([]);
    expect((await post(`${receiver.url}/v1/traces`)).status).toBe(200);
    expect(seen).toEqual(['http/json']);
    expect(receiver.refused()).toBe(2);
  });

  test('gRPC needs it in the metadata', async () => {
    const { receiver, seen } = await guarded();
    const send = async (word: string) => {
      const metadata = new Metadata();
      metadata.set(TOKEN_METADATA, word);
      const exporter = new GrpcTraces({ url: `http://127.0.0.1:${receiver.port}`, metadata });
      const provider = new NodeTracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor(exporter)] });
      provider.getTracer('scope').startSpan('x').end();
      const result = await provider.forceFlush().then(
        () => 'accepted',
        errors => String(errors),
      );
      await provider.shutdown();
      return result;
    };
    expect(await send(receiver.token!)).toBe('accepted');
    expect(await send('wrong')).toContain('UNAUTHENTICATED');
    expect(seen).toEqual(['grpc']);
    expect(receiver.refused()).toBe(1);
  });

  test.each([
    ['a damaged protobuf', 'application/x-protobuf', Buffer.from([0x0a, 0xff, 0x01]), 400],
    ['broken JSON', 'application/json', '{"resourceSpans":', 400],
    ['an unknown type', 'text/plain', 'x', 415],
  ])('%s is refused and does no harm', async (_name, type, body, status) => {
    const { receiver } = await guarded();
    const response = await post(`${receiver.url}/v1/traces`, { headers: { 'content-type': type }, body });
    expect(response.status).toBe(status);
    expect((await post(`${receiver.url}/v1/traces`)).status).toBe(200);
  });

  test('a compression bomb is refused', async () => {
    const { receiver } = await guarded();
    const { gzipSync } = await import('node:zlib');
    const response = await post(`${receiver.url}/v1/traces`, {
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(80 * 1024 * 1024)),
    });
    expect(response.status).toBe(400);
  });
});
