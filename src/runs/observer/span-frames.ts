/** Frames about spans -> what the merge reads. What a frame lacks is empty; what is no id is an id of nobody. */
import type { EndedSpan, SpanStart } from '../../calls/merge/events.js';
import { type Json, plainSpan } from '../../receive/otlp-json.js';

/** JSON of a `span` frame: `{scope, span}` with a span of OTLP/JSON. */
export function endedSpan(json: unknown): EndedSpan {
  const { scope, span } = json as { scope?: string; span?: Json };
  return plainSpan(span ?? {}, typeof scope === 'string' ? { name: scope } : undefined);
}

/** JSON of a `start` frame. */
export function spanStart(json: unknown, at: bigint): Omit<SpanStart, 'pid'> {
  const { traceId, spanId, parentSpanId, name } = json as Json;
  return {
    traceId: String(traceId ?? ''),
    spanId: String(spanId ?? ''),
    ...(typeof parentSpanId === 'string' ? { parentSpanId } : {}),
    name: String(name ?? ''),
    at,
  };
}
