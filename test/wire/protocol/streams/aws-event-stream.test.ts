import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { type AwsEvent, createAwsEventStreamDecoder } from '../../../../src/wire/protocol/index.js';
import { createTableCrc32 } from '../../../../src/wire/protocol/streams/crc32.js';
import { decodeEveryWay } from './cut.js';

const crc32 = createTableCrc32();

/** A header as bytes: name, type, value. */
function header(name: string, type: number, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([type]), value]);
}

function text(name: string, value: string): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(Buffer.byteLength(value));
  return header(name, 7, Buffer.concat([size, Buffer.from(value)]));
}

function frame(headers: Buffer[], payload: string): Buffer {
  const block = Buffer.concat(headers);
  const total = 16 + block.length + Buffer.byteLength(payload);
  const bytes = Buffer.alloc(total);
  bytes.writeUInt32BE(total, 0);
  bytes.writeUInt32BE(block.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  block.copy(bytes, 12);
  bytes.write(payload, 12 + block.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, total - 4)), total - 4);
  return bytes;
}

const event = (type: string, payload: string) =>
  frame([text(':message-type', 'event'), text(':event-type', type)], payload);
const readable = (one: AwsEvent) => [one.headers[':event-type'], Buffer.from(one.payload).toString()];
const outcome = (bytes: Uint8Array, limit?: number) => {
  const { events, ...flags } = decodeEveryWay(() => createAwsEventStreamDecoder(limit), bytes);
  return { events: events.map(readable), ...flags };
};

const first = event('messageStart', '{"role":"assistant"}');
const second = event('contentBlockDelta', '{"delta":{"text":"grüße"}}');
const third = event('messageStop', '{"stopReason":"end_turn"}');
const all = [
  ['messageStart', '{"role":"assistant"}'],
  ['contentBlockDelta', '{"delta":{"text":"grüße"}}'],
  ['messageStop', '{"stopReason":"end_turn"}'],
];

test('both checksums are the ones of zlib', () => {
  for (const sample of ['', 'a', '123456789', 'x'.repeat(10_000)]) {
    expect(crc32(Buffer.from(sample))).toBe(zlibCrc32(Buffer.from(sample)));
  }
});

test('frames, whole and cut', () => {
  expect(outcome(Buffer.concat([first, second, third]))).toEqual({ events: all, truncated: false, damaged: false });
});

test('every header type', () => {
  const big = Buffer.alloc(8);
  big.writeBigInt64BE(-5n);
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(1_700_000_000_000n);
  const bytes = frame(
    [
      header('t', 0, Buffer.alloc(0)),
      header('f', 1, Buffer.alloc(0)),
      header('i8', 2, Buffer.from([0xff])),
      header('i16', 3, Buffer.from([0xff, 0xfe])),
      header('i32', 4, Buffer.from([0, 0, 1, 0])),
      header('i64', 5, big),
      header('bytes', 6, Buffer.from([0, 2, 1, 2])),
      header('time', 8, time),
      header('uuid', 9, Buffer.from('00112233445566778899aabbccddeeff', 'hex')),
    ],
    '',
  );
  const [one] = decodeEveryWay(createAwsEventStreamDecoder, bytes).events;
  expect({ ...one!.headers }).toEqual({
    t: true,
    f: false,
    i8: -1,
    i16: -2,
    i32: 256,
    i64: -5n,
    bytes: Buffer.from([1, 2]),
    time: new Date(1_700_000_000_000),
    uuid: '00112233-4455-6677-8899-aabbccddeeff',
  });
});

describe('damage costs the frame that it touches', () => {
  test('a wrong byte in the payload', () => {
    const broken = Buffer.from(second);
    broken[broken.length - 8]! ^= 1;
    expect(outcome(Buffer.concat([first, broken, third]))).toEqual({
      events: [all[0], all[2]],
      truncated: false,
      damaged: true,
    });
  });

  test.each([1, 11, 30])('%s bytes missing from the beginning of a frame', missing => {
    expect(outcome(Buffer.concat([first, second.subarray(missing), third]))).toEqual({
      events: [all[0], all[2]],
      truncated: false,
      damaged: true,
    });
  });

  test('the end is missing', () => {
    expect(outcome(Buffer.concat([first, second.subarray(0, 40)]))).toEqual({
      events: [all[0]],
      truncated: false,
      damaged: true,
    });
  });

  test('a header that points beyond its block', () => {
    const bad = frame([Buffer.from([1, 97, 7, 0xff, 0xff])], '{}');
    expect(outcome(Buffer.concat([bad, third]))).toEqual({ events: [all[2]], truncated: false, damaged: true });
  });
});

test('a frame over the bound is passed over', () => {
  expect(outcome(Buffer.concat([first, event('big', 'x'.repeat(500)), third]), 200)).toEqual({
    events: [all[0], all[2]],
    truncated: true,
    damaged: false,
  });
});
