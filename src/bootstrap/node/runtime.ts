/**
 * What we use of the runtime, taken before the program can replace it: test frameworks fake timers and clocks, and a fake
 * clock must neither stop our exports nor enter our spans.
 */
import { appendFileSync, writeSync } from 'node:fs';

export interface Runtime {
  /** Monotonic milliseconds with fractions. */
  now(): number;
  /** Unix milliseconds. */
  wall(): number;
  setImmediate(run: () => void): NodeJS.Immediate;
  /** Later, when the program still runs. */
  retry(run: () => void, milliseconds: number): void;
  readonly timers: Readonly<Record<string, unknown>>;
  /** The environment at start: later changes by the program are its own, and a Worker may have none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line for stderr, once for each text, silent with OPENLIT_INSTRUMENT_QUIET=1. */
  notice(line: string): void;
  /** Whether there was a notice: what follows from its cause need not be said again. */
  hasSpoken(): boolean;
  status(result: string, reason: string): void;
}

export function captureRuntime(
  env: Readonly<Record<string, string | undefined>>,
  status: (result: string, reason: string) => void,
): Runtime {
  const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = globalThis;
  const clock = performance;
  const now = clock.now;
  const wall = Date.now;
  const said = new Set<string>();
  return {
    now: () => now.call(clock),
    wall: () => wall(),
    setImmediate: run => setImmediate(run),
    retry: (run, milliseconds) => void setTimeout(run, milliseconds).unref(),
    timers: {
      setTimeout,
      clearTimeout,
      setInterval,
      clearInterval,
      setImmediate,
      clearImmediate,
      Date: globalThis.Date,
    },
    env,
    notice(line) {
      if (said.has(line) || env.OPENLIT_INSTRUMENT_QUIET === '1') return;
      said.add(line);
      try {
        // Not process.stderr: the program may have replaced it, and at exit only a synchronous write arrives.
        writeSync(2, `${line.startsWith('openlit-instrument') ? line : `openlit-instrument: ${line}`}\n`);
      } catch {
        // Nobody listens on stderr.
      }
    },
    hasSpoken: () => said.size > 0,
    status,
  };
}

/** The same line as the hook's own, which a Worker of ours does not run. */
export function writeStatus(env: Runtime['env'], result: string, reason: string): void {
  const file = env['OPENLIT_INSTRUMENT_STATUS_FILE'];
  if (!file) return;
  try {
    const fact = { runtime: 'node', pid: process.pid, version: process.versions.node, result, reason };
    appendFileSync(file, `${JSON.stringify(fact)}\n`);
  } catch {
    // The file is a convenience.
  }
}
