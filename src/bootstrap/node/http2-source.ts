/**
 * HTTP/2 is read below the socket, by nghttp2; its plaintext is at the client's streams. Node has no public way to their
 * classes, so they are taken from a session that is never connected (4 ms, once, only in programs that loaded `node:http2`).
 */
import http2 from 'node:http2';
import { Duplex } from 'node:stream';
import type { CallContext, Channel, Queue } from './channel.js';
import { patchMethod } from './patch.js';
import { isCallPath } from './recognise.js';
import type { Runtime } from './runtime.js';

export interface Http2Options {
  readonly runtime: Runtime;
  readonly queue: Queue;
  contextOf(): CallContext | undefined;
  onFirstCall(): void;
}

interface Chunk {
  chunk: string | Uint8Array;
  encoding?: BufferEncoding;
}

/** @returns a reason where this Node's internals are not the known ones; then nothing was changed. */
export function observeHttp2({ runtime, queue, contextOf, onFirstCall }: Http2Options): string | undefined {
  const prototype = sessionPrototype();
  if (typeof prototype?.request !== 'function') return 'an HTTP/2 client session has no request';
  const channels = new WeakMap<object, Channel>();
  let streamsObserved = false;

  function begin(stream: http2.ClientHttp2Stream): void {
    const headers = stream.sentHeaders as Record<string, unknown> | undefined;
    const path = headers?.[':path'];
    if (headers?.[':method'] !== 'POST' || typeof path !== 'string' || !isCallPath(path)) return;
    if (!streamsObserved) {
      streamsObserved = true;
      onFirstCall();
      observeStreams(Object.getPrototypeOf(stream) as object);
    }
    const at = runtime.now();
    const { socket } = stream.session ?? {};
    const channel: Channel = {
      kind: 'stream',
      secure: headers[':scheme'] === 'https',
      remotePort: socket?.remotePort,
      epoch: runtime.wall() - at,
      lost: { sent: 0, received: 0 },
      closed: false,
    };
    channels.set(stream, channel);
    queue.push({ channel, kind: 'request', context: contextOf(), at });
    queue.push({ channel, kind: 'head', flow: 'sent', headers: { ...headers }, at });
    // A request without a body is over with its head.
    if (stream.writableEnded) queue.push({ channel, kind: 'end', flow: 'sent', at });
  }

  function observe(stream: object, run: (channel: Channel, at: number) => void): void {
    const channel = channels.get(stream);
    if (channel === undefined) return;
    try {
      run(channel, runtime.now());
    } catch (error) {
      runtime.notice(`an HTTP/2 stream is not observed: ${(error as Error).message}`);
    }
  }

  function observeStreams(stream: object): void {
    patchMethod(
      stream,
      '_write',
      original =>
        function (this: object, data, encoding, callback) {
          observe(this, (channel, at) =>
            queue.bytes(channel, 'sent', data as string, encoding as BufferEncoding | undefined, at),
          );
          return original.call(this, data, encoding, callback);
        },
    );
    patchMethod(
      stream,
      '_writev',
      original =>
        function (this: object, chunks, callback) {
          observe(this, (channel, at) => {
            for (const { chunk, encoding } of chunks as Chunk[]) queue.bytes(channel, 'sent', chunk, encoding, at);
          });
          return original.call(this, chunks, callback);
        },
    );
    patchMethod(
      stream,
      '_final',
      original =>
        function (this: object, callback) {
          observe(this, (channel, at) => queue.push({ channel, kind: 'end', flow: 'sent', at }));
          return original.call(this, callback);
        },
    );
    patchMethod(
      stream,
      'push',
      original =>
        function (this: object, chunk, encoding) {
          observe(this, (channel, at) => {
            if (chunk === null) queue.push({ channel, kind: 'end', flow: 'received', at });
            else queue.bytes(channel, 'received', chunk as Uint8Array, encoding as BufferEncoding | undefined, at);
          });
          return original.call(this, chunk, encoding);
        },
    );
    patchMethod(
      stream,
      'emit',
      original =>
        function (this: object, event, ...args) {
          if (event === 'response') {
            const headers = { ...(args[0] as Record<string, unknown>) };
            observe(this, (channel, at) => queue.push({ channel, kind: 'head', flow: 'received', headers, at }));
          }
          return original.call(this, event, ...args);
        },
    );
    patchMethod(
      stream,
      '_destroy',
      original =>
        function (this: object, error, callback) {
          observe(this, (channel, at) => {
            channels.delete(this);
            channel.closed = true;
            queue.push({ channel, kind: 'close', aborted: true, at });
          });
          return original.call(this, error, callback);
        },
    );
  }

  patchMethod(
    prototype,
    'request',
    original =>
      function (this: object, headers, options) {
        const stream = original.call(this, headers, options) as http2.ClientHttp2Stream;
        try {
          begin(stream);
        } catch (error) {
          runtime.notice(`an HTTP/2 request is not observed: ${(error as Error).message}`);
        }
        return stream;
      },
  );
  return undefined;
}

function sessionPrototype(): { request?: unknown } | undefined {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const session = http2.connect('http://localhost', { createConnection: () => nowhere });
  session.on('error', () => {});
  session.destroy();
  return Object.getPrototypeOf(session) as { request?: unknown };
}
