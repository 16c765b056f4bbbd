/** The hook's recorder and attach's pipeline: the same call gives the same telemetry, received by a real collector. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { SpanParent } from '../../src/calls/trace-context.js';
import { createTelemetryHub } from '../../src/telemetry/pipeline.js';
import { createRecorder } from '../../src/telemetry/recorder.js';
import { buildResource } from '../../src/telemetry/resource.js';
import { type TelemetrySettings, telemetrySettingsFromEnvironment } from '../../src/telemetry/settings.js';
import type { Call } from '../../src/wire/llm-call.js';
import { chatCall, mcpCall } from './support/calls.js';
import { type Collector, startHttpCollector } from './support/collector.js';
import { type Decoded, decodeRequest, plain } from './support/otlp-proto.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const resource = (name: string) => buildResource({ env: { OTEL_SERVICE_NAME: name }, version: '1' });
const costOf = () => ({ amount: 0.5, currency: 'USD', source: 'computed', priceData: 'p 1' }) as const;

let collector: Collector;
afterEach(() => collector.close());

async function settingsFor(env: Record<string, string> = {}) {
  collector = await startHttpCollector();
  return telemetrySettingsFromEnvironment({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '1',
    ...env,
  });
}

/** A hub with one process. */
function openPipeline(settings: TelemetrySettings) {
  const hub = createTelemetryHub({ settings, version: '1' });
  return { ...hub.open(resource('pipeline')), shutdown: hub.shutdown };
}

const items = (signal: 'traces' | 'metrics' | 'logs', list: string) =>
  collector.received
    .filter(({ path }) => path === `/v1/${signal}`)
    .flatMap(
      ({ body }) =>
        decodeRequest(signal, body)[
          `resource${signal === 'traces' ? 'Spans' : signal === 'logs' ? 'Logs' : 'Metrics'}`
        ],
    )
    .flatMap((group: Decoded) =>
      group[`scope${signal === 'traces' ? 'Spans' : signal === 'logs' ? 'Logs' : 'Metrics'}`].flatMap(
        (scope: Decoded) =>
          scope[list].map((item: Decoded) => ({
            item,
            scope: scope.scope,
            schemaUrl: scope.schemaUrl,
            service: plain(group.resource.attributes)['service.name'],
          })),
      ),
    );

const CALLS: [string, Call, SpanParent | undefined][] = [
  ['a chat', chatCall(), undefined],
  ['an error', chatCall({ error: { type: 'overloaded', message: 'too much' }, httpStatus: 529 }), undefined],
  [
    'with content',
    chatCall({ content: { inputMessages: [{ role: 'user', parts: [{ type: 'text', content: 'hi' }] }] } }),
    undefined,
  ],
  ['a server call with its caller', chatCall({ role: 'server', traceparent: `00-${TRACE}-${SPAN}-01` }), undefined],
  ["below the program's own span", chatCall(), { traceId: TRACE, spanId: SPAN, traceFlags: 1, traceState: 'a=b' }],
  ['MCP', mcpCall(), undefined],
];

const DETAILS = ['gen_ai.client.inference.operation.details', 9];
const EXCEPTION = ['gen_ai.client.operation.exception', 13];

describe('hook and pipeline', () => {
  test.each(CALLS)('%s', async (_name, call, parent) => {
    const settings = await settingsFor({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'both' });
    const recorder = createRecorder({ settings, resource: resource('hook'), version: '1', costOf });
    recorder.record(call, parent);
    await recorder.shutdown(5000);
    const hub = createTelemetryHub({ settings, version: '1', costOf });
    hub.open(resource('pipeline')).record(call, parent);
    await hub.shutdown(5000);

    const spans = items('traces', 'spans');
    expect(spans.map(({ service }) => service)).toEqual(['hook', 'pipeline']);
    const [one, other] = spans.map(({ item, scope, schemaUrl }) => {
      const { traceId, spanId, ...rest } = item;
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
      return { ...rest, scope, schemaUrl, ...(parent === undefined ? {} : { traceId }) };
    });
    expect(other).toEqual(one);
    if (parent !== undefined) expect(one).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, traceState: 'a=b' });
    if (call.traceparent !== undefined) expect(one).toMatchObject({ parentSpanId: SPAN, flags: 0x301 });

    const metrics = items('metrics', 'metrics');
    const values = (service: string) =>
      metrics
        .filter(entry => entry.service === service)
        .map(({ item }) => ({
          ...item,
          histogram: {
            ...item.histogram,
            dataPoints: item.histogram.dataPoints.map(
              ({ startTimeUnixNano: _s, timeUnixNano: _t, ...point }: Decoded) => point,
            ),
          },
        }));
    expect(values('hook').length).toBeGreaterThan(0);
    expect(values('pipeline')).toEqual(values('hook'));

    const events = items('logs', 'logRecords');
    const failed = call.error !== undefined && call.role === 'client';
    const expected = call.kind === 'llm' ? [DETAILS, ...(failed ? [EXCEPTION] : [])] : [];
    for (const [index, service] of ['hook', 'pipeline'].entries()) {
      const own = events.filter(entry => entry.service === service).map(({ item }) => item);
      expect(own.map(({ eventName, severityNumber }) => [eventName, severityNumber])).toEqual(expected);
      for (const { spanId } of own) expect(spanId).toBe(spans[index]!.item.spanId);
    }
    const told = (service: string) =>
      events.filter(entry => entry.service === service).map(({ item }) => plain(item.attributes));
    expect(told('pipeline')).toEqual(told('hook'));
    if (failed) expect(told('hook')[1]).toEqual({ 'exception.type': 'overloaded', 'exception.message': 'too much' });
  });
});

describe('the pipeline', () => {
  test('several processes, several resources, one connection; one that ends leaves its metrics', async () => {
    const settings = await settingsFor({ OTEL_BSP_SCHEDULE_DELAY: '60000' });
    const hub = createTelemetryHub({ settings, version: '1' });
    const first = hub.open(resource('first'));
    const second = hub.open(resource('second'));
    first.record(chatCall());
    second.record(chatCall());
    await first.shutdown();
    await first.shutdown();
    second.record(chatCall());
    expect(await hub.flush()).toBe(true);
    expect(items('traces', 'spans').map(({ service }) => service)).toEqual(['first', 'second', 'second']);
    const services = items('metrics', 'metrics').map(({ service }) => service);
    expect(new Set(services)).toEqual(new Set(['first', 'second']));
    await hub.shutdown();
    expect(hub.stats().traces).toEqual({ exported: 3, dropped: 0, queued: 0 });
  });

  test('sampling drops spans and events, never metrics', async () => {
    const settings = await settingsFor({
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: 'true',
    });
    for (const record of [
      createRecorder({ settings, resource: resource('hook'), version: '1' }),
      openPipeline(settings),
    ]) {
      record.record(chatCall());
      await record.shutdown(5000);
    }
    expect(new Set(collector.received.map(({ path }) => path))).toEqual(new Set(['/v1/metrics']));
  });

  test('a ratio keeps its part of the traces, the same in both; a parent decides for its children', async () => {
    const settings = await settingsFor({
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    const parents = Array.from({ length: 64 }, (_, index) => ({
      traceId: `${'0'.repeat(18)}${((index * 4) % 256).toString(16).padStart(2, '0')}${'0'.repeat(12)}`.replace(
        /^0/,
        '1',
      ),
      spanId: SPAN,
      traceFlags: index % 2,
    }));
    for (const record of [
      createRecorder({ settings, resource: resource('hook'), version: '1' }),
      openPipeline(settings),
    ]) {
      for (const parent of parents) record.record(chatCall(), parent);
      for (let index = 0; index < 400; index += 1) record.record(chatCall());
      await record.shutdown(5000);
    }
    for (const service of ['hook', 'pipeline']) {
      const spans = items('traces', 'spans')
        .filter(entry => entry.service === service)
        .map(({ item }) => item);
      const below = spans.filter(({ parentSpanId }) => parentSpanId === SPAN);
      expect(below.map(({ traceId }) => traceId)).toEqual(
        parents.filter(({ traceFlags }) => traceFlags === 1).map(({ traceId }) => traceId),
      );
      // 400 fair coins: fewer than 120 or more than 280 heads happen once in 10^14.
      expect(spans.length - below.length).toBeGreaterThan(120);
      expect(spans.length - below.length).toBeLessThan(280);
    }
  });

  test('an MCP session is measured and not traced, without its id', async () => {
    const settings = await settingsFor();
    for (const record of [
      createRecorder({ settings, resource: resource('hook'), version: '1' }),
      openPipeline(settings),
    ]) {
      const session = {
        protocol: 'h2',
        sessionId: 's-1',
        protocolVersion: '2025-11-25',
        start: 1n,
        end: 2_000_000_001n,
      } as const;
      record.session({ ...session, role: 'client', serverAddress: 'mcp.example.com', serverPort: 443 });
      record.session({ ...session, role: 'server', serverAddress: 'mcp.example.com', serverPort: 443 });
      await record.shutdown(5000);
    }
    expect(items('traces', 'spans')).toEqual([]);
    const network = { 'network.transport': 'tcp', 'network.protocol.name': 'http', 'network.protocol.version': '2' };
    for (const service of ['hook', 'pipeline']) {
      const metrics = items('metrics', 'metrics').filter(entry => entry.service === service);
      const points = metrics.map(({ item }) => [
        item.name,
        item.histogram.dataPoints[0].sum,
        plain(item.histogram.dataPoints[0].attributes),
      ]);
      const common = { 'mcp.protocol.version': '2025-11-25', ...network };
      expect(points).toEqual([
        ['mcp.client.session.duration', 2, { ...common, 'server.address': 'mcp.example.com', 'server.port': 443 }],
        ['mcp.server.session.duration', 2, common],
      ]);
    }
  });

  test('content is off unless asked for, whatever the call carries', async () => {
    const settings = await settingsFor({ OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: 'true' });
    const hub = createTelemetryHub({ settings, version: '1' });
    const content = { inputMessages: [{ role: 'user', parts: [{ type: 'text', content: 'my diary' }] }] };
    hub
      .open(resource('x'))
      .record(chatCall({ content, outputText: 'my diary', error: { type: 'x', message: 'my diary' } }));
    await hub.shutdown();
    expect(collector.received.length).toBeGreaterThan(2);
    for (const { body } of collector.received) expect(body.toString('latin1')).not.toContain('my diary');
  });

  test('a call that breaks the rendering breaks nothing else', async () => {
    const settings = await settingsFor();
    const lines: string[] = [];
    const hub = createTelemetryHub({
      settings,
      version: '1',
      notice: line => lines.push(line),
      costOf: () => {
        throw new Error('no');
      },
    });
    const telemetry = hub.open(resource('x'));
    telemetry.record(chatCall());
    telemetry.record({ kind: 'llm' } as unknown as Call);
    expect(await hub.flush(1000)).toBe(true);
    expect(collector.received).toEqual([]);
    expect(lines).toEqual(['a call could not be reported (no)']);
    await hub.shutdown();
  });
});
