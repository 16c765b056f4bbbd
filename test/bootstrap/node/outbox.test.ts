import { describe, expect, test } from '@jest/globals';
import type { Channel } from '../../../src/bootstrap/node/channel.js';
import { KIND } from '../../../src/bootstrap/node/frames.js';
import { createOutbox, LIMIT } from '../../../src/bootstrap/node/outbox.js';
import { createFrameReader, encodeFrame } from '../../../src/wire/transport/frames.js';

let numbers = 0;
function channel(): Channel {
  numbers += 1;
  return { number: numbers, epoch: 1_700_000_000_000.125, life: undefined, dropped: false, held: undefined };
}

/** An outbox and a kernel that takes as many bytes as there is room for. */
function open() {
  const state = { room: Number.POSITIVE_INFINITY, life: 0, gone: false };
  let sent = Buffer.alloc(0);
  const dropped: [number, number][] = [];
  const outbox = createOutbox({
    write(data, from, to) {
      if (state.gone) return -1;
      const count = Math.min(state.room, to - from);
      sent = Buffer.concat([sent, data.subarray(from, from + count)]);
      state.room -= count;
      return count;
    },
    life: () => state.life,
    onDropped({ number }, bytes) {
      dropped.push([number, bytes]);
      return encodeFrame(KIND.lost, '{}', { channel: number });
    },
  });
  function add(to: Channel | undefined, kind: number, payload: string | Buffer, encoding?: BufferEncoding): void {
    const facts = { kind, flags: 0, channel: to?.number ?? 0, time: (to?.epoch ?? 0) + 0.5 };
    outbox.add(to, facts, payload, Buffer.byteLength(payload, encoding), encoding);
  }
  /** What the observer would have read so far: `channel kind payload`. */
  function read(): string[] {
    const frames: string[] = [];
    const reader = createFrameReader(({ channel, kind, payload }) => {
      frames.push(`${channel} ${kind} ${payload.length > 40 ? payload.length : payload}`);
    });
    expect(reader.push(sent)).toBe(true);
    return frames;
  }
  return { outbox, state, add, read, dropped };
}

describe('frames on their way', () => {
  test('are those that the observer reads, with time, text and bytes', () => {
    const { outbox, add } = open();
    const seen: unknown[] = [];
    const reader = createFrameReader(({ kind, channel, at, payload }) => seen.push([kind, channel, at, `${payload}`]));
    const one = channel();
    const whole = createOutbox({
      write(data, from, to) {
        reader.push(Buffer.from(data.subarray(from, to)));
        return to - from;
      },
      life: () => 0,
      onDropped: () => Buffer.alloc(0),
    });
    const facts = { kind: KIND.bytes, flags: 1, channel: one.number, time: one.epoch + 0.5 };
    whole.add(one, facts, 'grüße', 7, 'utf8');
    whole.add(one, facts, 'aGV5 \n', Buffer.byteLength('aGV5 \n', 'base64'), 'base64');
    whole.add(one, facts, Buffer.from('answer'), 6);
    whole.flush();
    const at = 1_700_000_000_000_625_000n;
    expect(seen).toEqual(['grüße', 'hey', 'answer'].map(text => [KIND.bytes, one.number, at, text]));
    expect(outbox.waiting).toBe(0);
    add(undefined, KIND.bye, '');
    expect(outbox.waiting).toBe(20);
  });

  test('wait in order where the kernel has no room, cut where it stopped', () => {
    const { outbox, state, add, read } = open();
    const one = channel();
    state.room = 30;
    for (let index = 0; index < 200; index += 1) {
      add(one, KIND.bytes, `chunk ${index}`);
      if (index % 3 === 0) outbox.flush();
      if (index % 17 === 0) state.room += 100;
    }
    expect(outbox.waiting).toBeGreaterThan(0);
    for (let turn = 0; outbox.waiting > 0; turn += 1) {
      expect(turn).toBeLessThan(1_000);
      state.room += 77;
      outbox.flush();
    }
    expect(read()).toEqual(Array.from({ length: 200 }, (_, index) => `${one.number} ${KIND.bytes} chunk ${index}`));
  });

  test('beyond the bound one exchange is dropped whole, and said; the others stay', () => {
    const { outbox, state, add, read, dropped } = open();
    const [small, large] = [channel(), channel()];
    state.room = 0;
    add(small, KIND.open, '{"small":1}');
    outbox.flush();
    const piece = Buffer.alloc(256 * 1024);
    add(large, KIND.open, '{"large":1}');
    for (let index = 0; index * piece.length <= LIMIT; index += 1) {
      add(large, KIND.bytes, piece);
      outbox.flush();
    }
    expect([large.dropped, small.dropped]).toEqual([true, false]);
    expect(dropped).toEqual([[large.number, expect.any(Number)]]);
    expect(dropped[0]![1]).toBeGreaterThan(LIMIT - 2 * piece.length);
    expect(outbox.waiting).toBeLessThan(200);
    add(large, KIND.bytes, 'more');
    add(small, KIND.close, '');
    state.room = Number.POSITIVE_INFINITY;
    outbox.flush();
    expect(read()).toEqual([
      `${small.number} ${KIND.open} {"small":1}`,
      `${large.number} ${KIND.lost} {}`,
      `${small.number} ${KIND.close} `,
    ]);
  });

  test('after one was dropped it is crowded, until half of what waits has gone', () => {
    const { outbox, state, add, dropped } = open();
    state.room = 0;
    const piece = Buffer.alloc(100 * 1024);
    while (dropped.length === 0) {
      expect(outbox.crowded).toBe(false);
      add(channel(), KIND.bytes, piece);
      outbox.flush();
    }
    expect(outbox.crowded).toBe(true);
    state.room = LIMIT / 4;
    outbox.flush();
    expect(outbox.crowded).toBe(true);
    state.room = LIMIT / 2;
    outbox.flush();
    expect([outbox.crowded, outbox.waiting > 0]).toEqual([false, true]);
  });

  test('held ones leave when it is known that they are wanted', () => {
    const { outbox, add, read } = open();
    const one: Channel = { ...channel(), held: [] };
    add(one, KIND.open, '{}');
    outbox.flush();
    expect([outbox.waiting, read()]).toEqual([0, []]);
    for (const frame of one.held!) outbox.append(one, frame);
    one.held = undefined;
    add(one, KIND.close, '');
    outbox.flush();
    expect(read()).toEqual([`${one.number} ${KIND.open} {}`, `${one.number} ${KIND.close} `]);
  });

  test('where the observer has gone, those that it had not begun to read go to the next one, behind its greeting', () => {
    const { outbox, state, add, read } = open();
    const [old, fresh] = [channel(), channel()];
    add(old, KIND.open, '{"old":1}');
    outbox.flush();
    expect(old.life).toBe(0);
    state.gone = true;
    add(old, KIND.bytes, 'lost');
    add(fresh, KIND.open, '{"fresh":1}');
    outbox.flush();
    state.life = 1;
    outbox.restart(encodeFrame(KIND.hello, '{}'));
    state.gone = false;
    outbox.flush();
    expect(read()).toEqual([
      `${old.number} ${KIND.open} {"old":1}`,
      `0 ${KIND.hello} {}`,
      `${fresh.number} ${KIND.open} {"fresh":1}`,
    ]);
    expect([old.life, fresh.life]).toEqual([0, 1]);
  });
});
