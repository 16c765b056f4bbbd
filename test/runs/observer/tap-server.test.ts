/** The observer's end of the taps, over real sockets: whose frames they are, what it says to them, and when the last has gone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ObservedTarget, Pipeline } from '../../../src/calls/pipeline.js';
import type { Target } from '../../../src/calls/recorded-call.js';
import { listenAt } from '../../../src/runs/observer/listen.js';
import { createTapServer, type TapServer, type TapServerOptions } from '../../../src/runs/observer/tap-server.js';
import { telemetrySettingsFromEnvironment } from '../../../src/telemetry/settings.js';
import { createFrameReader, encodeFrame, FLAG, FRAME } from '../../../src/wire/transport/frames.js';
import type { TapHello } from '../../../src/wire/transport/tap-connection.js';
import { recorder, summary } from '../../wire/protocol/support.js';

const settings = telemetrySettingsFromEnvironment({});
const ASK = 'POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Length: 2\r\n\r\n{}';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone';
const SEEN = 'POST api.openai.com /v1/chat/completions "{}" -> 200 "done"';

/** A pipeline that notes what it is told, and sends as fast as the test says. */
function fakePipeline() {
  const events: string[] = [];
  const { seen, open } = recorder();
  const sending = { flush: async (_milliseconds: number) => true };
  const pipeline: Pipeline = {
    open(target: Target): ObservedTarget {
      events.push(`open ${target.pid}`);
      return {
        target,
        openFor: () => open,
        spanStarted: start => void events.push(`started ${start.name}`),
        spanEnded: span => void events.push(`ended ${span.name}`),
        end: () => void events.push(`end ${target.pid}`),
      };
    },
    flush: milliseconds => sending.flush(milliseconds),
    finish: async () => {},
  };
  return { pipeline, events, seen, sending };
}

let folder: string;
const open: { close(): void }[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'tap-server-'));
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Scene extends ReturnType<typeof fakePipeline> {
  readonly server: TapServer;
  readonly notices: string[];
  readonly idle: { count: number; busy: number };
  readonly socket: string;
}

/** @param listening false: the test listens, at a name of its own */
async function serve(more: Partial<TapServerOptions> = {}, listening = true): Promise<Scene> {
  const fake = fakePipeline();
  const notices: string[] = [];
  const idle = { count: 0, busy: 0 };
  const server = createTapServer({
    pipeline: fake.pipeline,
    targetOf: ({ pid }: TapHello) => ({
      resource: { attributes: {} },
      settings,
      ...(pid === undefined ? {} : { pid }),
    }),
    notice: line => notices.push(line),
    onIdle() {
      idle.count += 1;
    },
    onBusy() {
      idle.busy += 1;
    },
    ...more,
  });
  const socket = path.join(folder, `${open.length}.sock`);
  if (listening) await server.listen(socket);
  open.push(server);
  return { ...fake, server, notices, idle, socket };
}

interface Tap {
  readonly socket: net.Socket;
  readonly heard: [kind: number, text: string][];
  send(...frames: Buffer[]): void;
  leave(): Promise<void>;
}

async function tap(file: string, hello?: Partial<TapHello>): Promise<Tap> {
  const socket = net.connect(file);
  open.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  const heard: Tap['heard'] = [];
  const reader = createFrameReader(({ kind, payload }) => heard.push([kind, payload.toString()]));
  socket.on('data', chunk => reader.push(chunk)).on('error', () => {});
  const send = (...frames: Buffer[]) => void socket.write(Buffer.concat(frames));
  if (hello !== undefined)
    send(encodeFrame(FRAME.hello, JSON.stringify({ version: 1, pid: 7, runtime: 'node', ...hello })));
  return {
    socket,
    heard,
    send,
    async leave() {
      socket.end();
      await once(socket, 'close');
    },
  };
}

const call = (channel = 1) => [
  encodeFrame(FRAME.open, '{"kind":"connection"}', { channel, at: 1n }),
  encodeFrame(FRAME.bytes, ASK, { channel, at: 2n }),
  encodeFrame(FRAME.bytes, ANSWER, { channel, at: 3n, flags: FLAG.received }),
];

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 2_000) throw new Error(`it did not happen: ${condition}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

test('what a tap hands over is read, also when it is gone at once', async () => {
  const { socket, seen, events } = await serve();
  const one = await tap(socket, {});
  one.send(...call(1), ...call(2));
  one.socket.end();
  await until(() => events.includes('end 7'));
  expect(summary(seen)).toEqual([SEEN, SEEN]);
  expect(events).toEqual(['open 7', 'end 7']);
});

test('a large flow comes whole', async () => {
  const { socket, seen } = await serve();
  const one = await tap(socket, {});
  const body = 'x'.repeat(200_000);
  one.send(...call().slice(0, 2));
  one.send(encodeFrame(FRAME.bytes, 'HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n', { channel: 1, flags: 1 }));
  for (let count = 0; count < 50; count += 1) one.send(encodeFrame(FRAME.bytes, body, { channel: 1, flags: 1 }));
  await until(() => seen[0]?.ended === true);
  expect(seen[0]!.responseBody.length).toBe(10_000_000);
});

test('a program that sends all the time does not keep the loop: exports get their turn between its chunks', async () => {
  let turns = 0;
  let each = 0;
  const inOneTurn = new Map<number, number>();
  const { socket, seen } = await serve({ onExchange: () => inOneTurn.set(turns, (inOneTurn.get(turns) ?? 0) + 1) });
  const hello = encodeFrame(FRAME.hello, JSON.stringify({ version: 1, pid: 7, runtime: 'node' }));
  const calls = Array.from({ length: 10_000 }, () => Buffer.concat(call(++each)));
  const file = path.join(folder, 'frames');
  writeFileSync(file, Buffer.concat([hello, ...calls]));
  let timer = setImmediate(function turn() {
    turns++;
    timer = setImmediate(turn);
  });
  // Another process: its writes go on while ours reads.
  const code = `require('net').connect(process.argv[1]).end(require('fs').readFileSync(process.argv[2]))`;
  await once(spawn(process.execPath, ['-e', code, socket, file]), 'close');
  await until(() => seen.length === each);
  clearImmediate(timer);
  // What one chunk of 64 kB holds, and the call that the chunk before has begun.
  expect(Math.max(...inOneTurn.values())).toBeLessThanOrEqual(Math.ceil(65_536 / calls[0]!.length) + 1);
});

describe('targets', () => {
  test('threads of one program are one, and end with the last of them; a pid that runs another program is another', async () => {
    const { socket, events, seen } = await serve();
    const first = await tap(socket, { executable: '/bin/node', thread: 0 });
    const second = await tap(socket, { executable: '/bin/node', thread: 1 });
    second.send(...call());
    await until(() => seen.length === 1);
    await first.leave();
    const other = await tap(socket, { executable: '/bin/python3', runtime: 'python' });
    await until(() => events.length === 2);
    await second.leave();
    await until(() => events.length === 3);
    await other.leave();
    await until(() => events.length === 4);
    expect(events).toEqual(['open 7', 'open 7', 'end 7', 'end 7']);
  });

  test('spans of it', async () => {
    const { socket, events } = await serve();
    const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: 'agent' };
    const one = await tap(socket, {});
    one.send(encodeFrame(FRAME.start, JSON.stringify(ids)), encodeFrame(FRAME.span, JSON.stringify({ span: ids })));
    one.send(encodeFrame(FRAME.span, '{"span":{"traceId":"none"}}'));
    await one.leave();
    await until(() => events.includes('end 7'));
    expect(events).toEqual(['open 7', 'started agent', 'ended agent', 'end 7']);
  });
});

describe('the last tap', () => {
  test('is told each time, and so is the first of the next ones', async () => {
    const { socket, idle, server } = await serve();
    const [one, two] = [await tap(socket, {}), await tap(socket, {})];
    await until(() => server.taps === 2);
    await one.leave();
    await until(() => server.taps === 1);
    expect(idle).toEqual({ count: 0, busy: 1 });
    await two.leave();
    await until(() => idle.count === 1);
    const three = await tap(socket, {});
    await until(() => idle.busy === 2);
    // Killed: no farewell comes.
    three.socket.destroy();
    await until(() => idle.count === 2);
    expect(server.taps).toBe(0);
  });

  test('is waited for where the server is closed already', async () => {
    const { socket, server, seen } = await serve();
    const one = await tap(socket, {});
    await until(() => server.taps === 1);
    server.close();
    await expect(tap(socket)).rejects.toThrow();
    one.send(...call());
    await until(() => seen.length === 1 && seen[0]!.ended);
  });
});

describe('what it says', () => {
  test('reaches those that are there and those that come, once each', async () => {
    const { socket, server } = await serve();
    const one = await tap(socket, {});
    await until(() => server.taps === 1);
    server.say('the collector cannot be reached');
    const two = await tap(socket, {});
    await until(() => one.heard.length > 0 && two.heard.length > 0);
    const line = [FRAME.say, 'the collector cannot be reached'];
    expect([one.heard, two.heard]).toEqual([[line], [line]]);
  });

  test('to a program that waits at its end: when all is sent, and how that went', async () => {
    const { socket, sending, events } = await serve();
    let sent = (_delivered: boolean) => {};
    const asked: number[] = [];
    sending.flush = milliseconds => {
      asked.push(milliseconds);
      return new Promise(resolve => {
        sent = resolve;
      });
    };
    const one = await tap(socket, {});
    one.send(encodeFrame(FRAME.bye, '', { flags: FLAG.waits }));
    await until(() => asked.length === 1);
    // Its last calls are told before they are sent.
    expect(events).toEqual(['open 7', 'end 7']);
    expect(one.heard).toEqual([]);
    sent(true);
    await until(() => one.heard.length === 1);
    expect(one.heard).toEqual([[FRAME.done, '{"delivered":true}']]);
    expect(asked[0]).toBeLessThanOrEqual(1_000);
    const two = await tap(socket, {});
    sending.flush = () => Promise.reject(new Error('a fault of ours'));
    two.send(encodeFrame(FRAME.bye, '', { flags: FLAG.waits }));
    await until(() => two.heard.length === 1);
    expect(two.heard).toEqual([[FRAME.done, '{"delivered":false}']]);
  });

  test('to a program that does not wait: nothing', async () => {
    const { socket, sending, events } = await serve();
    let asked = 0;
    sending.flush = async () => {
      asked += 1;
      return true;
    };
    const one = await tap(socket, {});
    one.send(encodeFrame(FRAME.bye));
    await one.leave();
    await until(() => events.includes('end 7'));
    expect([one.heard, asked]).toEqual([[], 0]);
  });

  test('to a program that reports its calls itself', async () => {
    const { socket, seen } = await serve();
    const one = await tap(socket, {});
    const [begin, ...rest] = call();
    const reported = encodeFrame(FRAME.request, '{"reported":"openlit"}', { channel: 1 });
    one.send(begin!, reported, ...rest, reported, ...rest);
    await until(() => one.heard.length > 0);
    await one.leave();
    expect(one.heard).toEqual([[FRAME.say, expect.stringContaining('runs OpenLIT itself')]]);
    expect(seen).toEqual([]);
  });
});

describe('what is no tap of ours', () => {
  test.each<[string, Buffer]>([
    ['another version', encodeFrame(FRAME.hello, '{"version":2}')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['rubbish', Buffer.alloc(100_000, 0xff)],
  ])('%s: is told so and closed, and the others are served', async (_name, bytes) => {
    const { socket, seen, notices, server } = await serve();
    const good = await tap(socket, {});
    const bad = await tap(socket);
    bad.send(bytes);
    await once(bad.socket, 'close');
    expect(bad.heard).toEqual([[FRAME.say, expect.stringContaining("this program's model calls are not observed: ")]]);
    expect(notices).toEqual([expect.stringContaining('a connection was refused: ')]);
    good.send(...call());
    await until(() => seen.length === 1 && seen[0]!.ended);
    expect(server.taps).toBe(1);
  });

  test('one that goes on sending does not keep the observer', async () => {
    const { socket, server } = await serve();
    const bad = await tap(socket);
    bad.socket.on('end', () => {});
    const timer = setInterval(() => bad.socket.writable && bad.send(Buffer.alloc(1_000, 0xff)), 1);
    await until(() => server.taps === 1);
    await until(() => server.taps === 0);
    clearInterval(timer);
  });
});

test('what taps had to drop is counted', async () => {
  const { socket, server, seen } = await serve();
  const one = await tap(socket, {});
  one.send(...call().slice(0, 2), encodeFrame(FRAME.lost, '{"exchanges":1,"bytes":500}', { channel: 1 }));
  one.send(encodeFrame(FRAME.lost, '{"exchanges":2}'));
  await one.leave();
  await until(() => server.lost.exchanges === 3);
  expect(server.lost).toEqual({ exchanges: 3, bytes: 500 });
  expect(seen.map(({ ended }) => ended)).toEqual([false]);
});

describe('one name for two observers', () => {
  test('the later one has it, the earlier one serves its own, and takes nothing away from the later', async () => {
    const [one, two] = [await serve({}, false), await serve({}, false)];
    const name = path.join(folder, 'launch.sock');
    const removeFirst = await listenAt(one.server, name);
    const early = await tap(name, { pid: 1 });
    const removeSecond = await listenAt(two.server, name);
    const late = await tap(name, { pid: 2 });
    early.send(...call());
    late.send(...call());
    await until(() => one.seen[0]?.ended === true && two.seen[0]?.ended === true);
    expect([one.events, two.events]).toEqual([['open 1'], ['open 2']]);
    removeFirst();
    expect(existsSync(name)).toBe(true);
    removeSecond();
    removeSecond();
    expect(existsSync(name)).toBe(false);
  });

  test('one that was killed leaves a name that the next one takes', async () => {
    const { server } = await serve({}, false);
    const name = path.join(folder, 'launch.sock');
    await listenAt(server, name);
    server.close();
    await expect(tap(name)).rejects.toThrow('ECONNREFUSED');
    const next = await serve({}, false);
    await listenAt(next.server, name);
    await tap(name, {});
    await until(() => next.server.taps === 1);
  });
});
