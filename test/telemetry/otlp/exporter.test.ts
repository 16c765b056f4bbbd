/** The exporter against real collectors over real sockets: every protocol, TLS, batches, leaving. */
import { describe, expect, test } from '@jest/globals';
import type { Metric, SumPoint } from '../../../src/calls/model.js';
import { TLS } from '../support/collector.js';
import { exporter, grpc, http, lines, names, RESOURCE, span } from '../support/exporter.js';
import { type Decoded, decodeRequest } from '../support/otlp-proto.js';

function sum(temporality: 'cumulative' | 'delta', points: readonly SumPoint[]): Metric {
  return { type: 'sum', name: 'n', description: '', unit: '1', monotonic: true, integer: true, temporality, points };
}

describe('protocols', () => {
  test.each(['http/protobuf', 'http/json', 'grpc'])('%s, plain and gzip, with headers', async protocol => {
    for (const compression of ['none', 'gzip']) {
      const collector = protocol === 'grpc' ? await grpc() : await http();
      const subject = exporter({
        OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_COMPRESSION: compression,
        OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20dTpw==,x-tenant=a=b',
      });
      subject.span(RESOURCE, span());
      subject.log(RESOURCE, { time: 1n, attributes: {} });
      expect(await subject.flush(5000)).toBe(true);
      expect(subject.stats()).toMatchObject({ traces: { exported: 1, dropped: 0 }, logs: { exported: 1, dropped: 0 } });
      const byPath = Object.fromEntries(collector.received.map(request => [request.path, request]));
      const prefix = protocol === 'grpc' ? '/opentelemetry.proto.collector.trace.v1.TraceService/Export' : '/v1/traces';
      const request = byPath[prefix]!;
      expect(request.headers).toMatchObject({ authorization: 'Basic dTpw==', 'x-tenant': 'a=b' });
      if (protocol === 'http/json') {
        expect(request.headers['content-type']).toBe('application/json');
        expect(JSON.parse(request.body.toString()).resourceSpans[0].scopeSpans[0].spans[0].name).toBe('chat');
      } else expect(names(request.body)).toEqual(['chat']);
    }
  });

  test.each([
    ['http/protobuf', 'server'],
    ['http/protobuf', 'mutual'],
    ['grpc', 'server'],
    ['grpc', 'mutual'],
  ] as const)('TLS of its own: %s, %s', async (protocol, tls) => {
    const collector = protocol === 'grpc' ? await grpc(undefined, { tls }) : await http(undefined, { tls });
    const env: Record<string, string> = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_CERTIFICATE: TLS.ca,
    };
    if (tls === 'mutual') {
      env.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE = TLS.clientCertificate;
      env.OTEL_EXPORTER_OTLP_CLIENT_KEY = TLS.clientKey;
    }
    const subject = exporter(env);
    subject.span(RESOURCE, span());
    expect(await subject.flush(5000)).toBe(true);
    expect(collector.received).toHaveLength(1);
  });

  test.each(['http/protobuf', 'grpc'])(
    'a collector whose certificate nobody vouches for gets nothing: %s',
    async protocol => {
      const collector =
        protocol === 'grpc' ? await grpc(undefined, { tls: 'server' }) : await http(undefined, { tls: 'server' });
      const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
      subject.span(RESOURCE, span());
      expect(await subject.flush(300)).toBe(false);
      expect(collector.received).toHaveLength(0);
      expect(lines.join()).toMatch(/cannot be reached \(.*(CERT|certificate|SIGNATURE)/i);
    },
  );

  test('a certificate file that is not there is named', async () => {
    const collector = await http(undefined, { tls: 'server' });
    const subject = exporter({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/none/ca.pem',
    });
    subject.span(RESOURCE, span());
    await subject.flush(2000);
    expect(lines).toEqual([expect.stringContaining('ENOENT /none/ca.pem')]);
    expect(subject.stats().traces.dropped).toBe(1);
  });
});

describe('each signal its own way', () => {
  test('endpoint, protocol, headers, compression, certificates', async () => {
    const traces = await http(undefined, { tls: 'mutual' });
    const metrics = await grpc();
    const logs = await http();
    const subject = exporter({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-all=1,x-which=all',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${traces.url}/own/path`,
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: TLS.ca,
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: TLS.clientCertificate,
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: TLS.clientKey,
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-which=tr%61ces',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: metrics.url,
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${logs.url}/logs`,
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
    });
    subject.span(RESOURCE, span());
    subject.log(RESOURCE, { time: 1n, attributes: {} });
    subject.metric(RESOURCE, sum('delta', []));
    expect(await subject.flush(5000)).toBe(true);
    expect(lines).toEqual([]);
    const [trace] = traces.received;
    expect(trace).toMatchObject({ path: '/own/path', headers: { 'content-encoding': 'gzip', 'x-which': 'traces' } });
    expect(trace!.headers['x-all']).toBe('1');
    expect(metrics.received[0]).toMatchObject({ headers: { 'x-which': 'all' } });
    expect(metrics.received[0]!.path).toContain('MetricsService');
    expect(logs.received[0]).toMatchObject({ path: '/logs', headers: { 'content-type': 'application/json' } });
    expect([traces, metrics, logs].map(({ received }) => received.length)).toEqual([1, 1, 1]);
  });
});

describe('batches', () => {
  test('items of one batch travel together, by resource, in order', async () => {
    const collector = await http();
    const other = { attributes: { 'service.name': 'other' } };
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '60000' });
    subject.span(RESOURCE, span('a'));
    subject.span(other, span('b'));
    subject.span(RESOURCE, span('c'));
    await subject.flush(5000);
    expect(collector.received).toHaveLength(1);
    const { resourceSpans } = decodeRequest('traces', collector.received[0]!.body);
    expect(resourceSpans.map((group: Decoded) => group.scopeSpans[0].spans.map((one: Decoded) => one.name))).toEqual([
      ['a', 'c'],
      ['b'],
    ]);
  });

  test('a full batch goes at once, a small one after its delay', async () => {
    const collector = await http();
    const subject = exporter({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
    });
    subject.span(RESOURCE, span('a'));
    subject.span(RESOURCE, span('b'));
    await collector.wait(1);
    expect(names(collector.received[0]!.body)).toEqual(['a', 'b']);
    const soon = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '20' });
    soon.span(RESOURCE, span('c'));
    await collector.wait(2);
  });

  test('a newer cumulative metric replaces the one that still waits', async () => {
    const collector = await http();
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '60000' });
    const metric = (value: number, temporality: 'cumulative' | 'delta') =>
      sum(temporality, [{ attributes: {}, start: 1n, time: 2n, value }]);
    const other = { attributes: { 'service.name': 'other' } };
    subject.metric(other, metric(9, 'cumulative'));
    for (const value of [1, 2, 3]) subject.metric(RESOURCE, metric(value, 'cumulative'));
    for (const value of [7, 8]) subject.metric(RESOURCE, metric(value, 'delta'));
    await subject.flush(5000);
    const { resourceMetrics } = decodeRequest('metrics', collector.received[0]!.body);
    const values = resourceMetrics.map((group: Decoded) =>
      group.scopeMetrics[0].metrics.map((one: Decoded) => one.sum.dataPoints[0].asInt),
    );
    expect(values).toEqual([['9'], ['3', '7', '8']]);
  });
});

describe('elsewhere', () => {
  test('console writes lines, none and a disabled SDK write nothing', async () => {
    const onConsole = exporter({ OTEL_TRACES_EXPORTER: 'console' });
    onConsole.span(RESOURCE, span());
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { type: 'span', service: 'svc', name: 'chat', start: '1' },
    ]);
    lines.length = 0;
    const collector = await http();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    for (const more of [{ OTEL_TRACES_EXPORTER: 'none' }, { OTEL_SDK_DISABLED: 'true' }]) {
      const subject = exporter({ ...env, ...more });
      expect(subject.wants('traces')).toBe(false);
      subject.span(RESOURCE, span());
      expect(await subject.flush(1000)).toBe(true);
    }
    expect(collector.received).toEqual([]);
    expect(lines).toEqual([]);
  });
});
