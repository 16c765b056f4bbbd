/** W3C trace context: identifiers and the `traceparent` header (https://www.w3.org/TR/trace-context-2/). */
import { randomFillSync } from 'node:crypto';

/** The span that ours hangs under. */
export interface SpanParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: string;
  readonly isRemote?: boolean;
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/;

/** Undefined for a header that is broken, of version ff, or all zero. */
export function parseTraceparent(header: string | undefined): SpanParent | undefined {
  const match = header === undefined ? null : TRACEPARENT.exec(header.trim().toLowerCase());
  if (match === null || match[0].startsWith('ff')) return undefined;
  const [, traceId, spanId, flags] = match as unknown as [string, string, string, string];
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

export function newTraceId(): string {
  return nonZero(16);
}

export function newSpanId(): string {
  return nonZero(8);
}

/** Random bytes are drawn in one go: asking the system for 8 costs as much as for 1,024. */
const pool = Buffer.alloc(1024);
let used = pool.length;

function nonZero(bytes: number): string {
  for (;;) {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const id = pool.toString('hex', used, used + bytes);
    used += bytes;
    if (!/^0+$/.test(id)) return id;
  }
}
