/** Items of the queue -> exchanges: one connection decoder for each socket, one small reader for each HTTP/2 stream. */
import type { Flow, OpenExchange, RequestHead, UnixNanos } from '../../wire/exchange.js';
import { createConnectionDecoder } from '../../wire/protocol/index.js';
import type { CallContext, Channel, Item } from './channel.js';
import { createHttp2Reader } from './http2-reader.js';

export interface ChannelReader {
  data(flow: Flow, bytes: Uint8Array, at: UnixNanos): void;
  gap(flow: Flow, length: number, at: UnixNanos): void;
  head(flow: Flow, headers: Readonly<Record<string, unknown>>, at: UnixNanos): void;
  end(flow: Flow, at: UnixNanos): void;
  close(at: UnixNanos, aborted: boolean): void;
}

export interface ReaderOptions {
  /** The decoder of one call, with the program's own span as parent. */
  openFor(context: CallContext): OpenExchange;
  /** The program reports a call itself, so we do not; called once for each way. */
  reported(by: string): void;
}

const NO_CONTEXT: CallContext = {};
/** Requests that are written to one connection before their decoder has seen them; pipelining is rare. */
const CONTEXT_LIMIT = 100;

export function createReader(options: ReaderOptions) {
  const open = new Set<Channel>();
  const contexts = new WeakMap<Channel, CallContext[]>();
  const told = new Set<string>();

  /** Asked by the decoders for each request of a channel, in the order in which they were written. */
  function openExchange(channel: Channel): OpenExchange {
    return (head, facts, at) => {
      const context = contexts.get(channel)?.shift() ?? NO_CONTEXT;
      if (context.reported !== undefined) {
        if (!told.has(context.reported)) options.reported(context.reported);
        told.add(context.reported);
        return undefined;
      }
      return options.openFor(context)(head, { ...facts, ...serverPort(head, channel) }, at);
    };
  }

  function readerOf(channel: Channel): ChannelReader {
    let reader = channel.reader as ChannelReader | undefined;
    if (reader === undefined) {
      const openOf = openExchange(channel);
      reader = channel.kind === 'stream' ? createHttp2Reader(openOf) : connectionReader(openOf);
      channel.reader = reader;
      open.add(channel);
    }
    return reader;
  }

  return {
    handle(item: Item): void {
      const { channel } = item;
      const reader = readerOf(channel);
      const at = nanoseconds(channel.epoch + item.at);
      if (item.kind === 'request') {
        const waiting = contexts.get(channel) ?? [];
        contexts.set(channel, waiting);
        if (waiting.length < CONTEXT_LIMIT) waiting.push(item.context ?? NO_CONTEXT);
      } else if (item.kind === 'bytes') {
        const { data } = item;
        reader.data(item.flow, typeof data === 'string' ? Buffer.from(data, item.encoding) : data, at);
      } else if (item.kind === 'gap') reader.gap(item.flow, item.length, at);
      else if (item.kind === 'head') reader.head(item.flow, item.headers, at);
      else if (item.kind === 'end') reader.end(item.flow, at);
      else {
        reader.close(at, item.aborted);
        open.delete(channel);
      }
    },
    /** `now` in Unix milliseconds. */
    closeAll(now: number): void {
      for (const channel of open) (channel.reader as ChannelReader).close(nanoseconds(now), true);
      open.clear();
    },
  };
}

function connectionReader(open: OpenExchange): ChannelReader {
  const decoder = createConnectionDecoder(open);
  return {
    data: (flow, bytes, at) => decoder.data(flow, bytes, at),
    gap: (flow, length, at) => decoder.gap(flow, length, at),
    close: (at, aborted) => (aborted ? decoder.close(at, 'aborted') : decoder.close(at)),
    head() {},
    end() {},
  };
}

/** What the host does not say: the scheme's port, unless the connection itself goes to another one. */
function serverPort(head: RequestHead, channel: Channel): { serverPort?: number } {
  if (head.host === undefined || /:\d+$/.test(head.host)) return {};
  return { serverPort: channel.secure ? 443 : 80 };
}

function nanoseconds(milliseconds: number): UnixNanos {
  return BigInt(Math.round(milliseconds * 1_000)) * 1_000n;
}
