/**
 * The plaintext of every outgoing connection, at the two places that all of Node's clients share: what arrives is pushed
 * into a `net.Socket` (a `TLSSocket` is one), what is sent goes through `_writeGeneric`. Tried on Node 18 to 26.
 *
 * Cost for sockets that carry no model calls: one function call a chunk, a comparison of a counter for what arrives, and
 * one look at the first character for what is sent.
 */
import net from 'node:net';
import type { CallContext, Channel, Ending } from './channel.js';
import { isLeaving } from './leaving.js';
import { patchMethod } from './patch.js';
import {
  beginsAs,
  isCallBody,
  isInterimAnswer,
  type Look,
  lookAtRequest,
  moreOfBody,
  speaksHttp,
} from './recognise.js';
import type { Runtime } from './runtime.js';
import type { Tap } from './tap.js';

export interface SourceOptions {
  readonly runtime: Runtime;
  readonly tap: Tap;
  /** The program's own active span for a request that is being written to this socket. */
  contextOf(socket: object): CallContext | undefined;
  /** Called when this process opens a connection. */
  onConnect(): void;
}

interface Chunk {
  chunk: unknown;
  encoding?: BufferEncoding;
}

/** What is written at once: `data`, or `chunks`. */
interface Written {
  readonly look: Look | undefined;
  readonly data: unknown;
  readonly encoding: BufferEncoding;
  readonly chunks: readonly Chunk[] | undefined;
  readonly at: number;
}

/** What is read of Node's own fields. */
interface Inner extends net.Socket {
  readonly encrypted?: boolean;
  readonly server?: unknown;
  /** Bytes that were handed to the kernel. */
  readonly _bytesDispatched?: number;
  /** The request of `node:http` that this connection carries now, and its whole head. */
  readonly _httpMessage?: { readonly _header?: unknown; readonly upgradeOrConnect?: boolean } | null;
}

interface Observed {
  readonly channel: Channel;
  /** What is known of a body that has to say whether this is a call. */
  body: string;
}

/** @returns a reason where this Node's internals are not the known ones; then nothing was changed. */
export function observeSockets(options: SourceOptions): string | undefined {
  const { runtime, tap, contextOf, onConnect } = options;
  const prototype = net.Socket.prototype as unknown as Record<string, unknown>;
  for (const name of ['push', '_writeGeneric', '_destroy', 'connect']) {
    if (typeof prototype[name] !== 'function') return `net.Socket has no ${name}`;
  }
  const observed = new WeakMap<object, Observed>();
  // Sockets that this process connected. What it prints, pipes to children or answers is no request of its own.
  const clients = new WeakSet<object>();
  // Connections that began with something else than HTTP: text in them that looks like a request is none.
  const foreign = new WeakSet<object>();
  // Observed sockets that are open: while there are none, arriving chunks cost one comparison.
  let open = 0;

  /** TLS over another socket (a proxy's tunnel) is never connected itself; the server's side of TLS names its server. */
  function isClient(socket: Inner): boolean {
    return clients.has(socket) || (socket.encrypted === true && !socket.server);
  }

  /** A body, or another protocol, may hold bytes that look like a request. */
  function beginsRequest(socket: Inner, first: unknown): boolean {
    if (foreign.has(socket)) return false;
    const message = socket._httpMessage;
    const head = message?._header;
    // Through a tunnel, and after an upgrade, the connection is the program's own.
    return typeof head !== 'string' || message?.upgradeOrConnect === true || beginsAs(first, head);
  }

  function begin(socket: net.Socket, at: number, body: string | undefined): Observed | undefined {
    const secure = (socket as { encrypted?: boolean }).encrypted === true;
    const channel = tap.open({ kind: 'connection', secure, protocol: 'http/1.1' }, at, body !== undefined);
    if (channel === undefined) return undefined;
    const entry = { channel, body: body ?? '' };
    observed.set(socket, entry);
    open += 1;
    return entry;
  }

  function forget(socket: object): void {
    observed.delete(socket);
    open -= 1;
  }

  /** The channel that carries what is written now; undefined: nobody wants it. */
  function entryFor(socket: net.Socket, look: Look | undefined, at: number): Observed | undefined {
    let entry = observed.get(socket);
    if (look === undefined) return entry;
    if (entry !== undefined && (entry.channel.held !== undefined || !tap.lives(entry.channel))) {
      forget(socket);
      entry = undefined;
    }
    if (entry === undefined && (look.is === 'other' || tap.over || !isClient(socket))) return undefined;
    const context = look.is === 'other' ? undefined : contextOf(socket);
    if (entry === undefined) {
      // The program reports it itself.
      if (context?.reported !== undefined) return undefined;
      entry = begin(socket, at, look.body);
      if (entry === undefined) return undefined;
    }
    tap.request(entry.channel, context, at);
    return entry;
  }

  /** The next part of a body that has to say whether this is a call. */
  function judge(socket: object, entry: Observed, data: unknown, encoding: BufferEncoding | undefined): void {
    entry.body = moreOfBody(entry.body, data, encoding);
    const verdict = isCallBody(entry.body);
    if (verdict === undefined) return;
    entry.body = '';
    tap.settle(entry.channel, verdict);
    if (!verdict) forget(socket);
  }

  function sent(socket: Inner, writev: boolean, data: unknown, encoding: BufferEncoding): void {
    // Corked writes: Node takes the chunks out of their entries later, whatever `allBuffers` says.
    const chunks = writev ? (data as readonly Chunk[]) : undefined;
    const first = chunks === undefined ? data : chunks[0]?.chunk;
    let look = lookAtRequest(first);
    if (look !== undefined) {
      if (!beginsRequest(socket, first)) look = undefined;
    } else if (socket._bytesDispatched === 0 && isClient(socket) && !speaksHttp(first)) foreign.add(socket);
    if (look === undefined && open === 0) return;
    const request = { look, data, encoding, chunks, at: runtime.now() };
    const channel = handOver(socket, request);
    // That the observer has died may be found out by this very write; the request is for the next one.
    if (channel !== undefined && look?.is === 'call' && !tap.lives(channel)) handOver(socket, request);
  }

  function handOver(socket: net.Socket, { look, data, encoding, chunks, at }: Written): Channel | undefined {
    const entry = entryFor(socket, look, at);
    if (entry === undefined) return undefined;
    const { channel } = entry;

    function one(part: unknown, coding: BufferEncoding | undefined, begins: boolean): void {
      tap.bytes(channel, 'sent', part as string | Uint8Array, coding, at);
      if (!begins && channel.held !== undefined) judge(socket, entry!, part, coding);
    }
    if (chunks === undefined) one(data, encoding, look !== undefined);
    else {
      for (const [index, part] of chunks.entries()) one(part.chunk, part.encoding, look !== undefined && index === 0);
    }
    tap.flush();
    return channel;
  }

  function received(socket: object, { channel }: Observed, chunk: unknown, encoding: BufferEncoding): void {
    // It is waited for (`Expect: 100-continue`), and still has to say whether it is a call.
    if (channel.held !== undefined && isInterimAnswer(chunk)) return;
    // Answered before its body said anything: no call.
    if (channel.held !== undefined) return forget(socket);
    if (chunk === null) return close(socket, 'whole');
    tap.bytes(channel, 'received', chunk as Uint8Array, encoding, runtime.now());
    tap.flush();
  }

  function close(socket: object, how: Ending): void {
    const entry = observed.get(socket);
    if (entry === undefined) return;
    forget(socket);
    if (entry.channel.held !== undefined) return;
    tap.close(entry.channel, how, runtime.now());
    tap.flush();
  }

  const failed = (error: unknown) => runtime.notice(`a connection is not observed: ${(error as Error).message}`);

  patchMethod(
    prototype,
    '_writeGeneric',
    original =>
      function (this: net.Socket, writev, data, encoding, callback) {
        // While it connects, the socket keeps the data and calls this method again.
        if (!this.connecting) {
          try {
            sent(this, writev as boolean, data, encoding as BufferEncoding);
          } catch (error) {
            failed(error);
          }
        }
        return original.call(this, writev, data, encoding, callback);
      },
  );

  patchMethod(
    prototype,
    'push',
    original =>
      function (this: net.Socket, chunk, encoding) {
        if (open !== 0) {
          const entry = observed.get(this);
          if (entry !== undefined) {
            try {
              received(this, entry, chunk, encoding as BufferEncoding);
            } catch (error) {
              failed(error);
            }
          }
        }
        return original.call(this, chunk, encoding);
      },
  );

  patchMethod(
    prototype,
    '_destroy',
    original =>
      function (this: net.Socket, error, callback) {
        if (open !== 0) {
          try {
            close(this, isLeaving(error) ? 'left' : 'broken');
          } catch (problem) {
            failed(problem);
          }
        }
        return original.call(this, error, callback);
      },
  );

  patchMethod(
    prototype,
    'connect',
    original =>
      function (this: net.Socket, ...args) {
        clients.add(this);
        onConnect();
        return original.apply(this, args);
      },
  );
  return undefined;
}
