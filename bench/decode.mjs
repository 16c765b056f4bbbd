/**
 * Decoder throughput on one core, from the bytes of an HTTP/1.1 connection to encoded telemetry at a collector: chat JSON of
 * 2 kB and 200 kB and streams of 50 and 2,000 chunks. Four chains are run in turns, each with one stage more than the one
 * before, so that the differences are the stages' shares:
 *
 *   protocol   bytes -> exchange (HTTP/1.1, chunked; each chunk of a stream is a record of its own, as on the wire)
 *   decode     exchange -> call
 *   render     call -> attributes, cost, metrics
 *   export     the whole chain of the observer: merge, content policy, redaction, cost, sampling, and OTLP protobuf posted
 *              to a collector of another process
 *
 * Processor time, not the clock's; `--quick` runs fewer rounds. Content is off, as it is by default; the last column has it on.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createCostCalculator } from '../dist/calls/cost.js';
import { loadPrices } from '../dist/calls/load-prices.js';
import { createPipeline } from '../dist/calls/pipeline.js';
import { createAggregator } from '../dist/telemetry/aggregator.js';
import { createOtlpConsumer } from '../dist/telemetry/otlp-consumer.js';
import { renderCall } from '../dist/telemetry/render.js';
import { telemetrySettingsFromEnvironment } from '../dist/telemetry/settings.js';
import { createConnectionDecoder } from '../dist/wire/protocol/index.js';
import { createCallDecoder } from '../dist/wire/providers/index.js';
import { measurePaired } from './paired.mjs';

const quick = process.argv.includes('--quick');
const rounds = quick ? 3 : 11;
/** Seconds of processor time: before anything counts, and of one run of a chain, about. */
const WARM_UP = 1;
const RUN = quick ? 0.1 : 0.25;

const COLLECTOR = `
const server = require('node:http').createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end());
}).listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
`;

const usage = { prompt_tokens: 400, completion_tokens: 50, total_tokens: 450 };
const text = (sentence, size) => sentence.repeat(Math.ceil(size / sentence.length)).slice(0, size);

function requestOf(size, stream) {
  const messages = [{ role: 'user', content: text('The sea is salty because rivers carry salt into it. ', size) }];
  const body = JSON.stringify({ messages, model: 'gpt-4o', temperature: 0.5, stream });
  return Buffer.from(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nAccept: application/json\r\nContent-Type: application/json\r\n` +
      `User-Agent: OpenAI/Python 2.3.0\r\nX-Stainless-Lang: python\r\nX-Stainless-Retry-Count: 0\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const HEAD =
  'HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nx-request-id: req_1\r\nopenai-processing-ms: 812\r\n';

function chat(size) {
  const message = { role: 'assistant', content: text('Because rivers carry it there. ', size) };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  const body = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-4o-2024-11-20',
    choices,
    usage,
  });
  const head = `${HEAD}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return exchange(requestOf(size, false), records(Buffer.from(head + body)));
}

/** What one TLS record holds at most. */
const RECORD = 16 * 1024;

function records(bytes) {
  return Array.from({ length: Math.ceil(bytes.length / RECORD) }, (_, index) =>
    bytes.subarray(index * RECORD, (index + 1) * RECORD),
  );
}

/** Tokens differ from chunk to chunk, and so does the padding of their length. */
const WORDS = ['The', ' sea', ' is', ' salty', ' because', ' rivers', ' carry', ' salt', ' into', ' it', '.'];

function stream(chunks) {
  const event = data => {
    const line = `data: ${data}\n\n`;
    return Buffer.from(`${Buffer.byteLength(line).toString(16)}\r\n${line}\r\n`);
  };
  const chunk = (choices, more) =>
    event(
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'gpt-4o-2024-11-20',
        service_tier: 'default',
        system_fingerprint: 'fp_1',
        choices,
        ...more,
      }),
    );
  const token = at => ({ index: 0, delta: { content: WORDS[at % WORDS.length] }, logprobs: null, finish_reason: null });
  return exchange(requestOf(2_000, true), [
    Buffer.from(`${HEAD}Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n`),
    ...Array.from({ length: chunks }, (_, at) => chunk([token(at)], { obfuscation: 'abcdefghij'.slice(at % 7) })),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    chunk([], { usage }),
    event('[DONE]'),
    Buffer.from('0\r\n\r\n'),
  ]);
}

function exchange(request, received) {
  const bytes = request.length + received.reduce((sum, record) => sum + record.length, 0);
  return { sent: records(request), received, bytes };
}

const nothing = () => {};
const IDLE = {
  requestHead: nothing,
  requestBody: nothing,
  requestEnd: nothing,
  responseHead: nothing,
  responseBody: nothing,
  message: nothing,
  partial: nothing,
  end: nothing,
};

/** One keep-alive connection with `count` exchanges; records come a millisecond apart. */
function play({ sent, received }, count, open) {
  const connection = createConnectionDecoder(open);
  let at = 1_760_000_000_000_000_000n;
  for (let each = 0; each < count; each++) {
    for (const record of sent) connection.data('sent', record, at);
    for (const record of received) {
      at += 1_000_000n;
      connection.data('received', record, at);
    }
  }
  connection.close(at);
}

/** The chains, each a function that plays `count` exchanges and resolves when all is done. */
function chains(each, endpoint, captured) {
  const settings = telemetrySettingsFromEnvironment({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_BSP_MAX_QUEUE_SIZE: '1000000',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: captured,
  });
  const costOf = createCostCalculator({ loadPrices });
  const resource = { attributes: { 'service.name': 'bench' } };
  const content = captured !== 'off';
  const decoded = onCall => createCallDecoder({ content, newId: () => 'id', onCall });
  const aggregator = createAggregator('cumulative', 1n);
  const consumer = createOtlpConsumer({ settings, version: '0', queueBytes: 2 ** 30 });
  const pipeline = createPipeline({ consumers: [consumer], costOf, notice: line => console.error(line) });
  const target = pipeline.open({ resource, settings });
  let calls = 0;
  return {
    protocol: async count => play(each, count, () => IDLE),
    decode: async count => {
      const before = calls;
      play(
        each,
        count,
        decoded(() => calls++),
      );
      if (calls - before !== count) throw new Error(`${calls - before} of ${count} calls were decoded`);
    },
    render: async count =>
      play(
        each,
        count,
        decoded(call => {
          const rendered = renderCall(call, { ...settings, cost: costOf(call) });
          for (const measurement of rendered.measurements) aggregator.add(measurement);
        }),
      ),
    export: async count => {
      play(each, count, target.openFor());
      if (!(await pipeline.flush(60_000))) throw new Error('the collector did not take everything');
    },
  };
}

/** Microseconds of this process's CPU an exchange. */
async function cost(run, count) {
  const before = process.cpuUsage();
  await run(count);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

async function measure(each, endpoint, captured, stages) {
  const all = chains(each, endpoint, captured);
  // As many exchanges as make a run of about the same length, whatever the case; found once the code is warm.
  let count = 5;
  for (let spent = 0; spent < WARM_UP * 1e6; ) {
    const each = await cost(all.export, count);
    spent += each * count;
    count = Math.max(5, Math.round((RUN * 1e6) / each));
  }
  const variants = Object.fromEntries(stages.map(stage => [stage, () => cost(all[stage], count)]));
  const { rows } = await measurePaired({ rounds, warmup: 2, variants, base: stages[0] });
  return Object.fromEntries(rows.map(row => [row.name, row.median]));
}

const CASES = [
  ['chat JSON, 2 kB', chat(2_000)],
  ['chat JSON, 200 kB', chat(200_000)],
  ['stream of 50 chunks', stream(50)],
  ['stream of 2,000 chunks', stream(2_000)],
];
const STAGES = ['protocol', 'decode', 'render', 'export'];
let aim = '';
const AIM = ['stream of 50 chunks', 5_000];

const collector = spawn(process.execPath, ['-e', COLLECTOR], { stdio: ['pipe', 'pipe', 'inherit'] });
const [port] = await once(collector.stdout, 'data');
const endpoint = `http://127.0.0.1:${Number(port)}`;

const columns = (name, cells) =>
  console.log(`  ${name.padEnd(24)}${cells.map(cell => String(cell).padStart(14)).join('')}`);
console.log('One core, from the bytes of a connection to telemetry at a collector (share of each stage)\n');
columns('', ['exchanges/s', 'MB/s', ...STAGES, 'content on/s']);
for (const [name, each] of CASES) {
  const off = await measure(each, endpoint, 'off', STAGES);
  const on = await measure(each, endpoint, 'both', ['export']);
  const perSecond = 1e6 / off.export;
  const share = (stage, index) => off[stage] - (index === 0 ? 0 : off[STAGES[index - 1]]);
  columns(name, [
    Math.round(perSecond),
    ((perSecond * each.bytes) / 1e6).toFixed(0),
    ...STAGES.map((stage, index) => `${Math.round((Math.max(0, share(stage, index)) / off.export) * 100)} %`),
    Math.round(1e6 / on.export),
  ]);
  if (name === AIM[0]) {
    aim = `\n  aim for a ${name}: ${AIM[1].toLocaleString('en')} a second; ${Math.round(perSecond).toLocaleString('en')} whole, ${Math.round(1e6 / off.decode).toLocaleString('en')} decoded`;
  }
}
console.log(aim);
collector.stdin.end();
await once(collector, 'exit');
process.exit(0);
