import { describe, expect, test } from '@jest/globals';
import { reportsCall } from '../../../src/bootstrap/node/app-context.js';
import { type Channel, createQueue, type Item, type Observer } from '../../../src/bootstrap/node/channel.js';
import { createHttp2Reader } from '../../../src/bootstrap/node/http2-reader.js';
import { patchMethod } from '../../../src/bootstrap/node/patch.js';
import type { Runtime } from '../../../src/bootstrap/node/runtime.js';
import { withHook } from '../../../src/bootstrap/node/workers.js';
import type { ExchangeListener } from '../../../src/wire/exchange.js';

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

describe('the queue', () => {
  const channel = (): Channel => ({
    kind: 'connection',
    secure: false,
    remotePort: 80,
    epoch: 0,
    lost: { sent: 0, received: 0 },
    closed: false,
  });

  function open(direct = false) {
    let time = 0;
    const turns: (() => void)[] = [];
    const handled: Item[] = [];
    const notices: string[] = [];
    const room = { items: Number.POSITIVE_INFINITY };
    const observer: Observer = {
      direct,
      handle(item) {
        if (handled.length >= room.items) return false;
        handled.push('data' in item ? { ...item, data: Buffer.from(item.data as string, item.encoding) } : item);
        time += 1;
        return true;
      },
      waitForRoom() {
        room.items += 1;
        return room.items < 10;
      },
      leave: () => true,
    };
    const later = (run: () => void) => turns.push(run);
    const runtime = {
      now: () => time,
      setImmediate: later,
      retry: later,
      notice: (line: string) => notices.push(line),
    } as unknown as Runtime;
    return { queue: createQueue(runtime, () => observer), turns, handled, room, notices };
  }
  const seen = (items: readonly Item[]) => items.map(item => [item.kind, item.at]);

  test('hands over in order, later, a slice a turn, and copies bytes', () => {
    const { queue, turns, handled } = open();
    const one = channel();
    const bytes = Buffer.from('abc');
    queue.bytes(one, 'sent', bytes, undefined, 1);
    bytes.fill(0);
    for (let at = 2; at < 12; at += 1) queue.bytes(one, 'received', String(at), 'latin1', at);
    expect([handled.length, turns.length]).toEqual([0, 1]);
    turns.shift()!();
    expect(handled.length).toBeGreaterThan(0);
    expect(handled.length).toBeLessThan(11);
    while (turns.length > 0) turns.shift()!();
    expect(handled.map(item => item.at)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(String((handled[0] as { data: Uint8Array }).data)).toBe('abc');
  });

  test('drops what does not fit and says how much, before the next bytes of that flow', () => {
    const { queue, handled, notices } = open();
    const one = channel();
    const large = 'x'.repeat(20 * 1024 * 1024);
    queue.bytes(one, 'sent', large, 'latin1', 1);
    expect(notices).toEqual([]);
    queue.bytes(one, 'sent', large, 'latin1', 2);
    expect(notices[0]).toMatch(/not reported, or only in part/);
    queue.drain(0);
    queue.bytes(one, 'sent', 'rest', 'latin1', 3);
    queue.drain(0);
    const received = handled.reduce((sum, item) => sum + ('data' in item ? item.data.length : 0), 0);
    const gap = handled.findIndex(({ kind }) => kind === 'gap');
    expect((handled[gap] as { length: number }).length).toBe(2 * large.length + 4 - received);
    expect(seen(handled.slice(gap))).toEqual([
      ['gap', 3],
      ['bytes', 3],
    ]);
  });

  test('is passed by once an observer that only copies is there, and keeps order where that has no room', () => {
    const { queue, turns, handled, room } = open(true);
    const one = channel();
    queue.bytes(one, 'sent', 'first', 'latin1', 1);
    turns.shift()!();
    queue.bytes(one, 'sent', 'second', 'latin1', 2);
    expect([handled.length, turns.length]).toEqual([2, 0]);
    room.items = 2;
    queue.bytes(one, 'sent', Buffer.from('third'), undefined, 3);
    queue.push({ channel: one, kind: 'close', aborted: false, at: 4 });
    turns.shift()!();
    expect([handled.length, queue.length, turns.length]).toEqual([2, 2, 1]);
    room.items = 3;
    turns.shift()!();
    expect(seen(handled)).toEqual([
      ['bytes', 1],
      ['bytes', 2],
      ['bytes', 3],
    ]);
    queue.drain(1_000);
    expect(seen(handled.slice(3))).toEqual([['close', 4]]);
  });

  test('gives up at the end of a program when no room comes', () => {
    const { queue, room, handled } = open(true);
    room.items = 0;
    for (let at = 0; at < 20; at += 1) queue.push({ channel: channel(), kind: 'end', flow: 'sent', at });
    queue.drain(1_000);
    expect(handled.length).toBe(9);
  });
});

describe('HTTP/2 streams', () => {
  function listen() {
    const events: string[] = [];
    const note = (name: string) => (value?: unknown) => {
      events.push(value instanceof Uint8Array ? `${name} ${Buffer.from(value)}` : name);
    };
    const listener = Object.fromEntries(
      ['requestHead', 'requestBody', 'requestEnd', 'responseHead', 'responseBody', 'message', 'end'].map(name => [
        name,
        note(name),
      ]),
    ) as unknown as ExchangeListener;
    return { events, listener: { ...listener, partial: (reason: string) => void events.push(`partial ${reason}`) } };
  }
  const head = { ':method': 'POST', ':path': '/v1/responses', ':authority': 'api.openai.com', 'Content-Type': 'a' };

  test('bytes that come before their head wait for it', () => {
    const { events, listener } = listen();
    const reader = createHttp2Reader(() => listener);
    reader.head('sent', head, 1n);
    reader.data('sent', Buffer.from('{}'), 2n);
    reader.end('sent', 3n);
    reader.data('received', Buffer.from('early'), 4n);
    reader.end('received', 5n);
    reader.head('received', { ':status': 200 }, 6n);
    reader.close(7n, true);
    expect(events).toEqual([
      'requestHead',
      'requestBody {}',
      'requestEnd',
      'responseHead',
      'responseBody early',
      'end',
    ]);
  });

  test('one that is left early is partial, and one that nobody wants is passed over', () => {
    const { events, listener } = listen();
    const reader = createHttp2Reader(() => listener);
    reader.head('sent', head, 1n);
    reader.close(2n, true);
    expect(events).toEqual(['requestHead', 'partial aborted', 'end']);
    const unwanted = createHttp2Reader(() => undefined);
    unwanted.head('sent', head, 1n);
    unwanted.data('received', Buffer.from('x'), 2n);
    unwanted.close(3n, true);
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
