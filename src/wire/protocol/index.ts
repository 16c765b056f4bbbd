/** Bytes of a connection to exchanges: the one entry for attach and for the hook inside Node programs. */
export { type ConnectionHints, createConnectionDecoder } from './connection.js';
export { type ContentDecoder, createContentDecoder } from './encoding.js';
export { DEFAULT_WIRE_LIMITS } from './limits.js';
export { type AwsEvent, createAwsEventStreamDecoder } from './streams/aws-event-stream.js';
export { createJsonArrayDecoder } from './streams/json-array.js';
export { createNdjsonDecoder } from './streams/ndjson.js';
export { createSseDecoder, type SseEvent } from './streams/sse.js';
export type { StreamDecoder } from './streams/types.js';
