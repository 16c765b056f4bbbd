/** Server-sent events: one stream a page, what changed gathered so that a busy program does not keep a browser busy. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SAFE_HEADERS } from './guard.js';

/** Milliseconds between two events. */
const GATHER = 250;
/** Milliseconds after which a silent stream says that it is there: the page tells a dead server by it. */
const HEARTBEAT = 15_000;

export interface Events {
  open(request: IncomingMessage, response: ServerResponse): void;
  /** The page gets what `current` says then. */
  changed(): void;
  close(): void;
}

/** @param current what the page is told, taken when it is sent */
export function createEvents(current: () => object): Events {
  const pages = new Set<ServerResponse>();
  let due: NodeJS.Timeout | undefined;
  const send = (text: string) => {
    // A page that does not read (a suspended tab) must not fill our memory: it asks anew when it is back.
    for (const page of pages) if (page.writableLength < 65_536) page.write(text);
  };
  const message = () => `data: ${JSON.stringify(current())}\n\n`;
  const beat = setInterval(() => send(': here\n\n'), HEARTBEAT);
  beat.unref();
  return {
    open(request, response) {
      response.writeHead(200, {
        ...SAFE_HEADERS,
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.write(`retry: 1000\n\n${message()}`);
      pages.add(response);
      request.on('close', () => pages.delete(response));
    },
    changed() {
      due ??= setTimeout(() => {
        due = undefined;
        send(message());
      }, GATHER);
    },
    close() {
      clearTimeout(due);
      clearInterval(beat);
      for (const page of pages) page.end();
    },
  };
}
