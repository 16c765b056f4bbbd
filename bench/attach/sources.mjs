/**
 * A row for each source of plaintext: what a call costs the program that makes it, under us and under empty probes at the same
 * places. Each measurement is a process of its own, that opens a connection, is observed, and then asks nginx some thousand
 * times; its CPU is read before and after. The three take turns, and a round's differences are compared, not its times.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuSeconds, has, pin, start } from './children.mjs';
import { BUN, clientsPython, goClient } from './clients.mjs';
import { attach, captured, detach, OURS } from './observers.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const programs = path.join(root, 'test/attach/programs');
const CALLS = 2000;
const BODY = 900;
const FLOOR = 'floor: empty, our places';

/** name -> `{words(port, plan), plain, env, count}`, or the reason why it cannot be had here. */
function sources(folder) {
  const python = clientsPython();
  const noPython = 'npm run test:e2e -- e2e/attach-clients makes the Python environment of the clients';
  const py = library =>
    python ? { words: (port, plan) => [python, path.join(programs, 'client.py'), library, port, plan] } : noPython;
  const node = (executable, more = {}) => ({
    words: (port, plan) => [executable, path.join(programs, 'client.mjs'), 'https', port, plan],
    ...more,
  });
  return {
    'OpenSSL, shared: Python http.client': py('http.client'),
    'OpenSSL, in the executable: Node https': node(process.execPath),
    'BoringSSL: Bun https': existsSync(BUN)
      ? node(BUN, { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } })
      : 'Bun is not in .cache/runtimes (npm run test:e2e -- e2e/attach-clients)',
    'BoringSSL: Python curl_cffi': py('curl_cffi'),
    'GnuTLS: wget': has('wget')
      ? { words: (port, plan) => [process.execPath, path.join(programs, 'client-wget.mjs'), port, plan] }
      : 'wget is not installed',
    'Go crypto/tls: net/http': has('go') ? { words: (port, plan) => [goClient(folder), port, plan] } : 'no Go',
    'rustls: Python httpr (reqwest)': py('httpr'),
    'plain HTTP: Python http.client': python
      ? { words: (port, plan) => [python, path.join(programs, 'client.py'), 'plain', port, plan], plain: true }
      : noPython,
  };
}

/** One process under one observer: microseconds of its CPU an exchange. */
async function once(source, observer, { ports, plan, folder }) {
  const [command, ...args] = source.words(`${source.plain ? ports.plain : ports.small}`, plan);
  const child = start(command, args, { env: { ...process.env, ...source.env } });
  const ready = await child.line(/^\{"ready"/);
  const pid = JSON.parse(ready).ready;
  pin(pid, 1);
  const watching = observer && (await attach(observer, pid, folder));
  try {
    // The last state that can be read of a process that ends by itself (wget).
    let cpu = cpuSeconds(pid);
    const before = cpu;
    const reading = setInterval(() => (cpu = Math.max(cpu, cpuSeconds(pid))), 5);
    child.stdin.write('go\n');
    await child.line(/^done$/);
    clearInterval(reading);
    cpu = Math.max(cpu, cpuSeconds(pid));
    child.stdin.end();
    await child.ended;
    return { each: ((cpu - before) / CALLS) * 1e6, done: watching };
  } finally {
    if (watching) await (watching.exitCode === null ? detach(watching) : watching.ended);
  }
}

/** Prints a row for each source whose name fits. */
export async function printSources({ folder, ports, observers, rounds, only }) {
  const plan = path.join(folder, 'plan-sources.json');
  writeFileSync(plan, JSON.stringify(Array.from({ length: CALLS }, () => ['POST', '/v1/chat/completions', BODY])));
  console.log(
    `\na row per source: ${CALLS} requests of ${BODY} bytes on one connection, µs of the program's CPU an exchange, least of ${rounds} rounds`,
  );
  console.log(`  ${''.padEnd(42)}            bare    empty probes     with attach       above them    captured`);
  for (const [name, source] of Object.entries(sources(folder))) {
    if (!only.test(name)) continue;
    if (typeof source === 'string') {
      console.log(`  ${name.padEnd(42)}left out: ${source}`);
      continue;
    }
    try {
      console.log(`  ${name.padEnd(42)}${await row(source, { folder, ports, plan, observers, rounds })}`);
    } catch (error) {
      console.log(`  ${name.padEnd(42)}left out: ${error.message.split('\n')[0]}`);
    }
  }
}

async function row(source, { folder, ports, plan, observers, rounds }) {
  const measured = { bare: [], floor: [], ours: [] };
  const table = {
    bare: undefined,
    floor: observers[source.plain ? 'floor: empty, sockets' : FLOOR],
    ours: observers[OURS],
  };
  let seen;
  await once(source, undefined, { ports, plan, folder }); // what is read from disk once
  for (let round = 0; round < rounds; round++) {
    const keys = Object.keys(table);
    for (const key of round % 2 ? keys.reverse() : keys) {
      measured[key].push((await once(source, table[key], { ports, plan, folder })).each);
      if (key === 'ours') seen = captured(folder).whole;
    }
  }
  const [bare, floor, ours] = [measured.bare, measured.floor, measured.ours].map(values => Math.min(...values));
  const figures = [bare, floor - bare, ours - bare, ours - floor].map(value => value.toFixed(1).padStart(16));
  return `${figures.join('')}${((100 * seen) / CALLS).toFixed(1).padStart(12)} %`;
}
