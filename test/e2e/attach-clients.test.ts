/**
 * Byte for byte, by real probes: what a server received and sent is what `attach` says of its client, for connections
 * that were open before it came.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect } from '@jest/globals';
import { type Lines, PROGRAMS, type Server } from '../attach/attached.js';
import { attachBench, essence, exchangesOf, real, reason, type Step } from '../support/attach-bench.js';
import { nodeClients, nodeVersions } from '../support/node-versions.js';
import { anyPython, environment } from '../support/python-environments.js';

const bench = attachBench();
const python = reason ? '' : await environment('attach', await anyPython());
const onPath = (program: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`skipped: ${program} is not installed`);
    return false;
  }
};

const PLAN: Step[] = [
  ['POST', '/a?size=20', 20],
  ['POST', '/b?size=1000', 1],
  ['GET', '/c?size=0', 0],
  ['POST', '/d?size=65536', 65_537],
  ['POST', '/e?size=700000', 700_000],
  ['POST', '/f?size=5000&enc=gzip', 16_384],
  ['GET', '/g?size=5000&enc=br', 0],
  ['POST', '/h?chunks=32&gap=3', 16_385],
  ['POST', '/i?size=20&late=1', 10_000_000],
  ['POST', '/j?size=10000000&late=1', 20],
  ['GET', '/k?size=3', 0],
];
/**
 * 64 requests, of which so many are open at once: on one connection of HTTP/2, or each on one of HTTP/1.1. Together they fit
 * the first window of HTTP/2: waiting for more of it and for each other, httpx stands still for ever, with or without us.
 */
const together = (open: number): Step[] =>
  Array.from({ length: 64 }, (_, i) => ['POST', `/t${i}?size=${1000 + i}&meet=${open}`, 900 + i]);
const STREAMS = together(64);
const CONNECTIONS = together(32);

/** An answer that comes in 2,000 pieces, and one after it on the same connection. */
const LONG: Step[] = [
  ['POST', '/s?chunks=2000&gap=1', 100],
  ['GET', '/k?size=3', 0],
];

interface Client {
  readonly name: string;
  readonly command: (port: number, plan: string) => [string, string[]];
  readonly h2?: boolean;
  readonly plan?: Step[];
}

const py = (library: string, more: Partial<Client> = {}): Client => ({
  name: `Python ${library}`,
  command: (port, plan) => [python, [path.join(PROGRAMS, 'client.py'), library, `${port}`, plan]],
  ...more,
});
const node = (executable: string, version: string, way: string, more: Partial<Client> = {}): Client => ({
  name: `Node ${version} ${way}`,
  command: (port, plan) => [executable, [path.join(PROGRAMS, 'client.mjs'), way, `${port}`, plan]],
  ...more,
});
/** Every Node line that can be had here; what is missing is said. */
const nodes: [string, string][] = [];
for (const { name, binary, missing } of reason ? [] : await nodeVersions()) {
  if (binary === undefined) console.log(`skipped: ${missing}`);
  else nodes.push([binary, name.replace('Node ', '')]);
}

/** The package, beside the one inside Node that `fetch` uses. */
const undici = reason ? undefined : await nodeClients().catch((error: Error) => error);
if (undici instanceof Error) console.log(`skipped: undici cannot be installed: ${undici.message.split('\n')[0]}`);
const curl = (way: string, more: Partial<Client>): Client => ({
  name: `curl ${way}`,
  command: (port, plan) => [process.execPath, [path.join(PROGRAMS, 'client-curl.mjs'), way, `${port}`, plan]],
  ...more,
});

const clients: Client[] = reason
  ? []
  : [
      ...(python
        ? [
            ...['http.client', 'urllib3', 'requests', 'httpx', 'httpx async', 'aiohttp'].map(library => py(library)),
            py('threads', { plan: CONNECTIONS }),
            py('http.client', { name: 'Python http.client, a long stream', plan: LONG }),
            py('httpx h2', { h2: true }),
            ...(process.arch === 'x64'
              ? [
                  py('curl_cffi'),
                  py('curl_cffi h2', { h2: true }),
                  py('httpr'),
                  py('httpr h2', { h2: true }),
                  py('httpr threads', { plan: CONNECTIONS }),
                ]
              : []),
            py('httpx async h2, together', { h2: true, plan: STREAMS }),
          ]
        : []),
      ...nodes.flatMap(([executable, version]) => [
        ...['https', 'fetch'].map(way =>
          node(executable, version, way, { h2: way === 'fetch' && Number(version) >= 26 }),
        ),
        ...(typeof undici === 'string' ? [node(executable, version, 'undici')] : []),
        node(executable, version, 'https-together', { plan: CONNECTIONS }),
        node(executable, version, 'http2', { h2: true }),
        node(executable, version, 'http2-together', { h2: true, plan: STREAMS }),
        node(executable, version, 'http2', { name: `Node ${version} http2, a long stream`, h2: true, plan: LONG }),
      ]),
      ...(onPath('curl')
        ? [curl('1.1', {}), curl('2', { h2: true }), curl('2-together', { h2: true, plan: STREAMS })]
        : []),
      ...(onPath('wget')
        ? [
            {
              name: 'wget (GnuTLS)',
              command: (port: number, plan: string): [string, string[]] => [
                process.execPath,
                [path.join(PROGRAMS, 'client-wget.mjs'), `${port}`, plan],
              ],
              plan: [20, 0, 5000, 70_000, 3_000_000].map((size, i): Step => ['GET', `/w${i}?size=${size}`, 0]),
            },
          ]
        : []),
      ...(onPath('php')
        ? [
            {
              name: 'PHP curl',
              command: (port: number, plan: string): [string, string[]] => [
                'php',
                [path.join(PROGRAMS, 'client.php'), `${port}`, plan],
              ],
            },
          ]
        : []),
      ...(onPath('ruby')
        ? [
            {
              name: 'Ruby net/http',
              command: (port: number, plan: string): [string, string[]] => [
                'ruby',
                [path.join(PROGRAMS, 'client.rb'), `${port}`, plan],
              ],
            },
          ]
        : []),
    ];

/** Go in the forms in which people ship it; built once. */
const GO: [string, readonly string[]][] = [
  ['Go', []],
  ['Go stripped', ['-ldflags=-s -w']],
  ['Go stripped, position-independent', ['-buildmode=pie', '-ldflags=-s -w']],
];
if (!reason && process.arch === 'x64' && onPath('go')) {
  const folder = mkdtempSync(path.join(tmpdir(), 'go-client-'));
  for (const [index, [name, words]] of GO.entries()) {
    const file = path.join(folder, `client-${index}`);
    const env = { ...process.env, GOFLAGS: '', GO111MODULE: 'off' };
    execFileSync('go', ['build', ...words, '-o', file, path.join(PROGRAMS, 'client.go')], { env });
    for (const h2 of [false, true])
      clients.push({
        name: `${name} ${h2 ? 'h2' : 'h1'}`,
        command: (port, plan) => ['env', [`H2=${h2 ? 1 : 0}`, file, `${port}`, plan]],
        h2,
      });
  }
}

/** As `npm run finders -- deno` fetched it; the program is the one for Node. */
const DENO = process.env.OPENLIT_TEST_DENO ?? path.resolve('.cache/finders/deno-2.9.6/package/deno');
if (!reason && process.arch === 'x64') {
  const words = [
    'run',
    '--allow-all',
    '--quiet',
    '--unsafely-ignore-certificate-errors',
    path.join(PROGRAMS, 'client.mjs'),
  ];
  const deno = (way: string, more: Partial<Client>): Client => ({
    name: `Deno ${way}`,
    command: (port, plan) => [DENO, [...words, way, `${port}`, plan]],
    ...more,
  });
  if (existsSync(DENO))
    clients.push(deno('fetch', { h2: true }), deno('https', {}), deno('fetch-together', { h2: true, plan: STREAMS }));
  else console.log('skipped: Deno is not here (npm run finders -- deno)');
}

/** Waits for the next {"holding"} each time. */
function heldBy({ lines }: Server): () => Promise<string> {
  const count = () => lines.seen.filter(line => line.startsWith('{"holding"')).length;
  let known = count();
  return () => lines.line(() => count() > known).finally(() => known++);
}

/**
 * Waits until the observer has read the bodies of these steps, as its account says. Without it a busy machine, on which the
 * program goes first, has 20 MB and the next exchange in a ring of 16.
 */
async function haveSeen(observer: Lines, steps: readonly Step[]): Promise<void> {
  const megabytes =
    steps.reduce((all, [, where, size]) => all + size + Number(/size=(\d+)/.exec(where)?.[1] ?? 0), 0) / 1e6;
  const accounts = () => observer.errors.filter(line => /^ +seen /.test(line));
  for (;;) {
    const known = accounts().length;
    observer.process.kill('SIGUSR1');
    await observer.line(() => accounts().length > known);
    const [, seen] = / ([\d.]+) MB, /.exec(accounts().at(-1)!) ?? [];
    // What was dropped never comes: the test then tells it.
    if (Number(seen) > megabytes - 0.1 || observer.errors.some(line => /^ +dropped +\d/.test(line))) return;
  }
}

/** Runs the client with us beside it, and compares what its server knows with what we say. */
async function compare({ command, h2 = false, plan: steps = PLAN }: Client): Promise<readonly string[]> {
  const env = typeof undici === 'string' ? { ...process.env, UNDICI: undici } : process.env;
  const program = bench.start(...command(bench.server.port, bench.plan(steps)), { env });
  const observer = await bench.observe([program]);
  bench.server.take(); // the warm-up was before us
  const held = heldBy(bench.server);
  program.say('go');
  for (const [index, step] of steps.entries()) {
    if (!step[1].includes('late')) continue;
    await held();
    await haveSeen(observer, steps.slice(0, index + 1));
    bench.server.lines.say('go on');
  }
  await program.line(line => line === 'done');
  await program.end();
  expect(await observer.exited).toBe(0); // ends with its process
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
  const truth = bench.server.take();
  expect(truth).toHaveLength(steps.length);
  const seen = exchangesOf(observer);
  expect(essence(seen)).toEqual(essence(truth));
  for (const exchange of seen) {
    expect(exchange).toMatchObject({ role: 'client', status: 200, protocol: h2 ? 'h2' : 'http/1.1' });
    if (!h2) expect(exchange.partial).toEqual([]);
    expect(BigInt(exchange.start) <= BigInt(exchange.first_byte)).toBe(true);
    expect(BigInt(exchange.first_byte) <= BigInt(exchange.end)).toBe(true);
  }
  return program.seen;
}

describe('every exchange complete, correct and once', () => {
  real.each(clients)('$name', async client => void (await compare(client)));
});

real('nothing is lost at 2,000 exchanges of 1 kB a second', async () => {
  const plan: Step[] = Array.from({ length: 6_000 }, (_, i) => ['POST', `/r${i}?size=1000`, 1000]);
  const said = await compare({ ...node(process.execPath, '', 'https-paced'), plan });
  const { seconds } = JSON.parse(said.find(line => line.startsWith('{"seconds"'))!) as { seconds: number };
  process.stderr.write(`${Math.round(plan.length / seconds)} exchanges a second were made\n`);
});
