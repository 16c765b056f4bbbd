/** Frames between taps and the observer: read the same however they are cut; what is none is refused, and costs nothing. */
import { describe, expect, test } from '@jest/globals';
import {
  createFrameReader,
  encodeFrame,
  FLAG,
  FRAME,
  FRAME_HEAD,
  type Frame,
  MAX_PAYLOAD,
} from '../../../src/wire/transport/frames.js';
import { cuts } from '../protocol/support.js';

interface Seen extends Omit<Frame, 'payload'> {
  readonly text: string;
}

function reader() {
  const seen: Seen[] = [];
  const { push } = createFrameReader(({ payload, ...frame }) =>
    seen.push({ ...frame, text: payload.toString('latin1') }),
  );
  return { seen, push };
}

const FRAMES = [
  encodeFrame(FRAME.hello, '{"version":1}'),
  encodeFrame(FRAME.bytes, Buffer.from([0, 1, 255]), {
    flags: FLAG.received,
    channel: 0xffff_ffff,
    at: 2n ** 64n - 1n,
  }),
  encodeFrame(FRAME.end, '', { channel: 7, at: 1_760_000_000_123_456_789n }),
  encodeFrame(99, 'of a later version', { flags: 255, channel: 1 }),
];
const EXPECTED: Seen[] = [
  { kind: FRAME.hello, flags: 0, channel: 0, at: 0n, text: '{"version":1}' },
  { kind: FRAME.bytes, flags: 1, channel: 0xffff_ffff, at: 2n ** 64n - 1n, text: '\x00\x01\xff' },
  { kind: FRAME.end, flags: 0, channel: 7, at: 1_760_000_000_123_456_789n, text: '' },
  { kind: 99, flags: 255, channel: 1, at: 0n, text: 'of a later version' },
];

test('a frame is its head of 20 bytes, little-endian, and its payload', () => {
  const frame = encodeFrame(FRAME.bytes, 'ab', { flags: 1, channel: 0x0102, at: 0x0304n });
  expect(frame.toString('hex')).toBe(`02000000${'04'}${'01'}${'0000'}02010000${'0403000000000000'}6162`);
  expect(FRAME_HEAD).toBe(20);
});

test('frames are read as they were written, cut at every byte', () => {
  const bytes = Buffer.concat(FRAMES);
  for (const [name, cut] of cuts(bytes.length)) {
    const { seen, push } = reader();
    for (const part of cut(bytes, 0)) expect(push(Buffer.from(part))).toBe(true);
    expect([name, seen]).toEqual([name, EXPECTED]);
  }
});

test('the longest payload is read from many chunks without being joined at each of them', () => {
  const { seen, push } = reader();
  const frame = encodeFrame(FRAME.bytes, Buffer.alloc(MAX_PAYLOAD, 'x'), { channel: 1 });
  // Joined at each chunk, 4 MiB in pieces of 64 bytes are 137 GB of copies.
  for (let at = 0; at < frame.length; at += 64) push(frame.subarray(at, at + 64));
  expect(seen.map(({ text }) => text.length)).toEqual([MAX_PAYLOAD]);
});

describe('what is no frame', () => {
  const hostile: [string, Buffer][] = [
    ['a payload that is too long', encodeFrame(FRAME.bytes, '', {}).fill(0xff, 0, 4)],
    ['one byte too long', Buffer.from(encodeFrame(FRAME.bytes, ''))],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['reserved bits', Buffer.from(encodeFrame(FRAME.bytes, '').fill(1, 6, 8))],
  ];
  hostile[1]![1].writeUInt32LE(MAX_PAYLOAD + 1, 0);

  test.each(hostile)('%s: is refused, and nothing is read after it', (_name, bytes) => {
    const { seen, push } = reader();
    expect(push(FRAMES[0]!)).toBe(true);
    expect(push(bytes)).toBe(false);
    expect(push(FRAMES[0]!)).toBe(false);
    expect(seen).toEqual(EXPECTED.slice(0, 1));
  });
});
