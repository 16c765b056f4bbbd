/** The page for Prometheus: its grammar, its names, who may read it, and that it cannot grow for ever. */
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { HistogramPoint, Metric } from '../../src/calls/model.js';
import type { Target } from '../../src/calls/recorded-call.js';
import { callAttributes } from '../../src/telemetry/attributes.js';
import { expose, metricName } from '../../src/telemetry/exposition.js';
import { INSTRUMENT } from '../../src/telemetry/instruments.js';
import { llmMeasurements, type Measurement } from '../../src/telemetry/measurements.js';
import {
  createJobMetrics,
  createPrometheusConsumer,
  createPrometheusEndpoint,
  type PrometheusEndpoint,
} from '../../src/telemetry/prometheus.js';
import { telemetrySettingsFromEnvironment } from '../../src/telemetry/settings.js';
import { seededRandom } from '../support/random.js';
import { chatCall, mcpCall } from './support/calls.js';
import { parseExposition } from './support/exposition-parser.js';

const resource = (name: string, more = {}) => ({ attributes: { 'service.name': name, ...more } });

function measured(over: Parameters<typeof chatCall>[0] = {}): Measurement[] {
  const call = chatCall(over);
  const cost = { amount: 0.25, currency: 'USD', source: 'reported' } as const;
  return llmMeasurements(call, callAttributes(call, { cost }), 'v1.41', cost);
}

describe('names', () => {
  test.each([
    ['gen_ai.client.operation.duration', 's', 'gen_ai_client_operation_duration_seconds'],
    ['gen_ai.client.token.usage', '{token}', 'gen_ai_client_token_usage'],
    ['gen_ai.usage.cost', 'USD', 'gen_ai_usage_cost_USD'],
    ['bytes.sent', 'By', 'bytes_sent_bytes'],
    ['already.in_seconds', 's', 'already_in_seconds'],
    ['requests.total', '1', 'requests'],
    ['9lives(#)', '', '_9lives'],
  ])('%s in %s', (name, unit, expected) => {
    expect(metricName(name, unit)).toBe(expected);
  });

  test('every instrument of ours has one of its own', () => {
    const names = Object.values(INSTRUMENT).map(({ name, unit }) => metricName(name, unit));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
  });
});

describe.each(['text', 'openmetrics'] as const)('the page as %s', format => {
  test('calls are histograms of their service, with what Prometheus needs to join them', () => {
    const metrics = createJobMetrics();
    metrics.observe(
      resource('shop', { 'service.namespace': 'web', 'service.version': '2', 'process.pid': 4242 }),
      measured(),
    );
    metrics.observe(resource('other'), measured({ error: { type: '429' } }));
    const families = parseExposition(expose(metrics.collect(), metrics.targets(), format), format);

    const duration = families.get('gen_ai_client_operation_duration_seconds')!;
    expect(duration.type).toBe('histogram');
    expect(duration.samples.find(({ name, labels }) => name.endsWith('_sum') && labels['job'] === 'web/shop')).toEqual({
      name: 'gen_ai_client_operation_duration_seconds_sum',
      labels: {
        job: 'web/shop',
        gen_ai_operation_name: 'chat',
        gen_ai_provider_name: 'openai',
        gen_ai_request_model: 'gpt-4o',
        gen_ai_response_model: 'gpt-4o-2024-08-06',
        openai_response_service_tier: 'default',
        server_address: 'api.openai.com',
        server_port: '443',
      },
      value: 1.5,
    });
    const failed = duration.samples.filter(({ labels }) => labels['error_type'] === '429');
    expect(new Set(failed.map(({ labels }) => labels['job']))).toEqual(new Set(['other']));
    const bucket = (le: string) =>
      duration.samples.find(({ labels }) => labels['job'] === 'web/shop' && labels['le'] === le)?.value;
    expect([bucket('1.28'), bucket('2.56'), bucket('+Inf')]).toEqual([0, 1, 1]);

    const tokens = families.get('gen_ai_client_token_usage')!.samples;
    const sums = tokens.filter(({ name, labels }) => name.endsWith('_sum') && labels['job'] === 'other');
    expect(Object.fromEntries(sums.map(({ labels, value }) => [labels['gen_ai_token_type'], value]))).toEqual({
      input: 1000,
      output: 100,
    });
    expect(families.get('gen_ai_usage_cost_USD')?.type).toBe('histogram');

    const target = families.get(format === 'text' ? 'target_info' : 'target')!;
    expect(target.samples).toEqual([
      { name: 'target_info', labels: { job: 'web/shop', service_version: '2' }, value: 1 },
      { name: 'target_info', labels: { job: 'other' }, value: 1 },
    ]);
  });

  test('counters end in _total', () => {
    const metrics = createJobMetrics();
    const call = chatCall();
    metrics.observe(
      resource('a'),
      llmMeasurements(call, callAttributes(call, { generation: 'head' }), 'head', undefined),
    );
    const name = 'gen_ai_client_inference_usage_input_tokens';
    const families = parseExposition(expose(metrics.collect(), [], format), format);
    const family = families.get(format === 'text' ? `${name}_total` : name)!;
    expect(family).toMatchObject({ type: 'counter', samples: [{ name: `${name}_total`, value: 1000 }] });
  });

  test('whatever a program calls its models, the page is read back as it was meant', () => {
    const nasty = ['"', '\\', '\n', 'a"b\\n\nc', '}', 'é🙂', '\u0000', '{x="1"} 5', '\r', '\u2028', '# EOF', ' '];
    const metrics = createJobMetrics();
    for (const model of nasty) metrics.observe(resource('a'), measured({ request: { model } }));
    const families = parseExposition(expose(metrics.collect(), metrics.targets(), format), format);
    const models = families.get('gen_ai_client_operation_duration_seconds')!.samples;
    expect(new Set(models.map(({ labels }) => labels['gen_ai_request_model']))).toEqual(new Set(nasty));
  });

  test('500 random pages hold to the grammar', () => {
    const random = seededRandom(7);
    const characters = ['a', '"', '\\', '\n', '{', '}', ',', '=', ' ', '.', '_', '9', 'é', '#', '🙂'];
    const text = () =>
      Array.from({ length: random() * 8 }, () => characters[Math.floor(random() * characters.length)]).join('');
    for (let page = 0; page < 500; page += 1) {
      const attributes = Object.fromEntries(Array.from({ length: 4 }, () => [`k${text()}`, text()]));
      const point = {
        start: 0n,
        time: 1n,
        count: 2,
        sum: random() * 1e9,
        bounds: [0.5, 1, 1e8],
        bucketCounts: [1, 0, 0, 1],
      };
      const base = { description: text(), unit: 's', temporality: 'cumulative' as const };
      const metrics: Metric[] = [
        { ...base, name: 'a.histogram', type: 'histogram', points: [{ ...point, attributes }] },
        {
          ...base,
          name: 'a.sum',
          type: 'sum',
          monotonic: true,
          integer: true,
          points: [{ attributes, start: 0n, time: 1n, value: page }],
        },
      ];
      const families = parseExposition(expose(metrics, [{ job: text(), ...attributes }], format), format);
      expect(families.size).toBe(3);
    }
  });
});

describe('bounds', () => {
  test('the series of a metric, whatever the models are', () => {
    const metrics = createJobMetrics();
    for (let index = 0; index < 1_200; index += 1) {
      metrics.observe(resource('a'), measured({ request: { model: `model-${index}` }, chunkTimes: [] }));
    }
    const duration = metrics.collect().find(({ name }) => name === 'gen_ai.client.operation.duration')!;
    const points = duration.points as readonly HistogramPoint[];
    expect(points).toHaveLength(500);
    // Nothing is lost: what has no series of its own is in the overflow.
    expect(points.reduce((sum, { count }) => sum + count, 0)).toBe(1_200);
    expect(points.filter(({ attributes }) => attributes['otel.metric.overflow'] === true)).toHaveLength(1);
  });

  test('services; restarts of one add nothing', () => {
    const metrics = createJobMetrics();
    for (let index = 0; index < 500; index += 1) {
      metrics.observe(
        resource('one', { 'process.pid': index, 'service.instance.id': `i${index}`, 'k8s.pod.name': `p${index}` }),
        measured(),
      );
    }
    expect(metrics.targets()).toEqual([{ job: 'one' }]);
    for (let index = 0; index < 500; index += 1) metrics.observe(resource(`s${index}`), measured());
    expect(metrics.targets()).toHaveLength(100);
    const duration = metrics.collect().find(({ name }) => name === 'gen_ai.client.operation.duration')!;
    const jobs = new Map(
      duration.points.map(({ attributes, ...point }) => [attributes['job'], (point as { count: number }).count]),
    );
    expect(jobs.size).toBe(101);
    expect(jobs.get('other')).toBe(401);
  });

  test('a label', () => {
    const page = expose([], [{ job: 'x'.repeat(10_000) }], 'text');
    expect(page.length).toBeLessThan(500);
  });

  test('a credential in a name of the resource does not show', () => {
    const key = ['sk', 'proj', 'Ab12'.repeat(10)].join('-');
    const metrics = createJobMetrics();
    metrics.observe(resource(`app ${key}`, { team: key }), measured());
    expect(expose(metrics.collect(), metrics.targets(), 'text')).not.toContain('Ab12');
  });
});

describe('the endpoint', () => {
  const open: PrometheusEndpoint[] = [];
  afterEach(() => Promise.all(open.splice(0).map(endpoint => endpoint.close())));

  async function start(host = 'localhost'): Promise<PrometheusEndpoint> {
    const endpoint = await createPrometheusEndpoint({ host, port: 0 });
    open.push(endpoint);
    endpoint.observe(resource('shop'), measured());
    return endpoint;
  }

  function ask(url: string, headers: Record<string, string> = {}, method = 'GET') {
    return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      const sent = request(url, { method, headers, agent: false }, response => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
        );
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  async function freePort(): Promise<number> {
    const endpoint = await createPrometheusEndpoint({ host: '127.0.0.1', port: 0 });
    await endpoint.close();
    return Number(new URL(endpoint.url).port);
  }

  test('serves both formats, and zipped', async () => {
    const { url } = await start();
    const plain = await ask(url);
    expect(plain.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseExposition(plain.body.toString(), 'text').has('gen_ai_client_token_usage')).toBe(true);
    // As Prometheus 2 and 3 ask.
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
    const open = await ask(url, { accept, 'accept-encoding': 'gzip' });
    expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(parseExposition(gunzipSync(open.body).toString(), 'openmetrics').has('target')).toBe(true);
    const refused = await ask(url, { 'accept-encoding': 'gzip;q=0' });
    expect(refused.headers['content-encoding']).toBeUndefined();
  });

  test.each([
    ['/', {}, 'GET', 404],
    ['/metrics?x=1', {}, 'GET', 200],
    ['/metrics', {}, 'HEAD', 200],
    ['/metrics', {}, 'POST', 405],
    ['/metrics', { host: 'evil.example' }, 'GET', 403],
    ['/metrics', { host: '127.0.0.1:9464' }, 'GET', 200],
    ['/metrics', { host: '[::1]:9464' }, 'GET', 200],
  ])('%s %j by %s: %i', async (path, headers, method, status) => {
    const { url } = await start();
    const answer = await ask(new URL(path, url).href, headers as Record<string, string>, method);
    expect(answer.status).toBe(status);
    if (method === 'HEAD') expect(answer.body).toHaveLength(0);
  });

  test('listens on this machine alone', async () => {
    const { url } = await start();
    expect(url).toMatch(/^http:\/\/localhost:\d+\/metrics$/);
    const outside = Object.values(networkInterfaces()).flatMap(all => all ?? []);
    for (const { address, family, internal } of outside) {
      if (internal || family !== 'IPv4') continue;
      await expect(ask(url.replace('localhost', address))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('a port that is taken is said, with what to type', async () => {
    const { url } = await start('127.0.0.1');
    const port = Number(new URL(url).port);
    await expect(createPrometheusEndpoint({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PROMETHEUS_ADDRESS',
      reason: expect.stringContaining(`port ${port} is taken`),
    });
  });

  test('recorded calls come to the page, the first before it listens', async () => {
    const port = await freePort();
    const notices: string[] = [];
    const consumer = createPrometheusConsumer({ host: '127.0.0.1', port }, line => notices.push(line));
    const settings = telemetrySettingsFromEnvironment({});
    const target: Target = { resource: resource('shop'), settings: { ...settings, excludedHosts: [] } };
    const identity = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    const cost = { amount: 0.5, currency: 'USD', source: 'computed' } as const;
    consumer.call({ target, call: chatCall(), cost, identity });
    consumer.call({ target, call: mcpCall(), identity });
    const page = async () => (await ask(`http://127.0.0.1:${port}/metrics`)).body.toString();
    while (!(await page().then(Boolean, () => false)));
    const families = parseExposition(await page(), 'text');
    expect([...families.keys()]).toEqual([
      'target_info',
      'gen_ai_client_operation_duration_seconds',
      'gen_ai_client_operation_time_per_output_chunk_seconds',
      'gen_ai_client_operation_time_to_first_chunk_seconds',
      'gen_ai_client_token_usage',
      'gen_ai_usage_cost_USD',
      'mcp_client_operation_duration_seconds',
    ]);
    const second = createPrometheusConsumer({ host: '127.0.0.1', port }, line => notices.push(line));
    second.call({ target, call: chatCall(), identity });
    await second.finish();
    expect(notices).toEqual([
      expect.stringMatching(/^Metrics for Prometheus cannot be served at 127\.0\.0\.1:\d+: port/),
    ]);
    await consumer.finish();
    await expect(page()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('two scrapes see what came between them', async () => {
    const endpoint = await start();
    const count = async () =>
      parseExposition((await ask(endpoint.url)).body.toString(), 'text')
        .get('gen_ai_client_operation_duration_seconds')!
        .samples.find(({ name }) => name.endsWith('_count'))!.value;
    expect(await count()).toBe(1);
    endpoint.observe(resource('shop'), measured());
    expect(await count()).toBe(2);
  });
});
