/**
 * The tap of one thread: frames to the observer of this launch, which the first call connects to, or starts. All of it fails
 * open: without an observer nothing is kept and the program runs as before.
 */
import { threadId } from 'node:worker_threads';
import type { CallContext, Channel, Ending, Facts, Flow, Head, Payload } from './channel.js';
import { FLAG, HEAD, KIND, MOST, writeFrame } from './frames.js';
import { createObserverLine } from './observer-line.js';
import { createOutbox } from './outbox.js';
import type { Runtime } from './runtime.js';
import { TOLD, tapSettings } from './settings.js';

/** Milliseconds until an observer that had no room is asked again; each time in vain costs an exception. */
const RETRY = 5;
/** Milliseconds at the end of a program for an observer that is slow, and for its word where it has to be waited for. */
const FAREWELL = 1_000;
const LOST_LINE = 'some model calls could not be handed over, and are not reported';

const ENDINGS: Readonly<Record<Ending, number>> = { whole: 0, broken: FLAG.aborted, left: FLAG.aborted | FLAG.left };

export interface Tap {
  /** Nothing is handed over (any more). */
  readonly over: boolean;
  /**
   * `held`: until `settle`, because the head alone does not say whether this is a model's call.
   * @returns undefined where too much waits already: this call is counted, and not reported
   */
  open(facts: Facts, at: number, held?: boolean): Channel | undefined;
  /** Whether the observer that was told of this channel still listens to it. */
  lives(channel: Channel): boolean;
  settle(channel: Channel, wanted: boolean): void;
  request(channel: Channel, context: CallContext | undefined, at: number): void;
  bytes(channel: Channel, flow: Flow, data: Payload, encoding: BufferEncoding | undefined, at: number): void;
  head(channel: Channel, flow: Flow, head: Head, at: number): void;
  end(channel: Channel, flow: Flow, at: number): void;
  close(channel: Channel, how: Ending, at: number): void;
  /** Hands over what was added: one `write` for each call of a source. */
  flush(): void;
  /** The program ends. */
  leave(): void;
}

export function createTap(runtime: Runtime): Tap {
  let numbers = 0;
  let scheduled = false;
  let asked = false;
  let delivered = false;
  let lost = 0;

  const line = createObserverLine(runtime, {
    greet: () => outbox.restart(hello()),
    ready: () => outbox.flush(),
    died: () => outbox.restart(),
    stopped: () => outbox.clear(),
  });

  const outbox = createOutbox({
    write: line.write,
    life: () => line.life,
    onDropped(channel, bytes) {
      runtime.notice(LOST_LINE);
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

  function connect(): void {
    scheduled = false;
    if (!line.over && !line.up) line.connect();
  }

  function pump(): void {
    if (line.over) return;
    if (!line.up) {
      // After the program's own work of this turn: a process is started.
      if (!scheduled) runtime.setImmediate(connect);
      scheduled = true;
      return;
    }
    // Where the last write met a full kernel, the timer asks again; until then frames only wait.
    if (asked) return;
    outbox.flush();
    if (outbox.waiting === 0) return;
    asked = true;
    runtime.later(() => {
      asked = false;
      if (outbox.waiting > 0) pump();
    }, RETRY);
  }

  /** What the observer has to say is said at a new exchange and at the end: at no other time do we write. */
  function listen(): void {
    if (line.death !== undefined) runtime.notice(line.death);
    for (const { kind, text } of line.answers()) {
      if (kind === KIND.say) runtime.notice(text);
      else if (kind === KIND.done) delivered = true;
    }
  }

  /** Whether another call may be begun; what was lost is told as soon as there is room. */
  function hasRoom(): boolean {
    if (line.over) return true;
    if (outbox.crowded) outbox.flush();
    if (outbox.crowded) {
      lost += 1;
      runtime.notice(LOST_LINE);
      return false;
    }
    tellLost();
    return true;
  }

  function tellLost(): void {
    if (lost > 0) outbox.append(undefined, frameOf(KIND.lost, 0, JSON.stringify({ exchanges: lost })));
    lost = 0;
  }

  function add(channel: Channel, kind: number, flags: number, payload: string, at: number): void {
    if (line.over || !lives(channel)) return;
    const time = channel.epoch + at;
    outbox.add(channel, { kind, flags, channel: channel.number, time }, payload, Buffer.byteLength(payload));
  }

  function lives(channel: Channel): boolean {
    if (channel.dropped) return false;
    if (channel.life === undefined || channel.life === line.life) return true;
    channel.dropped = true;
    lost += 1;
    return false;
  }

  function bytes(channel: Channel, flow: Flow, data: Payload, encoding: BufferEncoding | undefined, at: number): void {
    if (line.over || data.length === 0 || !lives(channel)) return;
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
      return line.over;
    },
    open(facts, at, held = false) {
      listen();
      if (!held && !hasRoom()) return undefined;
      numbers += 1;
      const epoch = runtime.wall() - runtime.now();
      const channel: Channel = {
        number: numbers,
        epoch,
        life: undefined,
        dropped: line.over,
        held: held ? [] : undefined,
      };
      add(channel, KIND.open, 0, JSON.stringify(facts), at);
      return channel;
    },
    lives,
    settle(channel, wanted) {
      const { held } = channel;
      channel.held = undefined;
      if (!wanted || !hasRoom()) channel.dropped = true;
      else if (!line.over) for (const frame of held ?? []) outbox.append(channel, frame);
    },
    request: (channel, context, at) => add(channel, KIND.request, 0, JSON.stringify(context ?? {}), at),
    bytes,
    head: (channel, flow, head, at) => add(channel, KIND.head, flagOf(flow), JSON.stringify(head), at),
    end: (channel, flow, at) => add(channel, KIND.end, flagOf(flow), '', at),
    close: (channel, how, at) => add(channel, KIND.close, ENDINGS[how], '', at),
    flush() {
      if (outbox.waiting > 0) pump();
    },
    leave() {
      listen();
      if (line.over || (!line.up && outbox.waiting === 0)) return;
      connect();
      const until = runtime.now() + FAREWELL;
      tellLost();
      outbox.append(undefined, frameOf(KIND.bye, 0, '', line.wait ? FLAG.waits : 0));
      outbox.flush();
      while (line.up && outbox.waiting > 0 && runtime.now() < until) {
        runtime.sleep(2);
        outbox.flush();
      }
      if (outbox.waiting > 0) runtime.notice(LOST_LINE);
      for (;;) {
        line.read();
        listen();
        if (!line.wait || delivered || !line.up || runtime.now() > until) break;
        runtime.sleep(2);
      }
    },
  };
}

const flagOf = (flow: Flow) => (flow === 'received' ? FLAG.received : 0);

/** What the observer is told of this process. */
function introduction({ env }: Runtime): string {
  const script = process.argv[1];
  const { workload } = tapSettings(env);
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
    ...(workload === undefined ? {} : { workload }),
    env: Object.fromEntries(told),
  });
}
