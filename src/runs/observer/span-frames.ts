/**
 * Frames about spans -> what the merge reads. A span without ids of its own is nobody's, and left out: ids come from whatever
 * tracer a program has, and a collector refuses a whole batch for one that is none.
 */
import type { EndedSpan, SpanStart } from '../../calls/merge/events.js';
import type { SpanParent } from '../../calls/trace-context.js';
import { type Json, plainSpan } from '../../receive/otlp-json.js';
import type { TapContext } from '../../wire/transport/tap-connection.js';

const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0+$)[0-9a-f]{16}$/;

const isId = (value: unknown, form: RegExp): value is string => typeof value === 'string' && form.test(value);

/** JSON of a `span` frame: `{scope, span}` with a span of OTLP/JSON. @throws SyntaxError for times that are none */
export function endedSpan(json: unknown): EndedSpan | undefined {
  const { scope, span } = json as { scope?: string; span?: Json };
  const { parentSpanId, ...plain } = plainSpan(span ?? {}, typeof scope === 'string' ? { name: scope } : undefined);
  if (!isId(plain.traceId, TRACE_ID) || !isId(plain.spanId, SPAN_ID)) return undefined;
  return { ...plain, name: String(plain.name), ...(isId(parentSpanId, SPAN_ID) ? { parentSpanId } : {}) };
}

/** JSON of a `start` frame. */
export function spanStart(json: unknown, at: bigint): Omit<SpanStart, 'pid'> | undefined {
  const { traceId, spanId, parentSpanId, name } = json as Json;
  if (!isId(traceId, TRACE_ID) || !isId(spanId, SPAN_ID)) return undefined;
  return { traceId, spanId, ...(isId(parentSpanId, SPAN_ID) ? { parentSpanId } : {}), name: String(name ?? ''), at };
}

/** The program's own span of a `request` frame. */
export function spanParent({ parent }: TapContext): SpanParent | undefined {
  if (parent === undefined || parent === null) return undefined;
  const { traceId, spanId, traceFlags, traceState } = parent;
  if (!isId(traceId, TRACE_ID) || !isId(spanId, SPAN_ID)) return undefined;
  return {
    traceId,
    spanId,
    // A tracer that does not say so keeps its traces.
    traceFlags: typeof traceFlags === 'number' ? traceFlags : 1,
    ...(typeof traceState === 'string' ? { traceState } : {}),
  };
}
