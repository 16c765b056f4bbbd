/** Node: bytes that only look like a call of a model, and calls whose requests are unusual. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cleanEnvironment, LAUNCH, run } from '../support/launcher.js';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
});

let folder: string;
let http: Server;
/** A server that speaks no HTTP. */
let raw: net.Server;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lookalikes-'));
  http = createServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(ANSWER));
  });
  // Through a tunnel it answers by itself.
  http.on('connect', (_, socket: net.Socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${ANSWER.length}\r\n\r\n`;
    socket.on('data', () => socket.end(head + ANSWER)).on('error', () => undefined);
  });
  raw = net.createServer(socket => socket.on('data', () => socket.write('+OK\r\n')).on('error', () => undefined));
  for (const server of [http, raw]) await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  for (const server of [http, raw]) await new Promise(done => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});

const PRELUDE = `const http = require('node:http'), net = require('node:net');
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x' }] });
  const json = { 'content-type': 'application/json', 'content-length': body.length };
  const record = 'POST /v1/chat/completions HTTP/1.1\\r\\nHost: api.openai.com\\r\\ncontent-length: ' + body.length + '\\r\\n\\r\\n' + body;
  const [web, raw] = process.argv.slice(1).map(Number);
  const url = path => 'http://127.0.0.1:' + web + path;
  const drain = response => response.resume();`;

/** @returns how many calls were seen */
async function callsOf(script: string): Promise<number> {
  const summary = path.join(folder, 'summary.json');
  const ports = [http, raw].map(server => String((server.address() as AddressInfo).port));
  const words = [process.execPath, '-e', `${PRELUDE}\n${script}`, ...ports];
  const env = cleanEnvironment({ OPENLIT_INSTRUMENT_CACHE_DIR: folder });
  const ended = await run([...LAUNCH, '--quiet', '--summary-json', summary, ...words], { env });
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return (JSON.parse(readFileSync(summary, 'utf8')) as { calls: number }).calls;
}

test.each([
  [
    'a body of node:http that begins like a request',
    `const request = http.request(url('/log'), { method: 'PUT', headers: { 'content-length': record.length } }, drain);
     request.flushHeaders();
     setTimeout(() => request.end(record), 50);`,
  ],
  [
    'a value in a protocol that is no HTTP',
    `const socket = net.connect(raw, '127.0.0.1', () => socket.write('SET k ' + record.length + '\\r\\n'));
     socket.once('data', () => socket.write(record, () => socket.once('data', () => socket.end())));`,
  ],
])('no call: %s', async (_, script) => {
  expect(await callsOf(script)).toBe(0);
});

test.each([
  [
    'a long query',
    `fetch(url('/v1/chat/completions?sig=' + 'a'.repeat(2_100)), { method: 'POST', headers: json, body });`,
  ],
  [
    'a long head before a body that has to say it',
    `fetch(url('/custom'), { method: 'POST', headers: { ...json, cookie: 'a'.repeat(9_000) }, body });`,
  ],
  [
    'a body that the server is asked for first',
    `const headers = { ...json, expect: '100-continue' };
     const request = http.request(url('/custom'), { method: 'POST', headers }, drain);
     request.on('continue', () => request.end(body));
     request.flushHeaders();`,
  ],
  [
    'a request that the program writes itself, after another one',
    `const socket = net.connect(web, '127.0.0.1', () => socket.write('PUT /log HTTP/1.1\\r\\nhost: a\\r\\ncontent-length: 0\\r\\n\\r\\n'));
     socket.once('data', () => socket.write(record, () => socket.once('data', () => socket.end())));`,
  ],
  [
    'a request through a tunnel of node:http',
    `http.request({ port: web, method: 'CONNECT', path: 'models.example:80' })
       .on('connect', (_, socket) => socket.resume().write(record)).end();`,
  ],
])('one call: %s', async (_, script) => {
  expect(await callsOf(script)).toBe(1);
});
