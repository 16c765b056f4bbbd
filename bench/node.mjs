/**
 * What a Node program pays: the hook on an empty script beside OpenTelemetry's and OpenLIT's own preloads, then calls on
 * keep-alive connections, bare and observed. Server, collector, program and observer share this machine's cores, and the
 * server thinks for 20 ms or not at all, where a model thinks for hundreds; so the calls a second are the worst case, and
 * fewer where cores are busy with others' work. What the program itself pays is the CPU time of its threads and its memory;
 * the observer is another process, which is not counted here. Peers come from test/support/node-peers.
 *
 *   node bench/node.mjs [--rounds 15]
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measurePaired, printTable, timeCommand } from './paired.mjs';
import { tapVariable } from './tap.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const rounds = Number(values.rounds);
const here = import.meta.dirname;
const hook = process.env.NODE_HOOK ?? path.resolve(here, '../dist/bootstrap/node/hook.cjs');
const peers = path.resolve(here, '../test/support/node-peers');
const node = process.execPath;

if (!existsSync(path.join(peers, 'node_modules/.package-lock.json'))) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', '--prefix', peers, ...quiet], { cwd: peers, stdio: 'inherit' });
}

const collector = http.createServer((request, response) => request.resume().on('end', () => response.end('{}')));
await new Promise(done => collector.listen(0, '127.0.0.1', done));
const endpoint = `http://127.0.0.1:${collector.address().port}`;
const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(OTEL_|OPENLIT_|NODE_OPTIONS)/.test(name)),
);
const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-node-'));
const told = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'bench' };
const preload = file => ({ ...clean, ...told, NODE_OPTIONS: `--require "${file}"` });

const envs = {
  bare: clean,
  ours: { ...clean, NODE_OPTIONS: `--require "${hook}"`, OPENLIT_INSTRUMENT_TAP: tapVariable(folder, told) },
  'auto-instrumentations-node': preload(
    path.join(peers, 'node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js'),
  ),
  'openlit/register': preload(path.join(peers, 'node_modules/openlit/dist/register.js')),
};

writeFileSync(path.join(folder, 'empty.cjs'), '');
const variants = Object.fromEntries(
  Object.entries(envs).map(([name, env]) => [name, () => timeCommand([node, path.join(folder, 'empty.cjs')], { env })]),
);
printTable('an empty script', await measurePaired({ rounds, variants, base: 'bare' }), { unit: 'ms', better: 'lower' });

const server = spawn(node, [path.join(here, 'programs/node-server.mjs')], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: clean,
});
const port = await new Promise(done => server.stdout.once('data', text => done(String(text).trim())));

/** The figures of one run, see programs/node-loop.cjs. */
function loop(words, env) {
  return new Promise((resolve, reject) => {
    const program = path.join(here, 'programs/node-loop.cjs');
    const child = spawn(node, [program, port, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', part => {
      text += part;
    });
    child.on('error', reject).on('close', () => resolve(JSON.parse(text)));
  });
}

const FIGURES = {
  rate: ['calls a second', '/s', 'higher'],
  main: ["CPU time a call of the program's thread", 'us', 'lower'],
  others: ['CPU time a call of its other threads', 'us', 'lower'],
  memory: ['resident memory of the program', 'MB', 'lower'],
  delay: ['a timer is late, one of a hundred', 'ms', 'lower'],
};

for (const [words, title, names] of [
  [['chat', '16', '20'], '16 calls of 1 kB at once, the model thinks 20 ms', Object.keys(FIGURES)],
  [['stream', '16', '20'], '16 streams of 50 chunks at once, the model thinks 20 ms', Object.keys(FIGURES)],
  [['chat'], 'calls of 1 kB one after another, the model does not think', ['rate', 'main', 'others', 'memory']],
  [
    ['stream'],
    'streams of 50 chunks one after another, the model does not think',
    ['rate', 'main', 'others', 'memory'],
  ],
  [['other'], 'calls that are no model calls', ['rate', 'main']],
]) {
  const runs = { bare: [], ours: [] };
  const count = Math.ceil(rounds / 3);
  const variant = name => async () => runs[name].push(await loop(words, envs[name]));
  await measurePaired({ rounds: count, warmup: 1, variants: { bare: variant('bare'), ours: variant('ours') } });
  for (const name of names) {
    // The same runs, read again for each figure.
    const figures = Object.entries(runs).map(([key, list]) => {
      const values = list.slice(1).values();
      return [key, () => values.next().value[name]];
    });
    const [what, unit, better] = FIGURES[name];
    const result = await measurePaired({ rounds: count, warmup: 0, variants: Object.fromEntries(figures) });
    printTable(`${title}: ${what}`, result, { unit, better });
  }
}

server.kill();
collector.close();
rmSync(folder, { recursive: true, force: true });
