import { describe, expect, test } from '@jest/globals';
import { reportsCall } from '../../../src/bootstrap/node/app-context.js';
import type { Channel } from '../../../src/bootstrap/node/channel.js';
import { createAnswers, HEAD, KIND, writeFrame } from '../../../src/bootstrap/node/frames.js';
import { createOutbox, LIMIT } from '../../../src/bootstrap/node/outbox.js';
import { patchMethod } from '../../../src/bootstrap/node/patch.js';
import { withHook } from '../../../src/bootstrap/node/workers.js';
import { createFrameReader, encodeFrame, FLAG, FRAME } from '../../../src/wire/transport/frames.js';

describe('a method that is put in front', () => {
  test('keeps name, length and visibility, own or inherited', () => {
    class Base {
      take(_a: unknown, _b: unknown) {
        return 'base';
      }
    }
    class Derived extends Base {}
    const before = [Derived.prototype.take.name, Derived.prototype.take.length];
    patchMethod(
      Derived.prototype,
      'take',
      original =>
        function (this: never, ...args) {
          return `${String(original.apply(this, args))}!`;
        },
    );
    expect([Derived.prototype.take.name, Derived.prototype.take.length]).toEqual(before);
    expect(Object.keys(Derived.prototype)).toEqual([]);
    expect([new Derived().take(1, 2), new Base().take(1, 2)]).toEqual(['base!', 'base']);
  });

  test('stays enumerable where the inherited one was', () => {
    const base = { push: (_chunk: unknown) => true };
    const derived = Object.create(base) as typeof base;
    patchMethod(derived, 'push', original => original as never);
    const names: string[] = [];
    for (const name in Object.create(derived)) names.push(name);
    expect(names).toEqual(['push']);
  });
});

describe('what waits for the observer', () => {
  const channel = (number: number, over: Partial<Channel> = {}): Channel => ({
    number,
    epoch: 0,
    life: undefined,
    dropped: false,
    held: undefined,
    ...over,
  });

  /** An outbox whose kernel takes `room` bytes. */
  function open(room = Number.POSITIVE_INFINITY) {
    const kernel = { room, bytes: Buffer.alloc(0), life: 0, calls: 0 };
    const dropped: [number, number][] = [];
    const outbox = createOutbox({
      write(data, from, to) {
        kernel.calls += 1;
        const taken = Math.min(kernel.room, to - from);
        kernel.room -= taken;
        kernel.bytes = Buffer.concat([kernel.bytes, data.subarray(from, from + taken)]);
        return taken;
      },
      life: () => kernel.life,
      onDropped(one, bytes) {
        dropped.push([one.number, bytes]);
        return encodeFrame(FRAME.lost, '{"exchanges":1}', { channel: one.number });
      },
    });
    const add = (one: Channel, text: string, kind: number = KIND.bytes) =>
      outbox.add(one, { kind, flags: 0, channel: one.number, time: 5 }, text, text.length, 'latin1');
    const seen = () => {
      const frames: [kind: number, channel: number, payload: string][] = [];
      createFrameReader(frame => frames.push([frame.kind, frame.channel, frame.payload.toString()])).push(kernel.bytes);
      return frames;
    };
    return { outbox, kernel, dropped, add, seen };
  }

  test('leaves in order, the frames of one turn in one write', () => {
    const { outbox, kernel, add, seen } = open();
    const one = channel(1);
    add(one, 'a');
    add(one, 'b');
    expect([kernel.calls, outbox.waiting > 0]).toEqual([0, true]);
    outbox.flush();
    add(one, 'c');
    outbox.flush();
    expect(kernel.calls).toBe(2);
    expect(outbox.waiting).toBe(0);
    expect(seen()).toEqual([
      [KIND.bytes, 1, 'a'],
      [KIND.bytes, 1, 'b'],
      [KIND.bytes, 1, 'c'],
    ]);
  });

  test.each([0, 1, 19, 20, 21, 25, 47])('a kernel that takes %i bytes first gets the rest later, whole', room => {
    const { outbox, kernel, add, seen } = open(room);
    const one = channel(1);
    add(one, 'first');
    add(channel(2), 'second');
    outbox.flush();
    add(one, 'third');
    outbox.flush();
    expect(outbox.waiting).toBe(3 * HEAD + 16 - room);
    while (outbox.waiting > 0) {
      kernel.room = 7;
      outbox.flush();
    }
    expect(seen().map(([, number, text]) => [number, text])).toEqual([
      [1, 'first'],
      [2, 'second'],
      [1, 'third'],
    ]);
  });

  test('beyond its bound the exchange that would grow is dropped whole, the others are not, and it is said', () => {
    const { outbox, kernel, dropped, add, seen } = open(0);
    const [one, two] = [channel(1), channel(2)];
    const large = 'x'.repeat(LIMIT / 2 - 1000);
    add(one, 'begin');
    add(two, 'other');
    outbox.flush();
    for (let count = 0; count < 3; count += 1) {
      add(one, large);
      outbox.flush();
    }
    expect(dropped.map(([number]) => number)).toEqual([1]);
    expect(dropped[0]![1]).toBeGreaterThan(large.length);
    expect(outbox.waiting).toBeLessThan(1000);
    add(one, 'never');
    add(two, 'more');
    kernel.room = Number.POSITIVE_INFINITY;
    outbox.flush();
    expect(seen().map(([kind, number, text]) => [kind, number, text])).toEqual([
      [KIND.bytes, 2, 'other'],
      [KIND.lost, 1, '{"exchanges":1}'],
      [KIND.bytes, 2, 'more'],
    ]);
  });

  test('a new observer gets what the old one had not begun, behind the greeting', () => {
    const { outbox, kernel, add, seen } = open(0);
    const [told, fresh] = [channel(1), channel(2)];
    kernel.room = HEAD + 5;
    add(told, 'begun');
    outbox.flush();
    add(told, 'rest');
    add(fresh, 'fresh');
    outbox.flush();
    kernel.life = 1;
    kernel.bytes = Buffer.alloc(0);
    outbox.restart(encodeFrame(FRAME.hello, '{}'));
    kernel.room = Number.POSITIVE_INFINITY;
    add(told, 'more of it');
    outbox.flush();
    expect(seen()).toEqual([
      [KIND.hello, 0, '{}'],
      [KIND.bytes, 2, 'fresh'],
    ]);
  });

  test('frames of an exchange that is undecided are kept with it', () => {
    const { outbox, add, seen } = open();
    const undecided = channel(1, { held: [] });
    add(undecided, 'maybe');
    expect(outbox.waiting).toBe(0);
    const [frame] = undecided.held!;
    undecided.held = undefined;
    outbox.append(undecided, frame!);
    outbox.flush();
    expect(seen()).toEqual([[KIND.bytes, 1, 'maybe']]);
  });
});

describe('frames', () => {
  test.each<[string | Uint8Array, number, BufferEncoding | undefined, string]>([
    ['h\u00e9llo', 6, 'utf8', 'h\u00e9llo'],
    ['aGk=', 4, 'base64', 'hi'],
    [Buffer.from('bytes'), 5, undefined, 'bytes'],
    ['', 0, undefined, ''],
  ])('of %j are read by the observer as they were written, to the microsecond', (payload, length, encoding, text) => {
    const into = Buffer.alloc(100);
    const time = 1_760_000_000_123.456;
    const end = writeFrame(into, 3, { kind: KIND.bytes, flags: 5, channel: 7, time }, payload, length, encoding);
    const seen: unknown[] = [];
    createFrameReader(frame => seen.push({ ...frame, payload: frame.payload.toString() })).push(into.subarray(3, end));
    expect(seen).toEqual([
      {
        kind: FRAME.bytes,
        flags: FLAG.received | FLAG.aborted,
        channel: 7,
        at: 1_760_000_000_123_456_000n,
        payload: text,
      },
    ]);
  });

  test('what the observer says is read in any pieces, and what is no frame is refused', () => {
    const bytes = Buffer.concat([encodeFrame(FRAME.say, 'a line'), encodeFrame(FRAME.done, '{"delivered":true}')]);
    const all = [
      { kind: FRAME.say, text: 'a line' },
      { kind: FRAME.done, text: '{"delivered":true}' },
    ];
    for (let at = 0; at <= bytes.length; at += 1) {
      const parse = createAnswers();
      expect([...parse(bytes.subarray(0, at)), ...parse(bytes.subarray(at))]).toEqual(all);
    }
    expect(() => createAnswers()(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))).toThrow(/another protocol/);
  });
});

describe('Workers', () => {
  const hook = '/somewhere/hook.cjs';

  test('get our file only where their own environment has lost it', () => {
    const same = [
      ['file'],
      ['file', {}],
      ['file', { env: null }],
      ['file', { env: { NODE_OPTIONS: `--require "${hook}"` } }],
      ['file', { env: { OPENLIT_INSTRUMENT_DISABLED: '1' } }],
    ] as [unknown, Record<string, unknown> | undefined][];
    for (const args of same) expect(withHook(args, hook)).toEqual(args);
    expect(withHook(['file', { env: {}, execArgv: ['--no-warnings'], name: 'n' }], hook)).toEqual([
      'file',
      { env: {}, name: 'n', execArgv: ['--no-warnings', '--require', hook] },
    ]);
    expect(withHook(['file', { env: {} }], hook)[1]).toMatchObject({
      execArgv: [...process.execArgv, '--require', hook],
    });
  });
});

test.each([
  [{ 'gen_ai.operation.name': 'chat' }, true],
  [{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-4o' }, false],
  [{ 'gen_ai.operation.name': 'execute_tool' }, false],
  [{ 'gen_ai.system': 'openai', 'gen_ai.request.model': 'gpt-4o' }, true],
  [{ 'openinference.span.kind': 'LLM' }, true],
  [{ 'openinference.span.kind': 'CHAIN' }, false],
  [{ 'http.request.method': 'POST' }, false],
  [undefined, false],
])('whether a span of %j reports a model call itself: %s', (attributes, expected) => {
  expect(reportsCall(attributes)).toBe(expected);
});
