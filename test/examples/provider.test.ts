/** The replaying provider: what tests and the demo lean on. */

import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CA_FILE, type Provider, type ProviderOptions, startProvider } from '../support/provider.js';

const open: Provider[] = [];

afterEach(async () => {
  for (const provider of open.splice(0)) await provider.close();
});

async function start(options: ProviderOptions = {}): Promise<Provider> {
  const provider = await startProvider(options);
  open.push(provider);
  return provider;
}

const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };

function ask(provider: Provider, body: unknown, path = '/openai/v1/chat/completions', headers = {}) {
  return fetch(provider.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe('which exchange answers', () => {
  test.each([
    ['the model and stream', CHAT, 'openai/chat'],
    ['a stream', { ...CHAT, stream: true, stream_options: { include_usage: true } }, 'openai/chat-stream'],
    ['tools', { ...CHAT, tools: [{ type: 'function' }] }, 'openai/chat-tools'],
    [
      'the result of a tool',
      { ...CHAT, tools: [{ type: 'function' }], messages: [{ role: 'tool', content: '{}' }] },
      'openai/chat-tool-result',
    ],
    ['a model that does not exist', { model: 'gpt-nope' }, 'openai/error-model'],
  ])('%s', async (_name, body, fixture) => {
    const provider = await start();
    await (await ask(provider, body)).text();
    expect(provider.requests.map(request => request.fixture)).toEqual([fixture]);
  });

  test('a header names one', async () => {
    const provider = await start();
    await (await ask(provider, CHAT, undefined, { 'x-fixture': 'error-model' })).text();
    expect(provider.requests[0]!.fixture).toBe('openai/error-model');
  });

  test('nothing recorded: 404 that says what was asked', async () => {
    const provider = await start();
    const response = await ask(provider, { model: 'none-such', stream: true }, '/v1/none');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { message: 'No recorded exchange answers POST /v1/none, model "none-such", stream true.' },
    });
  });
});

describe('how it is answered', () => {
  test('chunks come one by one at their times', async () => {
    const provider = await start();
    const started = performance.now();
    const response = await ask(provider, { ...CHAT, stream: true });
    const times: number[] = [];
    for await (const _ of response.body!) times.push(performance.now() - started);
    // 90 ms to the first chunk, then 17 pauses: nothing may come early, and not all at once.
    expect(times[0]).toBeGreaterThanOrEqual(89);
    expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(150);
    expect(times.length).toBeGreaterThan(5);
  });

  test.each([
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ])('compressed with %s when the client takes it', async (coding, decompress) => {
    const provider = await start({ tls: true, compress: 'all' });
    for (const body of [CHAT, { ...CHAT, stream: true }]) {
      const bytes = await new Promise<Buffer>((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'accept-encoding': coding };
        const url = `${provider.url}/openai/v1/chat/completions`;
        https
          .request(url, { method: 'POST', headers, ca: readFileSync(CA_FILE) }, async response => {
            expect(response.headers['content-encoding']).toBe(coding);
            const parts: Buffer[] = [];
            for await (const part of response) parts.push(part as Buffer);
            resolve(Buffer.concat(parts));
          })
          .on('error', reject)
          .end(JSON.stringify(body));
      });
      expect(decompress(bytes).toString()).toMatch(/chatcmpl-fixture/);
    }
  });

  test.each([
    ['by ALPN', { tls: true, http2: true }],
    ['in clear text', { http2: true }],
  ])('HTTP/2 %s', async (_name, options) => {
    const provider = await start(options);
    const session = http2.connect(provider.url, { ca: readFileSync(CA_FILE) });
    try {
      const stream = session.request({ ':method': 'POST', ':path': '/openai/v1/chat/completions' });
      stream.end(JSON.stringify(CHAT));
      expect(await text(stream)).toContain('Titan.');
      expect(provider.requests[0]!.protocol).toBe('h2');
    } finally {
      session.close();
    }
  });

  test('a client that leaves early is noticed', async () => {
    const provider = await start();
    const leave = new AbortController();
    const response = await fetch(`${provider.url}/openai/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...CHAT, stream: true }),
      signal: leave.signal,
    });
    await response.body!.getReader().read();
    leave.abort();
    // The connection's end travels through the kernel: ask again until it has arrived.
    while (!provider.requests[0]!.aborted) await new Promise(setImmediate);
    expect(provider.requests[0]!.aborted).toBe(true);
  });
});
