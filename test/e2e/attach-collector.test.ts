/**
 * `attach` while its collector refuses, hangs or is not there: every call is captured all the same, the observed program
 * notices nothing, attach leaves within its bound, and its account says how much did not arrive.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { attach, type Lines, pidOf, ROOT, start, whyNot } from '../attach/attached.js';

const reason = whyNot();
if (reason) console.log(`skipped: attach cannot be tested here: ${reason}`);
const real = reason ? test.skip : test;

const CALLS = 30;
const TLS = path.join(ROOT, 'test/fixtures/tls');
const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
});
const CLIENT = `
import http.client, json, os, ssl, sys
c = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=ssl._create_unverified_context())
c.connect()
print(json.dumps({'ready': os.getpid()}), flush=True)
sys.stdin.readline()
body = json.dumps({'model': 'gpt-4o', 'messages': [{'role': 'user', 'content': 'hello'}]})
for _ in range(${CALLS}):
    c.request('POST', '/v1/chat/completions', body, {'Host': 'api.openai.com', 'content-type': 'application/json'})
    assert json.loads(c.getresponse().read())['id'] == 'chatcmpl-1'
print('done', flush=True)
sys.stdin.read()
`;

let folder: string;
const provider = createServer(
  { key: readFileSync(`${TLS}/server.key`), cert: readFileSync(`${TLS}/server.pem`) },
  (request, response) => {
    request.resume();
    request.on('end', () => response.setHeader('content-type', 'application/json').end(ANSWER));
  },
);
const listening: http.Server[] = [];

async function listen(server: http.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  listening.push(server);
  return (server.address() as AddressInfo).port;
}

const refusing = () =>
  http.createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(400).end());
  });
const hanging = () => http.createServer(request => request.resume());

async function gone(): Promise<number> {
  const server = http.createServer();
  const port = await listen(server);
  listening.pop();
  await new Promise(resolve => server.close(resolve));
  return port;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'attach-collector-'));
  writeFileSync(path.join(folder, 'client.py'), CLIENT);
  await listen(provider);
});
afterAll(async () => {
  for (const server of listening) {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
  rmSync(folder, { recursive: true });
});

/** The `exported` line of the account: `12 traces (3 dropped), …`. */
function tracesOf(observer: Lines): { exported: number; dropped: number } {
  const line = observer.errors.find(each => /^ +exported /.test(each)) ?? '';
  const [, exported = '', dropped = '0'] = /(\d+) traces(?: \((\d+) dropped\))?/.exec(line) ?? [];
  return { exported: Number(exported), dropped: Number(dropped) };
}

real(
  'refusing, hanging, gone: all calls are captured, none is lost without being counted',
  async () => {
    const ports = [await listen(refusing()), await listen(hanging()), await gone()];
    const port = (provider.address() as AddressInfo).port;
    const program = start('python3', [path.join(folder, 'client.py'), `${port}`]);
    const observers: Lines[] = [];
    try {
      const pid = await pidOf(program);
      for (const collector of ports) {
        observers.push(await attach([pid], ['--format', 'json', '--endpoint', `http://127.0.0.1:${collector}`]));
      }
      program.say('go');
      await program.line(line => line === 'done');
      await program.end();
      const ended = performance.now();
      await Promise.all(observers.map(observer => observer.exited));
      const leaving = performance.now() - ended;
      for (const observer of observers) {
        expect(await observer.exited).toBe(0);
        expect(observer.seen).toHaveLength(CALLS);
        for (const line of observer.seen) expect(JSON.parse(line).partial).toEqual([]);
        expect(tracesOf(observer)).toEqual({ exported: 0, dropped: CALLS });
      }
      const said = observers.map(observer => observer.errors.join('\n'));
      expect(said[0]).toMatch(/refused traces \(HTTP 400\)/);
      expect(said[2]).toMatch(/cannot be reached \(ECONNREFUSED\)/);
      // A flush may take 5 s; twice that would be one too many.
      expect(leaving).toBeLessThan(9_000);
    } finally {
      await program.kill();
      for (const observer of observers) await observer.kill();
    }
  },
  60_000,
);
