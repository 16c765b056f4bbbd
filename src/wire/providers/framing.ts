/** How the events of a streamed answer are cut out of its bytes. Everything after this line sees parsed events only. */
import { createAwsEventStreamDecoder } from '../protocol/streams/aws-event-stream.js';
import { createJsonArrayDecoder } from '../protocol/streams/json-array.js';
import { createNdjsonDecoder } from '../protocol/streams/ndjson.js';
import { createSseDecoder } from '../protocol/streams/sse.js';
import type { StreamDecoder } from '../protocol/streams/types.js';
import { RepeatingJson } from './json/repeating.js';

export interface StreamEvent {
  readonly name: string | undefined;
  readonly data: unknown;
  /** `[DONE]`: the stream is over, and there is nothing to read. */
  readonly sentinel: boolean;
}

export interface Framing {
  readonly decoder: StreamDecoder<unknown>;
  feed(bytes: Uint8Array): StreamEvent[];
  end(): StreamEvent[];
}

function framing<T>(decoder: StreamDecoder<T>, read: (event: T) => StreamEvent): Framing {
  return { decoder, feed: bytes => decoder.feed(bytes).map(read), end: () => decoder.end().map(read) };
}

const DONE = Buffer.from('[DONE]');
/** Stands for `[DONE]` among values. */
const SENTINEL = Symbol('sentinel');

/** Reads the JSON of one stream's events. */
function eventReader(): (bytes: Buffer, start: number, end: number) => unknown {
  const json = new RepeatingJson();
  return (bytes, start, end) =>
    end - start === DONE.length && DONE.equals(bytes.subarray(start, end)) ? SENTINEL : json.read(bytes, start, end);
}

const eventOf = (name: string | undefined, data: unknown): StreamEvent =>
  data === SENTINEL ? { name, data: undefined, sentinel: true } : { name, data, sentinel: false };

const sse = () => framing(createSseDecoder(undefined, eventReader()), ({ event, data }) => eventOf(event, data));
const ndjson = () => framing(createNdjsonDecoder(undefined, eventReader()), line => eventOf(undefined, line));
const jsonArray = () =>
  framing(createJsonArrayDecoder(undefined, eventReader()), element => eventOf(undefined, element));
const awsEventStream = () =>
  framing(createAwsEventStreamDecoder(undefined, eventReader()), ({ headers, payload }) => {
    const name = headers[':exception-type'] ?? headers[':event-type'] ?? headers[':error-code'];
    return eventOf(name === undefined ? undefined : String(name), payload);
  });

/**
 * The framing that the content type names, or that the first bytes show where it names none; `undefined` for one whole
 * document. A server that answers a stream's request with a plain error often keeps the stream's type, so `{` wins.
 */
export function openFraming(contentType: string, first: Uint8Array, arrayStream: boolean): Framing | undefined {
  const type = contentType.toLowerCase();
  if (type.includes('vnd.amazon.eventstream')) return awsEventStream();
  const begin = Buffer.from(first.subarray(0, 16)).toString('latin1').trimStart();
  if (type.includes('ndjson') || type.includes('stream+json') || type.includes('jsonl')) return ndjson();
  if (type.includes('event-stream')) return begin.startsWith('{') ? undefined : sse();
  if (arrayStream && begin.startsWith('[')) return jsonArray();
  if (type.includes('json')) return undefined;
  return /^(data|event|id):|^:/.test(begin) ? sse() : undefined;
}
