/**
 * From the sources (on the program's path) to the observer (off it): one bounded queue. A source copies bytes and takes a
 * time; the observer, loaded when the first item is drained, decodes.
 */
import type { Flow, UnixNanos } from '../../wire/exchange.js';
import type { Runtime } from './runtime.js';

/** What is known of the program's own trace when a request begins; `reported`: the program reports this call itself. */
export interface CallContext {
  readonly parent?: { traceId: string; spanId: string; traceFlags: number; traceState?: string };
  readonly reported?: string;
}

/** One observed connection (HTTP/1.1, WebSocket) or one HTTP/2 stream. */
export interface Channel {
  readonly kind: 'connection' | 'stream';
  readonly secure: boolean;
  /** Port of the peer, when this side connected to it directly. */
  readonly remotePort: number | undefined;
  /** Milliseconds to add to `Clock.now()` for Unix time; taken when the channel was opened. */
  readonly epoch: number;
  /** Bytes that did not fit the queue since the last item, by flow. */
  lost: { sent: number; received: number };
  closed: boolean;
  /** Owned by the observer. */
  reader?: unknown;
  /** Owned by the ring to our Worker. */
  number?: number;
}

export type Payload = string | Uint8Array;

export type Item = { readonly channel: Channel; readonly at: number } & (
  | { readonly kind: 'request'; readonly context: CallContext | undefined }
  | { readonly kind: 'bytes'; readonly flow: Flow; readonly data: Payload; readonly encoding?: BufferEncoding }
  | { readonly kind: 'gap'; readonly flow: Flow; readonly length: number }
  | { readonly kind: 'head'; readonly flow: Flow; readonly headers: Readonly<Record<string, unknown>> }
  | { readonly kind: 'end'; readonly flow: Flow }
  | { readonly kind: 'close'; readonly aborted: boolean }
);

/** Must not throw. */
export interface Observer {
  /** It only copies: it is given items on the program's path, and with bytes that belong to the program. */
  readonly direct: boolean;
  /** False: there is no room now, the item was not taken. */
  handle(item: Item): boolean;
  /** Waits until there may be room; false when there was none. */
  waitForRoom(milliseconds: number): boolean;
  /** The program ends: closes what is open and delivers, while this thread waits. False: something did not arrive, and nobody said so. */
  leave(milliseconds: number): boolean;
}

/** Bytes that may wait: a burst of some hundred calls; more is dropped, counted and marked as a gap. */
const QUEUE_LIMIT = 32 * 1024 * 1024;
/** Bytes that are handed over at once. */
const PIECE = 256 * 1024;
/** Milliseconds that one turn of the event loop may be used for decoding. */
const SLICE = 4;
/** Milliseconds until an observer that had no room is asked again. */
const RETRY = 10;

export interface Queue {
  readonly length: number;
  push(item: Item): void;
  bytes(channel: Channel, flow: Flow, data: Payload, encoding: BufferEncoding | undefined, at: number): void;
  /** Hands all to the observer now, and waits for room so long at most. */
  drain(milliseconds: number): void;
}

export function createQueue(runtime: Runtime, observer: () => Observer | undefined): Queue {
  let items: Item[] = [];
  let waiting = 0;
  let scheduled = false;
  // The observer that needs no queue, once it is there.
  let direct: Observer | undefined;

  function schedule(refused = false): void {
    if (scheduled) return;
    scheduled = true;
    // Referenced: an unreferenced one would wait until something else wakes the event loop.
    if (refused) runtime.retry(turn, RETRY);
    else runtime.setImmediate(turn);
  }

  function turn(): void {
    scheduled = false;
    const until = runtime.now() + SLICE;
    const refused = !take(() => runtime.now() > until);
    if (items.length > 0) schedule(refused);
  }

  /** False where the observer had no room. */
  function take(enough: () => boolean): boolean {
    const target = observer();
    const batch = items;
    items = [];
    if (target === undefined) {
      waiting = 0;
      return true;
    }
    if (target.direct) direct = target;
    let done = 0;
    let taken = true;
    while (done < batch.length) {
      const item = batch[done]!;
      taken = target.handle(item);
      if (!taken) break;
      done += 1;
      if (item.kind === 'bytes') waiting -= item.data.length;
      if (enough()) break;
    }
    if (done < batch.length) items = batch.slice(done).concat(items);
    return taken;
  }

  const takenDirectly = (item: Item) => direct !== undefined && items.length === 0 && direct.handle(item);

  function push(item: Item): void {
    if (takenDirectly(item)) return;
    items.push(item);
    schedule();
  }

  function piece(channel: Channel, flow: Flow, data: Payload, encoding: BufferEncoding | undefined, at: number): void {
    const item: Item = { channel, at, kind: 'bytes', flow, data, ...(encoding === undefined ? {} : { encoding }) };
    if (channel.lost[flow] === 0 && takenDirectly(item)) return;
    if (waiting + data.length > QUEUE_LIMIT) {
      runtime.notice('model calls come faster than they can be decoded here: some are not reported, or only in part');
      channel.lost[flow] += data.length;
      return;
    }
    if (channel.lost[flow] > 0) {
      push({ channel, kind: 'gap', flow, length: channel.lost[flow], at });
      channel.lost[flow] = 0;
    }
    waiting += data.length;
    // The program may use its buffer again as soon as the write has returned.
    items.push(typeof data === 'string' ? item : { ...item, data: Buffer.from(data) });
    schedule();
  }

  return {
    get length() {
      return items.length;
    },
    push,
    bytes(channel, flow, data, encoding, at) {
      if (data.length === 0) return;
      if (data.length <= PIECE) return piece(channel, flow, data, encoding, at);
      const whole = typeof data === 'string' ? Buffer.from(data, encoding) : data;
      for (let from = 0; from < whole.length; from += PIECE) {
        piece(channel, flow, whole.subarray(from, from + PIECE), undefined, at);
      }
    },
    drain(milliseconds) {
      const until = runtime.now() + milliseconds;
      while (items.length > 0) {
        if (!take(() => false) && direct?.waitForRoom(until - runtime.now()) !== true) return;
      }
    },
  };
}

/** What a reader of one channel is told, in order. */
export interface ChannelReader {
  data(flow: Flow, bytes: Uint8Array, at: UnixNanos): void;
  gap(flow: Flow, length: number, at: UnixNanos): void;
  head(flow: Flow, headers: Readonly<Record<string, unknown>>, at: UnixNanos): void;
  end(flow: Flow, at: UnixNanos): void;
  close(at: UnixNanos, aborted: boolean): void;
}
