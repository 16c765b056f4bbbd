import { describe, expect, test } from '@jest/globals';
import { formatPairs } from '../../../src/config/values.js';
import { parseHeaders } from '../../../src/telemetry/otlp/headers.js';
import { otlpSettingsFromEnvironment } from '../../../src/telemetry/otlp/settings.js';

const read = otlpSettingsFromEnvironment;
const url = (env: Record<string, string>, signal: 'traces' | 'metrics' | 'logs' = 'traces') =>
  read(env).targets[signal]?.url;

describe('where it goes', () => {
  test('nowhere unless somebody says where: no dead default port', () => {
    expect(read({}).targets).toEqual({});
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }).targets).toEqual({});
  });

  test("the specification's default port, when otlp is asked for by name", () => {
    expect(url({ OTEL_TRACES_EXPORTER: 'otlp' })).toBe('http://localhost:4318/v1/traces');
    expect(url({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toBe('http://localhost:4317/');
    expect(read({ OTEL_TRACES_EXPORTER: 'otlp' }).targets.metrics).toBeUndefined();
  });

  test.each([
    ['http://c:4318', 'http://c:4318/v1/traces'],
    ['http://c:4318/', 'http://c:4318/v1/traces'],
    ['https://c/base/', 'https://c/base/v1/traces'],
    ['https://c/base?x=1', 'https://c/base/v1/traces?x=1'],
  ])('%s -> %s', (endpoint, expected) => {
    expect(url({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toBe(expected);
  });

  test("a signal's own endpoint is used as it is and wins", () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://one/my/path' };
    expect(url(env)).toBe('http://one/my/path');
    expect(url(env, 'logs')).toBe('http://all/v1/logs');
  });

  test('gRPC: origin only, TLS by scheme, without a scheme by INSECURE', () => {
    const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(url({ ...grpc, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317/v1/traces' })).toBe('http://c:4317/');
    expect(url({ ...grpc, OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4317' })).toBe('https://c:4317/');
    expect(url({ ...grpc, OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4317', OTEL_EXPORTER_OTLP_INSECURE: 'true' })).toBe(
      'http://c:4317/',
    );
  });

  test('an address that is none is named, and the signal stays at home', () => {
    const settings = read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'ftp://user:secret@c' });
    expect(settings.targets).toEqual({});
    expect(settings.warnings.join()).toContain('OTEL_EXPORTER_OTLP_ENDPOINT is not a URL');
    expect(settings.warnings.join()).not.toContain('secret');
  });
});

describe('how', () => {
  test('protocol, compression, timeout, certificates: the signal wins over all', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '3000',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/c.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/c.key',
    };
    const { traces, metrics, logs } = read(env).targets;
    expect(traces).toMatchObject({ protocol: 'http/json', gzip: true, timeout: 2000, certificate: '/ca.pem' });
    expect(metrics).toMatchObject({
      protocol: 'grpc',
      timeout: 3000,
      clientCertificate: '/c.pem',
      clientKey: '/c.key',
    });
    expect(logs).toMatchObject({ gzip: false });
  });

  test("headers add up, the signal's win, names are lower-case", () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c',
      OTEL_EXPORTER_OTLP_HEADERS: 'A=1,B=2',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=3',
    };
    expect(read(env).targets.traces?.headers).toEqual({ a: '1', b: '3' });
    expect(read(env).targets.logs?.headers).toEqual({ a: '1', b: '2' });
  });

  test('bad values are named, their defaults hold', () => {
    const settings = read({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/xml',
      OTEL_EXPORTER_OTLP_TIMEOUT: 'soon',
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_BSP_MAX_QUEUE_SIZE: '0',
      OTEL_EXPORTER_OTLP_HEADERS: 'novalue,ok=1',
    });
    expect(settings.targets.traces).toMatchObject({ protocol: 'http/protobuf', timeout: 10_000, headers: { ok: '1' } });
    expect(settings.queueSize).toBe(2048);
    const warnings = settings.warnings.join('\n');
    for (const word of ['http/xml', 'soon', 'zipkin', 'OTEL_BSP_MAX_QUEUE_SIZE=0', '1 of its entries'])
      expect(warnings).toContain(word);
    expect(warnings).not.toContain('novalue');
  });

  test.each([
    ['prometheus', {}, 'none', { host: 'localhost', port: 9464 }],
    ['otlp, prometheus', {}, 'otlp', { host: 'localhost', port: 9464 }],
    ['PROMETHEUS', { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' }, 'none', { host: '0.0.0.0', port: 9464 }],
    ['prometheus', { OTEL_EXPORTER_PROMETHEUS_PORT: '9999' }, 'none', { host: 'localhost', port: 9999 }],
    ['prometheus', { OTEL_EXPORTER_PROMETHEUS_PORT: '99999' }, 'none', { host: 'localhost', port: 9464 }],
    ['prometheus', { OTEL_EXPORTER_PROMETHEUS_PORT: '1.5' }, 'none', { host: 'localhost', port: 9464 }],
    ['otlp', {}, 'otlp', undefined],
    ['', {}, 'otlp', undefined],
  ])('metrics by %j with %j: %s, page at %j', (words, more, exporter, address) => {
    const settings = read({ OTEL_METRICS_EXPORTER: words, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', ...more });
    expect(settings.exporters.metrics).toBe(exporter);
    expect(settings.prometheus).toEqual(address);
    expect(settings.targets.metrics !== undefined).toBe(exporter === 'otlp');
    expect(settings.warnings).toHaveLength(['99999', '1.5'].includes(Object.values(more)[0] ?? '') ? 1 : 0);
  });

  test('Prometheus is for metrics alone', () => {
    const settings = read({ OTEL_TRACES_EXPORTER: 'prometheus' });
    expect(settings).not.toHaveProperty('prometheus');
    expect(settings.warnings).toEqual([
      'OTEL_TRACES_EXPORTER=prometheus is unknown (otlp, console, none); otlp is used',
    ]);
  });

  test('batches, intervals, temporality, disabled', () => {
    expect(read({}, { batchDelay: 50, timeout: 900 })).toMatchObject({
      batchDelay: 50,
      disabled: false,
      temporality: 'cumulative',
    });
    expect(
      read({
        OTEL_BSP_SCHEDULE_DELAY: '7',
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'DELTA',
        OTEL_SDK_DISABLED: 'TRUE',
      }),
    ).toMatchObject({ batchDelay: 7, metricInterval: 1000, temporality: 'delta', disabled: true });
  });
});

describe('header lists', () => {
  test.each([
    ['authorization=Basic dXNlcjpwYXNz==', { authorization: 'Basic dXNlcjpwYXNz==' }],
    ['Authorization=Bearer%20a%2Cb%3Dc', { authorization: 'Bearer a,b=c' }],
    [' a = 1 , b=2 ,', { a: '1', b: '2' }],
    ['a=100%', { a: '100%' }],
    ['a=', { a: '' }],
  ])('%s', (text, headers) => {
    expect(parseHeaders(text)).toEqual({ headers, bad: 0 });
  });

  test.each(['novalue', '=x', 'bad name=x', 'a=1%0d%0aevil: x'])('%s is refused', text => {
    expect(parseHeaders(text)).toEqual({ headers: {}, bad: 1 });
  });

  test('what the launcher writes is read again', () => {
    const headers = { authorization: 'Basic a==', 'x-list': 'a, b', 'x-percent': '50%' };
    expect(parseHeaders(formatPairs(headers))).toEqual({ headers, bad: 0 });
  });
});
