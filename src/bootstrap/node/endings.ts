/**
 * How a program may end without losing a call. Nothing here adds a listener that the program can count, but one for
 * SIGTERM and SIGINT from the first call on: without it their default action lets no code run.
 */
import { constants } from 'node:os';
import { patchMethod } from './patch.js';
import type { Runtime } from './runtime.js';

/** Milliseconds that a collector may take of a program's end. */
const BUDGET = 1_000;
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The signal that `process.kill` means, when it is one of ours. */
function signalName(signal: unknown): NodeJS.Signals | undefined {
  if (signal === undefined) return 'SIGTERM';
  return SIGNALS.find(name => name === signal || constants.signals[name] === signal);
}

export interface Endings {
  readonly runtime: Runtime;
  /** Delivers all while this thread waits. False: something did not arrive, and nobody said so. */
  leave(milliseconds: number): boolean;
  /** Whether a Worker is one of ours, which the program must not meet. */
  isOwn(worker: unknown): boolean;
  readonly isMainThread: boolean;
}

/**
 * Called at start, because Node binds a signal to the `emit` that it finds when the program's first listener comes.
 * @returns what to call with the first model call; until then nothing here does anything
 */
export function watchEndings({ runtime, leave, isOwn, isMainThread }: Endings): () => void {
  let ended = false;
  let active = false;
  // Whether the program listens itself to the signal that is being emitted.
  let handledByProgram = false;

  function end(): void {
    if (ended) return;
    ended = true;
    if (!leave(BUDGET) && !runtime.hasSpoken()) {
      runtime.notice('the last calls of this program did not reach the collector and are lost');
    }
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (handledByProgram) return;
    try {
      end();
    } finally {
      for (const name of SIGNALS) process.removeListener(name, onSignal);
      process.kill(process.pid, signal);
    }
  }

  patchMethod(
    Object.getPrototypeOf(process) as object,
    'emit',
    original =>
      function (this: NodeJS.Process, event, ...args) {
        if (active && this === process) {
          try {
            if (event === 'exit') end();
            else if (event === 'SIGTERM' || event === 'SIGINT') {
              handledByProgram = process.listeners(event).some(listener => listener !== onSignal);
            } else if (event === 'worker' && isOwn(args[0])) return false;
          } catch (error) {
            runtime.notice(`telemetry of the last calls may be lost: ${(error as Error).message}`);
          }
        }
        return original.call(this, event, ...args);
      },
  );
  // A program that signals itself is dead when `kill` returns, were it not for our listener: then it would go on, and
  // could end with another status before the event loop hands the signal on.
  if (isMainThread) {
    patchMethod(
      process,
      'kill',
      original =>
        function (this: NodeJS.Process, pid, signal) {
          const name = signalName(signal);
          if (active && pid === process.pid && name !== undefined && process.listenerCount(name) === 1) {
            try {
              end();
            } finally {
              process.removeListener(name, onSignal);
            }
          }
          return original.call(this, pid, signal);
        },
    );
  }

  return () => {
    active = true;
    if (isMainThread) for (const name of SIGNALS) process.on(name, onSignal);
  };
}
