/**
 * What we use of the runtime, taken before the program can replace it: test frameworks fake timers, clocks, file systems and
 * sockets, and must neither stop us nor see us.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import fs from 'node:fs';
import net from 'node:net';

export interface Runtime {
  /** Monotonic milliseconds with fractions. */
  now(): number;
  /** Unix milliseconds. */
  wall(): number;
  setImmediate(run: () => void): void;
  /** Later, when the program still runs: it does not keep the program alive. */
  later(run: () => void, milliseconds: number): void;
  /** This thread stands still. */
  sleep(milliseconds: number): void;
  writeSync(fd: number, data: Uint8Array, from: number, length: number): number;
  readSync(fd: number, into: Uint8Array): number;
  /** @param right a number of `fs.constants` */
  can(name: string, right: number): boolean;
  /** A socket that is being connected to this path; it does not keep the program alive. Its errors go to `failed`. */
  connect(path: string, failed: (error: NodeJS.ErrnoException) => void): net.Socket;
  /** Runs outside of whatever request of the program is served: what we make there must not hold its context for ever. */
  apart<T>(run: () => T): T;
  /** Our settings, and what the observer gets of the environment; later changes by the program are its own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line for stderr, once for each text, silent with OPENLIT_INSTRUMENT_QUIET=1. */
  notice(line: string): void;
  status(result: string, reason: string): void;
}

export function captureRuntime(env: Runtime['env'], status: Runtime['status']): Runtime {
  const { setTimeout, setImmediate } = globalThis;
  const { writeSync, readSync, accessSync, fstatSync, openSync, closeSync } = fs;
  const { O_WRONLY, O_NONBLOCK } = fs.constants;
  const { Socket } = net;
  const { connect, on } = Socket.prototype;
  const clock = performance;
  const now = clock.now;
  const wall = Date.now;
  const { wait } = Atomics;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // Absent before Node 18.16, in Bun and in Deno.
  const apart = (AsyncLocalStorage as { snapshot?: () => <T>(run: () => T) => T }).snapshot?.();
  /** A pipe that is full would hold the program: it is opened anew, for this line alone, and what does not fit is left out. */
  function writeToStderr(text: string): void {
    if (!fstatSync(2).isFIFO()) return void writeSync(2, text);
    let own: number | undefined;
    try {
      own = openSync('/proc/self/fd/2', O_WRONLY | O_NONBLOCK);
    } catch {
      // No /proc, or the pipe of another user.
    }
    if (own === undefined) return void writeSync(2, text);
    try {
      writeSync(own, text);
    } finally {
      closeSync(own);
    }
  }

  const said = new Set<string>();
  return {
    now: () => now.call(clock),
    wall: () => wall(),
    setImmediate: run => void setImmediate(run),
    later: (run, milliseconds) => void setTimeout(run, milliseconds).unref(),
    sleep: milliseconds => void wait(cell, 0, 0, milliseconds),
    writeSync: (fd, data, from, length) => writeSync(fd, data, from, length),
    readSync: (fd, into) => readSync(fd, into, 0, into.length, null),
    can(name, right) {
      try {
        accessSync(name, right);
        return true;
      } catch {
        return false;
      }
    },
    connect(path, failed) {
      const socket = new Socket();
      (on as unknown as (this: net.Socket, event: string, run: typeof failed) => void).call(socket, 'error', failed);
      (connect as (this: net.Socket, options: object) => unknown).call(socket, { path });
      return socket.unref();
    },
    apart: run => (apart === undefined ? run() : apart(run)),
    env,
    notice(line) {
      if (said.has(line) || env['OPENLIT_INSTRUMENT_QUIET'] === '1') return;
      said.add(line);
      try {
        // Not process.stderr: the program may have replaced it, and at exit only a synchronous write arrives.
        const text = `${line.startsWith('openlit-instrument') ? line : `openlit-instrument: ${line}`}\n`;
        writeToStderr(text);
      } catch {
        // Nobody listens on stderr, or there is no room.
      }
    },
    status,
  };
}
