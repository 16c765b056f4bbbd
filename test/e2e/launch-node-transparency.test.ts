/** What a program can notice of us: as good as nothing, with calls and without, whatever the collector does. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LAUNCH, run } from '../support/launcher.js';
import { HOOK, openNodeBench, PROGRAMS } from '../support/node-observed.js';
import { bun, deno, nodeClients, nodePeers, nodeVersions } from '../support/node-versions.js';
import type { Bench } from '../support/observed.js';
import { CA_FILE } from '../support/provider.js';
import { listen } from '../support/servers.js';

const runtimes = await nodeVersions();
let bench: Bench;
let plain: Bench;
let scratch: string;
beforeAll(async () => {
  await nodeClients();
  bench = await openNodeBench({ tls: true });
  plain = await openNodeBench({ tls: false });
  scratch = await mkdtemp(path.join(os.tmpdir(), 'observed-'));
}, 240_000);
afterAll(async () => {
  await bench?.close();
  await plain?.close();
  await rm(scratch, { recursive: true, force: true });
});

const cwd = PROGRAMS;
const node = process.execPath;

for (const { name, binary, missing } of runtimes) {
  if (missing) console.log(`skipped: ${name} could not be installed: ${missing}`);
  (binary ? describe : describe.skip)(name, () => {
    test('43 probes of openai and @anthropic-ai/sdk give the same lines', async () => {
      const bare = await bench.bare([binary!, 'probes.cjs'], { cwd });
      const observed = await bench.observed([binary!, 'probes.cjs'], { cwd });
      expect(bare.stdout).toContain('43 probes');
      expect(observed.stdout).toBe(bare.stdout);
      expect([observed.stderr, observed.status]).toEqual([bare.stderr, bare.status]);
      // And the observed run did report them.
      expect(observed.spans.length).toBeGreaterThan(40);
    }, 60_000);

    test('nothing that a program looks at has changed', async () => {
      const bare = await plain.bare([binary!, 'footprint.cjs'], { cwd });
      const { stdout, spans } = await plain.observed([binary!, 'footprint.cjs'], { cwd });
      expect(spans).toHaveLength(1);
      // `push` was inherited and is now a property of the prototype itself; everywhere it is as visible as before.
      expect(stdout.replaceAll("'push,,2,true'", "'push,,2,false'")).toBe(bare.stdout);
    }, 30_000);

    test('without a model call nothing is loaded, sent or said', async () => {
      const statusFile = path.join(scratch, `idle-${name}`);
      const env = { OPENLIT_INSTRUMENT_STATUS_FILE: statusFile };
      const bare = await plain.bare([binary!, 'idle.cjs'], { cwd });
      const { stdout, stderr, spans } = await plain.observed([binary!, 'idle.cjs'], { cwd, env });
      expect([stdout, stderr]).toEqual([bare.stdout, bare.stderr]);
      expect(spans).toEqual([]);
      expect(plain.receiver.exports).toEqual([]);
      expect(JSON.parse(readFileSync(statusFile, 'utf8'))).toMatchObject({ result: 'success', reason: 'armed' });
    }, 30_000);

    test("the program's own span is the parent, for each request on a shared connection", async () => {
      for (const client of ['fetch', 'http', 'undici', 'undici-h2']) {
        const { stdout, spans } = await plain.observed([binary!, 'own-otel.cjs', 'app', client], { cwd });
        const parents = stdout.trim().split('\n').sort();
        expect(parents).toHaveLength(4);
        expect(spans.map(span => `${span.traceId} ${span.parentSpanId}`).sort()).toEqual(parents);
      }
    }, 60_000);
  });
}

test('what a program prints, pipes or answers is no request', async () => {
  const { spans, stdout } = await plain.observed([node, 'prints.cjs'], { cwd });
  expect(stdout.match(/POST/g)).toHaveLength(3);
  expect(spans).toEqual([]);
}, 30_000);

test('a call that an active GenAI span reports is left to it', async () => {
  const { spans, stdout } = await plain.observed([node, 'own-otel.cjs', 'call', 'fetch'], { cwd });
  expect(stdout.trim().split('\n')).toHaveLength(4);
  expect(spans).toEqual([]);
}, 30_000);

test('a program that runs OpenLIT itself is not observed twice, and is told so once', async () => {
  const folder = await nodePeers();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: plain.receiver.url };
  const { stdout, stderr } = await plain.observed([node, path.join(folder, 'with-openlit.mjs')], { env });
  expect(stdout).toBe('Hello there.\n');
  expect(stderr.match(/openlit-instrument: .*/g)).toEqual([
    'openlit-instrument: this program runs OpenLIT itself, so its model calls are left to it',
  ]);
  expect(plain.receiver.exports.filter(({ body }) => JSON.stringify(body).includes('"openlit-instrument"'))).toEqual(
    [],
  );
}, 240_000);

test('a program that fakes its clock and timers is observed with real ones', async () => {
  const before = BigInt(Date.now()) * 1_000_000n;
  const { stdout, spans } = await plain.observed([node, 'fakes.cjs'], { cwd });
  expect(stdout).toBe('done\n');
  expect(spans).toHaveLength(1);
  expect(spans[0]!.start).toBeGreaterThan(before);
  expect(spans[0]!.end).toBeGreaterThan(spans[0]!.start);
}, 30_000);

describe('a collector that', () => {
  const endings = ['natural', 'exit', 'SIGTERM', 'throw'];
  /** The program does not wait for a collector: it ends as it does bare, in the time that it takes bare. */
  async function compare(ending: string, endpoint: string): Promise<void> {
    const bareStart = performance.now();
    const bare = await plain.bare([node, 'endings.cjs', ending], { cwd });
    const bareTime = performance.now() - bareStart;
    const start = performance.now();
    const env = plain.observedEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const observed = await run([node, 'endings.cjs', ending], { cwd, env });
    const time = performance.now() - start;
    expect(observed).toEqual({ ...bare, pid: observed.pid, stderr: observed.stderr });
    expect(observed.stderr.split('\n').filter(line => line.startsWith('openlit-instrument'))).toEqual([]);
    // Starting a process takes some milliseconds; the rest is the machine's, which is busy while tests run.
    expect(time).toBeLessThan(500 + 3 * bareTime);
  }

  test.each(endings)('is not there: %s', ending => compare(ending, 'http://127.0.0.1:9'), 30_000);

  test.each(endings)(
    'never answers: %s',
    async ending => {
      const silent = await listen(net.createServer());
      await compare(ending, `http://127.0.0.1:${silent.port}`);
      await silent.close();
    },
    30_000,
  );

  test.each([
    ['http/protobuf', 'natural'],
    ['http/protobuf', 'exit'],
    ['http/json', 'natural'],
    ['http/json', 'exit'],
    ['grpc', 'natural'],
    ['grpc', 'exit'],
  ])(
    'speaks %s: %s',
    async (protocol, ending) => {
      const env = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop' };
      const { spans } = await plain.observed([node, 'endings.cjs', ending], { cwd, env });
      expect(spans).toHaveLength(1);
      const { headers, transport } = plain.receiver.exports[0]!;
      expect([headers['x-tenant'], transport]).toEqual(['shop', protocol]);
      expect(plain.receiver.metrics.map(point => point.name)).toContain('gen_ai.client.operation.duration');
    },
    30_000,
  );

  test.each(['natural', 'exit'])(
    'speaks TLS with a certificate of its own: %s',
    async ending => {
      const https = await import('node:https');
      const key = readFileSync(path.join(path.dirname(CA_FILE), 'server.key'));
      const cert = readFileSync(path.join(path.dirname(CA_FILE), 'server.pem'));
      let posts = 0;
      const server = https.createServer({ key, cert }, (request, response) => {
        request.resume().on('end', () => {
          if (request.url === '/v1/traces') posts += 1;
          response.end();
        });
      });
      const collector = await listen(server);
      const env = {
        NODE_EXTRA_CA_CERTS: '',
        OTEL_EXPORTER_OTLP_ENDPOINT: `https://127.0.0.1:${collector.port}`,
        OTEL_EXPORTER_OTLP_CERTIFICATE: CA_FILE,
      };
      await plain.observed([node, 'endings.cjs', ending], { cwd, env });
      await collector.close();
      expect(posts).toBe(1);
    },
    30_000,
  );
});

test('switched off, or in a Node that is too old, nothing happens', async () => {
  for (const env of [{ OPENLIT_INSTRUMENT_DISABLED: '1' }, { OTEL_SDK_DISABLED: 'true' }]) {
    const { spans, stderr } = await plain.observed([node, 'endings.cjs', 'natural'], { cwd, env });
    expect([spans, stderr]).toEqual([[], '']);
  }
}, 30_000);

test('no key of the program leaves it', async () => {
  const env = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'both', OPENLIT_INSTRUMENT_DEBUG: '1' };
  const { stderr, spans } = await bench.observed([node, 'openai.mjs', 'chat', 'error', 'stream'], { cwd, env });
  expect(spans).toHaveLength(3);
  expect(JSON.stringify(bench.receiver.exports.map(({ body }) => body))).not.toContain('sk-planted-key');
  expect(stderr).not.toContain('sk-planted-key');
}, 30_000);

describe('other runtimes', () => {
  test('Deno: node:http and npm clients are observed, its own fetch is not', async () => {
    const { binary, missing } = await deno();
    if (!binary) return console.log(`skipped: Deno could not be installed: ${missing}`);
    const words = [binary, 'run', '-A', 'transports.mjs'];
    const observed = await plain.observed([...words, 'request', 'axios', 'undici'], { cwd });
    expect(observed.spans).toHaveLength(3);
    const fetched = await plain.observed([...words, 'fetch'], { cwd });
    expect([fetched.stdout, fetched.spans]).toEqual(['fetch chatcmpl-node-1\n', []]);
  }, 240_000);

  test('Bun: the launcher says that it cannot be observed from inside, and the program runs bare', async () => {
    const { binary, missing } = await bun();
    if (!binary) return console.log(`skipped: Bun could not be installed: ${missing}`);
    const words = [binary, '-e', 'console.log(process.env.BUN_OPTIONS, process.env.NODE_OPTIONS)'];
    const { stdout, stderr, status } = await run([
      ...LAUNCH,
      '--no-attach',
      '--endpoint',
      plain.receiver.url,
      ...words,
    ]);
    expect([stdout, status]).toEqual(['undefined undefined\n', 0]);
    expect(stderr).toMatch(/^openlit-instrument: \S*bun runs un-instrumented: Bun's HTTP .*attach --pid PID\n$/);
  }, 240_000);

  test('Bun: our hook, preloaded by hand, says the same', async () => {
    const { binary } = await bun();
    if (!binary) return;
    const env = { BUN_OPTIONS: `--preload ${HOOK}` };
    const { stdout, stderr, status } = await plain.observed([binary, 'transports.mjs', 'fetch'], { cwd, env });
    expect([stdout, status]).toEqual(['fetch chatcmpl-node-1\n', 0]);
    expect(stderr).toMatch(
      /^openlit-instrument: HTTP calls .* this is Bun .*\n {2}try: openlit-instrument attach --pid/,
    );
  }, 240_000);
});
