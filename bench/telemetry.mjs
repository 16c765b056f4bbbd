/**
 * CPU time for a streamed call of 50 chunks from record to collector: our consumer of recorded calls, and as a peer
 * the official SDK with its OTLP exporters, fed with the same attributes and measurements. The collector runs in a Worker
 * of the same process and is counted in both.
 */
import { Worker } from 'node:worker_threads';
import { SpanKind } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createOtlpConsumer } from '../dist/telemetry/otlp-consumer.js';
import { renderCall } from '../dist/telemetry/render.js';
import { telemetrySettingsFromEnvironment } from '../dist/telemetry/settings.js';
import { measurePaired, printTable } from './paired.mjs';

const CALLS = 5000;
const COLLECTOR = `
const { parentPort } = require('node:worker_threads');
const server = require('node:http').createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end());
}).listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const start = 1_760_000_000_123_456_789n;
const call = {
  kind: 'llm',
  id: '1',
  role: 'client',
  protocol: 'http/1.1',
  partial: [],
  provider: 'openai',
  operation: 'chat',
  serverAddress: 'api.openai.com',
  serverPort: 443,
  request: { model: 'gpt-4o', stream: true, temperature: 1, maxTokens: 500 },
  response: { id: 'chatcmpl-1', model: 'gpt-4o-2024-08-06', finishReasons: ['stop'] },
  usage: { inputTokens: 1000, outputTokens: 200, cacheReadInputTokens: 600 },
  toolCalls: [],
  start,
  firstChunk: start + 200_000_000n,
  chunkTimes: Array.from({ length: 49 }, (_, index) => start + 200_000_000n + BigInt(index + 1) * 20_000_000n),
  end: start + 1_300_000_000n,
  httpStatus: 200,
};

const collector = new Worker(COLLECTOR, { eval: true });
const port = await new Promise(resolve => collector.once('message', resolve));
const endpoint = `http://127.0.0.1:${port}`;
const settings = telemetrySettingsFromEnvironment({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_BSP_MAX_QUEUE_SIZE: '20000',
  OTEL_LOGS_EXPORTER: 'none',
});
const resource = { attributes: { 'service.name': 'bench' } };

/** Microseconds of this process's CPU a call. */
async function measure(record, flush) {
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS; index += 1) record();
  await flush();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

function official() {
  const traces = new NodeTracerProvider({
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }), {
        maxQueueSize: 20_000,
        scheduledDelayMillis: 500,
      }),
    ],
  });
  const metrics = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }) }),
    ],
  });
  const tracer = traces.getTracer('bench');
  const meter = metrics.getMeter('bench');
  const histograms = new Map();
  const time = nanos => [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)];
  return {
    record() {
      const rendered = renderCall(call, settings);
      const { name, attributes, measurements } = rendered;
      tracer
        .startSpan(name, { kind: SpanKind.CLIENT, startTime: time(rendered.start), attributes })
        .end(time(rendered.end));
      for (const measurement of measurements) {
        const { instrument } = measurement;
        let histogram = histograms.get(instrument);
        if (histogram === undefined) {
          const advice = { explicitBucketBoundaries: [...instrument.bounds] };
          histogram = meter.createHistogram(instrument.name, { unit: instrument.unit, advice });
          histograms.set(instrument, histogram);
        }
        histogram.record(measurement.value, { ...measurement.attributes, ...measurement.further });
      }
    },
    flush: () => Promise.all([traces.forceFlush(), metrics.forceFlush()]),
  };
}

const peer = official();
const consumer = createOtlpConsumer({ settings, version: '0' });
const recorded = {
  target: { resource, settings },
  call,
  identity: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
};

const result = await measurePaired({
  rounds: 9,
  warmup: 3,
  base: 'official SDK and exporters',
  variants: {
    'official SDK and exporters': () => measure(peer.record, peer.flush),
    ours: () =>
      measure(
        () => consumer.call(recorded),
        () => consumer.flush(10_000),
      ),
  },
});
printTable(`A streamed call of 50 chunks, ${CALLS} calls a run, collector's thread included`, result, {
  unit: 'µs CPU',
});
process.exit(0);
