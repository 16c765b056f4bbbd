/**
 * `attach` while its collector refuses, hangs or is not there: every call is captured all the same, the observed program
 * notices nothing, attach leaves within its bound, and its account says how much did not arrive.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { type Lines, PROGRAMS } from '../attach/attached.js';
import { attachBench, goAndEnd, real } from '../support/attach-bench.js';
import { type ChatServer, startChatServer } from '../support/chat-server.js';

const CALLS = 30;

const bench = attachBench();
let chat: ChatServer;
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
  chat = await startChatServer();
});
afterAll(async () => {
  await chat.close();
  for (const server of listening) {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  }
});

/** The `exported` line of the account: `12 traces (3 dropped), …`. */
function tracesOf(observer: Lines): { exported: number; dropped: number } {
  const line = observer.errors.find(each => /^ +exported /.test(each)) ?? '';
  const [, exported = '', dropped = '0'] = /(\d+) traces(?: \((\d+) dropped\))?/.exec(line) ?? [];
  return { exported: Number(exported), dropped: Number(dropped) };
}

real('refusing, hanging, gone: all calls are captured, none is lost without being counted', async () => {
  const ports = [await listen(refusing()), await listen(hanging()), await gone()];
  const words = [path.join(PROGRAMS, 'chat.py'), `${chat.port}`, ...Array<string>(CALLS).fill('whole')];
  const program = bench.start('python3', words);
  const observers: Lines[] = [];
  for (const collector of ports)
    observers.push(await bench.observe([program], ['--format', 'json', '--endpoint', `http://127.0.0.1:${collector}`]));
  await goAndEnd(program);
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
});
