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
 * What is no call ends with `protocol` and `decode`. `--before DIR` names a built clone of an older version (`git worktree add
 * DIR COMMIT`): then the last column has the ratio of this version's time to that one's, run in turns.
 *
 * Processor time, not the clock's; `--quick` runs fewer rounds. Content is off, as it is by default; the last column has it on.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CASES } from './decode-cases.mjs';
import { measurePaired } from './paired.mjs';

/** Of this version, or of another built clone. */
async function versionOf(folder) {
  const load = file => import(pathToFileURL(path.join(folder, 'dist', file)).href);
  const modules = await Promise.all(
    [
      'calls/cost.js',
      'calls/load-prices.js',
      'calls/pipeline.js',
      'telemetry/aggregator.js',
      'telemetry/otlp-consumer.js',
    ]
      .concat(['telemetry/render.js', 'telemetry/settings.js', 'wire/protocol/index.js', 'wire/providers/index.js'])
      .map(load),
  );
  return Object.assign({}, ...modules);
}

const quick = process.argv.includes('--quick');
const beforeAt = process.argv.indexOf('--before');
const now = await versionOf(path.join(import.meta.dirname, '..'));
const older = beforeAt < 0 ? undefined : await versionOf(path.resolve(process.argv[beforeAt + 1] ?? ''));
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
function play({ createConnectionDecoder }, { sent, received }, count, open) {
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
function chains(version, each, isCall, endpoint, captured) {
  const { createCostCalculator, loadPrices, createPipeline, createAggregator } = version;
  const { createOtlpConsumer, renderCall, telemetrySettingsFromEnvironment, createCallDecoder } = version;
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
    protocol: async count => play(version, each, count, () => IDLE),
    decode: async count => {
      const before = calls;
      play(
        version,
        each,
        count,
        decoded(() => calls++),
      );
      if (calls - before !== (isCall ? count : 0)) throw new Error(`${calls - before} of ${count} calls were decoded`);
    },
    render: async count =>
      play(
        version,
        each,
        count,
        decoded(call => {
          const rendered = renderCall(call, { ...settings, cost: costOf(call) });
          for (const measurement of rendered.measurements) aggregator.add(measurement);
        }),
      ),
    export: async count => {
      play(version, each, count, target.openFor());
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

/** As many exchanges as make a run of about the same length, whatever the case; found once the code is warm. */
async function countFor(run) {
  let count = 5;
  for (let spent = 0; spent < WARM_UP * 1e6; ) {
    const each = await cost(run, count);
    spent += each * count;
    count = Math.max(5, Math.round((RUN * 1e6) / each));
  }
  return count;
}

async function measure(all, stages) {
  const count = await countFor(all[stages.at(-1)]);
  const variants = Object.fromEntries(stages.map(stage => [stage, () => cost(all[stage], count)]));
  const { rows } = await measurePaired({ rounds, warmup: 2, variants, base: stages[0] });
  return Object.fromEntries(rows.map(row => [row.name, row.median]));
}

/** This version's time by the older one's, with the quartiles of the rounds. */
async function ratioToBefore(all, before, stage) {
  await countFor(before[stage]);
  const count = await countFor(all[stage]);
  const variants = { before: () => cost(before[stage], count), now: () => cost(all[stage], count) };
  const { rows } = await measurePaired({ rounds: rounds * 2, warmup: 2, variants, base: 'before' });
  const { ratio, ratioLow, ratioHigh } = rows.find(({ name }) => name === 'now');
  return `${ratio.toFixed(2)} (${ratioLow.toFixed(2)}-${ratioHigh.toFixed(2)})`;
}

const STAGES = ['protocol', 'decode', 'render', 'export'];
let aim = '';
const AIM = ['stream of 50 chunks', 5_000];

const collector = spawn(process.execPath, ['-e', COLLECTOR], { stdio: ['pipe', 'pipe', 'inherit'] });
const [port] = await once(collector.stdout, 'data');
const endpoint = `http://127.0.0.1:${Number(port)}`;

const columns = (name, cells) =>
  console.log(`  ${name.padEnd(24)}${cells.map(cell => String(cell).padStart(13)).join('')}`);
console.log('One core, from the bytes of a connection to telemetry at a collector (share of each stage)\n');
columns('', ['exchanges/s', 'MB/s', ...STAGES, 'content on/s', ...(older ? ['        now/before'] : [])]);
for (const [name, each, isCall] of CASES) {
  const all = chains(now, each, isCall, endpoint, 'off');
  const stages = isCall ? STAGES : STAGES.slice(0, 2);
  const off = await measure(all, stages);
  const on = isCall ? await measure(chains(now, each, isCall, endpoint, 'both'), ['export']) : undefined;
  const whole = off[stages.at(-1)];
  const perSecond = 1e6 / whole;
  const share = (stage, index) => off[stage] - (index === 0 ? 0 : off[STAGES[index - 1]]);
  const before = older && chains(older, each, isCall, endpoint, 'off');
  columns(name, [
    Math.round(perSecond),
    ((perSecond * each.bytes) / 1e6).toFixed(0),
    ...STAGES.map((stage, index) =>
      stages.includes(stage) ? `${Math.round((Math.max(0, share(stage, index)) / whole) * 100)} %` : '-',
    ),
    on ? Math.round(1e6 / on.export) : '-',
    ...(before ? [`  ${await ratioToBefore(all, before, stages.at(-1))}`] : []),
  ]);
  if (name === AIM[0]) {
    aim = `\n  aim for a ${name}: ${AIM[1].toLocaleString('en')} a second; ${Math.round(perSecond).toLocaleString('en')} whole, ${Math.round(1e6 / off.decode).toLocaleString('en')} decoded`;
  }
}
console.log(aim);
collector.stdin.end();
await once(collector, 'exit');
process.exit(0);
