/** gRPC of a real client (grpcio: its own BoringSSL, without symbols), by real probes: calls, a stream, and gRPC's own error. */
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { PROGRAMS } from '../attach/attached.js';
import { attachBench, real, reason } from '../support/attach-bench.js';
import { anyPython, environment } from '../support/python-environments.js';

const bench = attachBench();
const python = reason ? '' : await environment('attach', await anyPython());
const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');
const messages = JSON.parse(readFileSync(`${FIXTURES}/grpc/messages.json`, 'utf8')) as Record<string, string> & {
  xaiChunks: string[];
};

const CHAT = '/xai_api.Chat/GetCompletion';
const STREAM = '/xai_api.Chat/GetCompletionChunk';
const GEMINI = '/google.ai.generativelanguage.v1beta.GenerativeService/GenerateContent';
const VERTEX = '/google.cloud.aiplatform.v1.PredictionService/GenerateContent';
const REFUSED = { 'grpc-status': '8', 'grpc-message': 'no%20more' };
/** What is not here is refused. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  [CHAT]: [messages['xaiAnswer']!],
  [STREAM]: messages.xaiChunks,
  [GEMINI]: [messages['geminiAnswer']!],
};
/** Messages come without their prefix to the client, which writes its own. */
const bare = (name: string) => messages[name]!.slice(10);

let server: http2.Http2SecureServer;
beforeAll(async () => {
  const tls = `${FIXTURES}/tls`;
  server = http2.createSecureServer({
    key: readFileSync(`${tls}/server.key`),
    cert: readFileSync(`${tls}/server.pem`),
  });
  server.on('stream', (stream, headers) => {
    const answers = ANSWERS[headers[':path']!];
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(answers === undefined ? REFUSED : { 'grpc-status': '0' }));
    for (const answer of answers ?? []) stream.write(Buffer.from(answer, 'hex'));
    stream.end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
});

real('each call once, with what its messages say', async () => {
  const { port } = server.address() as AddressInfo;
  const words = [path.join(PROGRAMS, 'client-grpc.py'), `${port}`, `${FIXTURES}/tls/ca.pem`];
  const program = bench.start(python, words);
  const observer = await bench.observe([program], ['--format', 'json']);
  program.say('go');
  for (const [method, message] of [
    [CHAT, 'xaiRequest'],
    [STREAM, 'xaiRequest'],
    [GEMINI, 'geminiRequest'],
    [VERTEX, 'vertexRequest'],
  ] as const)
    program.say(`${method} ${bare(message)}`);
  await program.end();
  expect(program.seen.slice(1)).toEqual([
    expect.any(String),
    expect.any(String),
    expect.any(String),
    'RESOURCE_EXHAUSTED',
    'done',
  ]);
  expect(await observer.exited).toBe(0);
  const calls = observer.seen.map(line => JSON.parse(line));
  expect(calls.map(({ partial }) => partial)).toEqual([[], [], [], []]);
  const names = ['gen_ai.provider.name', 'gen_ai.request.model', 'gen_ai.usage.output_tokens', 'error.type'];
  expect(calls.map(({ attributes }) => names.map(name => attributes[name]))).toEqual([
    ['x_ai', 'grok-4', 35, undefined],
    ['x_ai', 'grok-4', 35, undefined],
    ['gcp.gemini', 'gemini-2.5-flash', 25, undefined],
    ['gcp.vertex_ai', 'gemini-2.5-pro', undefined, 'RESOURCE_EXHAUSTED'],
  ]);
});
