/**
 * HTTP/2 is read below the socket, by nghttp2; its plaintext is at the client's streams. Node has no public way to their
 * classes, so they are taken from a session that is never connected (4 ms, once, only in programs that loaded `node:http2`).
 */
import http2 from 'node:http2';
import { Duplex } from 'node:stream';
import type { CallContext, Channel, Head } from './channel.js';
import { isLeaving } from './leaving.js';
import { patchMethod } from './patch.js';
import { isCallBody, isCallHeader, isCallPath, isPlainJson, lookAtHead, moreOfBody } from './recognise.js';
import type { Runtime } from './runtime.js';
import type { Tap } from './tap.js';

export interface Http2Options {
  readonly runtime: Runtime;
  readonly tap: Tap;
  contextOf(): CallContext | undefined;
}

type Headers = Readonly<Record<string, unknown>>;

interface Chunk {
  chunk: string | Uint8Array;
  encoding?: BufferEncoding;
}

interface Observed {
  readonly channel: Channel;
  readonly session: object | undefined;
  /** What is known of a body that has to say whether this is a call. */
  body: string;
  responding: boolean;
  /** The program closed it; Node itself does so where the connection is gone. */
  closing: boolean;
  /** Node tells a response's head a tick after the first bytes of its body: they wait for it. */
  early: (() => void)[];
}

/** @returns a reason where this Node's internals are not the known ones; then nothing was changed. */
export function observeHttp2({ runtime, tap, contextOf }: Http2Options): string | undefined {
  const prototype = sessionPrototype();
  if (typeof prototype?.request !== 'function') return 'an HTTP/2 client session has no request';
  const streams = new WeakMap<object, Observed>();
  // As with HTTP/1: where a model was called, what else is asked may be a later result of it.
  const sessions = new WeakSet<object>();
  let streamsObserved = false;

  function begin(stream: http2.ClientHttp2Stream): void {
    const headers = stream.sentHeaders as Headers | undefined;
    if (headers === undefined || tap.over) return;
    const { session } = stream;
    const known = session !== undefined && sessions.has(session);
    const is = lookAt(headers);
    if (is === 'other' && !known) return;
    const context = is === 'other' ? undefined : contextOf();
    // The program reports it itself.
    if (context?.reported !== undefined) return;
    if (is === 'call' && session !== undefined) sessions.add(session);
    if (!streamsObserved) {
      streamsObserved = true;
      observeStreams(Object.getPrototypeOf(stream) as object);
    }
    const at = runtime.now();
    const secure = headers[':scheme'] === 'https';
    const channel = tap.open({ kind: 'exchange', secure, protocol: 'h2' }, at, is === 'body' && !known);
    if (channel === undefined) return;
    streams.set(stream, { channel, session, body: '', responding: false, closing: false, early: [] });
    tap.request(channel, context, at);
    tap.head(channel, 'sent', requestHead(headers), at);
    // A request without a body is over with its head.
    if (stream.writableEnded) tap.end(channel, 'sent', at);
    tap.flush();
  }

  function observe(stream: object, run: (entry: Observed, at: number) => void): void {
    const entry = streams.get(stream);
    if (entry === undefined) return;
    try {
      run(entry, runtime.now());
      if (entry.channel.held === undefined) tap.flush();
    } catch (error) {
      runtime.notice(`an HTTP/2 stream is not observed: ${(error as Error).message}`);
    }
  }

  function sent(entry: Observed, data: string | Uint8Array, encoding: BufferEncoding | undefined, at: number): void {
    const { channel } = entry;
    tap.bytes(channel, 'sent', data, encoding, at);
    if (channel.held === undefined) return;
    entry.body = moreOfBody(entry.body, data, encoding);
    const verdict = isCallBody(entry.body);
    if (verdict === undefined) return;
    tap.settle(channel, verdict);
    if (verdict && entry.session !== undefined) sessions.add(entry.session);
  }

  /** What is received waits for the response's head. */
  function received(entry: Observed, run: () => void): void {
    // Answered before its body said anything: no call.
    if (entry.channel.held !== undefined) tap.settle(entry.channel, false);
    else if (entry.responding) run();
    else entry.early.push(run);
  }

  function respond(entry: Observed, head: Head | undefined, at: number): void {
    if (entry.responding || entry.channel.held !== undefined) return;
    entry.responding = true;
    if (head !== undefined) tap.head(entry.channel, 'received', head, at);
    for (const run of entry.early.splice(0)) run();
  }

  function observeStreams(stream: object): void {
    patchMethod(
      stream,
      '_write',
      original =>
        function (this: object, data, encoding, callback) {
          observe(this, (entry, at) => sent(entry, data as string, encoding as BufferEncoding | undefined, at));
          return original.call(this, data, encoding, callback);
        },
    );
    patchMethod(
      stream,
      '_writev',
      original =>
        function (this: object, chunks, callback) {
          observe(this, (entry, at) => {
            for (const { chunk, encoding } of chunks as Chunk[]) sent(entry, chunk, encoding, at);
          });
          return original.call(this, chunks, callback);
        },
    );
    patchMethod(
      stream,
      '_final',
      original =>
        function (this: object, callback) {
          observe(this, ({ channel }, at) => tap.end(channel, 'sent', at));
          return original.call(this, callback);
        },
    );
    patchMethod(
      stream,
      'push',
      original =>
        function (this: object, chunk, encoding) {
          observe(this, (entry, at) => {
            const { channel, responding } = entry;
            if (chunk === null) return received(entry, () => tap.end(channel, 'received', at));
            // It is the program's from here on.
            const data = responding ? (chunk as Uint8Array) : Buffer.from(chunk as Uint8Array);
            received(entry, () => tap.bytes(channel, 'received', data, encoding as BufferEncoding | undefined, at));
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
            const headers = args[0] as Headers;
            observe(this, (entry, at) => respond(entry, responseHead(headers), at));
          }
          return original.call(this, event, ...args);
        },
    );
    patchMethod(
      stream,
      'close',
      original =>
        function (this: http2.ClientHttp2Stream, ...args) {
          observe(this, entry => {
            const { session } = this;
            entry.closing = !this.closed && session !== undefined && session.socket?.destroyed === false;
          });
          return original.apply(this, args);
        },
    );
    patchMethod(
      stream,
      '_destroy',
      original =>
        function (this: http2.ClientHttp2Stream, error, callback) {
          observe(this, (entry, at) => {
            streams.delete(this);
            if (entry.channel.held !== undefined) return;
            respond(entry, undefined, at);
            const left = isLeaving(error) && (entry.closing || !this.closed);
            tap.close(entry.channel, left ? 'left' : 'broken', at);
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

function lookAt(headers: Headers): 'call' | 'body' | 'other' {
  const { ':method': method, ':path': path } = headers;
  if (typeof method !== 'string' || typeof path !== 'string') return 'other';
  if (isCallPath(path, method)) return 'call';
  const described = ['content-type', 'content-encoding'].filter(name => headers[name] !== undefined);
  return lookAtHead({
    method,
    host: String(headers[':authority'] ?? headers['host'] ?? ''),
    namedByHeader: Object.keys(headers).some(isCallHeader),
    json: isPlainJson(described.map(name => `${name}: ${headers[name]}`).join('\n')),
  });
}

function requestHead(headers: Headers): Head {
  const host = headers[':authority'] ?? headers['host'];
  return {
    method: String(headers[':method']),
    path: String(headers[':path']),
    ...(host === undefined ? {} : { host: String(host) }),
    headers: fields(headers),
  };
}

function responseHead(headers: Headers): Head {
  return { status: Number(headers[':status']), headers: fields(headers) };
}

/** Lower-case names without the pseudo fields; one entry for each value. */
function fields(headers: Headers): [string, string][] {
  const list: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) list.push([name.toLowerCase(), String(one)]);
  }
  return list;
}

function sessionPrototype(): { request?: unknown } | undefined {
  const nowhere = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const session = http2.connect('http://localhost', { createConnection: () => nowhere });
  session.on('error', () => {});
  session.destroy();
  return Object.getPrototypeOf(session) as { request?: unknown };
}
