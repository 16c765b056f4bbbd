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

export const sse = () => framing(createSseDecoder(undefined, eventReader()), ({ event, data }) => eventOf(event, data));
export const ndjson = () => framing(createNdjsonDecoder(undefined, eventReader()), line => eventOf(undefined, line));
export const jsonArray = () =>
  framing(createJsonArrayDecoder(undefined, eventReader()), element => eventOf(undefined, element));
export const awsEventStream = () =>
  framing(createAwsEventStreamDecoder(undefined, eventReader()), ({ headers, payload }) => {
    const name = headers[':exception-type'] ?? headers[':event-type'] ?? headers[':error-code'];
    return eventOf(name === undefined ? undefined : String(name), payload);
  });
