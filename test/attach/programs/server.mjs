/**
 * The server that knows what was sent: HTTP/1.1 and HTTP/2 over TLS. Says its port on the first line, then one line for
 * each exchange with sizes and hashes of the body bytes on both sides, and with `headers` as argument those of both.
 * `GET /x?size=1000`, `&enc=gzip|br`, `&chunks=32&gap=5` (server-sent events), `&close=1` (no length, the end of the
 * connection ends the body). `&hold=8` says {"holding"} after that many chunks and goes on after a line on stdin, `&late=1` before the last byte;
 * {"receiving"} is said of a request to `/upload` when its body begins. `&meet=64` is answered when that many are open.
 * With `plain` as argument it speaks HTTP/1.1 without TLS.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import path from 'node:path';
import readline from 'node:readline';
import zlib from 'node:zlib';

const tls = path.resolve(import.meta.dirname, '../../fixtures/tls');
const options = {
  key: readFileSync(`${tls}/server.key`),
  cert: readFileSync(`${tls}/server.pem`),
  allowHTTP1: true,
  // Until a server says a number, httpx has one stream at a time.
  settings: { maxConcurrentStreams: 100 },
};

/** Bytes that depend on name and size only, and that no compression shortens much. */
function bytesOf(name, size) {
  const parts = [];
  for (let length = 0, i = 0; length < size; length += 32, i++)
    parts.push(createHash('sha256').update(`${name} ${i}`).digest());
  return Buffer.concat(parts).subarray(0, size);
}

const tellHeaders = process.argv[2] === 'headers';
const say = what => process.stdout.write(`${JSON.stringify(what)}\n`);
const held = [];
readline.createInterface({ input: process.stdin }).on('line', () => {
  for (const goOn of held.splice(0)) goOn();
});

/** Requests that wait for each other. */
const meeting = [];

const encoders = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, zstd: zlib.zstdCompressSync };

const create = process.argv[2] === 'plain' ? http.createServer : http2.createSecureServer;
const server = create(options, (request, response) => {
  const url = new URL(request.url, 'https://localhost');
  const query = name => url.searchParams.get(name);
  const got = createHash('sha256');
  const sent = createHash('sha256');
  let gotSize = 0;
  let sentSize = 0;
  const write = chunk => {
    sent.update(chunk);
    sentSize += chunk.length;
    response.write(chunk);
  };
  const done = () => {
    response.end();
    say({
      method: request.method,
      path: request.url,
      protocol: `HTTP/${request.httpVersion}`,
      request_size: gotSize,
      request_sha256: got.digest('hex'),
      response_size: sentSize,
      response_sha256: sent.digest('hex'),
      ...(tellHeaders && { request_headers: request.headers, response_headers: response.getHeaders() }),
    });
  };
  // Whose answer this is: an observer that pairs wrongly shows it.
  response.setHeader('x-answer-to', request.url);
  if (tellHeaders) response.setHeader('date', new Date().toUTCString());
  if (url.pathname === '/upload') request.once('data', () => say({ receiving: request.url }));
  request.on('data', chunk => {
    got.update(chunk);
    gotSize += chunk.length;
  });
  request.on('end', () => {
    if (meeting.push(answer) < Number(query('meet') ?? 1)) return;
    for (const each of meeting.splice(0)) each();
  });
  function answer() {
    const chunks = Number(query('chunks') ?? 0);
    if (chunks > 0) {
      response.setHeader('content-type', 'text/event-stream');
      let i = 0;
      const next = () => {
        write(Buffer.from(`data: {"word":"word${i}"}\n\n`));
        if (++i === Number(query('hold'))) {
          held.push(next);
          say({ holding: request.url });
        } else if (i < chunks) setTimeout(next, Number(query('gap') ?? 0));
        else done();
      };
      return next();
    }
    let body = bytesOf(request.url, Number(query('size') ?? 2));
    const encode = encoders[query('enc')];
    if (encode) {
      body = encode(Buffer.from(body.toString('hex')));
      response.setHeader('content-encoding', query('enc'));
    }
    response.setHeader('content-type', 'application/octet-stream');
    if (query('close') && request.httpVersion === '1.1') {
      response.setHeader('connection', 'close');
      response.removeHeader('transfer-encoding');
      response.useChunkedEncodingByDefault = false;
    } else response.setHeader('content-length', body.length);
    if (query('late')) {
      write(body.subarray(0, -1));
      held.push(() => {
        write(body.subarray(-1));
        done();
      });
      return say({ holding: request.url });
    }
    if (body.length > 0) write(body);
    done();
  }
});
// A connection may wait for its observer, on a busy machine for longer than Node's 5 s.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
