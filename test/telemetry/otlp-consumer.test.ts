/** OTLP as a consumer of recorded calls: what a real collector receives of each kind of call, of several programs at once. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Cost } from '../../src/calls/cost.js';
import type { Span } from '../../src/calls/model.js';
import type { Target } from '../../src/calls/recorded-call.js';
import type { SpanParent } from '../../src/calls/trace-context.js';
import { createOtlpConsumer } from '../../src/telemetry/otlp-consumer.js';
import { buildResource } from '../../src/telemetry/resource.js';
import { type TelemetrySettings, telemetrySettingsFromEnvironment } from '../../src/telemetry/settings.js';
import type { Call } from '../../src/wire/llm-call.js';
import { chatCall, mcpCall, START } from './support/calls.js';
import { type Collector, startHttpCollector } from './support/collector.js';
import { type Decoded, decodeRequest, plain } from './support/otlp-proto.js';
import { recordedCall } from './support/recorded.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const COST: Cost = { amount: 0.5, currency: 'USD', source: 'computed', priceData: 'p 1' };

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

const targetOf = (name: string, settings: TelemetrySettings): Target => ({
  resource: buildResource({ env: { OTEL_SERVICE_NAME: name }, version: '1' }),
  settings,
});

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

const CONTENT = { inputMessages: [{ role: 'user', parts: [{ type: 'text', content: 'hi' }] }] };
const BELOW: SpanParent = { traceId: TRACE, spanId: SPAN, traceFlags: 1, traceState: 'a=b' };
const CALLS: [string, Call, SpanParent | undefined, Decoded][] = [
  ['a chat', chatCall(), undefined, { name: 'chat gpt-4o', kind: 'SPAN_KIND_CLIENT' }],
  [
    'an error',
    chatCall({ error: { type: 'overloaded', message: 'too much' }, httpStatus: 529 }),
    undefined,
    { status: { code: 'STATUS_CODE_ERROR' } },
  ],
  ['with content', chatCall({ content: CONTENT }), undefined, { name: 'chat gpt-4o' }],
  [
    'a server call with its caller',
    chatCall({ role: 'server', traceparent: `00-${TRACE}-${SPAN}-01` }),
    undefined,
    { kind: 'SPAN_KIND_SERVER', parentSpanId: SPAN, flags: 0x301 },
  ],
  ["below the program's own span", chatCall(), BELOW, { traceId: TRACE, parentSpanId: SPAN, traceState: 'a=b' }],
  ['MCP', mcpCall(), undefined, { name: 'tools/call weather' }],
];

const DETAILS = ['gen_ai.client.inference.operation.details', 9];
const EXCEPTION = ['gen_ai.client.operation.exception', 13];

describe('one call', () => {
  test.each(CALLS)('%s: a span, metrics and events under its resource', async (_name, call, parent, expected) => {
    const settings = await settingsFor({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'both' });
    const consumer = createOtlpConsumer({ settings, version: '1' });
    consumer.call(recordedCall(targetOf('program', settings), call, parent, call.kind === 'llm' ? COST : undefined));
    await consumer.finish(5000);

    const spans = items('traces', 'spans');
    expect(spans).toMatchObject([{ service: 'program', scope: { name: 'openlit-instrument', version: '1' } }]);
    const { item } = spans[0]!;
    expect(item).toMatchObject(expected);
    expect(item.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(item.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(BigInt(item.startTimeUnixNano)).toBe(START);
    const attributes = plain(item.attributes);
    if (call.kind === 'llm') {
      expect(attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.cost': 0.5 });
      const text = attributes['gen_ai.input.messages'];
      expect(text === undefined ? undefined : JSON.parse(text as string)).toEqual(call.content?.inputMessages);
    }

    const metrics = items('metrics', 'metrics');
    expect(metrics.length).toBeGreaterThan(0);
    for (const { item: metric, service } of metrics) {
      expect(service).toBe('program');
      expect(metric.histogram.dataPoints[0].startTimeUnixNano).not.toBe('0');
    }

    const events = items('logs', 'logRecords').map(entry => entry.item);
    const failed = call.error !== undefined && call.role === 'client';
    const told = call.kind === 'llm' ? [DETAILS, ...(failed ? [EXCEPTION] : [])] : [];
    expect(events.map(({ eventName, severityNumber }) => [eventName, severityNumber])).toEqual(told);
    for (const event of events) expect([event.traceId, event.spanId]).toEqual([item.traceId, item.spanId]);
    if (failed) {
      expect(plain(events[1].attributes)).toEqual({
        'exception.type': 'overloaded',
        'exception.message': 'too much',
      });
    }
  });

  test("a span of a framework arrives as it is, unless its trace is not sampled, and names a framework's call", async () => {
    const settings = await settingsFor();
    const consumer = createOtlpConsumer({ settings, version: '1' });
    const target = targetOf('program', settings);
    const span: Span = {
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      name: 'invoke_agent planner',
      kind: 'internal',
      start: START,
      end: START + 5n,
      attributes: { 'gen_ai.agent.name': 'planner' },
    };
    consumer.span!({ target, span });
    consumer.span!({ target, span: { ...span, name: 'not sampled', traceFlags: 0 } });
    consumer.call({ ...recordedCall(target, chatCall(), BELOW), extra: { 'gen_ai.agent.name': 'planner' } });
    await consumer.finish(5000);
    const spans = items('traces', 'spans').map(({ item }) => item);
    expect(spans.map(({ name }) => name).sort()).toEqual(['chat gpt-4o', 'invoke_agent planner']);
    for (const one of spans) expect(plain(one.attributes)['gen_ai.agent.name']).toBe('planner');
  });
});

describe('several programs', () => {
  test('each under its resource, over one exporter; one that has ended leaves its metrics', async () => {
    const settings = await settingsFor({ OTEL_BSP_SCHEDULE_DELAY: '60000' });
    const consumer = createOtlpConsumer({ settings, version: '1' });
    const [first, second] = [targetOf('first', settings), targetOf('second', settings)];
    consumer.call(recordedCall(first, chatCall()));
    consumer.call(recordedCall(second, chatCall()));
    consumer.ended!(first);
    consumer.ended!(first);
    consumer.call(recordedCall(second, chatCall()));
    expect(await consumer.flush(5000)).toBe(true);
    expect(items('traces', 'spans').map(({ service }) => service)).toEqual(['first', 'second', 'second']);
    const services = items('metrics', 'metrics').map(({ service }) => service);
    expect(new Set(services)).toEqual(new Set(['first', 'second']));
    await consumer.finish();
    expect(consumer.stats().traces).toEqual({ exported: 3, dropped: 0, queued: 0 });
  });

  test("each target's own settings hold: content and the generation of the conventions", async () => {
    const settings = await settingsFor({ OTEL_LOGS_EXPORTER: 'none' });
    const on = telemetrySettingsFromEnvironment({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'span' });
    const consumer = createOtlpConsumer({ settings, version: '1' });
    consumer.call(recordedCall(targetOf('quiet', settings), chatCall({ content: CONTENT })));
    consumer.call(recordedCall(targetOf('open', on), chatCall({ content: CONTENT })));
    await consumer.finish();
    const told = items('traces', 'spans').map(({ item, service }) => [
      service,
      plain(item.attributes)['gen_ai.input.messages'] !== undefined,
    ]);
    expect(told.sort()).toEqual([
      ['open', true],
      ['quiet', false],
    ]);
  });
});

describe('sampling', () => {
  test('drops spans and events, never metrics', async () => {
    const settings = await settingsFor({
      OTEL_TRACES_SAMPLER: 'always_off',
      OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: 'true',
    });
    const consumer = createOtlpConsumer({ settings, version: '1' });
    consumer.call(recordedCall(targetOf('program', settings), chatCall()));
    await consumer.finish(5000);
    expect(new Set(collector.received.map(({ path }) => path))).toEqual(new Set(['/v1/metrics']));
  });

  test('a ratio keeps its part of the traces; a parent decides for its children', async () => {
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
    const consumer = createOtlpConsumer({ settings, version: '1' });
    const target = targetOf('program', settings);
    for (const parent of parents) consumer.call(recordedCall(target, chatCall(), parent));
    for (let index = 0; index < 400; index += 1) consumer.call(recordedCall(target, chatCall()));
    await consumer.finish(5000);
    const spans = items('traces', 'spans').map(({ item }) => item);
    const below = spans.filter(({ parentSpanId }) => parentSpanId === SPAN);
    expect(below.map(({ traceId }) => traceId)).toEqual(
      parents.filter(({ traceFlags }) => traceFlags === 1).map(({ traceId }) => traceId),
    );
    // 400 fair coins: fewer than 120 or more than 280 heads happen once in 10^14.
    expect(spans.length - below.length).toBeGreaterThan(120);
    expect(spans.length - below.length).toBeLessThan(280);
  });
});

test('an MCP session is measured and not traced, without its id', async () => {
  const settings = await settingsFor();
  const consumer = createOtlpConsumer({ settings, version: '1' });
  const target = targetOf('program', settings);
  const session = {
    protocol: 'h2',
    sessionId: 's-1',
    protocolVersion: '2025-11-25',
    start: 1n,
    end: 2_000_000_001n,
    serverAddress: 'mcp.example.com',
    serverPort: 443,
  } as const;
  consumer.session!({ ...session, role: 'client' }, target);
  consumer.session!({ ...session, role: 'server' }, target);
  await consumer.finish(5000);
  expect(items('traces', 'spans')).toEqual([]);
  const network = { 'network.transport': 'tcp', 'network.protocol.name': 'http', 'network.protocol.version': '2' };
  const points = items('metrics', 'metrics').map(({ item }) => [
    item.name,
    item.histogram.dataPoints[0].sum,
    plain(item.histogram.dataPoints[0].attributes),
  ]);
  const common = { 'mcp.protocol.version': '2025-11-25', ...network };
  expect(points).toEqual([
    ['mcp.client.session.duration', 2, { ...common, 'server.address': 'mcp.example.com', 'server.port': 443 }],
    ['mcp.server.session.duration', 2, common],
  ]);
});

test('content is off unless asked for, whatever the call carries', async () => {
  const settings = await settingsFor({ OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: 'true' });
  const consumer = createOtlpConsumer({ settings, version: '1' });
  const content = { inputMessages: [{ role: 'user', parts: [{ type: 'text', content: 'my diary' }] }] };
  const call = chatCall({ content, outputText: 'my diary', error: { type: 'x', message: 'my diary' } });
  consumer.call(recordedCall(targetOf('program', settings), call));
  await consumer.finish();
  expect(collector.received.length).toBeGreaterThan(2);
  for (const { body } of collector.received) expect(body.toString('latin1')).not.toContain('my diary');
});
