// A provider that replays recorded exchanges with their timing: what the demo and the tests talk to instead of a real
// one. Real HTTP/1.1 and HTTP/2, real TLS, real compression; only the answers are recorded. Node's own modules only.
//
//   node examples/provider/server.mjs [--port N] [--tls] [--http2] [--fixtures FOLDER] [--compress none|bodies|all]
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import zlib from 'node:zlib';
import { findFixture, readFixtures } from './fixtures.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CERTIFICATES = path.join(ROOT, 'test/fixtures/tls');
const FIXTURES = path.join(ROOT, 'test/fixtures/wire');

/** PEM file of the authority that signed the server's certificate, for `NODE_EXTRA_CA_CERTS` and `SSL_CERT_FILE`. */
export const CA_FILE = path.join(CERTIFICATES, 'ca.pem');

/** Fields that belong to one connection or one encoding: the server sets its own. */
const OWN_FIELDS = new Set(['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'date', 'upgrade']);

const COMPRESSORS = {
  br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: () => zlib.createGzip(),
};

function bytesOf(data) {
  if (data === undefined || data === null) return Buffer.alloc(0);
  if (typeof data === 'string') return Buffer.from(data);
  if (typeof data.base64 === 'string' && Object.keys(data).length === 1) return Buffer.from(data.base64, 'base64');
  return Buffer.from(JSON.stringify(data));
}

/** The first coding that the client takes and that we can do; bodies that were recorded encoded stay as they are. */
function chooseCoding(accepted, fixture, compress) {
  const streamed = fixture.response_chunks !== undefined && fixture.request_body?.stream === true;
  if (compress === 'none' || (compress === 'bodies' && streamed)) return undefined;
  if (fixture.response_headers?.['content-encoding']) return undefined;
  const offered = String(accepted ?? '')
    .split(',')
    .map(part => part.split(';')[0].trim());
  return Object.keys(COMPRESSORS).find(coding => offered.includes(coding));
}

async function readBody(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

function parseBody(bytes, encoding) {
  try {
    const plain = encoding === 'gzip' ? zlib.gunzipSync(bytes) : bytes;
    return JSON.parse(plain.toString('utf8'));
  } catch {
    return undefined;
  }
}

function notFound(request, body) {
  const asked = [`${request.method} ${request.url}`];
  if (body?.model !== undefined) asked.push(`model ${JSON.stringify(body.model)}`);
  if (body?.stream !== undefined) asked.push(`stream ${body.stream}`);
  const message = `No recorded exchange answers ${asked.join(', ')}.`;
  return {
    provider: 'none',
    name: 'none',
    status: 404,
    response_headers: { 'content-type': 'application/json', 'x-should-retry': 'false' },
    response_body: { error: { message, type: 'not_found_error', code: 'no_fixture' } },
  };
}

/** Writes the chunks at their times and stops when the client has gone. */
async function replay(fixture, coding, response, gone) {
  const headers = {};
  for (const [name, value] of Object.entries(fixture.response_headers ?? {})) {
    if (!OWN_FIELDS.has(name.toLowerCase())) headers[name] = value;
  }
  const chunks = fixture.response_chunks ?? [{ after_ms: 0, data: fixture.response_body }];
  const compressor = coding ? COMPRESSORS[coding]() : undefined;
  if (coding) headers['content-encoding'] = coding;
  else if (!fixture.response_chunks) headers['content-length'] = String(bytesOf(fixture.response_body).length);
  compressor?.on('data', data => response.write(data));
  for (const [index, chunk] of chunks.entries()) {
    if (chunk.after_ms) await delay(chunk.after_ms, undefined, { signal: gone });
    if (index === 0) response.writeHead(fixture.status, headers);
    if (chunk.abort) {
      (response.stream ?? response.socket).destroy();
      return;
    }
    if (!compressor) response.write(bytesOf(chunk.data));
    else {
      compressor.write(bytesOf(chunk.data));
      await new Promise(done => compressor.flush(done));
    }
  }
  if (compressor) await new Promise(done => compressor.end().once('end', done));
  response.end();
}

/**
 * Starts the provider on a loopback port.
 * @param {{tls?: boolean, http2?: boolean, fixtures?: string, port?: number, host?: string,
 *   compress?: 'none' | 'bodies' | 'all'}} [options] `http2` offers h2 by ALPN beside HTTP/1.1 with `tls`, and is h2c by
 *   prior knowledge without; `compress` (default `bodies`) says what is compressed when the client accepts it.
 * @returns {Promise<{url: string, port: number, requests: any[], close(): Promise<void>}>} `requests` grows with each
 *   request: method, path, host, headers, body (bytes), json, protocol, fixture (`provider/name` or undefined), aborted.
 */
export async function startProvider(options = {}) {
  const { tls = false, http2: h2 = false, fixtures: folder = FIXTURES, port = 0, host = '127.0.0.1' } = options;
  const { compress = 'bodies' } = options;
  const fixtures = readFixtures(folder);
  const requests = [];
  const sockets = new Set();

  async function answer(request, response) {
    const gone = new AbortController();
    const bytes = await readBody(request);
    const json = parseBody(bytes, request.headers['content-encoding']);
    const asked = request.headers[':authority'] ?? request.headers.host;
    const { method, url, headers } = request;
    const found = findFixture(fixtures, { method, path: url, host: asked, headers, body: json });
    const seen = {
      method,
      path: url,
      host: asked,
      headers: { ...headers },
      body: bytes,
      json,
      protocol: request.httpVersion === '2.0' ? 'h2' : 'http/1.1',
      fixture: found && `${found.provider}/${found.name}`,
      aborted: false,
    };
    requests.push(seen);
    response.on('close', () => {
      seen.aborted = !response.writableFinished;
      gone.abort();
    });
    const fixture = found ?? notFound(request, json);
    await replay(fixture, chooseCoding(headers['accept-encoding'], fixture, compress), response, gone.signal);
  }

  const listener = (request, response) => {
    answer(request, response).catch(error => {
      if (error.name !== 'AbortError' && !response.destroyed) response.destroy(error);
    });
  };
  const secure = tls && {
    key: readFileSync(path.join(CERTIFICATES, 'server.key')),
    cert: readFileSync(path.join(CERTIFICATES, 'server.pem')),
  };
  const server = h2
    ? tls
      ? http2.createSecureServer({ ...secure, allowHTTP1: true }, listener)
      : http2.createServer(listener)
    : tls
      ? https.createServer(secure, listener)
      : http.createServer(listener);
  // With TLS a connection is two sockets, and a handshake that never ends has only the first.
  for (const event of tls ? ['connection', 'secureConnection'] : ['connection']) {
    server.on(event, socket => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    });
  }
  await new Promise((done, fail) => server.once('error', fail).listen(port, host, done));
  const bound = server.address().port;
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    requests,
    async close() {
      const closed = new Promise(done => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string' },
      tls: { type: 'boolean' },
      http2: { type: 'boolean' },
      fixtures: { type: 'string' },
      compress: { type: 'string' },
    },
  });
  const provider = await startProvider({ ...values, port: Number(values.port) });
  // The first line is for programs: they wait for it.
  process.stdout.write(`listening ${provider.url}\n`);
  process.stdout.write(`OPENAI_BASE_URL=${provider.url}/openai/v1 ANTHROPIC_BASE_URL=${provider.url}/anthropic\n`);
  if (values.tls) process.stdout.write(`NODE_EXTRA_CA_CERTS=${CA_FILE} SSL_CERT_FILE=${CA_FILE}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => provider.close().then(() => process.exit(0)));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
