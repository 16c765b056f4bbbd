/**
 * From the sources (on the program's path) to the observer (off it): one bounded queue. A source copies bytes and takes a
 * time; the observer, loaded when the first item is drained, decodes.
 */
import type { Flow } from '../../wire/exchange.js';
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

/** Handles items; must not throw. */
export interface Observer {
  handle(item: Item): void;
  /** After some items, before the event loop goes on. @returns bytes that were handed over and are not decoded yet */
  commit(): number;
  /** The program ends: closes what is open and delivers, while this thread waits. False: something did not arrive, and nobody said so. */
  leave(milliseconds: number): boolean;
}

/** Bytes that may wait: a burst of some hundred calls; more is dropped, counted and marked as a gap. */
const QUEUE_LIMIT = 32 * 1024 * 1024;
/** Milliseconds that one turn of the event loop may be used for decoding. */
const SLICE = 4;

export interface Queue {
  readonly length: number;
  push(item: Item): void;
  bytes(channel: Channel, flow: Flow, data: Payload, encoding: BufferEncoding | undefined, at: number): void;
  /** Hands all to the observer now. */
  drain(): void;
}

export function createQueue(runtime: Runtime, observer: () => Observer | undefined): Queue {
  let items: Item[] = [];
  let waiting = 0;
  let undecoded = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // Referenced: an unreferenced one would wait until something else wakes the event loop.
    runtime.setImmediate(turn);
  }

  function turn(): void {
    scheduled = false;
    const until = runtime.now() + SLICE;
    take(() => runtime.now() > until);
    if (items.length > 0) schedule();
  }

  function take(enough: () => boolean): void {
    const target = observer();
    const batch = items;
    items = [];
    if (target === undefined) {
      waiting = 0;
      return;
    }
    let done = 0;
    while (done < batch.length) {
      const item = batch[done++]!;
      if (item.kind === 'bytes') waiting -= item.data.length;
      target.handle(item);
      if (enough()) break;
    }
    if (done < batch.length) items = batch.slice(done).concat(items);
    undecoded = target.commit();
  }

  const queue: Queue = {
    get length() {
      return items.length;
    },
    push(item) {
      items.push(item);
      schedule();
    },
    bytes(channel, flow, data, encoding, at) {
      if (data.length === 0) return;
      if (waiting + undecoded + data.length > QUEUE_LIMIT) {
        channel.lost[flow] += data.length;
        // A turn asks anew how much is undecoded.
        schedule();
        return;
      }
      if (channel.lost[flow] > 0) {
        queue.push({ channel, kind: 'gap', flow, length: channel.lost[flow], at });
        channel.lost[flow] = 0;
      }
      waiting += data.length;
      // The program may use its buffer again as soon as the write has returned.
      const kept = typeof data === 'string' ? data : Buffer.from(data);
      queue.push({ channel, kind: 'bytes', flow, data: kept, at, ...(encoding === undefined ? {} : { encoding }) });
    },
    drain() {
      while (items.length > 0) take(() => false);
    },
  };
  return queue;
}
