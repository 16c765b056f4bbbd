// The local provider of the coverage matrix. It speaks the providers' formats on one loopback port, answers from the
// request alone, and keeps for every request what it answered: what the spans of an observed run must say.
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import zlib from 'node:zlib';
import { CHUNK, FIRST_CHUNK } from './answer.mjs';
import * as anthropic from './formats/anthropic.mjs';
import { converse, eventStreamMessage, invoke } from './formats/bedrock.mjs';
import * as cohere from './formats/cohere.mjs';
import * as gemini from './formats/gemini.mjs';
import { mcp } from './formats/mcp.mjs';
import * as ollama from './formats/ollama.mjs';
import * as openai from './formats/openai.mjs';
import { dashscope, prediction, textGeneration } from './formats/others.mjs';
import { responses } from './formats/responses.mjs';
import { serveRealtime } from './realtime.mjs';

/** The first row whose expression matches the path answers. */
const ROUTES = [
  [/\/mcp$/, mcp],
  [/\/model\/[^/]+\/converse(-stream)?$/, converse],
  [/\/model\/[^/]+\/invoke(-with-response-stream)?$/, invoke],
  [/\/publishers\/anthropic\/models\/[^:]+:(streamR|r)awPredict/, vertexAnthropic],
  [/\/models\/[^:/]+:(batchEmbedContents|embedContent)/, gemini.embed],
  [/\/models\/[^:/]+:(streamG|g)enerateContent/, gemini.generate],
  [/\/services\/aigc\//, dashscope],
  [/\/predictions$/, prediction],
  [/^\/v2\/chat$/, cohere.chat],
  [/^\/v2\/embed$/, cohere.embed],
  [/\/rerank$/, cohere.rerank],
  [/\/api\/chat$/, ollama.chat],
  [/\/api\/generate$/, ollama.generate],
  [/\/api\/embed$/, ollama.embed],
  [/\/messages(\/count_tokens)?$/, anthropic.messages],
  [/\/responses$/, responses],
  [/\/embeddings$/, openai.embeddings],
  [/\/chat\/completions$|^\/v1\/chat$/, openai.chat],
  [/\/completions$/, openai.completions],
  [/^\/models\//, textGeneration],
];

function vertexAnthropic(request) {
  const [, model, method] = /models\/([^:]+):(\w+)/.exec(request.path);
  return anthropic.messages({ ...request, model, stream: method === 'streamRawPredict' });
}

const FRAMINGS = {
  sse: { type: 'text/event-stream', frame: sseFrame },
  ndjson: { type: 'application/x-ndjson', frame: ({ data }) => `${JSON.stringify(data)}\n` },
  aws: { type: 'application/vnd.amazon.eventstream', frame: ({ event, data }) => eventStreamMessage(event, data) },
  array: {
    type: 'application/json',
    frame: ({ data }, at) => `${at === 0 ? '[' : ',\r\n'}${JSON.stringify(data)}`,
    end: ']',
  },
};

function sseFrame({ event, id, data }) {
  const head = (id === undefined ? '' : `id: ${id}\n`) + (event === undefined ? '' : `event: ${event}\n`);
  return `${head}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const bytes = Buffer.concat(parts);
  const encoding = request.headers['content-encoding'];
  if (encoding === 'gzip') return zlib.gunzipSync(bytes);
  return encoding === 'deflate' ? zlib.inflateSync(bytes) : bytes;
}

async function stream(response, { events, framing = 'sse', cut }, call) {
  const { type, frame, end } = FRAMINGS[framing];
  response.writeHead(200, { 'content-type': type });
  response.flushHeaders();
  let carried = false;
  for (const [index, event] of events.entries()) {
    if (event.model && !carried) {
      await delay(FIRST_CHUNK);
      call.firstChunk = Date.now();
      carried = true;
    } else if (event.model) await delay(CHUNK);
    if ((response.stream ?? response).destroyed) break;
    response.write(frame(event, index));
  }
  if (cut) {
    // What was written must have left before the connection breaks.
    await delay(CHUNK);
    (response.stream ?? response).destroy();
  } else response.end(end);
}

/**
 * Starts it on a free loopback port.
 * @returns `url`, `calls` (one row a model call: operation, model, responseModel, stream, finish, input, output, error,
 *   start, firstChunk, end in Unix milliseconds), `unknown` (what no format answered), `close()`
 */
export async function startProvider(port = 0) {
  const calls = [];
  const unknown = [];
  const handle = (request, response) => {
    answer(request, response).catch(error => {
      unknown.push(`${request.method} ${request.url}: ${error.stack}`);
      (response.stream ?? response).destroy();
    });
  };
  const one = http.createServer({ keepAliveTimeout: 30_000 }, handle);
  const two = http2.createServer(handle);
  const sockets = new Set();
  // HTTP/2 without TLS begins with a preface: what AWS' client speaks to a plain endpoint.
  const server = net.createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', first => {
      socket.pause();
      socket.unshift(first);
      if (first.subarray(0, 3).toString() === 'PRI') two.emit('connection', socket);
      else {
        one.emit('connection', socket);
        socket.resume();
      }
    });
  });

  async function answer(request, response) {
    const start = Date.now();
    const bytes = await read(request);
    const path = request.url.split('?')[0];
    const handler = request.method === 'POST' ? ROUTES.find(([expression]) => expression.test(path))?.[1] : undefined;
    if (handler === undefined) {
      if (sideDish(request, response, path)) return;
      unknown.push(`${request.method} ${request.url}`);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such path"}}');
      return;
    }
    const body = JSON.parse(bytes.toString('utf8') || '{}');
    const said = handler({ body, path: request.url, headers: request.headers, url: server.url });
    const call = said.call && { ...said.call, path, start };
    if (call) calls.push(call);
    if (said.events) await stream(response, said, call);
    else {
      // Clients retry what they may; a planted failure is one request.
      const once = said.status >= 400 ? { 'x-should-retry': 'false', 'retry-after': '0' } : {};
      const text = said.json === undefined ? '' : JSON.stringify(said.json);
      const type = text === '' ? {} : { 'content-type': 'application/json' };
      const size = { 'content-length': Buffer.byteLength(text) };
      response.writeHead(said.status ?? 200, { ...type, ...size, ...once, ...said.headers });
      response.end(text);
    }
    if (call) call.end = Date.now();
  }

  serveRealtime(one, calls);
  await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));
  server.url = `http://127.0.0.1:${server.address().port}`;
  return {
    url: server.url,
    port: server.address().port,
    calls,
    unknown,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** What clients ask for beside a call: model lists, versions. */
function sideDish(request, response, path) {
  const json = value => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.method === 'GET' && /\/mcp$/.test(path)) response.writeHead(405).end();
  else if (request.method === 'DELETE' && /\/mcp$/.test(path)) response.writeHead(200).end();
  else if (path === '/plain') json({ plain: 'no model call' });
  else if (/\/models$/.test(path)) json({ object: 'list', data: [{ id: 'gpt-4o-mini', object: 'model' }] });
  else if (/\/api\/show$/.test(path)) json({ capabilities: ['completion', 'tools'], details: {}, model_info: {} });
  else return false;
  return true;
}
