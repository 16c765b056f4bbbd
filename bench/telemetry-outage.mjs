/**
 * A collector that is gone for a minute (`--seconds 60`) while calls go on: how many arrived, how many were dropped and
 * counted, and whether the program's observer was slowed. Two observed programs, each with a queue of the usual 2,048 items: 20 calls a
 * second fit into it, 100 do not. Real sockets, a real outage: the collector's port is closed.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createOtlpConsumer } from '../dist/telemetry/otlp-consumer.js';
import { telemetrySettingsFromEnvironment } from '../dist/telemetry/settings.js';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' } }, strict: false });
const outage = Number(values.seconds) * 1000;
/** Milliseconds of calls before the outage and after it. */
const AROUND = 5_000;
const RATES = [20, 100];

/** Distinct calls that the collector was given, by service. */
const arrived = new Map();
const listener = (request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks)).resourceSpans ?? []) {
      const service = resource.attributes[0].value.stringValue;
      const ids = arrived.get(service) ?? new Set();
      arrived.set(service, ids);
      for (const { spanId } of scopeSpans.flatMap(scope => scope.spans)) ids.add(spanId);
    }
    response.end('{}');
  });
};

async function listen(port) {
  const server = createServer(listener);
  await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));
  return server;
}

async function vanish(server) {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
}

const call = start => ({
  kind: 'llm',
  id: '1',
  role: 'client',
  protocol: 'http/1.1',
  partial: [],
  provider: 'openai',
  operation: 'chat',
  request: { model: 'gpt-4o' },
  response: { id: 'chatcmpl-1', finishReasons: ['stop'] },
  usage: { inputTokens: 1000, outputTokens: 200 },
  toolCalls: [],
  start,
  end: start + 1_000_000n,
});

let collector = await listen(0);
const { port } = collector.address();
const said = [];
const programs = RATES.map(rate => {
  const settings = telemetrySettingsFromEnvironment({
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  });
  const name = `${rate} calls/s`;
  const consumer = createOtlpConsumer({ settings, version: '0', notice: line => said.push(`${name}: ${line}`) });
  const target = { resource: { attributes: { 'service.name': name } }, settings };
  return { rate, name, consumer, target, recorded: 0, times: [] };
});

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const begun = Date.now();
const tick = setInterval(() => {
  for (const program of programs) {
    const due = Math.floor(((Date.now() - begun) / 1000) * program.rate);
    for (; program.recorded < due; program.recorded++) {
      const recorded = {
        target: program.target,
        call: call(BigInt(Date.now()) * 1_000_000n),
        identity: { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), traceFlags: 1 },
      };
      const before = performance.now();
      program.consumer.call(recorded);
      program.times.push(performance.now() - before);
    }
  }
}, 5);

await sleep(AROUND);
await vanish(collector);
await sleep(outage);
collector = await listen(port);
await sleep(AROUND);
clearInterval(tick);
for (const { consumer } of programs) while (!(await consumer.flush(10_000)));
await vanish(collector);

console.log(`The collector was gone for ${outage / 1000} s of ${Math.round((Date.now() - begun) / 1000)} s\n`);
console.log('               recorded   arrived   dropped   unaccounted   99 % of call()');
let lost = 0;
for (const { name, consumer, recorded, times } of programs) {
  const slowest = times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)];
  const { dropped, queued } = consumer.stats().traces;
  const unaccounted = recorded - (arrived.get(name)?.size ?? 0) - dropped - queued;
  lost += Math.abs(unaccounted);
  const cells = [recorded, arrived.get(name)?.size ?? 0, dropped, unaccounted];
  console.log(
    `  ${name.padEnd(12)}${cells.map(cell => String(cell).padStart(10)).join('')}${`${slowest.toFixed(2)} ms`.padStart(16)}`,
  );
}
console.log(`\n  event loop: 99 % of its turns within ${(delay.percentile(99) / 1e6).toFixed(1)} ms`);
for (const line of said) console.log(`  said: ${line}`);
process.exit(lost === 0 ? 0 : 1);
