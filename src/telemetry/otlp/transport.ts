import type { PreparedRequest } from './prepared-request.js';
import type { SendResult } from './send-result.js';

/** Posts prepared requests. Sockets never keep the program alive: who waits must hold the event loop itself. */
export interface Transport {
  /** Never rejects. `onHandedOver` is called once all bytes are with the operating system of a live connection. */
  send(request: PreparedRequest, onHandedOver?: () => void): Promise<SendResult>;
  close(): void;
}

/** The largest answer that is read; collectors send a few bytes. */
export const MAX_RESPONSE_BYTES = 64 * 1024;

/** A short reason without the URL, which may hold a password. */
export function reasonOf(error: unknown): string {
  const { code, message, path, cause } = error as {
    code?: unknown;
    message?: unknown;
    path?: unknown;
    cause?: unknown;
  };
  // A stream that waited for its connection reports the connection's failure as its cause.
  if (code === 'ERR_HTTP2_STREAM_CANCEL' && cause !== undefined) return reasonOf(cause);
  if (typeof code === 'string' && typeof path === 'string') return `${code} ${path}`;
  if (typeof code === 'string') return code;
  return typeof message === 'string' ? message : 'unknown error';
}
