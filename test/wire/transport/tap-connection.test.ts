/** What one tap hands over: exchanges of connections and of parts, in frames that are cut anywhere, broken, or hostile. */
import { describe, expect, test } from '@jest/globals';
import { encodeFrame, FLAG, FRAME } from '../../../src/wire/transport/frames.js';
import { createTapConnection, type TapContext, type TapEvents } from '../../../src/wire/transport/tap-connection.js';
import { cuts, recorder, seeded, summary } from '../protocol/support.js';

const HELLO = encodeFrame(FRAME.hello, JSON.stringify({ version: 1, runtime: 'node', pid: 7 }));
const json = (kind: number, value: unknown, facts: { flags?: number; channel?: number; at?: bigint } = {}) =>
  encodeFrame(kind, JSON.stringify(value), { at: 5n, ...facts });
const sent = (channel: number, bytes: string) => encodeFrame(FRAME.bytes, bytes, { channel, at: 6n });
const received = (channel: number, bytes: string) =>
  encodeFrame(FRAME.bytes, bytes, { channel, flags: FLAG.received, at: 7n });

const ASK = 'POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: 2\r\n\r\n{}';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone';
const SEEN = 'POST api.openai.com /v1/chat/completions "{}" -> 200 "done"';
const PARENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };

function connect() {
  const { seen, open } = recorder();
  const told: [string, ...unknown[]][] = [];
  const contexts: TapContext[] = [];
  const note =
    (name: string) =>
    (...facts: unknown[]) =>
      void told.push([name, ...facts]);
  const events: TapEvents = {
    hello: note('hello'),
    openFor(context) {
      contexts.push(context);
      return open;
    },
    reported: note('reported'),
    span: note('span'),
    start: note('start'),
    lost: note('lost'),
    bye: note('bye'),
    refused: note('refused'),
  };
  const tap = createTapConnection(events);
  return { tap, seen, told, contexts, push: (...frames: Buffer[]) => tap.push(Buffer.concat(frames)) };
}

describe('a connection', () => {
  const frames = Buffer.concat([
    HELLO,
    json(FRAME.open, { kind: 'connection', secure: true, protocol: 'http/1.1' }, { channel: 1 }),
    json(FRAME.request, { parent: PARENT }, { channel: 1 }),
    sent(1, ASK),
    received(1, ANSWER),
    json(FRAME.request, {}, { channel: 1 }),
    sent(1, ASK),
    received(1, ANSWER),
    encodeFrame(FRAME.close, '', { channel: 1, at: 8n }),
    encodeFrame(FRAME.bye),
  ]);

  test('is its exchanges, each with the context of its request, cut at every byte', () => {
    for (const [name, cut] of cuts(frames.length)) {
      const { tap, seen, told, contexts } = connect();
      for (const part of cut(frames, 0)) expect(tap.push(Buffer.from(part))).toBe(true);
      expect([name, summary(seen), contexts]).toEqual([name, [SEEN, SEEN], [{ parent: PARENT }, {}]]);
      expect(told.map(([event]) => event)).toEqual(['hello', 'bye']);
    }
  });

  test.each([
    [{ secure: true }, 443],
    [{ secure: false }, 80],
    [{ secure: true, port: 8443 }, 8443],
  ])('of %j: the port that its host field does not say is %i', (facts, port) => {
    const { seen, push } = connect();
    push(HELLO, json(FRAME.open, { kind: 'connection', ...facts }, { channel: 1 }), sent(1, ASK));
    expect(seen[0]!.facts).toMatchObject({ role: 'client', serverPort: port });
  });

  test('with bytes missing, cut off, and one whose tap has gone', () => {
    const { tap, seen, push } = connect();
    const begin = (channel: number) => json(FRAME.open, { kind: 'connection' }, { channel });
    push(HELLO, begin(1), begin(2), begin(3));
    push(sent(1, ASK), encodeFrame(FRAME.gap, '4', { channel: 1, flags: FLAG.received, at: 7n }), received(1, ANSWER));
    push(sent(2, ASK), encodeFrame(FRAME.close, 'Reset', { channel: 2, flags: FLAG.aborted, at: 8n }), sent(3, ASK));
    tap.close(9n);
    expect(seen.map(({ partial }) => partial)).toEqual([['gap'], ['aborted'], ['aborted']]);
    expect(seen.every(({ ended }) => ended)).toBe(true);
  });

  const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\n\r\nhalf';
  test.each([
    ['left before the answer', '', FLAG.aborted | FLAG.left, ['aborted', 'cancelled']],
    ['left inside of it', ANSWER.slice(0, -2), FLAG.aborted | FLAG.left, ['aborted', 'cancelled']],
    ['left behind it', ANSWER, FLAG.aborted | FLAG.left, []],
    ['left where only the server can end it', UNTIL_CLOSE, FLAG.aborted | FLAG.left, ['aborted', 'cancelled']],
    ['broken off', ANSWER.slice(0, -2), FLAG.aborted, ['aborted']],
    ['ended by the server', UNTIL_CLOSE, 0, []],
  ])('%s', (_, answer, flags, partial) => {
    for (const kind of ['connection', 'exchange']) {
      if (kind === 'exchange' && !/left before|broken/.test(_)) continue;
      const { seen, push } = connect();
      push(HELLO, json(FRAME.open, { kind }, { channel: 1 }));
      if (kind === 'exchange') push(json(FRAME.head, { method: 'POST', path: '/', headers: [] }, { channel: 1 }));
      else push(sent(1, ASK), received(1, answer));
      push(encodeFrame(FRAME.close, '', { channel: 1, flags, at: 8n }));
      expect([kind, seen[0]!.partial]).toEqual([kind, partial]);
    }
  });
});

test('an exchange in parts, beside a connection', () => {
  const { seen, push, contexts } = connect();
  push(
    HELLO,
    json(FRAME.open, { kind: 'exchange', secure: true, host: 'api.openai.com', protocol: 'h2' }, { channel: 2 }),
    json(FRAME.open, { kind: 'connection' }, { channel: 3 }),
    json(FRAME.request, { parent: PARENT }, { channel: 2 }),
    json(FRAME.head, { method: 'POST', path: '/v1/chat/completions', headers: [] }, { channel: 2 }),
    sent(3, ASK),
    sent(2, '{}'),
    encodeFrame(FRAME.end, '', { channel: 2, at: 6n }),
    json(FRAME.head, { status: 200, headers: [] }, { channel: 2, flags: FLAG.received }),
    received(2, 'done'),
    received(3, ANSWER),
    encodeFrame(FRAME.end, '', { channel: 2, flags: FLAG.received, at: 8n }),
  );
  expect(summary(seen)).toEqual([SEEN, SEEN]);
  expect(contexts).toEqual([{ parent: PARENT }, {}]);
  expect(seen[0]!.facts).toEqual({ role: 'client', protocol: 'h2', serverPort: 443 });
});

test('a call that the program reports itself is passed over, and each way is told once', () => {
  const { seen, told, push } = connect();
  push(HELLO, json(FRAME.open, { kind: 'connection' }, { channel: 1 }));
  for (let count = 0; count < 3; count += 1) {
    push(json(FRAME.request, { reported: 'openlit' }, { channel: 1 }), sent(1, ASK), received(1, ANSWER));
  }
  push(json(FRAME.request, {}, { channel: 1 }), sent(1, ASK), received(1, ANSWER));
  expect(summary(seen)).toEqual([SEEN]);
  expect(told.slice(1)).toEqual([['reported', 'openlit']]);
});

test('spans, losses and the end of the process', () => {
  const { seen, told, push } = connect();
  push(
    HELLO,
    json(FRAME.open, { kind: 'connection' }, { channel: 1 }),
    sent(1, ASK),
    json(FRAME.lost, { exchanges: 1, bytes: 300 }, { channel: 1 }),
    received(1, ANSWER),
    json(FRAME.lost, { exchanges: 2 }),
    json(FRAME.start, { spanId: 'b7ad6b7169203331' }),
    json(FRAME.span, { scope: 's', span: {} }),
    encodeFrame(99, 'of a later version'),
    encodeFrame(99, 'of a later version', { channel: 1 }),
    encodeFrame(FRAME.bye, '', { flags: FLAG.waits }),
  );
  expect(told.slice(1)).toEqual([
    ['lost', 1, 300],
    ['lost', 2, 0],
    ['start', { spanId: 'b7ad6b7169203331' }, 5n],
    ['span', { scope: 's', span: {} }],
    ['bye', true],
  ]);
  // Forgotten, not reported as one that was broken off.
  expect(seen[0]!.ended).toBe(false);
});

describe('what is refused, and read no further', () => {
  const channel = 1;
  const connection = json(FRAME.open, { kind: 'connection' }, { channel });
  const exchange = json(FRAME.open, { kind: 'exchange' }, { channel });
  test.each<[string, RegExp, Buffer[]]>([
    ['another version', /version 2, ours 1/, [json(FRAME.hello, { version: 2 })]],
    ['no version', /version undefined/, [json(FRAME.hello, {})]],
    ['no greeting', /did not begin with a greeting/, [connection]],
    ['no frames', /does not speak in frames/, [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')]],
    ['no JSON', /no JSON/, [HELLO, encodeFrame(FRAME.open, '{', { channel })]],
    ['JSON that is no object', /no JSON/, [HELLO, encodeFrame(FRAME.open, '7', { channel })]],
    ['null', /no JSON/, [HELLO, encodeFrame(FRAME.lost, 'null')]],
    ['fields that are none', /not understood/, [HELLO, exchange, json(FRAME.head, { headers: 5 }, { channel })]],
    ['fields without names', /not understood/, [HELLO, exchange, json(FRAME.head, { headers: [[5, 5]] }, { channel })]],
  ])('%s', (_name, why, frames) => {
    const { tap, told, seen, push } = connect();
    expect(push(...frames)).toBe(false);
    expect(told.filter(([event]) => event === 'refused')).toEqual([['refused', expect.stringMatching(why)]]);
    expect(push(HELLO, connection, sent(channel, ASK))).toBe(false);
    tap.close(9n);
    expect(seen).toEqual([]);
    expect(told.filter(([event]) => event === 'refused')).toHaveLength(1);
  });

  test('more channels than a program has', () => {
    const { told, push } = connect();
    push(HELLO);
    let number = 1;
    while (push(json(FRAME.open, { kind: 'exchange' }, { channel: number })) && number < 70_000) number += 1;
    expect(number).toBe(65_537);
    expect(told.at(-1)).toEqual(['refused', 'it opens too many channels']);
  });

  test('a decoder of ours that fails gives up this tap alone', () => {
    const refused: string[] = [];
    const tap = createTapConnection({
      ...{ hello() {}, reported() {}, span() {}, start() {}, lost() {}, bye() {} },
      openFor: () => () => {
        throw new Error('a fault of ours');
      },
      refused: why => refused.push(why),
    });
    expect(tap.push(Buffer.concat([HELLO, connection, sent(channel, ASK)]))).toBe(false);
    expect(refused).toEqual(['a frame of it is not understood (a fault of ours)']);
  });
});

test('no rubbish throws, or is kept: kinds, flags, channels and payloads at random', () => {
  const random = seeded(10);
  const payloads = [
    '',
    '{',
    '{}',
    '[]',
    'null',
    ASK,
    ANSWER,
    '{"kind":"connection"}',
    '{"kind":"exchange"}',
    '-1',
    '\xff',
  ];
  for (let run = 0; run < 300; run += 1) {
    const { tap, seen } = connect();
    tap.push(HELLO);
    for (let count = 0; count < 40; count += 1) {
      const kind = Math.floor(random() * 36);
      // What a tap has dropped is forgotten, not ended.
      if (kind === FRAME.lost) continue;
      const text = payloads[Math.floor(random() * payloads.length)]!;
      const facts = { channel: Math.floor(random() * 3), flags: Math.floor(random() * 256), at: 1n };
      tap.push(encodeFrame(kind, Buffer.from(text, 'latin1'), facts));
    }
    tap.close(2n);
    expect([run, seen.every(({ ended }) => ended)]).toEqual([run, true]);
  }
});

test('a tap that only opens and only sends costs a bounded amount', () => {
  const { push } = connect();
  push(HELLO, json(FRAME.open, { kind: 'connection' }, { channel: 1 }));
  const before = process.memoryUsage().arrayBuffers;
  // A head that never ends, and contexts of requests that never come.
  const line = sent(1, `x: ${'y'.repeat(60_000)}\r\n`);
  push(sent(1, 'POST /v1/chat/completions HTTP/1.1\r\n'));
  for (let count = 0; count < 1_000; count += 1) push(line, json(FRAME.request, { parent: PARENT }, { channel: 1 }));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
});
