/**
 * Kept runs: how fast they are read, what they take in memory, and what questions cost. `node bench/store.mjs [calls] [runs]`
 * (default 500000 in 200); needs a build. Beside it, what parsing the same lines alone takes.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = new URL('../dist/store/', import.meta.url).href;
const { openReader } = await import(`${dist}reader.js`);
const { selectRows } = await import(`${dist}filter.js`);
const { groupRows, sumRows } = await import(`${dist}sums.js`);
const { searchText } = await import(`${dist}search.js`);

const MODELS = ['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-pro', 'llama3.2'];
const PROVIDERS = ['openai', 'openai', 'anthropic', 'gcp.gemini', 'ollama'];

/** The same numbers each time. */
function generator(seed = 1) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Writes runs as `run` and `attach` keep them.
 * @param content also a prompt of some hundred words in each call
 */
export function writeRuns(folder, calls, runs, content = false) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const random = generator();
  const hex = digits => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  const begin = Date.parse('2026-01-01T00:00:00.000Z');
  const words = Array.from(
    { length: 300 },
    (_, index) => `word${Math.floor(random() * 5000)}${index % 17 === 0 ? '.' : ''}`,
  ).join(' ');
  for (let run = 0; run < runs; run++) {
    const started = new Date(begin + run * 3_600_000).toISOString();
    const file = openSync(path.join(folder, `${started.replaceAll(':', '')}-${1000 + run}.ndjson`), 'w', 0o600);
    const lines = [JSON.stringify({ version: 1, run: { program: 'python3', pid: 1000 + run, started, way: 'run' } })];
    for (let call = 0; call < calls / runs; call++) {
      const which = Math.floor(random() * MODELS.length);
      const start = BigInt(begin + run * 3_600_000 + call * 900) * 1_000_000n;
      const end = start + BigInt(Math.floor(random() * 5e9));
      const [input, output] = [Math.floor(random() * 4000), Math.floor(random() * 900)];
      const amount = input * 1.5e-7 + output * 6e-7;
      const failed = random() < 0.02;
      const messages = content
        ? {
            'gen_ai.input.messages': JSON.stringify([
              { role: 'user', parts: [{ type: 'text', content: `${call} ${words}` }] },
            ]),
            'gen_ai.output.messages': JSON.stringify([
              { role: 'assistant', parts: [{ type: 'text', content: words }], finish_reason: 'stop' },
            ]),
          }
        : {};
      lines.push(
        JSON.stringify({
          id: hex(16),
          pid: 1000 + run,
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.provider.name': PROVIDERS[which],
            'gen_ai.conversation.id': `session-${run}-${Math.floor(call / 20)}`,
            'gen_ai.request.model': MODELS[which],
            'gen_ai.response.id': `chatcmpl-${hex(24)}`,
            'gen_ai.response.model': MODELS[which],
            ...(failed ? { 'error.type': 'rate_limit_exceeded' } : { 'gen_ai.response.finish_reasons': ['stop'] }),
            'gen_ai.usage.input_tokens': input,
            'gen_ai.usage.output_tokens': output,
            'gen_ai.usage.total_tokens': input + output,
            'openai.api.type': 'chat_completions',
            'gen_ai.usage.cost': amount,
            'openlit.cost.source': 'computed',
            'openlit.cost.price_data': 'genai-prices 0.1.8',
            'server.address': '127.0.0.1',
            'server.port': 9911,
            'http.response.status_code': failed ? 429 : 200,
            ...messages,
          },
          start: String(start),
          first_chunk: String(start + 90_000_000n),
          end: String(end),
          partial: [],
          cost: { amount, currency: 'USD', source: 'computed' },
          ...(content ? { output_text: words, tool_calls: [] } : {}),
          process: 'python3',
          trace_id: hex(32),
        }),
      );
      if (lines.length === 5000) writeSync(file, `${lines.splice(0).join('\n')}\n`);
    }
    if (lines.length > 0) writeSync(file, `${lines.join('\n')}\n`);
    closeSync(file);
  }
}

const megabytes = bytes => `${(bytes / 1e6).toFixed(0)} MB`;

async function timed(name, work) {
  const begin = performance.now();
  const result = await work();
  process.stdout.write(`${name.padEnd(44)} ${(performance.now() - begin).toFixed(1).padStart(9)} ms\n`);
  return result;
}

function resident() {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

async function measure(calls, runs, content) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-store-'));
  try {
    writeRuns(folder, calls, runs, content);
    const files = readdirSync(folder).map(name => path.join(folder, name));
    const size = files.reduce((sum, file) => sum + statSync(file).size, 0);
    process.stdout.write(`${calls} calls in ${runs} runs, ${megabytes(size)}${content ? ', with messages' : ''}\n`);
    const before = resident();
    const reader = openReader({ folder });
    const { table } = reader;
    let first;
    const begin = performance.now();
    await timed('read all', () => reader.read(() => (first ??= performance.now() - begin)));
    const after = resident();
    process.stdout.write(`${'the first run, the newest'.padEnd(44)} ${first.toFixed(1).padStart(9)} ms\n`);
    process.stdout.write(
      `${'memory that it takes'.padEnd(44)} ${megabytes(after - before).padStart(12)} (${((after - before) / table.length).toFixed(0)} bytes a call)\n`,
    );
    const all = await timed('all rows', () => selectRows(table));
    await timed('filter by model, errors, slower than', () =>
      selectRows(table, { model: 'gpt*', error: true, slower: 2 }),
    );
    await timed('sum of all', () => sumRows(table, all));
    await timed('sums by model', () => groupRows(table, all, 'model', reader.runs));
    await timed('sums by session', () => groupRows(table, all, 'session', reader.runs));
    await timed('one line', () => reader.line(all[Math.floor(all.length / 2)]));
    await timed('text in all lines', () => searchText(reader, all, 'word4321'));
    await timed('the same lines through JSON.parse alone', () => {
      for (const file of files)
        for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') JSON.parse(line);
    });
    process.stdout.write('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [calls = 500_000, runs = 200] = process.argv.slice(2).map(Number);
  await measure(calls, runs, false);
  await measure(Math.ceil(calls / 10), runs, true);
}
