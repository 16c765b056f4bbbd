import { describe, expect, test } from '@jest/globals';
import type { Channel, Item } from '../../../src/bootstrap/node/channel.js';
import { createRingMemory, createRingReader, createRingWriter } from '../../../src/bootstrap/node/ring.js';

const channel = (port = 80): Channel => ({
  kind: 'connection',
  secure: true,
  remotePort: port,
  epoch: 1_700_000_000_000.25,
  lost: { sent: 0, received: 0 },
  closed: false,
});

function open() {
  const memory = createRingMemory();
  return { writer: createRingWriter(memory), reader: createRingReader(memory) };
}

/** All items that wait, with their bytes as text: a view is valid until the next one only. */
function readAll(
  reader: ReturnType<typeof createRingReader>,
  most = Number.POSITIVE_INFINITY,
): Record<string, unknown>[] {
  const items: Record<string, unknown>[] = [];
  reader.read(
    ({ channel: { kind, secure, remotePort, epoch }, ...rest }) => {
      const text = 'data' in rest ? { data: String(rest.data) } : {};
      items.push({ ...rest, ...text, channel: { kind, secure, remotePort, epoch } });
    },
    () => items.length >= most,
  );
  return items;
}

describe('the ring to the Worker', () => {
  test('gives every kind of item as it was put in, each with its channel', () => {
    const { writer, reader } = open();
    const [one, two] = [channel(443), { ...channel(), kind: 'stream', remotePort: undefined } as Channel];
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, traceState: 'k=v' };
    const items: Item[] = [
      { channel: one, at: 1.5, kind: 'request', context: { parent } },
      { channel: two, at: 2, kind: 'request', context: undefined },
      { channel: one, at: 3, kind: 'bytes', flow: 'sent', data: 'grüße\u{1f44b}' },
      { channel: one, at: 4, kind: 'bytes', flow: 'sent', data: '686579', encoding: 'hex' },
      { channel: one, at: 4, kind: 'bytes', flow: 'sent', data: 'aGV5 \n', encoding: 'base64' },
      { channel: one, at: 5, kind: 'bytes', flow: 'received', data: Buffer.from('answer') },
      { channel: two, at: 6, kind: 'head', flow: 'received', headers: { ':status': 200, a: ['b', 'c'] } },
      { channel: one, at: 7, kind: 'gap', flow: 'received', length: 5_000_000_000 },
      { channel: two, at: 8, kind: 'end', flow: 'received' },
      { channel: two, at: 9, kind: 'close', aborted: true },
      { channel: one, at: 10, kind: 'close', aborted: false },
    ];
    expect(items.every(item => writer.write(item))).toBe(true);
    const expected = items.map(item => {
      const { kind, secure, remotePort, epoch } = item.channel;
      const { encoding, ...rest } = item as Item & { encoding?: BufferEncoding };
      const bytes = 'data' in item ? { data: String(Buffer.from(item.data as string, encoding)) } : {};
      return {
        ...rest,
        ...bytes,
        channel: { kind, secure, ...(remotePort === undefined ? {} : { remotePort }), epoch },
      };
    });
    expect(readAll(reader)).toEqual(expected);
    expect(reader.empty).toBe(true);
  });

  test('goes round many times with records of every size, in order and whole', () => {
    const { writer, reader } = open();
    const one = channel();
    const sent: number[] = [];
    const read: number[] = [];
    let at = 0;
    function take(enough: () => boolean): void {
      reader.read(item => {
        const { data } = item as Item & { data: Buffer };
        if (!data.equals(Buffer.alloc(data.length, item.at % 251))) throw new Error(`item ${item.at} is damaged`);
        read.push(item.at * 1e6 + data.length);
      }, enough);
    }
    // 20 MB through 4 MiB: the reader is sometimes behind, and sometimes there is no room.
    for (let round = 0; round < 150; round += 1) {
      for (let size = 1 + (round % 7); size < 300_000; size = size * 3 + (round % 5)) {
        const item: Item = { channel: one, at, kind: 'bytes', flow: 'sent', data: Buffer.alloc(size, at % 251) };
        if (!writer.write(item)) break;
        sent.push(at * 1e6 + size);
        at += 1;
      }
      take(() => read.length % 3 === 0 && round % 4 !== 0);
    }
    take(() => false);
    expect(sent.length).toBeGreaterThan(500);
    expect(read).toEqual(sent);
  });

  test('refuses what does not fit and takes it when there is room', () => {
    const { writer, reader } = open();
    const item: Item = { channel: channel(), at: 1, kind: 'bytes', flow: 'sent', data: Buffer.alloc(256 * 1024) };
    let taken = 0;
    while (writer.write(item)) taken += 1;
    expect(taken).toBe(15);
    expect(writer.waitForRoom(1)).toBe(false);
    readAll(reader, 2);
    expect(writer.write(item)).toBe(true);
    expect(writer.write(item)).toBe(true);
    expect(writer.write(item)).toBe(false);
  });

  test('a reader that sleeps is woken once, and none sleeps over what was written', () => {
    const { writer, reader } = open();
    const item: Item = { channel: channel(), at: 1, kind: 'end', flow: 'sent' };
    expect(writer.mustWake()).toBe(false);
    expect(reader.sleep()).toBe(true);
    writer.write(item);
    expect([writer.mustWake(), writer.mustWake()]).toEqual([true, false]);
    expect(reader.sleep()).toBe(false);
    expect(writer.mustWake()).toBe(false);
    expect(readAll(reader)).toHaveLength(1);
    expect(reader.sleep()).toBe(true);
  });
});
