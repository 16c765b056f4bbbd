/** A WebSocket connection: frames of both directions to whole messages, inflated where that was agreed. */
import type { ConnectionDecoder, ExchangeListener, Flow, PartialReason, UnixNanos } from '../../exchange.js';
import { asBuffer, PendingBytes } from '../bytes.js';
import { createMessageInflater, type MessageInflater, parseDeflateParameters } from './permessage-deflate.js';
import { createFrameReader, type FrameHeader } from './websocket-frames.js';

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

type Side = 'client' | 'server';

export interface WebSocketOptions {
  readonly listener: ExchangeListener;
  readonly clientFlow: Flow;
  /** `Sec-WebSocket-Extensions` of the response. */
  readonly extensions: string | undefined;
  /** Bytes of one message, as sent and as inflated; a larger one is left out. */
  readonly messageLimit: number;
}

/** One direction: puts the frames of a message together. */
function createSide(
  side: Side,
  inflater: MessageInflater | undefined,
  limit: number,
  events: {
    message(side: Side, data: Uint8Array, binary: boolean): void;
    partial(reason: PartialReason): void;
    close(side: Side): void;
  },
) {
  // The message that has begun and not ended. Control frames may come between its frames, so it outlives them.
  const pending = new PendingBytes(limit);
  let binary = false;
  let compressed = false;
  // The message is left out: it is too large, or a part of it was lost.
  let dropped = false;
  let control = false;
  let frame: FrameHeader | undefined;

  function drop(reason: PartialReason): void {
    if (!dropped) events.partial(reason);
    dropped = true;
    pending.clear();
    // With context takeover later messages refer to this one: they cannot be inflated any more.
    if (compressed) inflater?.lose();
  }

  function finishMessage(): void {
    const data = pending.view();
    if (dropped) dropped = false;
    else if (!compressed) events.message(side, data, binary);
    else {
      const plain = inflater?.message(data);
      if (plain instanceof Uint8Array) events.message(side, plain, binary);
      else events.partial(plain ?? 'encoding');
    }
    pending.clear();
  }

  const reader = createFrameReader({
    begin(header) {
      frame = header;
      control = header.opcode >= CLOSE;
      if (header.opcode === TEXT || header.opcode === BINARY) {
        if (pending.length > 0) pending.clear();
        dropped = false;
        binary = header.opcode === BINARY;
        compressed = header.compressed;
      }
    },
    payload(chunk) {
      if (control || dropped) return;
      if (!pending.push(chunk)) drop('truncated');
    },
    end() {
      if (frame?.opcode === CLOSE) events.close(side);
      else if (!control && frame?.final) finishMessage();
    },
    broken: () => events.partial('gap'),
  });

  return {
    feed: (bytes: Uint8Array) => reader.feed(bytes),
    gap(length: number | undefined): void {
      if (!control) drop('gap');
      // Without the place in the stream nothing after it can be read: a frame has no mark that could be searched for.
      if (!reader.skip(length)) reader.stop();
    },
  };
}

/** The exchange of the 101 stays open until both sides have said close, or the connection ends. */
export function createWebSocketConnection(options: WebSocketOptions): ConnectionDecoder {
  const { listener, clientFlow, messageLimit } = options;
  const parameters = parseDeflateParameters(options.extensions);
  const closed = { client: false, server: false };
  let ended = false;
  let now: UnixNanos = 0n;

  const events = {
    message: (from: Side, data: Uint8Array, binary: boolean) => {
      if (!ended) listener.message(from, data, binary, now);
    },
    partial: (reason: PartialReason) => {
      if (!ended) listener.partial(reason);
    },
    close(side: Side) {
      // Who says goodbye first wants no more of what is under way. No call may be: then this says nothing.
      if (side === 'client' && !closed.server) events.partial('cancelled');
      closed[side] = true;
      if (closed.client && closed.server) end();
    },
  };
  const inflaters: MessageInflater[] = [];
  const inflater = (takeover: boolean | undefined) => {
    if (takeover === undefined) return undefined;
    const created = createMessageInflater(takeover, messageLimit);
    inflaters.push(created);
    return created;
  };
  const sides = {
    client: createSide('client', inflater(parameters?.clientTakeover), messageLimit, events),
    server: createSide('server', inflater(parameters?.serverTakeover), messageLimit, events),
  };

  function end(): void {
    if (ended) return;
    ended = true;
    for (const one of inflaters) one.close();
    listener.end(now);
  }

  const sideOf = (flow: Flow) => sides[flow === clientFlow ? 'client' : 'server'];
  return {
    data(flow, bytes, at) {
      if (ended) return;
      now = at;
      sideOf(flow).feed(asBuffer(bytes));
    },
    gap(flow, length, at) {
      if (ended) return;
      now = at;
      events.partial('gap');
      sideOf(flow).gap(length);
    },
    close(at, reason, by) {
      if (ended) return;
      now = at;
      // A close frame of one side is a proper end; the other side's often gets lost in the teardown.
      const proper = closed.client || closed.server;
      const why = reason ?? (proper ? undefined : 'aborted');
      if (why) listener.partial(why);
      if (why === 'aborted' && by === clientFlow) listener.partial('cancelled');
      end();
    },
  };
}
