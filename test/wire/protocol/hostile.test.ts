import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, jest, test } from '@jest/globals';
import { collectExchanges } from '../../../src/wire/exchange-collector.js';
import { formatExchangeLine } from '../../../src/wire/exchange-json.js';
import { createConnectionDecoder } from '../../../src/wire/protocol/index.js';
import { runHostileCase } from './hostile.js';
import { recorder, seeded } from './support.js';

// Much work on few cores, and nothing that waits for a clock.
jest.setTimeout(120_000);

test('fifteen hundred hostile cases: no throw, no listener out of order, every exchange ended', () => {
  for (let number = 0; number < 1_500; number++) runHostileCase(number);
});

// Each of these would cost an expression that looks back, or a text that is built anew at each step, minutes.
test.each([
  ['spaces', ' '.repeat(250_000)],
  ['folds', 'x: y\r\n'.concat(' z\r\n'.repeat(60_000))],
  ['empty folds', 'x: y\r\n'.concat(' \r\n'.repeat(80_000))],
  ['one field many times', 'content-length: 1\r\n'.repeat(13_000)],
  ['transfer codings', `transfer-encoding: ${'chunked '.repeat(30_000)}x`],
  ['subprotocols', `upgrade: websocket\r\nsec-websocket-protocol: ${'auth'.repeat(60_000)}`],
  ['parameters', `referer: ${'?key='.repeat(50_000)}`],
])('a head of 250 KB of %s', (_name, fields) => {
  const lines: string[] = [];
  const open = collectExchanges({
    bodyLimit: 0,
    id: () => '1',
    onExchange: one => lines.push(formatExchangeLine(one, { bodies: false })),
  });
  const path = `/${'/v1.'.repeat(500)}${'/token'.repeat(500)}`;
  for (const wanted of [open, () => undefined]) {
    const decoder = createConnectionDecoder(wanted);
    decoder.data('sent', Buffer.from(`GET ${path} HTTP/1.1\r\n${fields}\r\n\r\n`), 1n);
    decoder.data('received', Buffer.from(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`), 1n);
    decoder.close(1n);
  }
  expect(lines).toHaveLength(1);
});

describe('memory stays bounded', () => {
  const MiB = 1024 * 1024;
  const CONNECTIONS = 8;

  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  const used = () => process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;

  /** Bytes that a connection holds after the input. Freed memory leaves the count with a delay: the lowest of some looks. */
  async function held(input: () => Iterable<['sent' | 'received', Uint8Array]>): Promise<number> {
    const { open } = recorder(() => false);
    const decoders = [];
    collectGarbage();
    const before = used();
    for (let count = 0; count < CONNECTIONS; count++) {
      const decoder = createConnectionDecoder(open, {}, { head: 64 * 1024, connection: MiB / 4 });
      for (const [flow, bytes] of input()) decoder.data(flow, bytes, 1n);
      decoders.push(decoder);
    }
    let lowest = Number.POSITIVE_INFINITY;
    for (let look = 0; look < 20 && lowest > MiB; look++) {
      collectGarbage();
      await new Promise(resolve => setImmediate(resolve));
      lowest = Math.min(lowest, (used() - before) / CONNECTIONS);
    }
    expect(decoders).toHaveLength(CONNECTIONS);
    return lowest;
  }

  const random = seeded(4);
  const NOISE = Buffer.from(Array.from({ length: 20_000 }, () => random() * 256));
  const line = Buffer.from(`X-Header: ${'v'.repeat(1_000)}\r\n`);
  test.each<[string, () => Iterable<['sent' | 'received', Uint8Array]>]>([
    [
      'endless headers',
      function* () {
        yield ['sent', Buffer.from('GET / HTTP/1.1\r\n')];
        for (let count = 0; count < 6_000; count++) yield ['sent', line];
      },
    ],
    [
      'an endless first line',
      function* () {
        for (let count = 0; count < 6_000; count++) yield ['sent', Buffer.alloc(1_000, 'GET /x')];
      },
    ],
    [
      'CONNECT and 6 MB that wait for an answer',
      function* () {
        yield ['sent', Buffer.from('CONNECT h:1 HTTP/1.1\r\n\r\n')];
        for (let count = 0; count < 6_000; count++) yield ['sent', line];
      },
    ],
    [
      'random bytes',
      function* () {
        for (let count = 0; count < 1_000; count++) {
          const at = (count * 37) % (NOISE.length - 500);
          yield [count % 2 ? 'sent' : 'received', NOISE.subarray(at, at + 500)];
        }
      },
    ],
    [
      'an endless header block of HTTP/2',
      function* () {
        yield ['sent', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')];
        yield ['sent', Buffer.from([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82])];
        for (let count = 0; count < 6_000; count++) {
          yield ['sent', Buffer.concat([Buffer.from([0, 4, 0, 9, 0, 0, 0, 0, 1]), Buffer.alloc(1_024, 0x82)])];
        }
      },
    ],
  ])('%s', async (_name, input) => {
    expect(await held(input)).toBeLessThan(MiB);
  });
});
