/** An exchange that a tap hands over in parts becomes the exchange that a decoder of bytes would have told. */
import { describe, expect, test } from '@jest/globals';
import type { Flow } from '../../../src/wire/exchange.js';
import { createTapExchange, type TapExchange, type TapHead } from '../../../src/wire/transport/tap-exchange.js';
import { recorder, type Seen, summary } from '../protocol/support.js';

const CLIENT = { role: 'client', protocol: 'h2' } as const;
const ASK: TapHead = {
  method: 'POST',
  path: '/v1/messages?beta=true',
  host: 'api.anthropic.com',
  headers: [
    [':method', 'POST'],
    ['Content-Type', 'application/json'],
    ['X-Trace', 'a'],
    ['x-trace', 'b'],
  ],
};
const ANSWER: TapHead = { status: 200, headers: [['Content-Type', 'text/event-stream']] };

interface Opened {
  readonly exchange: TapExchange;
  readonly seen: Seen[];
  data(flow: Flow, text: string): void;
}

function open(accept = () => true, host?: string): Opened {
  const { seen, open: opener } = recorder(accept);
  const exchange = createTapExchange(opener, CLIENT, host);
  return { exchange, seen, data: (flow, text) => exchange.data(flow, Buffer.from(text), 5n) };
}

test('heads, bodies and their ends, with the names of fields in lower case and several of one name joined', () => {
  const { exchange, seen, data } = open();
  exchange.head('sent', ASK, 1n);
  data('sent', '{"a":');
  data('sent', '1}');
  exchange.end('sent', 2n);
  exchange.head('received', ANSWER, 3n);
  data('received', 'data: x');
  exchange.end('received', 9n);
  exchange.close(10n, true);
  expect(summary(seen)).toEqual(['POST api.anthropic.com /v1/messages?beta=true "{\\"a\\":1}" -> 200 "data: x"']);
  expect(seen[0]).toMatchObject({
    facts: CLIENT,
    request: { headers: { 'content-type': 'application/json', 'x-trace': 'a, b' } },
    response: { headers: { 'content-type': 'text/event-stream' } },
    times: { head: 1n, firstByte: 3n, end: 9n },
  });
  expect(Object.keys(seen[0]!.request.headers)).toEqual(['content-type', 'x-trace']);
});

describe('the host', () => {
  test.each<[string, TapHead, string | undefined, string | undefined]>([
    ['of the head', { ...ASK, host: 'a' }, 'b', 'a'],
    ['of the host field', { headers: [['Host', 'c:8080']] }, 'b', 'c:8080'],
    ['of the channel', {}, 'b', 'b'],
    ['unknown', {}, undefined, undefined],
  ])('%s', (_name, head, channel, expected) => {
    const { exchange, seen } = open(undefined, channel);
    exchange.head('sent', head, 1n);
    expect(seen[0]!.request.host).toBe(expected);
  });
});

test('bytes of a response that come before its head wait for it, as does its end', () => {
  const { exchange, seen, data } = open();
  exchange.head('sent', ASK, 1n);
  const bytes = Buffer.from('early');
  exchange.data('received', bytes, 2n);
  bytes.fill(0xee); // the memory belongs to the caller again
  data('received', ' and more');
  exchange.end('received', 3n);
  expect(seen[0]!.ended).toBe(false);
  exchange.head('received', ANSWER, 4n);
  expect(seen[0]).toMatchObject({ responseBody: 'early and more', ended: true });
});

test('without a head they do not grow without end, and the exchange says that it is not whole', () => {
  const { exchange, seen } = open();
  exchange.head('sent', ASK, 1n);
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 2_000; count += 1) exchange.data('received', chunk, 2n);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  exchange.head('received', ANSWER, 3n);
  exchange.close(4n, false);
  expect(seen[0]!.responseBody.length).toBe(1024 * 1024);
  expect(seen[0]!.partial).toEqual(['truncated']);
});

test.each([
  ['before its answer', [] as TapHead[]],
  ['in its answer', [ANSWER]],
])('one that is left %s is partial', (_name, heads) => {
  const { exchange, seen } = open();
  exchange.head('sent', ASK, 1n);
  for (const head of heads) exchange.head('received', head, 2n);
  exchange.close(3n, true);
  exchange.close(4n, true);
  expect(seen[0]).toMatchObject({ partial: ['aborted'], ended: true, times: { end: 3n } });
});

test('a gap is told, and messages by who sent them', () => {
  const { exchange, seen } = open();
  exchange.head('sent', { ...ASK, method: 'GET' }, 1n);
  exchange.head('received', { status: 101 }, 2n);
  exchange.message('sent', Buffer.from('{}'), false, 3n);
  exchange.gap();
  exchange.message('received', Buffer.from([1]), true, 4n);
  exchange.close(5n, false);
  expect(seen[0]).toMatchObject({
    messages: [
      ['client', '{}'],
      ['server', '01'],
    ],
    partial: ['gap'],
    ended: true,
  });
});

test('heads that come again, parts after the end, and an exchange that nobody wants change nothing', () => {
  const { exchange, seen, data } = open();
  exchange.head('sent', ASK, 1n);
  exchange.head('sent', { ...ASK, path: '/other' }, 1n);
  exchange.head('received', ANSWER, 2n);
  exchange.head('received', { status: 500 }, 2n);
  exchange.end('received', 3n);
  data('received', 'late');
  data('sent', 'late');
  exchange.head('sent', ASK, 4n);
  exchange.gap();
  expect(summary(seen)).toEqual(['POST api.anthropic.com /v1/messages?beta=true (unfinished) -> 200']);

  const unwanted = open(() => false);
  unwanted.exchange.head('sent', ASK, 1n);
  unwanted.data('received', 'x'.repeat(100));
  unwanted.exchange.head('received', ANSWER, 2n);
  unwanted.exchange.close(3n, true);
  expect(unwanted.seen).toEqual([]);
});

test('a field may have any name', () => {
  const { exchange, seen } = open();
  const names = ['constructor', 'toString', 'hasOwnProperty'];
  exchange.head('sent', { ...ASK, headers: names.map(name => [name, 'v']) }, 1n);
  expect(seen[0]!.request.headers).toEqual({ constructor: 'v', tostring: 'v', hasownproperty: 'v' });
});
