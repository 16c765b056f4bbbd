/** Every way that Node can speak HTTP, on every Node line: one span a call. */
import { createServer } from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openNodeBench, PROGRAMS } from '../support/node-observed.js';
import { nodeClients, nodeVersions } from '../support/node-versions.js';
import type { Bench } from '../support/observed.js';
import { type Listening, listen } from '../support/servers.js';

const WAYS = ['fetch', 'fetch-stream-body', 'request', 'keep-alive', 'undici', 'undici-fetch', 'axios'];
const CALLS = WAYS.length + 2; // keep-alive makes three
const runtimes = await nodeVersions();

let plain: Bench;
let http2: Bench;
let compressed: Bench;
let proxy: Listening;
beforeAll(async () => {
  await nodeClients();
  plain = await openNodeBench({ tls: false });
  http2 = await openNodeBench({ tls: true, http2: true });
  compressed = await openNodeBench({ tls: true, compress: 'all' });
  const tunnels = createServer().on('connect', (request, client) => {
    const [host, port] = request.url!.split(':');
    const upstream = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => {}).on('close', () => client.destroy());
    client.on('error', () => {}).on('close', () => upstream.destroy());
  });
  proxy = await listen(tunnels);
}, 240_000);
afterAll(async () => {
  await proxy?.close();
  for (const bench of [plain, http2, compressed]) await bench?.close();
});

function expectCalls(bench: Bench, spans: Awaited<ReturnType<Bench['observed']>>['spans'], count: number): void {
  expect(spans).toHaveLength(count);
  for (const span of spans) {
    expect(span.name).toBe('chat gpt-4o-mini');
    expect(span.attributes).toMatchObject({
      'gen_ai.response.id': 'chatcmpl-node-1',
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 7,
      'server.address': '127.0.0.1',
      'server.port': bench.provider.port,
    });
    expect(span.attributes).not.toHaveProperty('openlit.partial');
  }
}

for (const { name, binary, missing } of runtimes) {
  if (missing) console.log(`skipped: ${name} could not be installed: ${missing}`);
  (binary ? describe : describe.skip)(name, () => {
    const program = [binary!, 'transports.mjs'];

    test('HTTP without TLS', async () => {
      const { spans, status } = await plain.observed([...program, ...WAYS], { cwd: PROGRAMS });
      expect(status).toBe(0);
      expectCalls(plain, spans, CALLS);
    }, 60_000);

    test('HTTPS with HTTP/2 on offer', async () => {
      const ways = [...WAYS, 'undici-h2', 'http2'];
      const { spans, status } = await http2.observed([...program, ...ways], { cwd: PROGRAMS });
      expect(status).toBe(0);
      expectCalls(http2, spans, CALLS + 2);
      expect(http2.provider.requests.some(request => request.protocol === 'h2')).toBe(true);
    }, 60_000);

    test('compressed answers, whole and streamed', async () => {
      const words = [binary!, 'openai.mjs', 'chat', 'stream', 'stream-without-usage'];
      const { spans, stdout } = await compressed.observed(words, { cwd: PROGRAMS });
      expect(stdout).toContain('stream Tides come and tides go home.');
      expect(spans.map(span => span.attributes['gen_ai.usage.output_tokens'])).toEqual([7, 7, undefined]);
      expect(spans.map(span => span.attributes['gen_ai.response.finish_reasons'])).toEqual([
        ['stop'],
        ['stop'],
        ['stop'],
      ]);
    }, 60_000);

    test('through a proxy', async () => {
      const env = { PROXY_URL: `http://127.0.0.1:${proxy.port}` };
      const { spans } = await compressed.observed([...program, 'proxy-agent', 'undici-proxy'], { cwd: PROGRAMS, env });
      expectCalls(compressed, spans, 2);
    }, 60_000);
  });
}

describe('module forms', () => {
  const [stripping] = runtimes.filter(({ name, binary }) => name === 'Node 22' && binary);
  if (!stripping) console.log('skipped: type stripping needs Node 22');
  (stripping ? test : test.skip)(
    'type stripping',
    async () => {
      const words = [stripping!.binary!, '--experimental-strip-types', '--no-warnings', 'openai.mts', 'chat'];
      const { spans, stdout } = await compressed.observed(words, { cwd: PROGRAMS });
      expect(stdout).toBe('chat Hello there.\n');
      expect(spans).toHaveLength(1);
    },
    30_000,
  );
});
