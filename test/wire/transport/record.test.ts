import { describe, expect, test } from '@jest/globals';
import {
  type KernelRecord,
  RECORD_LAYOUT,
  readProgram,
  readRecord,
  readTotals,
  writeRecord,
} from '../../../src/wire/transport/record.js';
import {
  encodeCounters,
  encodeProcess,
  encodeRecord,
  isRecording,
  RECORDING_MAGIC,
  readRecording,
} from '../../../src/wire/transport/recording.js';

const RECORD: KernelRecord = {
  kind: 'data',
  flow: 'received',
  pid: 4242,
  tid: 4243,
  connection: 0x7f12_3456_7890,
  epoch: 9_007_199_254_740_993n, // more than a double can hold
  offset: 5_000_000_000,
  time: 18_000_000_000_000_000_001n,
  payload: Uint8Array.from(Buffer.from('plaintext')),
};
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const read = (bytes: Uint8Array) => readRecord(viewOf(bytes), 0, bytes.byteLength);

describe('a record', () => {
  test('is read as it was written', () => {
    const found = read(writeRecord(RECORD));
    expect({ ...found, payload: Buffer.from(found!.payload).toString() }).toEqual({ ...RECORD, payload: 'plaintext' });
  });

  test('may lie in a larger reservation', () => {
    const bytes = Buffer.concat([writeRecord(RECORD), Buffer.alloc(100, 0xff)]);
    expect(read(bytes)?.payload).toHaveLength(9);
  });

  test('its payload is not a copy', () => {
    const bytes = writeRecord(RECORD);
    const found = read(bytes)!;
    bytes[RECORD_LAYOUT.size] = 0x50;
    expect(found.payload[0]).toBe(0x50);
  });

  test('of another version, of an unknown kind, cut or too long is none', () => {
    const change = (offset: number, value: number) => {
      const bytes = writeRecord(RECORD);
      bytes[offset] = value;
      return read(bytes);
    };
    expect(change(RECORD_LAYOUT.version, 2)).toBeUndefined();
    expect(change(RECORD_LAYOUT.kind, 99)).toBeUndefined();
    expect(change(RECORD_LAYOUT.kind, 0)).toBeUndefined();
    expect(change(RECORD_LAYOUT.length, 10)).toBeUndefined();
    expect(change(RECORD_LAYOUT.length + 3, 0xff)).toBeUndefined();
    for (let length = 0; length < RECORD_LAYOUT.size; length++)
      expect(read(writeRecord(RECORD).subarray(0, length))).toBeUndefined();
  });

  test('what a process has become: its name, and whole words only', () => {
    const payload = (text: string) => Buffer.from(`python3${'\0'.repeat(9)}${text}`);
    expect(readProgram(payload('/usr/bin/python3\0-I\0a.py\0'))).toEqual({
      name: 'python3',
      words: ['/usr/bin/python3', '-I', 'a.py'],
    });
    expect(readProgram(payload('python3\0a very lo'))).toEqual({ name: 'python3', words: ['python3'] });
    expect(readProgram(payload(''))).toEqual({ name: 'python3', words: [] });
    expect(readProgram(Buffer.alloc(0))).toBeUndefined();
  });

  test('totals of a close', () => {
    const payload = Buffer.alloc(16);
    payload.writeBigUInt64LE(7n, 0);
    payload.writeBigUInt64LE(9n, 8);
    expect(readTotals(payload)).toEqual({ sent: 7, received: 9 });
    expect(readTotals(payload.subarray(0, 15))).toBeUndefined();
  });
});

describe('a recording', () => {
  const counters = { ringRecords: 1, ringBytes: 2, faultRecords: 3, faultBytes: 4, limitBytes: 5, mapFull: 6 };
  const bytes = Buffer.concat([
    Buffer.from(RECORDING_MAGIC),
    encodeProcess({ pid: 4242, name: 'python3.11' }),
    encodeRecord(RECORD, 1_760_000_000_000_000_000n),
    encodeCounters(counters),
  ]);

  test('gives back what went in, with wall-clock times', () => {
    const blocks = [...readRecording(bytes)];
    expect(blocks.map(({ type }) => type)).toEqual(['process', 'record', 'counters']);
    expect(blocks[0]).toEqual({ type: 'process', process: { pid: 4242, name: 'python3.11' } });
    expect(blocks[1]).toMatchObject({
      record: { time: 1_760_000_000_000_000_000n, epoch: RECORD.epoch },
    });
    expect(blocks[2]).toEqual({ type: 'counters', counters });
  });

  test('cut anywhere, it gives the whole blocks before the cut', () => {
    for (let length = RECORDING_MAGIC.length; length < bytes.length; length++)
      expect([...readRecording(bytes.subarray(0, length))].length).toBeLessThan(3);
  });

  test('what is no recording is told apart, and damage is named by its place', () => {
    expect(isRecording(Buffer.from('{"id": 1}\n'))).toBe(false);
    expect(() => [...readRecording(Buffer.from('{"id": 1}\n'))]).toThrow('not a recording');
    const damaged = Buffer.from(bytes);
    damaged[RECORDING_MAGIC.length] = 0x58;
    expect(() => [...readRecording(damaged)]).toThrow(`damaged at byte ${RECORDING_MAGIC.length}`);
  });
});
