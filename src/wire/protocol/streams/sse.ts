/**
 * Server-sent events from bytes.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { asBuffer, PendingBytes } from '../bytes.js';
import { DEFAULT_EVENT_LIMIT, type StreamDecoder } from './types.js';

export interface SseEvent {
  /** The `event` field; absent where the server sent none. */
  readonly event?: string;
  /** `data` lines joined with LF. */
  readonly data: string;
  /** The `id` field of this very event; ids of earlier events are not carried over. */
  readonly id?: string;
}

const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;

function startsWithData(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start >= 5 &&
    bytes[start] === 100 &&
    bytes[start + 1] === 97 &&
    bytes[start + 2] === 116 &&
    bytes[start + 3] === 97 &&
    bytes[start + 4] === COLON
  );
}

/**
 * Differs from a browser in one place: an event that lacks only its last blank line is given out by `end`, because servers
 * close right after `data: [DONE]` and an observer must not lose it.
 * @param limit bytes of one event; a larger one is left out and `truncated` is set
 */
export function createSseDecoder(limit = DEFAULT_EVENT_LIMIT): StreamDecoder<SseEvent> {
  // A line that has begun and not ended. Only its new bytes are searched for the end, so long lines stay linear.
  const pending = new PendingBytes(limit);
  // The last byte was CR: an LF that comes next belongs to it. Needed because the pair may be cut by a chunk.
  let skipLineFeed = false;
  // A byte order mark may open the stream, once.
  let atStart = true;
  // The event so far. An array, because joining at every line would be O(N²) for events of many lines.
  let data: string[] = [];
  let size = 0;
  let type: string | undefined;
  let id: string | undefined;
  // The event is over the limit: its lines are passed over until the blank one.
  let oversized = false;
  // The line itself is over the limit: its rest must not be taken for a line of its own.
  let skipLine = false;
  let truncated = false;

  function dispatch(events: SseEvent[]): void {
    if (oversized) truncated = true;
    else if (data.length > 0) {
      const event: { data: string; event?: string; id?: string } = {
        data: data.length === 1 ? data[0]! : data.join('\n'),
      };
      if (type !== undefined) event.event = type;
      if (id !== undefined) event.id = id;
      events.push(event);
    }
    data = [];
    size = 0;
    type = undefined;
    id = undefined;
    oversized = false;
  }

  function addData(value: string, cost: number): void {
    size += cost;
    if (size <= limit) data.push(value);
    else {
      oversized = true;
      data = [];
    }
  }

  function line(bytes: Buffer, from: number, end: number, events: SseEvent[]): void {
    let start = from;
    if (atStart) {
      atStart = false;
      if (end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
        start += 3;
    }
    if (start === end) {
      dispatch(events);
      return;
    }
    if (bytes[start] === COLON || oversized) return; // a comment; some providers send them as keep-alive
    // Nearly every line is data: its value alone is made a text.
    if (startsWithData(bytes, start, end)) {
      addData(bytes.toString('utf8', bytes[start + 5] === SPACE ? start + 6 : start + 5, end), end - start);
      return;
    }
    const text = bytes.toString('utf8', start, end);
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    // One space after the colon belongs to the syntax; several servers leave it out.
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') addData(value, end - start);
    else if (name === 'event') type = value === '' ? undefined : value;
    else if (name === 'id' && !value.includes('\0')) id = value;
  }

  return {
    feed(chunk) {
      const bytes = asBuffer(chunk);
      const events: SseEvent[] = [];
      let position = 0;
      // Where the next CR is, looked up again only once passed: most streams have none, and one search then serves the chunk.
      let nextCr = bytes.indexOf(CR);
      if (skipLineFeed && bytes.length > 0) {
        skipLineFeed = false;
        if (bytes[0] === LF) position = 1;
      }
      while (position < bytes.length) {
        if (nextCr >= 0 && nextCr < position) nextCr = bytes.indexOf(CR, position);
        const nextLf = bytes.indexOf(LF, position);
        const end = nextCr >= 0 && (nextLf < 0 || nextCr < nextLf) ? nextCr : nextLf;
        if (end < 0) {
          if (!skipLine && !pending.push(bytes, position)) {
            oversized = true;
            skipLine = true;
            pending.clear();
          }
          break;
        }
        if (skipLine) skipLine = false;
        else if (pending.length === 0) line(bytes, position, end, events);
        else {
          const fits = pending.push(bytes, position, end);
          if (fits) line(pending.view(), 0, pending.length, events);
          else oversized = true;
          pending.clear();
        }
        position = end + 1;
        if (end === nextCr) {
          if (position === bytes.length) skipLineFeed = true;
          else if (bytes[position] === LF) position++;
        }
      }
      return events;
    },
    end() {
      const events: SseEvent[] = [];
      if (pending.length > 0) line(pending.view(), 0, pending.length, events);
      pending.clear();
      dispatch(events);
      return events;
    },
    get truncated() {
      return truncated;
    },
    damaged: false,
  };
}
