/**
 * Byte for byte, by real probes: what a server received and sent is what `attach` says of its client, for connections
 * that were open before it came.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  attach,
  clientPython,
  type Lines,
  PROGRAMS,
  pidOf,
  type Server,
  start,
  startServer,
  type Truth,
  whyNot,
} from '../attach/attached.js';
import { nodeClients, nodeVersions } from '../support/node-versions.js';

const reason = whyNot();
if (reason) console.log(`skipped: attach cannot be tested here: ${reason}`);
const python = reason ? undefined : clientPython();
const onPath = (program: string) => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`skipped: ${program} is not installed`);
    return false;
  }
};

type Step = [method: string, path: string, size: number];
const PLAN: Step[] = [
  ['POST', '/a?size=20', 20],
  ['POST', '/b?size=1000', 1],
  ['GET', '/c?size=0', 0],
  ['POST', '/d?size=65536', 65_537],
  ['POST', '/e?size=700000', 700_000],
  ['POST', '/f?size=5000&enc=gzip', 16_384],
  ['GET', '/g?size=5000&enc=br', 0],
  ['POST', '/h?chunks=32&gap=3', 16_385],
  ['POST', '/i?size=10000000', 10_000_000],
  ['GET', '/j?size=3', 0],
];
/** 64 requests at once, on one connection of HTTP/2 or on 32 of HTTP/1.1. */
const TOGETHER: Step[] = Array.from({ length: 64 }, (_, i) => ['POST', `/t${i}?size=${1000 + i}`, 2000 + i]);

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
  command: (port, plan) => [python!, [path.join(PROGRAMS, 'client.py'), library, `${port}`, plan]],
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
            py('threads', { plan: TOGETHER }),
            py('http.client', { name: 'Python http.client, a long stream', plan: LONG }),
            py('httpx h2', { h2: true }),
            py('httpx async h2, together', { h2: true, plan: TOGETHER }),
          ]
        : []),
      ...nodes.flatMap(([executable, version]) => [
        ...['https', 'fetch'].map(way =>
          node(executable, version, way, { h2: way === 'fetch' && Number(version) >= 26 }),
        ),
        ...(typeof undici === 'string' ? [node(executable, version, 'undici')] : []),
        node(executable, version, 'https-together', { plan: TOGETHER }),
        node(executable, version, 'http2', { h2: true }),
        node(executable, version, 'http2-together', { h2: true, plan: TOGETHER }),
        node(executable, version, 'http2', { name: `Node ${version} http2, a long stream`, h2: true, plan: LONG }),
      ]),
      ...(onPath('curl')
        ? [curl('1.1', {}), curl('2', { h2: true }), curl('2-together', { h2: true, plan: TOGETHER })]
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

/** What must agree; the rest of a line is checked elsewhere. */
const essence = (line: Truth & { protocol: string }) => ({
  method: line.method,
  path: line.path,
  request: `${line.request_size} ${line.request_sha256}`,
  response: `${line.response_size} ${line.response_sha256}`,
});

describe.each(clients.length > 0 ? clients : [{ name: 'none' } as Client])('$name', client => {
  let server: Server;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'attach-'));
    if (!reason) server = await startServer();
  });
  afterAll(async () => {
    await server?.lines.kill();
    rmSync(folder, { recursive: true });
  });

  (reason ? test.skip : test)(
    'every exchange complete, correct and once',
    async () => {
      const plan = client.plan ?? PLAN;
      writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
      const [command, args] = client.command(server.port, path.join(folder, 'plan.json'));
      const env = typeof undici === 'string' ? { ...process.env, UNDICI: undici } : process.env;
      const program = start(command, args, { env });
      let observer: Lines | undefined;
      try {
        observer = await attach([await pidOf(program)], ['--format', 'exchanges']);
        server.take(); // the warm-up was before us
        program.say('go');
        await program.line(line => line === 'done');
        await program.end();
        expect(await observer.exited).toBe(0); // ends with its process
        const truth = server.take();
        expect(truth).toHaveLength(plan.length);
        const seen = observer.seen.map(line => JSON.parse(line));
        const byPath = (a: { path: string }, b: { path: string }) => a.path.localeCompare(b.path);
        expect(seen.map(essence).sort(byPath)).toEqual(truth.map(essence).sort(byPath));
        for (const exchange of seen) {
          expect(exchange).toMatchObject({ role: 'client', status: 200, protocol: client.h2 ? 'h2' : 'http/1.1' });
          if (!client.h2) expect(exchange.partial).toEqual([]);
          expect(BigInt(exchange.start) <= BigInt(exchange.first_byte)).toBe(true);
          expect(BigInt(exchange.first_byte) <= BigInt(exchange.end)).toBe(true);
        }
      } finally {
        await program.kill();
        await observer?.kill();
      }
    },
    60_000,
  );
});
