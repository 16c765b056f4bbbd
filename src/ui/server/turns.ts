/**
 * The page comes first while the kept calls are read: both have one thread, and a page that opens asks five things one after
 * the other. Each would wait for a megabyte of lines to be parsed, on a busy machine a tenth of a second.
 */
import type { ServerResponse } from 'node:http';

/** Milliseconds after an answer in which the page's next question is waited for. */
const NEXT = 100;
/** Milliseconds that one piece waits at most: who asks all the time must not keep the rest from being read. */
const MOST = 250;

export interface Turns {
  /** Told of each request, before it is answered. */
  answering(response: ServerResponse): void;
  /** Resolves when nobody waits for an answer; undefined where that is now. */
  wait(): Promise<void> | undefined;
  /** Nobody waits any more. */
  close(): void;
}

export function createTurns(now: () => number = () => performance.now()): Turns {
  let open = 0;
  let ended = Number.NEGATIVE_INFINITY;
  let closed = false;
  const free = () => closed || (open === 0 && now() - ended >= NEXT);
  return {
    answering(response) {
      open++;
      response.once('close', () => {
        open--;
        ended = now();
      });
    },
    wait() {
      if (free()) return undefined;
      const until = now() + MOST;
      return new Promise(resolve => {
        const look = () => (free() || now() >= until ? resolve() : void setTimeout(look, 10));
        look();
      });
    },
    close() {
      closed = true;
    },
  };
}
