/**
 * What is lost where no code can run any more: real programs call a replaying provider and are ended hard, and a collector
 * counts what came. Two figures each: how old the oldest lost call was at the end, and how long the first call of a process
 * is on its way (until then it would be lost). `node bench/loss.mjs [--rounds N] [--python PATH]`; needs a build. PATH has
 * openai; without it an environment is installed into `.cache/bench-python` once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../examples/provider/server.mjs';
import { environment, SDK_CACHE, setupSdk } from './python-environment.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const word = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const rounds = Number(word('--rounds', 15));
const python = word('--python') ?? path.join(environment('ours'), 'bin/python');

/** Milliseconds for what is in the kernel's buffers when a program is gone. */
const SETTLE = 300;

/** Arrival of each span, Unix milliseconds. */
let arrived = [];
let onArrival = () => {};
const collector = createServer(async (request, response) => {
  const body = await buffer(request);
  if (request.url === '/v1/traces') {
    const now = performance.timeOrigin + performance.now();
    for (const { scopeSpans } of JSON.parse(body).resourceSpans) {
      for (const { spans } of scopeSpans) for (const _ of spans) arrived.push(now);
    }
    onArrival();
  }
  response.end('{}');
}).listen(0, '127.0.0.1');
await once(collector, 'listening');
const provider = await startProvider({ tls: false, fixtures: path.join(ROOT, 'test/fixtures/node') });

const ours = /^(OTEL|OPENLIT)_|^PYTHON(PATH|DONTWRITEBYTECODE)$|^NODE_OPTIONS$/;
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))),
  OPENAI_BASE_URL: `${provider.url}/openai/v1`,
  OPENAI_API_KEY: 'sk-bench',
  OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE,
};
setupSdk(python, env);
const launcher = [
  path.join(ROOT, 'bin/run.js'),
  '--quiet',
  '--endpoint',
  `http://127.0.0.1:${collector.address().port}`,
];

function start(words, milliseconds, ending) {
  arrived = [];
  const all = [...launcher, '--protocol', 'http/json', ...words, String(milliseconds), ending];
  return spawn(process.execPath, all, { env, stdio: ['ignore', 'pipe', 'ignore'] });
}

/** @returns {Promise<{lost: number, age: number}>} calls that did not arrive, and the age of the oldest in milliseconds */
async function endedHard(words, ending) {
  const child = start(words, 1000 + Math.floor(Math.random() * 200), ending);
  const lines = String(await buffer(child.stdout))
    .split('\n')
    .filter(Boolean);
  await new Promise(resolve => setTimeout(resolve, SETTLE));
  const end = Number(lines.pop().replace('end ', '')) / 1e6;
  const lost = lines.slice(arrived.length);
  return { lost: lost.length, age: lost.length === 0 ? 0 : end - Number(lost[0]) / 1e6 };
}

/** @returns {Promise<number>} milliseconds between the first call's end and its span's arrival */
async function firstCall(words) {
  const arrival = new Promise(resolve => {
    onArrival = resolve;
  });
  const child = start(words, 0, 'wait');
  const [line] = await once(child.stdout, 'data');
  await arrival;
  child.kill('SIGKILL');
  await once(child, 'close');
  return arrived[0] - Number(String(line)) / 1e6;
}

const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const show = (name, values, more = '') =>
  process.stdout.write(
    `${name.padEnd(44)} median ${median(values).toFixed(0).padStart(4)} ms   most ${Math.max(...values)
      .toFixed(0)
      .padStart(4)} ms${more}\n`,
  );

async function measure(name, words, endings) {
  for (const ending of endings) {
    const runs = [];
    for (let round = 0; round < rounds; round++) runs.push(await endedHard(words, ending));
    const calls = runs.map(({ lost }) => lost);
    show(
      `${name}, ${ending}: oldest lost call`,
      runs.map(({ age }) => age),
      `   calls ${median(calls)}, most ${Math.max(...calls)}`,
    );
  }
  const times = [];
  for (let round = 0; round < rounds; round++) times.push(await firstCall(words));
  show(`${name}: the first call is on its way for`, times);
}

const programs = path.join(ROOT, 'bench/programs');
await measure('Python', [python, path.join(programs, 'calls.py')], ['_exit', 'SIGTERM', 'SIGKILL']);
await measure('Node', [process.execPath, path.join(programs, 'calls.cjs')], ['abort', 'SIGTERM', 'SIGKILL']);

await provider.close();
collector.close();
