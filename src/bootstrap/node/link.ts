/**
 * The connection to the observer. It is written with `write` on its descriptor: what the kernel has taken outlives any end of
 * this program. Where that is not possible (the program replaced what is below `fs`, as mock-fs does; Deno), the socket's own
 * `write` is used.
 */
import { Socket } from 'node:net';
import { type Answer, createAnswers } from './frames.js';
import type { Runtime } from './runtime.js';

/** Milliseconds that a socket's own `write` may be under way: it keeps the program alive meanwhile. */
const PATIENCE = 1_000;
const { write: socketWrite, on: socketOn, destroy } = Socket.prototype;

export interface Link {
  /** @returns how many bytes were taken; 0: there is no room now; -1: nobody is there (any more) */
  write(data: Buffer, from: number, to: number): number;
  /** What the observer has said that was not asked for yet, without waiting. */
  answers(): Answer[];
  /** The same where the event loop does not turn any more. */
  read(): void;
  /** It is written by the socket's own `write`. */
  readonly slow: boolean;
}

/** @param gone called once, when the other end is closed or cannot be written to */
export function createLink(runtime: Runtime, socket: Socket, gone: () => void): Link {
  const parse = createAnswers();
  let waiting: Answer[] = [];
  let over = false;
  let bySocket = descriptor() < 0;
  let since = 0;

  function descriptor(): number {
    return (socket as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
  }

  function take(bytes: Uint8Array): void {
    try {
      waiting.push(...parse(bytes));
    } catch {
      end();
    }
  }

  function end(): void {
    if (over) return;
    over = true;
    destroy.call(socket);
    gone();
  }

  const listen = socketOn as unknown as (this: Socket, event: string, run: (data: never) => void) => Socket;
  listen.call(socket, 'data', take);
  listen.call(socket, 'end', end);
  listen.call(socket, 'error', end);
  listen.call(socket, 'close', end);

  function writeBySocket(data: Buffer, from: number, to: number): number {
    if (socket.connecting) return 0;
    // What the socket has not handed on keeps the program alive, so it is one portion, and not for long.
    if (socket.writableLength > 0) {
      if (runtime.now() > since + PATIENCE) end();
      return over ? -1 : 0;
    }
    since = runtime.now();
    runtime.later(() => {
      if (socket.writableLength > 0 && runtime.now() >= since + PATIENCE) end();
    }, PATIENCE + 1);
    socketWrite.call(socket, Buffer.from(data.subarray(from, to)) as never);
    return to - from;
  }

  return {
    write(data, from, to) {
      // It may be closed already, and not have said so yet.
      if (socket.destroyed) end();
      if (over) return -1;
      if (bySocket) return writeBySocket(data, from, to);
      try {
        return runtime.writeSync(descriptor(), data, from, to - from);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') return 0;
        if (code === 'EPIPE' || code === 'ECONNRESET' || code === 'ENOTCONN') {
          end();
          return -1;
        }
        bySocket = true;
        return writeBySocket(data, from, to);
      }
    },
    answers() {
      if (waiting.length === 0) return waiting;
      const taken = waiting;
      waiting = [];
      return taken;
    },
    read() {
      const into = Buffer.alloc(4_096);
      try {
        for (;;) {
          const count = runtime.readSync(descriptor(), into);
          if (count === 0) return end();
          take(into.subarray(0, count));
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') end();
      }
    },
    get slow() {
      return bySocket;
    },
  };
}
