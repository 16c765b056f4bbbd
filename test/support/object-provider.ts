/**
 * A provider for programs that look at what their clients give them. The first part of a path says how it behaves: `ok`,
 * `refuse` (400), `busy` (429), `slow` (answers after the client's patience), `cut` (the connection breaks inside the answer).
 * Nothing in its answers differs from run to run.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { listen } from './servers.js';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** End of the path, fixtures of a whole and of a streamed answer. */
const ANSWERS: readonly (readonly [RegExp, whole: string, streamed: string])[] = [
  [/\/chat\/completions$/, 'node/openai/chat', 'node/openai/chat-stream'],
  [/\/responses$/, 'node/openai/responses', 'node/openai/responses-stream'],
  [/\/messages$/, 'node/anthropic/messages', 'node/anthropic/messages-stream'],
  [/:generateContent$/, 'wire/gemini/generate', 'wire/gemini/generate-stream'],
  [/:streamGenerateContent$/, 'wire/gemini/generate-stream', 'wire/gemini/generate-stream'],
  [/\/converse$/, 'wire/bedrock/converse', 'wire/bedrock/converse-stream'],
  [/\/converse-stream$/, 'wire/bedrock/converse-stream', 'wire/bedrock/converse-stream'],
  [/\/invoke$/, 'wire/bedrock/invoke-anthropic', 'wire/bedrock/invoke-anthropic-stream'],
  [/\/v2\/chat$/, 'wire/cohere/v2-chat', 'wire/cohere/v2-chat-stream'],
  [/\/api\/chat$/, 'wire/ollama/chat-stream', 'wire/ollama/chat-stream'],
];

interface Recorded {
  readonly response_headers?: Record<string, string>;
  readonly response_body?: unknown;
  readonly response_chunks?: readonly { data?: unknown }[];
}

export interface ObjectProvider {
  readonly url: string;
  /** The same over TLS. */
  readonly secure: string;
  close(): Promise<void>;
}

export async function openObjectProvider(): Promise<ObjectProvider> {
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    void answer(request, response).catch(() => response.destroy());
  const key = readFileSync(path.join(FIXTURES, 'tls/server.key'));
  const cert = readFileSync(path.join(FIXTURES, 'tls/server.pem'));
  const [plain, secure] = [createServer(handle), createSecureServer({ key, cert }, handle)];
  // A connection that is kept may be taken by the next call or not, and then the two runs differ.
  for (const server of [plain, secure]) server.keepAliveTimeout = 60_000;
  const [one, other] = [await listen(plain), await listen(secure)];
  return {
    url: `http://127.0.0.1:${one.port}`,
    secure: `https://127.0.0.1:${other.port}`,
    async close() {
      await Promise.all([one.close(), other.close()]);
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  response.sendDate = false;
  const [, mode, ...rest] = (request.url ?? '').split('?')[0]!.split('/');
  const found = ANSWERS.find(([end]) => end.test(`/${rest.join('/')}`));
  if (found === undefined || mode === 'refuse') return fail(response, 400, 'refused');
  if (mode === 'busy') return fail(response, 429, 'busy');
  if (mode === 'slow') await pause(1_500);
  const [end, whole, streamed] = found;
  const { response_headers, response_body, response_chunks } = recorded(
    /"stream": ?true/.test(body) ? streamed : whole,
  );
  const chunks = (response_chunks ?? [{ data: response_body }]).map(({ data }) => bytesOf(data));
  const type = response_headers?.['content-type'] ?? 'application/json';
  const size = response_chunks === undefined ? { 'content-length': String(chunks[0]!.length) } : {};
  response.writeHead(200, { 'content-type': type, 'x-request-id': `req${end.source.length}`, ...size });
  for (const [index, chunk] of chunks.entries()) {
    response.write(chunk);
    await pause(10);
    if (mode === 'cut' && index === 0) return void response.destroy();
  }
  response.end();
}

function fail(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ error: { message, type: message, code: message }, message });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
}

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(path.join(FIXTURES, `${name}.json`), 'utf8')) as Recorded;
}

function bytesOf(data: unknown): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  const { base64 } = (data ?? {}) as { base64?: string };
  return base64 === undefined ? Buffer.from(JSON.stringify(data)) : Buffer.from(base64, 'base64');
}
