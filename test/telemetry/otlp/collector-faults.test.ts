/**
 * Calls go on being recorded while the collector is slow, refuses, loses connections, hangs or is gone. Whatever it does:
 * recording a call neither throws nor waits, what fits the queue arrives once the collector is well again, and the rest is
 * counted, so that recorded = arrived + dropped.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createOtlpConsumer, type OtlpConsumer } from '../../../src/telemetry/otlp-consumer.js';
import { type TelemetrySettings, telemetrySettingsFromEnvironment } from '../../../src/telemetry/settings.js';
import { chatCall } from '../support/calls.js';
import type { Answer, Collector, GrpcAnswer } from '../support/collector.js';
import { freePort, grpc, http, RESOURCE } from '../support/exporter.js';
import { type Decoded, decodeRequest, plain } from '../support/otlp-proto.js';
import { recordedCall } from '../support/recorded.js';

const CALLS = 60;
/** Requests that meet the fault; the next ones are answered. */
const FAULTY = 2;

interface Open {
  readonly consumer: OtlpConsumer;
  readonly settings: TelemetrySettings;
  readonly lines: string[];
}

const consumers: OtlpConsumer[] = [];
afterEach(async () => {
  for (const consumer of consumers.splice(0)) await consumer.finish(0);
});

function open(url: string, env: Record<string, string>): Open {
  const settings = telemetrySettingsFromEnvironment({
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_TIMEOUT: '150',
    OTEL_BSP_SCHEDULE_DELAY: '1',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    ...env,
  });
  const lines: string[] = [];
  const consumer = createOtlpConsumer({ settings, version: '1', notice: line => lines.push(line) });
  consumers.push(consumer);
  return { consumer, settings, lines };
}

/** Some calls a turn, as a program makes them. */
async function record({ consumer, settings }: Open): Promise<void> {
  const target = { resource: RESOURCE, settings };
  for (let index = 0; index < CALLS; index += 1) {
    consumer.call(recordedCall(target, chatCall({ response: { id: `call-${index}` } })));
    if (index % 5 === 4) await turn();
  }
}

/** Until nothing is left: a flush gives up early on a collector that cannot be reached. */
async function drain({ consumer }: Open): Promise<void> {
  while (!(await consumer.flush(10_000)));
}

function arrived({ received }: Collector): string[] {
  const spans = received.flatMap(({ body }) =>
    decodeRequest('traces', body).resourceSpans.flatMap((group: Decoded) => group.scopeSpans[0].spans),
  );
  return [...new Set(spans.map((span: Decoded) => plain(span.attributes)['gen_ai.response.id'] as string))].sort();
}

const ALL = Array.from({ length: CALLS }, (_, index) => `call-${index}`).sort();

/** The fault, and whether its requests are given up at once. */
const HTTP_FAULTS: [string, Answer, boolean][] = [
  ['slow', { after: 100 }, false],
  ['slower than its timeout', { after: 300 }, false],
  ['busy (429)', { status: 429, headers: { 'retry-after': '0' } }, false],
  ['overloaded (503)', { status: 503 }, false],
  ['a bad gateway (502)', { status: 502 }, false],
  ['refusing (400)', { status: 400 }, true],
  ['forbidding (401)', { status: 401 }, true],
  ['broken (500)', { status: 500 }, true],
  ['losing connections', 'reset', false],
  ['hanging', 'hang', false],
];
const GRPC_FAULTS: [string, GrpcAnswer, boolean][] = [
  ['slow', { after: 100 }, false],
  ['slower than its timeout', { after: 300 }, false],
  ['unavailable (14)', { code: 14 }, false],
  ['exhausted, with a pause (8)', { code: 8, retryAfter: 0 }, false],
  ['refusing (3)', { code: 3 }, true],
  ['hanging', { hang: true }, false],
];

async function outlive(collector: Collector, env: Record<string, string>, givenUp: boolean): Promise<void> {
  const opened = open(collector.url, env);
  await record(opened);
  await drain(opened);
  const { exported, dropped, queued } = opened.consumer.stats().traces;
  expect({ recorded: exported + dropped, queued }).toEqual({ recorded: CALLS, queued: 0 });
  if (!givenUp) expect(dropped).toBe(0);
  else expect(dropped).toBeGreaterThan(0);
  // A refused request was received as well, and so was one that was answered too late.
  if (givenUp) expect(exported).toBe(arrived(collector).length - dropped);
  else expect(arrived(collector)).toEqual(ALL);
  // Each kind of trouble is one line: two refused requests are no two lines.
  expect(opened.lines.length).toBeLessThanOrEqual(1);
}

describe('http/protobuf', () => {
  test.each(HTTP_FAULTS)('a collector that is %s', async (_name, fault, givenUp) => {
    const collector = await http(index => (index < FAULTY ? fault : {}));
    await outlive(collector, {}, givenUp);
  });
});

describe('grpc', () => {
  test.each(GRPC_FAULTS)('a collector that is %s', async (_name, fault, givenUp) => {
    const collector = await grpc(index => (index < FAULTY ? fault : {}));
    await outlive(collector, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, givenUp);
  });
});

describe('gone', () => {
  test('what fits the queue arrives when it is back', async () => {
    const port = await freePort();
    const opened = open(`http://127.0.0.1:${port}`, {});
    await record(opened);
    expect(await opened.consumer.flush(500)).toBe(false);
    expect(opened.consumer.stats().traces).toEqual({ exported: 0, dropped: 0, queued: CALLS });
    const collector = await http(undefined, { port });
    await drain(opened);
    expect(arrived(collector)).toEqual(ALL);
    expect(opened.consumer.stats().traces).toEqual({ exported: CALLS, dropped: 0, queued: 0 });
  });

  test('what does not fit is counted, and the oldest arrive', async () => {
    const port = await freePort();
    const opened = open(`http://127.0.0.1:${port}`, { OTEL_BSP_MAX_QUEUE_SIZE: '20' });
    await record(opened);
    const collector = await http(undefined, { port });
    await drain(opened);
    expect(opened.consumer.stats().traces).toEqual({ exported: 20, dropped: CALLS - 20, queued: 0 });
    expect(arrived(collector)).toEqual(ALL.filter(id => Number(id.slice(5)) < 20));
    expect(opened.lines.filter(line => line.includes('is full'))).toHaveLength(1);
  });
});
