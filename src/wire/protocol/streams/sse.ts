/**
 * Server-sent events from bytes.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
import { asBuffer, copyBytes, PendingBytes } from '../bytes.js';
import { DEFAULT_EVENT_LIMIT, type ReadEvent, readText, type StreamDecoder } from './types.js';

export interface SseEvent<T = string> {
  /** The `event` field; absent where the server sent none. */
  readonly event?: string;
  /** `data` lines joined with LF, as what they were read as. */
  readonly data: T;
  /** The `id` field of this very event; ids of earlier events are not carried over. */
  readonly id?: string;
}

const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;

const LINE_FEED = Buffer.of(LF);
const EMPTY = Buffer.alloc(0);

/** Longer event names than this are nobody's. */
const LONGEST_REPEATED = 128;

function isSame(line: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (end - start !== line.length) return false;
  for (let at = 0; at < line.length; at++) if (line[at] !== bytes[start + at]) return false;
  return true;
}

/** Whether the line that begins here is known to be empty. */
function isEmptyLine(bytes: Buffer, at: number): boolean {
  return bytes[at] === LF || bytes[at] === CR;
}

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
export function createSseDecoder<T>(limit: number | undefined, read: ReadEvent<T>): StreamDecoder<SseEvent<T>>;
export function createSseDecoder(limit?: number): StreamDecoder<SseEvent>;
export function createSseDecoder<T>(
  limit = DEFAULT_EVENT_LIMIT,
  read = readText as ReadEvent<T>,
): StreamDecoder<SseEvent<T>> {
  // A line that has begun and not ended. Only its new bytes are searched for the end, so long lines stay linear.
  const pending = new PendingBytes(limit);
  // The last byte was CR: an LF that comes next belongs to it. Needed because the pair may be cut by a chunk.
  let skipLineFeed = false;
  // A byte order mark may open the stream, once.
  let atStart = true;
  // The event's lines so far. An array, because joining at every line would be O(N²) for events of many lines.
  let data: Buffer[] = [];
  let size = 0;
  let type: string | undefined;
  let id: string | undefined;
  // The last line that named an event, and its name: nearly all events of a stream have the same.
  let nameLine: Buffer = EMPTY;
  let named: string | undefined;
  // The event is over the limit: its lines are passed over until the blank one.
  let oversized = false;
  // The line itself is over the limit: its rest must not be taken for a line of its own.
  let skipLine = false;
  let truncated = false;

  function dispatch(events: SseEvent<T>[]): void {
    if (oversized) truncated = true;
    else if (data.length > 0) {
      const whole =
        data.length === 1 ? data[0]! : Buffer.concat(data.flatMap((line, at) => (at ? [LINE_FEED, line] : line)));
      give(whole, 0, whole.length, events);
    }
    if (data.length > 0) data = [];
    size = 0;
    type = undefined;
    id = undefined;
    oversized = false;
  }

  function give(bytes: Buffer, start: number, end: number, events: SseEvent<T>[]): void {
    const event: { data: T; event?: string; id?: string } = { data: read(bytes, start, end) };
    if (type !== undefined) event.event = type;
    if (id !== undefined) event.id = id;
    events.push(event);
  }

  /** @param isLast the event is known to end here: nearly every one has one line of data, which then is read where it lies */
  function addData(
    bytes: Buffer,
    from: number,
    end: number,
    cost: number,
    isLast: boolean,
    events: SseEvent<T>[],
  ): void {
    const start = bytes[from] === SPACE ? from + 1 : from;
    size += cost;
    if (size > limit) {
      oversized = true;
      data = [];
    } else if (isLast && data.length === 0) give(bytes, start, end, events);
    else data.push(copyBytes(bytes, start, end));
  }

  function line(bytes: Buffer, from: number, end: number, isLast: boolean, events: SseEvent<T>[]): void {
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
    if (startsWithData(bytes, start, end)) {
      addData(bytes, start + 5, end, end - start, isLast, events);
      return;
    }
    if (isSame(nameLine, bytes, start, end)) {
      type = named;
      return;
    }
    const text = bytes.toString('utf8', start, end);
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    // One space after the colon belongs to the syntax; several servers leave it out.
    const value = colon < 0 ? '' : text.slice(text[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') addData(bytes, end, end, end - start, isLast, events);
    else if (name === 'event') {
      type = value === '' ? undefined : value;
      if (end - start <= LONGEST_REPEATED) {
        nameLine = copyBytes(bytes, start, end);
        named = type;
      }
    } else if (name === 'id' && !value.includes('\0')) id = value;
  }

  return {
    feed(chunk) {
      const bytes = asBuffer(chunk);
      const events: SseEvent<T>[] = [];
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
        const isLast = isEmptyLine(bytes, bytes[end] === CR && bytes[end + 1] === LF ? end + 2 : end + 1);
        if (skipLine) skipLine = false;
        else if (pending.length === 0) line(bytes, position, end, isLast, events);
        else {
          const fits = pending.push(bytes, position, end);
          if (fits) line(pending.view(), 0, pending.length, isLast, events);
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
      const events: SseEvent<T>[] = [];
      if (pending.length > 0) line(pending.view(), 0, pending.length, true, events);
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
