/** What each client sends and gets is handed over once, whole, whatever becomes of it; and the program gets the same. */

import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { anyPython, environment } from '../../support/python-environments.js';
import { type Exchange, openTapBench, type TapBench } from '../../support/tap-observed.js';
import { ANSWER, EVENTS, openTapProvider, type TapProvider, TLS_CA } from '../../support/tap-provider.js';

jest.setTimeout(300_000);

const PROGRAM = path.resolve(import.meta.dirname, '../../support/python-tap/clients.py');
let python: string;
let provider: TapProvider;
let bench: TapBench;

beforeAll(async () => {
  python = await environment('tap', await anyPython());
  provider = await openTapProvider();
  bench = await openTapBench();
});
afterAll(async () => {
  await bench?.close();
  await provider?.close();
});

/** Runs one client bare and with the tap: the program prints the same, and its exchanges are returned. */
async function observed(name: string, count: number): Promise<Exchange[]> {
  const words = [PROGRAM, name, provider.http, provider.https];
  const env = { SSL_CERT_FILE: TLS_CA, NO_PROXY: '*' };
  const bare = await bench.run(python, words, { env, bare: true });
  bench.clear();
  const tapped = await bench.run(python, words, { env });
  expect(tapped).toEqual(bare);
  expect(tapped.status).toBe(0);
  const exchanges = await bench.exchanges(count);
  expect(exchanges.length).toBe(count);
  return exchanges;
}

/** Flags of `close`: broken off, and by the program. */
const LEFT = 4 | 32;
const BODY = /"model":\s*"m".*"content":\s*"hi"/s;
const chat = (exchange: Exchange, path_ = '/v1/chat/completions') => {
  expect(exchange.open).toMatchObject({ kind: 'connection', secure: false, protocol: 'http/1.1', host: '127.0.0.1' });
  expect(exchange.sent.split('\r\n')[0]).toBe(`POST ${path_} HTTP/1.1`);
  expect(exchange.sent).toMatch(BODY);
};

/** whole, gzip, stream, left stream, redirect (2), failed, too slow, refused */
function nine(exchanges: Exchange[], errors: [slow: RegExp, refused: RegExp]): void {
  const [whole, zipped, stream, left, first, second, failed, slow, refused] = exchanges as [
    Exchange,
    Exchange,
    Exchange,
    Exchange,
    Exchange,
    Exchange,
    Exchange,
    Exchange,
    Exchange,
  ];
  for (const each of [whole, zipped, stream, left, second]) chat(each);
  expect(whole.received).toMatch(/^HTTP\/1\.1 200/);
  expect(whole.received).toContain(ANSWER);
  expect(whole.close).toEqual([0, '']);
  expect(zipped.received).toContain('\x1f\x8b');
  expect(zipped.close).toEqual([0, '']);
  for (const event of EVENTS) expect(stream.received).toContain(event.trim());
  expect(stream.close).toEqual([0, '']);
  expect(left.received).toContain(EVENTS[0]!.trim());
  expect(left.received).not.toContain(EVENTS[3]!.trim());
  expect(left.close).toEqual([LEFT, '']);
  chat(first, '/redirect/chat/completions');
  expect(first.received).toMatch(/^HTTP\/1\.1 307/);
  expect(second.received).toContain(ANSWER);
  expect(failed.received).toMatch(/^HTTP\/1\.1 429/);
  expect(slow.received).toBe('');
  expect(slow.close?.[0]).toBe(4);
  expect(slow.close?.[1]).toMatch(errors[0]);
  expect(refused.sent + JSON.stringify(refused.heads)).toContain('/v1/chat/completions');
  expect(refused.close?.[0]).toBe(4);
  expect(refused.close?.[1]).toMatch(errors[1]);
}

for (const library of ['httpx', 'httpx2']) {
  test(`${library}, synchronous`, async () => {
    nine(await observed(`httpx_sync:${library}`, 9), [/^ReadTimeout$/, /^ConnectError$/]);
  });
  test(`${library}, asyncio`, async () => {
    nine(await observed(`httpx_async:${library}`, 9), [/^ReadTimeout$/, /^ConnectError$/]);
  });
  test(`${library}, trio`, async () => {
    const [whole] = await observed(`trio_:${library}`, 1);
    chat(whole!);
    expect(whole!.received).toContain(ANSWER);
  });
  test(`${library}, HTTP/2`, async () => {
    const exchanges = await observed(`http2:${library}`, 5);
    for (const each of exchanges) {
      expect(each.open).toMatchObject({ kind: 'exchange', secure: true, protocol: 'h2', host: '127.0.0.1' });
      expect(each.heads[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
      expect(each.heads[1]).toMatchObject({ status: 200 });
      expect(each.sent).toMatch(BODY);
    }
    const [whole, left, ...several] = exchanges as [Exchange, Exchange, ...Exchange[]];
    expect(whole).toMatchObject({ received: ANSWER, ends: ['sent', 'received'], close: [0, ''] });
    expect(left).toMatchObject({ ends: ['sent'], close: [LEFT, ''] });
    for (const each of several) expect(each).toMatchObject({ received: ANSWER, close: [0, ''] });
  });
  test(`${library}, transports that answer by themselves`, async () => {
    const [whole, stream, left, raised, asgi, once, again, over] = await observed(`mocks:${library}`, 8);
    expect(whole).toMatchObject({ received: 'whole', ends: ['sent', 'received'], close: [0, ''] });
    expect(whole!.heads[1]).toMatchObject({ status: 200 });
    expect(whole!.sent).toMatch(BODY);
    expect(stream).toMatchObject({ received: 'ab', close: [0, ''] });
    expect(left).toMatchObject({ received: 'a', close: [LEFT, ''] });
    expect(raised).toMatchObject({ received: '', close: [4, 'ReadTimeout'] });
    expect(asgi).toMatchObject({ received: 'asgi', close: [0, ''] });
    for (const each of [once!, again!, over!]) {
      chat(each);
      expect(each.received).toContain(ANSWER);
    }
  });
}

test('requests', async () => {
  nine(await observed('requests_', 9), [/Timeout/, /Error/]);
});
test('urllib and http.client', async () => {
  const exchanges = await observed('http_client', 3);
  for (const each of exchanges) {
    expect(each.sent.split('\r\n')[0]).toBe('POST /v1/chat/completions HTTP/1.1');
    expect(each.received).toContain(ANSWER);
    expect(each).toMatchObject({ gaps: 0, close: [0, ''] });
  }
  expect(exchanges[2]!.sent).toMatch(/\r\n0\r\n\r\n$/);
});
test('aiohttp', async () => {
  nine(await observed('aiohttp_', 9), [/Timeout/, /^ClientConnectorError$/]);
});
test('WebSockets', async () => {
  const [sync, asyncio, legacy, aiohttp, client] = await observed('websockets_', 5);
  for (const each of [sync!, asyncio!, legacy!, client!]) {
    expect(each.open).toMatchObject({ kind: 'exchange', protocol: 'websocket', host: '127.0.0.1' });
    expect(each.heads[0]).toMatchObject({ method: 'GET', path: '/v1/realtime?model=m' });
    expect(each.heads[1]).toMatchObject({ status: 101 });
    // The program said goodbye first.
    expect(each.close).toEqual([32, '']);
  }
  const short = sync!.messages.filter(text => text.length < 100);
  expect(short).toEqual(['>sync', '<sync', '>binary bytes', '<binary bytes', '>in parts', '<in parts', '>big', '<big']);
  expect(sync!.messages.map(text => text.length - 1).reduce((a, b) => (b > 1000 ? a + b : a), 0)).toBe(300_000);
  expect(asyncio!.messages).toEqual(['>asyncio', '<asyncio']);
  expect(legacy!.messages).toEqual(['>legacy', '<legacy']);
  expect(client!.messages).toEqual(['>websocket-client', '<websocket-client']);
  expect(aiohttp!.open).toMatchObject({ kind: 'connection' });
  expect(aiohttp!.received).toMatch(/^HTTP\/1\.1 101/);
  expect(aiohttp!.sent).toContain('\x81\x07aiohttp');
  expect(aiohttp!.received).toContain('\x81\x07aiohttp');
});
