// A provider behind TLS that answers one request at a time with what it was told to, chunk by chunk, and says by its own
// clock when each thing happened. HTTP/1.1 and HTTP/2 by ALPN.
//
//   node server.mjs ADDRESS CERTIFICATE KEY
//   stdin   {"id", "status", "headers", "chunks": [{"after_ms", "data"}]}   the next answer (data base64) · {"forget": true}
//   stdout  {"port"} · {"armed"} · {"forgotten": whether it was still there} · {"id", "method", …, "received", "written": […], "ended"}  (ns of CLOCK_MONOTONIC; `unix` ms)
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import readline from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const [address, certificate, key] = process.argv.slice(2);
const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);
const now = () => process.hrtime.bigint();

let next;

async function answer(request, response) {
  const received = now();
  const unix = Date.now();
  const job = next;
  next = undefined;
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts);
  const { method, url, headers } = request;
  const facts = { method, path: url, host: headers[':authority'] ?? headers.host, protocol: request.httpVersion };
  if (job === undefined) {
    say({ unexpected: facts });
    response.writeHead(500, { 'content-type': 'application/json', 'x-should-retry': 'false' }).end('{}');
    return;
  }
  const written = [];
  response.writeHead(job.status, job.headers);
  for (const { after_ms, data } of job.chunks) {
    if (after_ms > 0) {
      if (written.length === 0) response.flushHeaders();
      await delay(after_ms);
    }
    written.push(String(now()));
    response.write(Buffer.from(data, 'base64'));
  }
  const ended = String(now());
  response.end();
  say({ id: job.id, ...facts, body: body.toString('base64'), received: String(received), unix, written, ended });
}

const server = http2.createSecureServer(
  { key: readFileSync(key), cert: readFileSync(certificate), allowHTTP1: true },
  (request, response) => answer(request, response).catch(error => say({ broken: error.message })),
);
server.keepAliveTimeout = 0;
// Else a chunk waits for the client's delayed acknowledgement of the one before, 40 ms that no clock of ours would know of.
server.on('secureConnection', socket => socket.setNoDelay(true));
server.on('error', error => {
  // 443 is what real clients use, but somebody may listen on every address of this machine.
  if (error.code !== 'EADDRINUSE') throw error;
  server.listen(0, address);
});
server.on('listening', () => say({ port: server.address().port }));
server.listen(443, address);

readline
  .createInterface({ input: process.stdin })
  .on('line', line => {
    const job = JSON.parse(line);
    say(job.forget ? { forgotten: next !== undefined } : { armed: job.id });
    next = job.forget ? undefined : job;
  })
  .on('close', () => process.exit(0));
