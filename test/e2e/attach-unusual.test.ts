/** Connections that are used in unusual ways: one inside of another, and closed on one side before the answer. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { expect, test } from '@jest/globals';
import { type Lines, PROGRAMS, type Server } from '../attach/attached.js';
import { attachBench, essence, exchangesOf, goAndEnd, real, type Step } from '../support/attach-bench.js';
import { type Listening, listen } from '../support/servers.js';

const bench = attachBench();

const PLAN: Step[] = [
  ['POST', '/a?size=20', 20],
  ['GET', '/b?size=70000', 0],
  ['POST', '/c?size=1', 300_000],
  ['POST', '/d?chunks=16&gap=3', 4000],
  ['GET', '/e?size=3', 0],
];

/** What the client did while it was observed is what we say of it: nothing less, and nothing else. */
async function compare(program: Lines, server: Server): Promise<void> {
  const observer = await bench.observe([program]);
  server.take(); // what was before us
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
  const truth = server.take();
  expect(truth).toHaveLength(PLAN.length);
  const seen = exchangesOf(observer);
  expect(essence(seen)).toEqual(essence(truth));
  for (const { role, status, partial } of seen)
    expect({ role, status, partial }).toEqual({ role: 'client', status: 200, partial: [] });
}

const hasPhp = (() => {
  try {
    execFileSync('php', ['-r', 'exit(function_exists("curl_init") ? 0 : 1);'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('skipped: PHP with curl is not installed');
    return false;
  }
})();

/** An HTTPS proxy: whoever asks for it with CONNECT gets a tunnel. */
async function startProxy(): Promise<Listening> {
  const tls = path.resolve(import.meta.dirname, '../fixtures/tls');
  const server = https.createServer({
    key: readFileSync(`${tls}/server.key`),
    cert: readFileSync(`${tls}/server.pem`),
  });
  server.on('connect', ({ url }, client: Duplex) => {
    const [host, port] = url!.split(':');
    const onward = net.connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const [from, to] of [
      [client, onward],
      [onward, client],
    ] as const)
      from
        .pipe(to)
        .on('error', () => {})
        .on('close', () => from.destroy());
  });
  return listen(server);
}

(hasPhp ? real : test.skip)(
  'TLS in TLS: what goes through an HTTPS proxy, of a tunnel that is older than us',
  async () => {
    const proxy = await startProxy();
    const env = { ...process.env, PROXY: `https://127.0.0.1:${proxy.port}` };
    const words = [path.join(PROGRAMS, 'client.php'), `${bench.server.port}`, bench.plan(PLAN)];
    try {
      await compare(bench.start('php', words, { env }), bench.server);
    } finally {
      await proxy.close();
    }
  },
);

real('an answer that comes after the client has closed its side', async () => {
  const server = await bench.startServer(['python3', 'server.py']);
  const words = [path.join(PROGRAMS, 'client-half-close.mjs'), `${server.port}`, bench.plan(PLAN)];
  await compare(bench.start(process.execPath, words), server);
});
