/**
 * The tap of one thread: frames to the observer of this launch, which the first call connects to, or starts. All of it fails
 * open: without an observer nothing is kept and the program runs as before.
 */
import { threadId } from 'node:worker_threads';
import type { CallContext, Channel, Facts, Flow, Head, Payload } from './channel.js';
import { FLAG, HEAD, KIND, MOST, writeFrame } from './frames.js';
import { createLink, type Link } from './link.js';
import { createOutbox } from './outbox.js';
import type { Runtime } from './runtime.js';
import { type TapSettings, TOLD, tapSettings } from './settings.js';
import { startObserver } from './start-observer.js';

/** Milliseconds until an observer that had no room is asked again. */
const RETRY = 10;
/** Milliseconds at the end of a program for an observer that is slow, and for its word where it has to be waited for. */
const FAREWELL = 1_000;
/** An observer that dies is started once more. */
const LIVES = 2;

export interface Tap {
  /** Nothing is handed over (any more). */
  readonly over: boolean;
  /** `held`: until `settle`, because the head alone does not say whether this is a model's call. */
  open(facts: Facts, at: number, held?: boolean): Channel;
  /** Whether the observer that was told of this channel still listens to it. */
  lives(channel: Channel): boolean;
  settle(channel: Channel, wanted: boolean): void;
  request(channel: Channel, context: CallContext | undefined, at: number): void;
  bytes(channel: Channel, flow: Flow, data: Payload, encoding: BufferEncoding | undefined, at: number): void;
  head(channel: Channel, flow: Flow, head: Head, at: number): void;
  end(channel: Channel, flow: Flow, at: number): void;
  close(channel: Channel, aborted: boolean, at: number): void;
  /** Hands over what was added: one `write` for each call of a source. */
  flush(): void;
  /** The program ends. */
  leave(): void;
}

export function createTap(runtime: Runtime): Tap {
  let settings: TapSettings | undefined;
  let link: Link | undefined;
  let life = 0;
  let deaths = 0;
  let numbers = 0;
  let over = false;
  let scheduled = false;
  let asked = false;
  let delivered = false;
  let lost = 0;

  const outbox = createOutbox({
    write: (data, from, to) => link?.write(data, from, to) ?? 0,
    life: () => life,
    onDropped(channel, bytes) {
      runtime.notice('model calls come faster than they can be handed over here: some are not reported');
      return frameOf(KIND.lost, channel.number, JSON.stringify({ exchanges: 1, bytes }));
    },
  });

  function frameOf(kind: number, channel: number, payload: string, flags = 0): Buffer {
    const length = Buffer.byteLength(payload);
    const frame = Buffer.allocUnsafe(HEAD + length);
    writeFrame(frame, 0, { kind, flags, channel, time: runtime.wall() }, payload, length, 'utf8');
    return frame;
  }

  const hello = () => frameOf(KIND.hello, 0, introduction(runtime));

  /** Stands down. The reason is said once; none where there is nothing to do about it. */
  function stop(reason?: string): void {
    over = true;
    outbox.clear();
    if (reason === undefined) return;
    runtime.status('unobserved', reason);
    runtime.notice(reason);
  }

  function gone(which: () => Link | undefined, refused: () => boolean): void {
    if (link === undefined || link !== which()) return;
    link = undefined;
    if (over || refused()) return;
    deaths += 1;
    life += 1;
    if (deaths >= LIVES) stop("this program's model calls are not observed any more: the observer ended twice");
    else outbox.restart();
  }

  function adopt(socket: Parameters<typeof createLink>[1]): Link {
    const own: Link = createLink(runtime, socket, () =>
      gone(
        () => own,
        () => connecting,
      ),
    );
    return own;
  }

  let connecting = false;
  /** Connects to who listens, else starts the observer. */
  function establish(): void {
    settings ??= tapSettings(runtime.env);
    const { socket: path, observer } = settings;
    if (path === undefined) return launch(observer);
    connecting = true;
    outbox.restart(hello());
    const socket = runtime.connect(path, () => {});
    link = adopt(socket);
    outbox.flush();
    // Nobody listens: the write has said so. Where it could not (mock-fs, Deno), the socket does, later.
    if (link === undefined) return launch(observer);
    if (socket.connecting && outbox.waiting > 0) {
      socket.once('connect', () => {
        connecting = false;
        pump();
      });
      socket.once('close', () => {
        if (connecting) launch(observer);
      });
      return;
    }
    connecting = false;
  }

  function launch(observer: readonly string[] | undefined): void {
    connecting = false;
    // The local view is gone: there is nobody to tell.
    if (observer === undefined) return stop();
    outbox.restart(hello());
    link = adopt(startObserver(runtime, observer));
    outbox.flush();
  }

  function connectNow(): void {
    scheduled = false;
    if (over || link !== undefined) return;
    try {
      runtime.apart(establish);
    } catch (error) {
      stop(
        `this program's model calls are not observed: the observer could not be started: ${(error as Error).message}\n` +
          '  try: openlit-instrument doctor',
      );
    }
  }

  function pump(): void {
    if (over) return;
    if (link === undefined) {
      // After the program's own work of this turn: a process is started.
      if (!scheduled) runtime.setImmediate(connectNow);
      scheduled = true;
      return;
    }
    outbox.flush();
    if (outbox.waiting === 0 || asked) return;
    asked = true;
    runtime.later(() => {
      asked = false;
      if (outbox.waiting > 0) pump();
    }, RETRY);
  }

  /** What the observer has to say is said at a new exchange and at the end: at no other time do we write. */
  function listen(): void {
    for (const { kind, text } of link?.answers() ?? []) {
      if (kind === KIND.say) runtime.notice(text);
      else if (kind === KIND.done) delivered = true;
    }
  }

  function add(channel: Channel, kind: number, flags: number, payload: string, at: number): void {
    if (over || channel.dropped || !lives(channel)) return;
    const time = channel.epoch + at;
    outbox.add(channel, { kind, flags, channel: channel.number, time }, payload, Buffer.byteLength(payload));
  }

  function lives(channel: Channel): boolean {
    if (channel.dropped) return false;
    if (channel.life === undefined || channel.life === life) return true;
    channel.dropped = true;
    lost += 1;
    return false;
  }

  function bytes(channel: Channel, flow: Flow, data: Payload, encoding: BufferEncoding | undefined, at: number): void {
    if (over || data.length === 0 || !lives(channel)) return;
    const length = typeof data === 'string' ? Buffer.byteLength(data, encoding) : data.length;
    const facts = { kind: KIND.bytes, flags: flagOf(flow), channel: channel.number, time: channel.epoch + at };
    if (length <= MOST) return outbox.add(channel, facts, data, length, encoding);
    const whole = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    for (let from = 0; from < whole.length; from += MOST) {
      const piece = whole.subarray(from, from + MOST);
      outbox.add(channel, facts, piece, piece.length);
    }
  }

  return {
    get over() {
      return over;
    },
    open(facts, at, held = false) {
      listen();
      numbers += 1;
      const epoch = runtime.wall() - runtime.now();
      const channel: Channel = {
        number: numbers,
        epoch,
        life: undefined,
        dropped: over,
        held: held ? [] : undefined,
      };
      add(channel, KIND.open, 0, JSON.stringify(facts), at);
      return channel;
    },
    lives,
    settle(channel, wanted) {
      const { held } = channel;
      channel.held = undefined;
      if (!wanted) channel.dropped = true;
      else if (!over) for (const frame of held ?? []) outbox.append(channel, frame);
    },
    request: (channel, context, at) => add(channel, KIND.request, 0, JSON.stringify(context ?? {}), at),
    bytes,
    head: (channel, flow, head, at) => add(channel, KIND.head, flagOf(flow), JSON.stringify(head), at),
    end: (channel, flow, at) => add(channel, KIND.end, flagOf(flow), '', at),
    close: (channel, aborted, at) => add(channel, KIND.close, aborted ? FLAG.aborted : 0, '', at),
    flush() {
      if (outbox.waiting > 0) pump();
    },
    leave() {
      if (over || (link === undefined && outbox.waiting === 0)) return;
      if (link === undefined) connectNow();
      const until = runtime.now() + FAREWELL;
      const wait = settings?.wait === true;
      if (lost > 0) outbox.append(undefined, frameOf(KIND.lost, 0, JSON.stringify({ exchanges: lost })));
      outbox.append(undefined, frameOf(KIND.bye, 0, '', wait ? FLAG.waits : 0));
      outbox.flush();
      while (link !== undefined && outbox.waiting > 0 && runtime.now() < until) {
        runtime.sleep(2);
        outbox.flush();
      }
      for (;;) {
        link?.read();
        listen();
        if (!wait || delivered || link === undefined || runtime.now() > until) break;
        runtime.sleep(2);
      }
    },
  };
}

const flagOf = (flow: Flow) => (flow === 'received' ? FLAG.received : 0);

/** What the observer is told of this process. */
function introduction({ env }: Runtime): string {
  const script = process.argv[1];
  const told = TOLD.filter(name => env[name]).map(name => [name, env[name]]);
  return JSON.stringify({
    version: 1,
    runtime: 'node',
    runtime_version: process.versions.node,
    pid: process.pid,
    ppid: process.ppid,
    executable: process.execPath,
    ...(script === undefined ? {} : { command: script }),
    thread: threadId,
    env: Object.fromEntries(told),
  });
}
