/**
 * HTTP/2 on one connection, from its preface or joined in the middle. Streams are told apart by their number, so a loss
 * touches the streams that were open and nothing else; what a joined connection's header tables do not tell is unknown.
 */
import type {
  ConnectionDecoder,
  ConnectionFacts,
  ExchangeListener,
  Flow,
  OpenExchange,
  UnixNanos,
  WireLimits,
} from '../../exchange.js';
import { asBuffer } from '../bytes.js';
import { type DirectionSink, Http2Direction } from './direction.js';
import { senderOf, toRequestHead, toStatus, toStreamHead } from './fields.js';
import type { DecodedBlock } from './hpack.js';
import { Http2Stream } from './stream.js';

export interface Http2Options {
  readonly open: OpenExchange;
  /** Without role and protocol, which the bytes tell. */
  readonly facts: Omit<ConnectionFacts, 'role' | 'protocol'>;
  readonly limits: WireLimits;
  /** First bytes of these directions were not seen. */
  readonly joined: Readonly<Record<Flow, boolean>>;
  /** The direction that the client sends on, where it is known already. */
  readonly clientFlow: Flow | undefined;
  /** Decoder of a WebSocket inside a stream. */
  webSocket(listener: ExchangeListener, clientFlow: Flow, extensions: string | undefined): ConnectionDecoder;
}

export interface Http2Connection extends ConnectionDecoder {
  /** A header block was understood: this is HTTP/2 and no coincidence. */
  readonly proven: boolean;
}

/** Streams open at once; servers allow 100 to 1,000. The oldest is given up beyond. */
const MAX_STREAMS = 4_096;

/** Codes of a client that wants no more of an answer: NO_ERROR, CANCEL. The others say that something was wrong with it. */
const LEAVING: ReadonlySet<number> = new Set([0, 8]);

export function createHttp2Connection(options: Http2Options): Http2Connection {
  const { open, limits } = options;
  // Wanted streams that have not ended. Bytes of all others are passed over.
  const streams = new Map<number, Http2Stream>();
  // Undefined until the preface or a header block tells it.
  let clientFlow = options.clientFlow;
  // The client's streams have growing odd numbers: a block on a higher one begins a request, on a lower one it is trailers.
  let lastRequest = 0;
  let proven = options.clientFlow !== undefined;
  let now: UnixNanos = 0n;
  let closed = false;

  function drop(id: number, stream: Http2Stream): void {
    if (stream.ended) streams.delete(id);
  }

  function beginRequest(id: number, block: DecodedBlock | undefined, endStream: boolean): void {
    lastRequest = id;
    const head = toStreamHead(block?.fields ?? []);
    const request = toRequestHead(head);
    const upgrade = request.method === 'CONNECT' ? head.pseudo[':protocol'] : undefined;
    const facts: ConnectionFacts = {
      ...options.facts,
      role: clientFlow === 'sent' ? 'client' : 'server',
      protocol: upgrade === 'websocket' ? 'websocket' : 'h2',
    };
    const listener = open(request, facts, now);
    if (!listener) return;
    const stream = new Http2Stream(listener, upgrade);
    listener.requestHead(request, now);
    markHead(stream, clientFlow!, block);
    if (streams.size >= MAX_STREAMS) {
      const [oldest, given] = streams.entries().next().value!;
      given.end('truncated', now);
      streams.delete(oldest);
    }
    streams.set(id, stream);
    if (endStream) stream.finish(true, now);
  }

  function markHead(stream: Http2Stream, flow: Flow, block: DecodedBlock | undefined): void {
    if (!block?.complete) {
      stream.partial('headers');
      if (options.joined[flow]) stream.partial('joined');
    }
    if (block?.truncated) stream.partial('truncated');
  }

  function clientHeaders(id: number, block: DecodedBlock | undefined, endStream: boolean): void {
    const stream = streams.get(id);
    if (stream) {
      // Trailers: nothing in them is for us.
      if (endStream) stream.finish(true, now);
      drop(id, stream);
    } else if (id > lastRequest && id % 2 === 1) beginRequest(id, block, endStream);
  }

  function serverHeaders(id: number, block: DecodedBlock | undefined, endStream: boolean): void {
    const stream = streams.get(id);
    if (!stream) return;
    const head = toStreamHead(block?.fields ?? []);
    const status = toStatus(head);
    if (stream.responseStarted) stream.trailers(head.headers);
    else if (status === 0 || status >= 200) {
      markHead(stream, clientFlow === 'sent' ? 'received' : 'sent', block);
      stream.startResponse({ status, headers: head.headers }, now);
      if (stream.upgrade === 'websocket' && status >= 200 && status < 300 && clientFlow) {
        stream.endRequest(now);
        stream.tunnel = options.webSocket(stream.listener, clientFlow, head.headers['sec-websocket-extensions']);
      }
    }
    if (endStream) stream.finish(false, now);
    drop(id, stream);
  }

  function sinkOf(flow: Flow): DirectionSink {
    const fromClient = () => flow === clientFlow;
    const headers = (id: number, block: DecodedBlock | undefined, endStream: boolean) => {
      const sender = block && senderOf(block.fields);
      if (sender) proven = true;
      if (!clientFlow) {
        if (!sender) return;
        clientFlow = (sender === 'client') === (flow === 'sent') ? 'sent' : 'received';
      }
      if (fromClient()) clientHeaders(id, block, endStream);
      else serverHeaders(id, block, endStream);
    };
    return {
      preface() {
        clientFlow = flow;
        proven = true;
      },
      headers,
      headersLost: (id, endStream) => headers(id, undefined, endStream),
      data(id, chunk) {
        streams.get(id)?.body(fromClient(), flow, chunk, now);
      },
      endStream(id) {
        const stream = streams.get(id);
        if (!stream) return;
        stream.finish(fromClient(), now);
        drop(id, stream);
      },
      reset(id, code) {
        const stream = streams.get(id);
        if (!stream) return;
        // A server that has answered whole may refuse the rest of the request (RFC 9113 §8.1).
        const left = fromClient() && LEAVING.has(code);
        stream.end(stream.responseDone ? undefined : 'aborted', now, { by: flow, left });
        streams.delete(id);
      },
      goAway(last) {
        // The server's last frame names the last request that it will answer.
        if (fromClient()) return;
        for (const [id, stream] of streams) {
          if (id <= last) continue;
          stream.end('aborted', now);
          streams.delete(id);
        }
      },
      dataLost(id) {
        streams.get(id)?.partial('gap');
      },
      lost() {
        for (const stream of streams.values()) stream.partial('gap');
      },
      isOpen: id => streams.has(id) || (id > 0 && id <= lastRequest),
    };
  }

  const directions = {
    sent: new Http2Direction(sinkOf('sent'), limits.head, options.joined.sent),
    received: new Http2Direction(sinkOf('received'), limits.head, options.joined.received),
  };

  return {
    get proven() {
      return proven;
    },
    data(flow, bytes, at) {
      if (closed) return;
      now = at;
      directions[flow].feed(asBuffer(bytes));
    },
    gap(flow, length, at) {
      if (closed) return;
      now = at;
      directions[flow].gap(length);
    },
    close(at, reason, by) {
      if (closed) return;
      closed = true;
      const left = !reason && by !== undefined && by === clientFlow;
      for (const stream of streams.values()) stream.end(reason ?? 'aborted', at, { by, left });
      streams.clear();
    },
  };
}
