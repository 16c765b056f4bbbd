/**
 * The spans that are known, open and ended, and where each stands once stale parents are climbed over. A context that some
 * frameworks leave attached names a span that has ended long ago; what starts under it then has nothing to do with it.
 */
import type { UnixNanos } from '../../wire/exchange.js';
import type { SpanStart } from './events.js';
import type { Above, KnownSpan } from './state.js';

export interface KnownSpans {
  get(traceId: string, spanId: string): KnownSpan | undefined;
  /** Climbs ended chat spans until one that was open at `at`, a step, or nothing is left. */
  climb(span: KnownSpan, at: UnixNanos): Above;
  add(start: SpanStart): KnownSpan;
  delete(span: KnownSpan): void;
  ofProcess(pid: number): KnownSpan[];
  size(): number;
}

export interface KnownSpansOptions {
  readonly limit: number;
  readonly newTraceId: () => string;
  /** The oldest, which falls out; called before it is gone. */
  readonly onForgotten: (span: KnownSpan) => void;
}

export function createKnownSpans({ limit, newTraceId, onForgotten }: KnownSpansOptions): KnownSpans {
  const spans = new Map<string, KnownSpan>();

  const get = (traceId: string, spanId: string): KnownSpan | undefined => {
    const span = spans.get(spanId);
    return span?.ownTraceId === traceId ? span : undefined;
  };

  function climb(span: KnownSpan, at: UnixNanos): Above {
    let current = span;
    // Bounded, because a hostile program may name spans in a circle.
    for (let steps = 0; steps <= limit; steps += 1) {
      if (current.chat === undefined || current.end === undefined || current.end >= at) return { known: current };
      if (current.parentSpanId === undefined) return undefined;
      const parent = get(current.ownTraceId, current.parentSpanId);
      if (parent === undefined) return { foreign: { traceId: current.traceId, spanId: current.parentSpanId } };
      current = parent;
    }
    return undefined;
  }

  function placeOf({ traceId, parentSpanId, at }: SpanStart): Pick<KnownSpan, 'traceId' | 'parentSpanId'> {
    const parent = parentSpanId === undefined ? undefined : get(traceId, parentSpanId);
    if (parent === undefined) return { traceId, parentSpanId };
    const above = climb(parent, at);
    if (above === undefined) return { traceId: newTraceId(), parentSpanId: undefined };
    if ('foreign' in above) return { traceId: above.foreign.traceId, parentSpanId: above.foreign.spanId };
    return { traceId: above.known.traceId, parentSpanId: above.known.spanId };
  }

  /** Some at once: to find the oldest of a map whose front was deleted costs 50 µs with 10,000 spans. */
  function forget(): void {
    const rest = limit - Math.max(1, limit >> 3);
    for (const oldest of spans.values()) {
      if (spans.size <= rest) break;
      onForgotten(oldest);
      spans.delete(oldest.spanId);
    }
  }

  return {
    get,
    climb,
    add(start) {
      const span: KnownSpan = {
        pid: start.pid,
        spanId: start.spanId,
        name: start.name,
        ownTraceId: start.traceId,
        ...placeOf(start),
        start: start.at,
        exchanges: [],
        hadExchange: false,
        taken: false,
      };
      if (spans.size >= limit) forget();
      spans.set(span.spanId, span);
      return span;
    },
    delete(span) {
      spans.delete(span.spanId);
    },
    ofProcess: pid => [...spans.values()].filter(span => span.pid === pid),
    size: () => spans.size,
  };
}
