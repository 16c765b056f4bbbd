/**
 * What the taps' programs talk to: a model server of its own, over plain HTTP/1.1, and over TLS with HTTP/1.1 and HTTP/2.
 * A request says what it wants: a path with `redirect`, `fail` or `slow`; a body with `"stream"` or `gzip`.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { listen } from './servers.js';

const TLS = path.resolve(import.meta.dirname, '../fixtures/tls');
export const TLS_CA = path.join(TLS, 'ca.pem');

/** The body of a whole answer, and the events of a streamed one. */
export const ANSWER = '{"id":"answer"}';
export const EVENTS = ['one', 'two', 'three', '[DONE]'].map(word => `data: ${word}\n\n`);

export interface TapProvider {
  readonly http: string;
  readonly https: string;
  close(): Promise<void>;
}

export async function openTapProvider(): Promise<TapProvider> {
  const options = { key: readFileSync(`${TLS}/server.key`), cert: readFileSync(`${TLS}/server.pem`), allowHTTP1: true };
  const plain = await listen(createServer(answer));
  const secure = await listen(createSecureServer(options, answer as never));
  return {
    http: `http://127.0.0.1:${plain.port}`,
    https: `https://127.0.0.1:${secure.port}`,
    async close() {
      await Promise.all([plain.close(), secure.close()]);
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  try {
    for await (const chunk of request) body += chunk;
  } catch {
    return;
  }
  const url = request.url ?? '';
  if (url.includes('redirect')) return void response.writeHead(307, { location: '/v1/chat/completions' }).end();
  if (url.includes('fail')) return void response.writeHead(429, { 'retry-after-ms': '1' }).end('{"error":{}}');
  if (url.includes('slow')) await pause(1500);
  if (!body.includes('"stream"')) {
    const zip = body.includes('gzip');
    response.setHeader('content-type', 'application/json');
    if (zip) response.setHeader('content-encoding', 'gzip');
    response.end(zip ? gzipSync(ANSWER) : ANSWER);
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  for (const event of EVENTS) {
    response.write(event);
    await pause(30);
  }
  response.end();
}
