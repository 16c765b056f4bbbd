/**
 * A decoder of one body format. Sans-I/O: bytes in any cut go in, whole events come out in order; the same bytes give the
 * same events wherever they are cut.
 */
export interface StreamDecoder<T> {
  feed(bytes: Uint8Array): T[];
  /** The body is over: an event that only lacked its terminator. */
  end(): T[];
  /** An event was larger than the bound and is missing from the output. */
  readonly truncated: boolean;
  /** Bytes did not follow the format; what could be read of the rest was. */
  readonly damaged: boolean;
}

/** Largest single event kept, in bytes. A model's whole answer is far below; an image in one event may reach it. */
export const DEFAULT_EVENT_LIMIT = 16 * 1024 * 1024;
