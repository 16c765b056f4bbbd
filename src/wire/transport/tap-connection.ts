/** The frames of one tap -> its exchanges, and what else it says. Sans-I/O: bytes in, events out, frames of ours back. */
import type { ConnectionDecoder, ConnectionFacts, Flow, OpenExchange, Protocol, UnixNanos } from '../exchange.js';
import { createConnectionDecoder } from '../protocol/index.js';
import { createFrameReader, FLAG, FRAME, FRAMES_VERSION, type Frame } from './frames.js';
import { createTapExchange, type TapExchange, type TapHead } from './tap-exchange.js';
import { unnamedPort } from './unnamed-port.js';

/** What a tap says of its process, in its first frame. */
export interface TapHello {
  readonly version: number;
  readonly runtime?: string;
  readonly runtime_version?: string;
  readonly pid?: number;
  readonly ppid?: number;
  readonly executable?: string;
  readonly command?: string;
  readonly thread?: number;
  /** As the agent calls it, where the agent has put the hook in. */
  readonly workload?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The program's own trace when a request begins. `reported`: why the program reports this call itself. */
export interface TapContext {
  readonly parent?: {
    readonly traceId: string;
    readonly spanId: string;
    readonly traceFlags: number;
    readonly traceState?: string;
  };
  readonly reported?: string;
}

export interface TapEvents {
  hello(hello: TapHello): void;
  /** The decoder of one exchange; asked for each request of a channel, in the order in which they were written. */
  openFor(context: TapContext): OpenExchange;
  /** A call that the program reports itself is not decoded; told once for each way. */
  reported(by: string): void;
  /** An ended span (OTLP/JSON), and the note that one has started. */
  span(json: unknown): void;
  start(json: unknown, at: UnixNanos): void;
  /** Dropped by the tap before they came here. */
  lost(exchanges: number, bytes: number): void;
  /** The process ends in order; `waits`: it wants `done`. */
  bye(waits: boolean): void;
  /** What came is not from a tap of ours, or from another version. */
  refused(why: string): void;
}

export interface TapConnection {
  /** False: nothing more is read from here, and the socket should be closed. */
  push(chunk: Buffer): boolean;
  /** The socket is gone: what is open was cut off. */
  close(at: UnixNanos): void;
}

interface TapChannel {
  readonly exchange?: TapExchange;
  readonly connection?: ConnectionDecoder;
  /** Contexts of requests that were written and not decoded yet; pipelining is rare. */
  readonly contexts: TapContext[];
}

const NO_CONTEXT: TapContext = {};
const CONTEXT_LIMIT = 100;
/** Channels that may be open at once; a tap that opens more is broken, or hostile. */
const CHANNEL_LIMIT = 65_536;

export function createTapConnection(events: TapEvents): TapConnection {
  const channels = new Map<number, TapChannel>();
  const told = new Set<string>();
  let greeted = false;
  let refused = false;

  function refuse(why: string): void {
    refused = true;
    events.refused(why);
  }

  function openOf(contexts: TapContext[], facts: OpenFacts): OpenExchange {
    return (head, known, at) => {
      const context = contexts.shift() ?? NO_CONTEXT;
      if (context.reported !== undefined) {
        if (!told.has(context.reported)) events.reported(context.reported);
        told.add(context.reported);
        return undefined;
      }
      const port = unnamedPort(head, facts.secure === true, facts.port);
      return events.openFor(context)(head, { ...known, ...port }, at);
    };
  }

  function open(number: number, facts: OpenFacts): void {
    if (channels.size >= CHANNEL_LIMIT) return refuse('it opens too many channels');
    const contexts: TapContext[] = [];
    const openExchange = openOf(contexts, facts);
    if (facts.kind === 'connection') {
      channels.set(number, { connection: createConnectionDecoder(openExchange), contexts });
      return;
    }
    const known: ConnectionFacts = {
      role: 'client',
      protocol: PROTOCOLS.find(name => name === facts.protocol) ?? 'http/1.1',
    };
    channels.set(number, { exchange: createTapExchange(openExchange, known, facts.host), contexts });
  }

  function onChannel({ kind, flags, channel: number, at, payload }: Frame): void {
    if (kind === FRAME.open) return open(number, parse(payload) as OpenFacts);
    const channel = channels.get(number);
    if (channel === undefined) return;
    const flow: Flow = (flags & FLAG.received) === 0 ? 'sent' : 'received';
    const { exchange, connection } = channel;
    if (kind === FRAME.bytes) {
      exchange?.data(flow, payload, at);
      connection?.data(flow, payload, at);
    } else if (kind === FRAME.request) {
      if (channel.contexts.length < CONTEXT_LIMIT) channel.contexts.push(parse(payload) as TapContext);
    } else if (kind === FRAME.head) exchange?.head(flow, parse(payload) as TapHead, at);
    else if (kind === FRAME.message)
      exchange?.message(flow, payload, (flags & FLAG.binary) !== 0, at, (flags & FLAG.more) !== 0);
    else if (kind === FRAME.end) exchange?.end(flow, at);
    else if (kind === FRAME.gap) {
      exchange?.gap();
      connection?.gap(flow, payload.length === 0 ? undefined : Number(payload.toString()), at);
    } else if (kind === FRAME.close) finish(number, channel, at, flags);
    else if (kind === FRAME.lost) {
      channels.delete(number);
      tellLost(payload);
    }
  }

  function finish(number: number, { exchange, connection }: TapChannel, at: UnixNanos, flags: number): void {
    channels.delete(number);
    const left = (flags & FLAG.left) !== 0;
    exchange?.close(at, (flags & FLAG.aborted) !== 0, left);
    // Its bytes say whether it was whole: clients close behind a stream's last event, before its framing has ended.
    connection?.close(at, undefined, left ? 'sent' : undefined);
  }

  function tellLost(payload: Buffer): void {
    const { exchanges = 0, bytes = 0 } = parse(payload) as { exchanges?: number; bytes?: number };
    events.lost(exchanges, bytes);
  }

  function onProcess({ kind, flags, at, payload }: Frame): void {
    if (kind === FRAME.hello) {
      const hello = parse(payload) as TapHello;
      if (hello.version !== FRAMES_VERSION)
        return refuse(`its frames are version ${hello.version}, ours ${FRAMES_VERSION}`);
      greeted = true;
      events.hello(hello);
    } else if (kind === FRAME.span) events.span(parse(payload));
    else if (kind === FRAME.start) events.start(parse(payload), at);
    else if (kind === FRAME.lost) tellLost(payload);
    else if (kind === FRAME.bye) events.bye((flags & FLAG.waits) !== 0);
  }

  const reader = createFrameReader(frame => {
    if (refused) return;
    if (!greeted && frame.kind !== FRAME.hello) return refuse('it did not begin with a greeting');
    try {
      if (frame.channel === 0) onProcess(frame);
      else onChannel(frame);
    } catch (error) {
      // Other programs are served by this observer, too: one whose frames are none, or that we fail at, is given up alone.
      refuse(
        error instanceof SyntaxError
          ? 'a frame of it is no JSON'
          : `a frame of it is not understood (${wordsOf(error)})`,
      );
    }
  });

  return {
    push(chunk) {
      if (refused) return false;
      if (!reader.push(chunk)) refuse('it does not speak in frames');
      return !refused;
    },
    close(at) {
      for (const [number, channel] of [...channels]) {
        try {
          finish(number, channel, at, FLAG.aborted);
        } catch (error) {
          if (!refused) refuse(`an exchange of it could not be ended (${wordsOf(error)})`);
        }
      }
    },
  };
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const PROTOCOLS: readonly Protocol[] = ['http/1.1', 'h2', 'websocket'];

interface OpenFacts {
  readonly kind?: string;
  readonly secure?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** An empty payload is an empty object. @throws SyntaxError */
function parse(payload: Buffer): object {
  if (payload.length === 0) return {};
  const value: unknown = JSON.parse(payload.toString());
  if (typeof value !== 'object' || value === null) throw new SyntaxError('not an object');
  return value;
}
