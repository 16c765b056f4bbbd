/**
 * What a Python program pays, beside a bare run, `ddtrace-run`, `opentelemetry-instrument` and OpenLIT's own launcher: an
 * empty script, the import of an LLM library, calls and streams of openai's client, and eight workers of gunicorn. CPU time
 * and memory are the program's; ours has an observer beside it, whose own cost is printed at the end.
 *
 *   node bench/python.mjs [--rounds N] [--python PATH]
 *
 * Needs a build. Installs its environments into `.cache/bench-python` once (about 500 MB, a package index is needed).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measurePaired, printTable, timeCommand } from './paired.mjs';
import { ENVIRONMENTS, environment, SDK_CACHE } from './python-environment.mjs';
import { tapVariable } from './tap.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PROGRAMS = path.join(ROOT, 'bench/programs');
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '11' }, python: { type: 'string', default: 'python3' } },
});
const rounds = Number(values.rounds);
const few = Math.max(3, Math.ceil(rounds / 3));

const bins = Object.fromEntries(
  Object.keys(ENVIRONMENTS).map(name => [name, path.join(environment(name, values.python), 'bin')]),
);
const own = /^(OTEL|OPENLIT|DD)_|^PYTHON(PATH|DONTWRITEBYTECODE)$/;
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));

const collector = http.createServer((request, response) => request.resume().on('end', () => response.end('{}')));
collector.listen(0, '127.0.0.1');
await once(collector, 'listening');
const collectorUrl = `http://127.0.0.1:${collector.address().port}`;
const model = spawn(process.execPath, [path.join(PROGRAMS, 'node-server.mjs')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const port = String((await once(model.stdout, 'data'))[0]).trim();

const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-python-'));
const told = { OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl };
const otel = { ...clean, ...told, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };
const datadog = { DD_TRACE_AGENT_URL: collectorUrl, DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false' };

/** Name -> folder of the programs, words before them, environment. */
const CONTESTANTS = {
  bare: [bins.ours, [], clean],
  ours: [
    bins.ours,
    [],
    {
      ...clean,
      OPENLIT_INSTRUMENT_CACHE_DIR: SDK_CACHE,
      PYTHONPATH: path.join(ROOT, 'dist/bootstrap/python'),
      OPENLIT_INSTRUMENT_TAP: tapVariable(folder, told),
    },
  ],
  'ddtrace-run': [bins.datadog, ['ddtrace-run'], { ...clean, ...datadog }],
  'opentelemetry-instrument': [bins.otel, ['opentelemetry-instrument'], otel],
  'openlit-instrument (Python)': [bins.openlit, ['openlit-instrument'], otel],
};

/** Name -> words and environment that start `words` so. */
function started(words, more = {}) {
  return Object.entries(CONTESTANTS).map(([name, [bin, before, env]]) => [
    name,
    [...before, ...words].map((word, at) => (at === 0 || at === before.length ? path.join(bin, word) : word)),
    { ...env, ...more, PATH: `${bin}:${env.PATH}` },
  ]);
}

async function compare(title, code, aim, more) {
  const variants = started(['python', '-c', code], more).map(([name, argv, env]) => [
    name,
    () => timeCommand(argv, { env }),
  ]);
  const result = await measurePaired({ rounds, variants: Object.fromEntries(variants) });
  printTable(title, result, { aims: { ours: aim } });
}

await compare('an empty script', 'pass', '<= bare + 10 ms');
await compare('an empty script, PYTHONDONTWRITEBYTECODE=1', 'pass', '<= bare + 10 ms', {
  PYTHONDONTWRITEBYTECODE: '1',
});
await compare('`import openai`', 'import openai', '<= bare + 5 ms');

/** What a program printed as JSON. */
async function figures(argv, env) {
  const child = spawn(argv[0], argv.slice(1), { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', part => {
    text += part;
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`);
  return JSON.parse(text.trim().split('\n').at(-1));
}

/** Runs all contestants in turns, and prints a table of each figure. */
async function each(title, words, tables, environ) {
  const runs = Object.fromEntries(Object.keys(CONTESTANTS).map(name => [name, []]));
  const variants = started(words, environ).map(([name, argv, env]) => [
    name,
    async () => runs[name].push(await figures(argv, env)),
  ]);
  await measurePaired({ rounds: few, warmup: 1, variants: Object.fromEntries(variants) });
  return printFigures(title, runs, tables);
}

/** The same runs, read again for each figure. The first of each was a warm-up. @returns figure -> name -> the least */
async function printFigures(title, runs, tables) {
  const least = {};
  for (const [figure, what, unit, aim] of tables) {
    const read = Object.entries(runs).map(([name, list]) => {
      const each = list.slice(1).values();
      return [name, () => each.next().value[figure]];
    });
    const result = await measurePaired({ rounds: few, warmup: 0, variants: Object.fromEntries(read) });
    printTable(`${title}: ${what}`, result, { unit, ...(aim === undefined ? {} : { aims: { ours: aim } }) });
    least[figure] = Object.fromEntries(result.rows.map(row => [row.name, row.min]));
  }
  return least;
}

const loop = mode => ['python', path.join(PROGRAMS, 'python-loop.py'), port, mode];
const CPU = ["the program's CPU time a call", 'us'];
const calls = await each('calls of openai', loop('chat'), [
  ['cpu', ...CPU, '<= bare + 150 us'],
  ['memory', 'memory of the program', 'MB', '<= bare + 3 MB'],
]);
const streams = await each('streams of 50 chunks', loop('stream'), [['cpu', ...CPU]]);
await each('calls that are no model calls', loop('other'), [['cpu', ...CPU]]);
console.log("\nThe program's CPU time above bare, least of the rounds:");
for (const name of Object.keys(CONTESTANTS).slice(1)) {
  const call = calls.cpu[name] - calls.cpu.bare;
  const chunk = (streams.cpu[name] - streams.cpu.bare - call) / 50;
  console.log(`  ${name.padEnd(28)} ${call.toFixed(0)} us a call, ${chunk.toFixed(1)} us a chunk`);
}

/** Processes of gunicorn: the one that was started, and its workers. */
function family(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return [pid, ...children.flatMap(family)];
}

function memoryOf(pid) {
  const kilobytes = /^Pss:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Milliseconds of CPU so far. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Eight workers, 200 requests of eight clients: { ready: ms, cpu: ms, memory: MB, all processes together }. */
async function gunicorn(argv, env) {
  const free = http.createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port: at } = free.address();
  free.close();
  const begun = performance.now();
  const words = [...argv, '-w', '8', '-b', `127.0.0.1:${at}`, 'gunicorn_app:app'];
  const child = spawn(words[0], words.slice(1), { env, cwd: PROGRAMS, stdio: 'ignore' });
  const ask = () => fetch(`http://127.0.0.1:${at}/`).then(answer => answer.text());
  while ((await ask().catch(() => '')) !== 'done') await delay(20);
  const ready = performance.now() - begun;
  const client = async () => {
    for (let each = 0; each < 25; each += 1) await ask();
  };
  await Promise.all(Array.from({ length: 8 }, client));
  const pids = family(child.pid);
  const sum = of => pids.reduce((total, pid) => total + of(pid), 0);
  const result = { ready, cpu: sum(cpuOf), memory: sum(memoryOf) };
  child.kill('SIGTERM');
  await once(child, 'close');
  return result;
}

const servers = Object.fromEntries(Object.keys(CONTESTANTS).map(name => [name, []]));
const variants = started(['gunicorn'], { BENCH_PROVIDER: `http://127.0.0.1:${port}/v1` }).map(([name, argv, env]) => [
  name,
  async () => servers[name].push(await gunicorn(argv, env)),
]);
await measurePaired({ rounds: few, warmup: 1, variants: Object.fromEntries(variants) });
await printFigures('gunicorn -w 8, 200 calls', servers, [
  ['ready', 'from its start to the first answer', 'ms'],
  ['cpu', 'CPU time of all its processes', 'ms'],
  ['memory', 'memory of all its processes', 'MB'],
]);

for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) continue;
    readlinkSync(`/proc/${pid}/exe`);
    const resident = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    console.log(
      `\nThe observer: ${(Number(resident) / 1024).toFixed(0)} MB resident (aim: 80), ${cpuOf(pid)} ms of CPU so far`,
    );
  } catch {
    // It has ended meanwhile.
  }
}

model.kill();
collector.close();
collector.closeAllConnections();
rmSync(folder, { recursive: true, force: true });
