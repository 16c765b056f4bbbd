/** HTTP/2 with bytes missing, a beginning that nobody saw, or blocks beyond the bound. */
import { describe, expect, test } from '@jest/globals';
import { bytewise, decode, type Step, summary, whole } from '../support.js';
import { data, END_STREAM, frame, headers, literal, ok, post, start } from './frames.js';

const concat = (...parts: Uint8Array[]) => Buffer.concat(parts);

interface Case {
  name: string;
  wire: Step[];
  expected: string[];
}

describe('bytes missing', () => {
  const two: Step[] = [
    ['C', concat(headers(3, post('/3'), END_STREAM))],
    ['S', concat(headers(3, ok()), data(3, 'three', END_STREAM))],
  ];
  test.each<Case>([
    {
      name: 'inside DATA: the place is kept, that stream alone is marked',
      wire: [
        ...start,
        ['C', concat(headers(1, post('/1'), END_STREAM), headers(5, post('/5'), END_STREAM))],
        ['S', concat(headers(1, ok()), headers(5, ok()), data(1, 'abcdefgh', END_STREAM).subarray(0, 12))],
        ['S gap', 3],
        ['S', concat(Buffer.from('gh'), data(5, 'five', END_STREAM))],
      ],
      expected: ['POST h /1 -> 200 "abcgh" [gap]', 'POST h /5 -> 200 "five"'],
    },
    {
      name: 'over frames: found again at the next record, open streams are marked',
      wire: [
        ...start,
        ['C', headers(1, post('/1'), END_STREAM)],
        ['S', concat(headers(1, ok()), data(1, 'abc'))],
        ['S gap', 500],
        ['S', data(1, 'xyz', END_STREAM)],
        ...two,
      ],
      expected: ['POST h /1 -> 200 "abcxyz" [gap]', 'POST h /3 -> 200 "three"'],
    },
    {
      name: 'found again in the middle of a record',
      wire: [
        ...start,
        ['C', headers(1, post('/1'), END_STREAM)],
        ['S', headers(1, ok())],
        ['S gap', 500],
        ['S', concat(Buffer.from('the end of a frame \0\0'), data(1, 'xyz'), data(1, '!', END_STREAM))],
        ...two,
      ],
      expected: ['POST h /1 -> 200 "xyz!" [gap]', 'POST h /3 -> 200 "three"'],
    },
    {
      name: 'a response head is missing: its body is still its own, the status is unknown',
      wire: [
        ...start,
        ['C', headers(1, post('/1'), END_STREAM)],
        ['S gap', undefined],
        ['S', data(1, 'body', END_STREAM)],
        ...two,
      ],
      expected: ['POST h /1 -> 0 "body" [gap]', 'POST h /3 -> 200 "three"'],
    },
  ])('$name', ({ wire, expected }) => {
    for (const cut of [whole, bytewise]) expect(summary(decode(wire, { cut }))).toEqual(expected);
  });
});

describe('joined in the middle', () => {
  const late = concat(Buffer.from([0x83, 0x87, 0xbe]), literal(':path', '/late'));
  test.each<Case>([
    {
      name: 'a request after joining, its authority from before: unknown, marked',
      wire: [
        ['S', data(7, 'of an earlier one')],
        ['C', concat(headers(9, late), data(9, 'ask', END_STREAM))],
        ['S', concat(headers(9, ok(Buffer.from([0xbf]))), data(9, 'ok', END_STREAM))],
      ],
      expected: ['POST - /late "ask" -> 200 "ok" [headers joined]'],
    },
    {
      name: 'nothing unknown in it: exact',
      wire: [
        ['C', frame(8, 0, 0, '\0\0\0\x05')],
        ['C', headers(9, post('/exact'), END_STREAM)],
        ['S', concat(headers(9, ok()), data(9, 'ok', END_STREAM))],
      ],
      expected: ['POST h /exact -> 200 "ok"'],
    },
    {
      name: 'an answer to a request of before is nobody’s',
      wire: [
        ['S', concat(headers(7, ok()), data(7, 'x', END_STREAM))],
        ['C', headers(9, post('/9'), END_STREAM)],
        ['S', headers(9, ok(), END_STREAM)],
      ],
      expected: ['POST h /9 -> 200'],
    },
  ])('$name', ({ wire, expected }) => {
    for (const server of [false, true]) {
      for (const cut of [whole, bytewise]) {
        const seen = decode(wire, { cut, server });
        expect(summary(seen)).toEqual(expected);
        expect(seen[0]!.facts.role).toBe(server ? 'server' : 'client');
      }
    }
  });
});

test('a header block beyond the bound costs that head, not the connection', () => {
  const big = Array.from({ length: 40 }, (_, index) => literal(`x-${index}`, 'v'.repeat(100)));
  const block = post('/big', ...big);
  const wire: Step[] = [
    ...start,
    [
      'C',
      concat(
        frame(1, END_STREAM, 1, block.subarray(0, 500)),
        frame(9, 0, 1, block.subarray(500, 1_000)),
        frame(9, 4, 1, block.subarray(1_000)),
      ),
    ],
    ['S', concat(headers(1, ok()), data(1, 'ok', END_STREAM))],
    ['C', headers(3, post('/next'), END_STREAM)],
    ['S', headers(3, ok(), END_STREAM)],
  ];
  for (const cut of [whole, bytewise]) {
    expect(summary(decode(wire, { cut, limits: { head: 1_000, connection: 1_000 } }))).toEqual([
      ' -  -> 200 "ok" [headers]',
      'POST h /next -> 200',
    ]);
  }
});
