/**
 * What a Node program pays: the hook on an empty script beside OpenTelemetry's and OpenLIT's own preloads, then calls a
 * second on one keep-alive connection, bare and observed. The server answers at once, so that a call is nothing but the
 * program's own work; with a real model's thinking time the share is smaller. Peers come from test/support/node-peers.
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
const observed = { ...clean, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'bench' };
const preload = file => ({ ...observed, NODE_OPTIONS: `--require "${file}"` });
const envs = {
  bare: clean,
  ours: preload(hook),
  'auto-instrumentations-node': preload(
    path.join(peers, 'node_modules/@opentelemetry/auto-instrumentations-node/build/src/register.js'),
  ),
  'openlit/register': preload(path.join(peers, 'node_modules/openlit/dist/register.js')),
};

const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-node-'));
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

/** [calls a second, CPU microseconds a call] of one run. */
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

for (const [words, which, title, unit, better] of [
  [['chat', '16', '20'], 0, '16 calls of 1 kB at once, the model thinks 20 ms', '/s', 'higher'],
  [['stream', '16', '20'], 0, '16 streams of 50 chunks at once, the model thinks 20 ms', '/s', 'higher'],
  [['chat'], 0, 'calls of 1 kB one after another, the model does not think', '/s', 'higher'],
  [['chat'], 1, 'CPU time a call of 1 kB', 'us', 'lower'],
  [['stream'], 1, 'CPU time a stream of 50 chunks', 'us', 'lower'],
  [['other'], 0, 'calls that are no model calls', '/s', 'higher'],
]) {
  const figure = env => async () => (await loop(words, env))[which];
  const loops = { bare: figure(envs.bare), ours: figure(envs.ours) };
  const result = await measurePaired({ rounds: Math.ceil(rounds / 3), warmup: 1, variants: loops, base: 'bare' });
  printTable(title, result, { unit, better });
}

server.kill();
collector.close();
rmSync(folder, { recursive: true, force: true });
