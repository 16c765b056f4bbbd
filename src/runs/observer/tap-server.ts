/**
 * The taps of one launch: a socket that they connect to, or the end of a socket pair that the first of them made. Reads
 * what they hand over, and says when the last of them has gone.
 */
import net from 'node:net';
import type { ObservedTarget, Pipeline } from '../../calls/pipeline.js';
import type { Target } from '../../calls/recorded-call.js';
import { encodeFrame, FRAME } from '../../wire/transport/frames.js';
import { createTapConnection, type TapHello } from '../../wire/transport/tap-connection.js';
import { endedSpan, spanParent, spanStart } from './span-frames.js';
import { createTargets } from './targets.js';

export interface TapServerOptions {
  readonly pipeline: Pipeline;
  readonly targetOf: (hello: TapHello) => Target;
  /** A fault of ours, or of something that is no tap: one line. */
  readonly notice: (line: string) => void;
  /** Called each time when no tap is left. */
  readonly onIdle?: () => void;
  readonly onBusy?: () => void;
  /** An exchange has begun. */
  readonly onExchange?: () => void;
}

export interface TapServer {
  /** Listens at a path. @throws NodeJS.ErrnoException (EADDRINUSE, EACCES, ENOENT …) */
  listen(path: string): Promise<void>;
  /** A connection that is open already. */
  add(socket: net.Socket): void;
  /** A line that each tap writes to its program's stderr, once. */
  say(line: string): void;
  readonly taps: number;
  /** Milliseconds since anything came. */
  readonly quiet: number;
  /** What taps had to drop so far, and have said. */
  readonly lost: { readonly exchanges: number; readonly bytes: number };
  /** No new taps; what the connected ones have handed over is read to its end. */
  close(): void;
}

/** Milliseconds between two looks at a connection: each look costs a system call and a turn, each frame would. */
const LOOK = 5;
/** Bytes of one look that say that more is waiting. */
const BUSY = 16_384;
/** Milliseconds that a collector may take while a program that ends waits. */
const LONGEST_WAIT = 1_000;

export function createTapServer(options: TapServerOptions): TapServer {
  const { pipeline, notice } = options;
  const targets = createTargets(pipeline, options.targetOf);
  const sockets = new Set<net.Socket>();
  const greeted = new Set<net.Socket>();
  const lost = { exchanges: 0, bytes: 0 };
  const said: string[] = [];
  let server: net.Server | undefined;
  let lastRead = 0;

  function add(socket: net.Socket): void {
    if (sockets.size === 0) options.onBusy?.();
    sockets.add(socket);
    let observed: ObservedTarget | undefined;
    const send = (kind: number, payload: string) => socket.writable && socket.write(encodeFrame(kind, payload));
    const tap = createTapConnection({
      hello(hello) {
        observed = targets.take(hello);
        greeted.add(socket);
        for (const line of said) send(FRAME.say, line);
      },
      openFor(context) {
        options.onExchange?.();
        return observed!.openFor(spanParent(context));
      },
      reported(by) {
        if (by === 'openlit') send(FRAME.say, 'this program runs OpenLIT itself, so its model calls are left to it');
      },
      span(json) {
        const span = endedSpan(json);
        if (span !== undefined) observed!.spanEnded(span);
      },
      start(json, at) {
        const start = spanStart(json, at);
        if (start !== undefined) observed!.spanStarted(start);
      },
      lost(exchanges, bytes) {
        lost.exchanges += exchanges;
        lost.bytes += bytes;
      },
      bye(waits) {
        if (!waits) return;
        // Nothing more comes of it, so its last calls wait for nothing.
        settle();
        pipeline
          .flush(LONGEST_WAIT)
          .catch(() => false)
          .then(delivered => send(FRAME.done, JSON.stringify({ delivered })));
      },
      refused(why) {
        notice(`a connection was refused: ${why}`);
        send(FRAME.say, `this program's model calls are not observed: ${why}`);
      },
    });

    let settled = false;
    function settle(): void {
      if (settled) return;
      settled = true;
      tap.close(BigInt(Date.now()) * 1_000_000n);
      if (observed !== undefined) targets.release(observed);
    }

    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      settle();
      sockets.delete(socket);
      greeted.delete(socket);
      if (sockets.size === 0) options.onIdle?.();
    };
    socket.on('data', chunk => {
      lastRead = performance.now();
      if (!tap.push(chunk)) {
        // Once it has been told why: one that goes on would keep the observer.
        socket.destroySoon();
        return;
      }
      // What comes meanwhile lies in the kernel: a busy program is not answered frame by frame. One that sends more than is
      // decoded may not keep the loop to itself: libuv reads 32 chunks in a row, and for their 2 s nothing is exported.
      socket.pause();
      if (chunk.length < BUSY) setTimeout(() => socket.resume(), LOOK);
      else setImmediate(() => socket.resume());
    });
    socket.on('error', end).on('close', end).on('end', end);
  }

  return {
    listen(path) {
      return new Promise((resolve, reject) => {
        server = net.createServer({ allowHalfOpen: false }, add);
        server.once('error', reject).listen(path, () => {
          server!.off('error', reject).on('error', error => notice(error.message));
          resolve();
        });
      });
    },
    add,
    say(line) {
      said.push(line);
      for (const socket of greeted) if (socket.writable) socket.write(encodeFrame(FRAME.say, line));
    },
    get taps() {
      return sockets.size;
    },
    get quiet() {
      return performance.now() - lastRead;
    },
    lost,
    close() {
      server?.close();
    },
  };
}
