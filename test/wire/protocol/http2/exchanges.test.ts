/** HTTP/2 as a document: frames of both sides, and what an observer reports; cut in every way, seen from both ends. */
import { describe, expect, test } from '@jest/globals';
import { cuts, decode, type Step, summary } from '../support.js';
import { data, END_STREAM, frame, headers, literal, ok, PADDED, PRIORITY, post, SETTINGS, start } from './frames.js';

const concat = (...parts: Uint8Array[]) => Buffer.concat(parts);

interface Case {
  name: string;
  wire: Step[];
  expected: string[];
}

const cases: Case[] = [
  {
    name: 'one exchange, the answer in two DATA frames',
    wire: [
      ...start,
      ['C', concat(headers(1, post('/a')), data(1, 'ask', END_STREAM))],
      ['S', concat(headers(1, ok()), data(1, 'one '), frame(6, 0, 0, '12345678'), data(1, 'two', END_STREAM))],
    ],
    expected: ['POST h /a "ask" -> 200 "one two"'],
  },
  {
    name: 'the server speaks first',
    wire: [
      ['S', SETTINGS],
      ...start.slice(0, 1),
      ['C', headers(1, post('/a'), END_STREAM)],
      ['S', headers(1, ok(), END_STREAM)],
    ],
    expected: ['POST h /a -> 200'],
  },
  {
    name: 'interleaved streams, answered in another order',
    wire: [
      ...start,
      [
        'C',
        concat(
          headers(1, post('/1')),
          headers(3, post('/3')),
          data(3, 'three', END_STREAM),
          data(1, 'one', END_STREAM),
        ),
      ],
      [
        'S',
        concat(
          headers(3, ok()),
          headers(1, ok()),
          data(1, 'a'),
          data(3, 'x'),
          data(1, 'b', END_STREAM),
          data(3, 'y', END_STREAM),
        ),
      ],
    ],
    expected: ['POST h /1 "one" -> 200 "ab"', 'POST h /3 "three" -> 200 "xy"'],
  },
  {
    name: 'CONTINUATION, padding, priority',
    wire: [
      ...start,
      [
        'C',
        concat(
          frame(
            1,
            PADDED | PRIORITY,
            1,
            concat(Buffer.from([3, 0, 0, 0, 0, 16]), post('/a').subarray(0, 5), Buffer.alloc(3)),
          ),
          frame(9, 0, 1, post('/a').subarray(5, 9)),
          frame(9, 4, 1, post('/a').subarray(9)),
          frame(0, PADDED, 1, concat(Buffer.from([4]), Buffer.from('ask'), Buffer.alloc(4))),
          frame(0, PADDED | END_STREAM, 1, Buffer.from([0])),
        ),
      ],
      [
        'S',
        concat(
          headers(1, ok()),
          frame(0, PADDED | END_STREAM, 1, concat(Buffer.from([1]), Buffer.from('ok!'), Buffer.alloc(1))),
        ),
      ],
    ],
    expected: ['POST h /a "ask" -> 200 "ok!"'],
  },
  {
    name: 'interim answers and trailers',
    wire: [
      ...start,
      ['C', concat(headers(1, post('/a')), data(1, 'ask'), headers(1, literal('x-sum', '1'), END_STREAM))],
      [
        'S',
        concat(
          headers(1, literal(':status', '103')),
          headers(1, ok()),
          data(1, 'ok'),
          headers(1, literal('grpc-status', '0'), END_STREAM),
        ),
      ],
    ],
    expected: ['POST h /a "ask" -> 200 "ok"'],
  },
  {
    name: 'a pushed response is not an exchange of the client, and its header block keeps the table right',
    wire: [
      ...start,
      ['C', headers(1, post('/a'), END_STREAM)],
      [
        'S',
        concat(
          headers(1, ok()),
          frame(
            5,
            4,
            1,
            concat(
              Buffer.from([0, 0, 0, 2]),
              Buffer.from([0x82, 0x87]),
              literal(':path', '/pushed'),
              Buffer.from([0x40, 1, 97, 1, 98]),
            ),
          ),
          headers(2, ok(Buffer.from([0xbe]))),
          data(2, 'pushed', END_STREAM),
          data(1, 'ok', END_STREAM),
        ),
      ],
    ],
    expected: ['POST h /a -> 200 "ok"'],
  },
  {
    name: 'a reset stream',
    wire: [
      ...start,
      ['C', headers(1, post('/a'), END_STREAM)],
      ['S', concat(headers(1, ok()), data(1, 'par'))],
      ['C', frame(3, 0, 1, '\0\0\0\x08')],
      ['S', data(1, 'tial', END_STREAM)],
    ],
    expected: ['POST h /a -> 200 "par" [aborted cancelled]'],
  },
  {
    name: 'a stream that the client resets because something is wrong with it, and one that the server resets',
    wire: [
      ...start,
      ['C', concat(headers(1, post('/a'), END_STREAM), headers(3, post('/b'), END_STREAM))],
      ['S', concat(headers(1, ok()), data(1, 'par'), headers(3, ok()), data(3, 'par'))],
      ['C', frame(3, 0, 1, '\0\0\0\x03')],
      ['S', frame(3, 0, 3, '\0\0\0\x08')],
    ],
    expected: ['POST h /a -> 200 "par" [aborted]', 'POST h /b -> 200 "par" [aborted]'],
  },
  {
    name: 'a whole answer before the request has ended, then a reset: nothing is missing',
    wire: [
      ...start,
      ['C', concat(headers(1, post('/a')), data(1, 'as'))],
      ['S', concat(headers(1, ok()), data(1, 'enough', END_STREAM), frame(3, 0, 1, '\0\0\0\0'))],
    ],
    expected: ['POST h /a "as" (unfinished) -> 200 "enough"'],
  },
  {
    name: 'GOAWAY: requests above its last stream are not answered',
    wire: [
      ...start,
      ['C', concat(headers(1, post('/1'), END_STREAM), headers(3, post('/3'), END_STREAM))],
      ['S', concat(frame(7, 0, 0, '\0\0\0\x01\0\0\0\0'), headers(1, ok()), data(1, 'ok', END_STREAM))],
    ],
    expected: ['POST h /1 -> 200 "ok"', 'POST h /3 -> - [aborted]'],
  },
  {
    name: 'frames of unknown types',
    wire: [
      ...start,
      [
        'C',
        concat(frame(0xbb, 0xff, 0, 'what'), headers(1, post('/a'), END_STREAM), frame(0x10, 0, 0, '\0\0\0\x01u=1')),
      ],
      ['S', concat(frame(0xa, 0, 0, 'alt'), headers(1, ok(), END_STREAM))],
    ],
    expected: ['POST h /a -> 200'],
  },
  {
    name: 'a WebSocket inside a stream (RFC 8441)',
    wire: [
      ...start,
      [
        'C',
        headers(
          1,
          concat(
            Buffer.from([0x87]),
            literal(':method', 'CONNECT'),
            literal(':protocol', 'websocket'),
            literal(':path', '/ws'),
            literal(':authority', 'h'),
          ),
        ),
      ],
      ['S', headers(1, ok())],
      ['C', frame(0, 0, 1, Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x68 ^ 1, 0x69 ^ 2]))],
      ['S', frame(0, 0, 1, Buffer.from([0x81, 2, 0x79, 0x6f, 0x88, 0]))],
      ['C', frame(0, END_STREAM, 1, Buffer.from([0x88, 0x80, 0, 0, 0, 0]))],
    ],
    expected: ['CONNECT h /ws -> 200 client:hi server:yo'],
  },
];

describe.each(cases)('$name', ({ wire, expected }) => {
  test.each([false, true])('observed process is the server: %s', server => {
    const longest = Math.max(...wire.map(step => (step[1] as Uint8Array).length));
    for (const [name, cut] of cuts(longest)) {
      const seen = decode(wire, { cut, server });
      expect([name, ...summary(seen)]).toEqual([name, ...expected]);
      for (const one of seen) expect(one.facts).toMatchObject({ role: server ? 'server' : 'client' });
    }
  });
});
