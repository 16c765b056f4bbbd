/**
 * The plaintext of every outgoing connection, at the two places that all of Node's clients share: what arrives is pushed
 * into a `net.Socket` (a `TLSSocket` is one), what is sent goes through `_writeGeneric`. Tried on Node 18 to 26.
 *
 * Cost for sockets that carry no model calls: one function call a chunk, a comparison of a counter for what arrives, and
 * one look at the first character for what is sent.
 */
import net from 'node:net';
import type { CallContext, Channel, Queue } from './channel.js';
import { patchMethod } from './patch.js';
import { isCallPath, requestLine } from './recognise.js';
import type { Runtime } from './runtime.js';

export interface SourceOptions {
  readonly runtime: Runtime;
  readonly queue: Queue;
  /** The program's own active span for a request that is being written to this socket. */
  contextOf(socket: object): CallContext | undefined;
  /** Called when the first request is seen, and never again. */
  onFirstCall(): void;
  /** Called when this process opens a connection. */
  onConnect(): void;
}

interface Chunk {
  chunk: unknown;
  encoding?: BufferEncoding;
}

/** @returns a reason where this Node's internals are not the known ones; then nothing was changed. */
export function observeSockets(options: SourceOptions): string | undefined {
  const { runtime, queue, contextOf, onConnect } = options;
  const prototype = net.Socket.prototype as unknown as Record<string, unknown>;
  for (const name of ['push', '_writeGeneric', '_destroy', 'connect']) {
    if (typeof prototype[name] !== 'function') return `net.Socket has no ${name}`;
  }
  const channels = new WeakMap<object, Channel>();
  // Sockets that this process connected. What it prints, pipes to children or answers is no request of its own.
  const clients = new WeakSet<object>();
  let first = true;
  // Observed sockets that are open: while there are none, arriving chunks cost one comparison.
  let open = 0;

  /** TLS over another socket (a proxy's tunnel) is never connected itself; the server's side of TLS names its server. */
  function isClient(socket: net.Socket & { encrypted?: boolean; server?: unknown }): boolean {
    return clients.has(socket) || (socket.encrypted === true && !socket.server);
  }

  function begin(socket: net.Socket, at: number): Channel {
    const channel: Channel = {
      kind: 'connection',
      secure: (socket as { encrypted?: boolean }).encrypted === true,
      remotePort: socket.remotePort,
      epoch: runtime.wall() - at,
      lost: { sent: 0, received: 0 },
      closed: false,
    };
    channels.set(socket, channel);
    open += 1;
    if (first) {
      first = false;
      options.onFirstCall();
    }
    return channel;
  }

  function sent(socket: net.Socket, writev: boolean, data: unknown, encoding: BufferEncoding): void {
    const chunks = writev ? (data as (Chunk | Uint8Array)[] & { allBuffers?: boolean }) : undefined;
    const head = chunks === undefined ? data : chunks.allBuffers ? chunks[0] : (chunks[0] as Chunk | undefined)?.chunk;
    const line = requestLine(head);
    const wanted = line !== undefined && isCallPath(line[1], line[0]) && isClient(socket);
    let channel = channels.get(socket);
    if (channel === undefined && !wanted) return;
    const at = runtime.now();
    channel ??= begin(socket, at);
    if (line !== undefined) {
      queue.push({ channel, kind: 'request', context: wanted ? contextOf(socket) : undefined, at });
    }
    if (chunks === undefined) queue.bytes(channel, 'sent', data as string | Uint8Array, encoding, at);
    else {
      for (const entry of chunks) {
        if (chunks.allBuffers) queue.bytes(channel, 'sent', entry as Uint8Array, undefined, at);
        else queue.bytes(channel, 'sent', (entry as Chunk).chunk as string, (entry as Chunk).encoding, at);
      }
    }
  }

  function close(socket: object, aborted: boolean): void {
    const channel = channels.get(socket);
    if (channel === undefined) return;
    channels.delete(socket);
    channel.closed = true;
    open -= 1;
    queue.push({ channel, kind: 'close', aborted, at: runtime.now() });
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
          const channel = channels.get(this);
          if (channel !== undefined) {
            try {
              if (chunk === null) close(this, false);
              else queue.bytes(channel, 'received', chunk as Uint8Array, encoding as BufferEncoding, runtime.now());
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
        if (open !== 0) close(this, true);
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
