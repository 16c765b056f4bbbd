// Decoder throughput on one core: `node bench/decode.mjs [--seconds 1]`, also part of `npm run bench`. Chat JSON of 2 kB and 200 kB and
// streams of 50 and 2,000 chunks, with and without content, and the share of each stage. Sources are bundled in memory, so
// no build is needed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '1' } } });
const seconds = Number(values.seconds);

const folder = mkdtempSync(path.join(tmpdir(), 'openlit-bench-'));
const file = path.join(folder, 'decode.mjs');
await build({
  stdin: {
    contents: `export { createCallDecoder } from './src/wire/providers/index.ts';
export { replayExchange } from './src/wire/exchange-replay.ts';
export { createSseDecoder } from './src/wire/protocol/streams/sse.ts';`,
    resolveDir: root,
  },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  outfile: file,
  logLevel: 'error',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
const { createCallDecoder, replayExchange, createSseDecoder } = await import(pathToFileURL(file).href);
rmSync(folder, { recursive: true, force: true });

const usage = { prompt_tokens: 400, completion_tokens: 50, total_tokens: 450 };

function requestOf(size, stream) {
  const text = 'The sea is salty because rivers carry salt into it. ';
  const content = text.repeat(Math.ceil(size / text.length)).slice(0, size);
  return Buffer.from(
    JSON.stringify({ messages: [{ role: 'user', content }], model: 'gpt-4o', temperature: 0.5, stream }),
  );
}

function chatExchange(size) {
  const content = 'Because rivers carry it there. '.repeat(Math.ceil(size / 31)).slice(0, size);
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  const answer = { id: 'chatcmpl-1', object: 'chat.completion', model: 'gpt-4o-2024-11-20', choices, usage };
  return exchangeOf(requestOf(size, false), [Buffer.from(JSON.stringify(answer))], 'application/json');
}

function streamExchange(chunks) {
  const chunk = (choices, more) =>
    Buffer.from(
      `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-2024-11-20', service_tier: 'default', system_fingerprint: 'fp_1', choices, ...more })}\n\n`,
    );
  const deltas = Array.from({ length: chunks }, () =>
    chunk([{ index: 0, delta: { content: ' token' }, logprobs: null, finish_reason: null }], { obfuscation: 'abcdef' }),
  );
  const end = [
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    chunk([], { usage }),
    Buffer.from('data: [DONE]\n\n'),
  ];
  return exchangeOf(requestOf(2_000, true), [...deltas, ...end], 'text/event-stream');
}

function exchangeOf(requestBody, chunks, type) {
  const exchange = {
    id: '1',
    role: 'client',
    protocol: 'http/1.1',
    host: 'api.openai.com',
    method: 'POST',
    path: '/v1/chat/completions',
    requestHeaders: { 'content-type': 'application/json' },
    requestBody,
    status: 200,
    responseHeaders: { 'content-type': type },
    responseBody: Buffer.concat(chunks),
    partial: [],
  };
  return { exchange, chunks, bytes: requestBody.length + exchange.responseBody.length };
}

/** Calls per second of processor time (not of the clock, which a busy machine stretches), best of five rounds. */
function rate(work) {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const begin = process.cpuUsage();
    let count = 0;
    let spent = 0;
    do {
      for (let each = 0; each < 8; each++) work();
      count += 8;
      const { user, system } = process.cpuUsage(begin);
      spent = (user + system) / 1e6;
    } while (spent < seconds / 5);
    best = Math.max(best, count / spent);
  }
  return best;
}

function decodeRate({ exchange, chunks }, content) {
  let calls = 0;
  const open = createCallDecoder({ content, newId: () => 'id', onCall: () => calls++ });
  // Each part of the answer comes by itself, as it does on the wire.
  const chunking = body => (body === exchange.responseBody ? chunks : [body]);
  const perSecond = rate(() => replayExchange(exchange, open, chunking));
  if (calls === 0) throw new Error('nothing was decoded');
  return perSecond;
}

const cases = [
  ['chat JSON, 2 kB', chatExchange(2_000)],
  ['chat JSON, 200 kB', chatExchange(200_000)],
  ['chat JSON, 2 MB', chatExchange(2_000_000)],
  ['stream of 50 chunks', streamExchange(50)],
  ['stream of 2,000 chunks', streamExchange(2_000)],
];

console.log(`decoder, one core of Node ${process.version} (content off | on)\n`);
for (const [name, each] of cases) {
  const columns = [false, true].map(content => {
    const perSecond = decodeRate(each, content);
    return `${Math.round(perSecond).toString().padStart(8)} calls/s ${((perSecond * each.bytes) / 1e6).toFixed(0).padStart(5)} MB/s`;
  });
  console.log(`  ${name.padEnd(24)} ${columns.join('  |')}`);
}

const stream = streamExchange(50);
const whole = decodeRate(stream, false);
const framing = rate(() => {
  const decoder = createSseDecoder();
  for (const chunk of stream.chunks) decoder.feed(chunk);
  decoder.end();
});
const events = stream.chunks.slice(0, -1).map(chunk => chunk.toString().slice(6));
const parsing = rate(() => {
  for (const event of events) JSON.parse(event);
});
const share = perSecond => `${Math.round((whole / perSecond) * 100)} %`;
console.log(
  `\n  shares of a stream of 50 chunks: event framing ${share(framing)}, JSON ${share(parsing)}, provider and record ${Math.max(0, Math.round((1 - whole / framing - whole / parsing) * 100))} %`,
);
