/** How the events of a streamed answer are cut out of its bytes. Everything after this line sees parsed events only. */
import { createAwsEventStreamDecoder } from '../protocol/streams/aws-event-stream.js';
import { createJsonArrayDecoder } from '../protocol/streams/json-array.js';
import { createNdjsonDecoder } from '../protocol/streams/ndjson.js';
import { createSseDecoder } from '../protocol/streams/sse.js';
import type { StreamDecoder } from '../protocol/streams/types.js';
import { parseJson } from './json/fields.js';

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

const ofJson = (name: string | undefined, source: string): StreamEvent =>
  source === '[DONE]' ? { name, data: undefined, sentinel: true } : { name, data: parseJson(source), sentinel: false };

const sse = () => framing(createSseDecoder(), event => ofJson(event.event, event.data));
const ndjson = () => framing(createNdjsonDecoder(), line => ofJson(undefined, line));
const jsonArray = () => framing(createJsonArrayDecoder(), element => ofJson(undefined, element));
const awsEventStream = () =>
  framing(createAwsEventStreamDecoder(), ({ headers, payload }) => {
    const name = headers[':exception-type'] ?? headers[':event-type'] ?? headers[':error-code'];
    return ofJson(name === undefined ? undefined : String(name), Buffer.from(payload).toString('utf8'));
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
