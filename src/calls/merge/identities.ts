/** Identities of calls: below a span, beside it, in its place, or at the top of a trace. */
import type { Call } from '../../wire/llm-call.js';
import { parseTraceparent } from '../trace-context.js';
import type { CallIdentity } from './events.js';
import type { Above, KnownSpan, OpenExchange } from './state.js';

export interface Identities {
  /** A span of its own below `above`; a root where nothing is there. */
  below(above: Above, exchange?: OpenExchange): CallIdentity;
  /** Below the parent of `span`. */
  beside(span: KnownSpan, exchange?: OpenExchange): CallIdentity;
  /** The place of `span` itself. */
  of(span: KnownSpan, exchange?: OpenExchange): CallIdentity;
  /** At the top; of a trace of its own unless one is given. */
  root(traceId?: string): CallIdentity;
  /** Nothing of a tap or an SDK says where it stands; the request's own header may. */
  alone(call: Call): CallIdentity;
}

export function createIdentities(newTraceId: () => string, newSpanId: () => string): Identities {
  const parentOf = ({ parentSpanId }: KnownSpan) => (parentSpanId === undefined ? {} : { parentSpanId });
  const root = (traceId = newTraceId()): CallIdentity => ({ traceId, spanId: newSpanId() });

  return {
    below(above, exchange) {
      if (above === undefined) return root();
      const { traceId, spanId } = 'known' in above ? above.known : above.foreign;
      return { traceId, spanId: newSpanId(), parentSpanId: spanId, ...flagsOf(exchange) };
    },
    beside: (span, exchange) => ({
      traceId: span.traceId,
      spanId: newSpanId(),
      ...parentOf(span),
      ...flagsOf(exchange),
    }),
    of: (span, exchange) => ({
      traceId: span.traceId,
      spanId: span.spanId,
      ...parentOf(span),
      ...flagsOf(exchange),
    }),
    root,
    alone(call) {
      const parent = parseTraceparent(call.traceparent);
      if (parent === undefined) return root();
      const { traceId, spanId, traceFlags } = parent;
      const parentIsRemote = call.role === 'server';
      return {
        traceId,
        spanId: newSpanId(),
        parentSpanId: spanId,
        traceFlags,
        ...(parentIsRemote && { parentIsRemote }),
      };
    },
  };
}

/** What the program decided of the trace (sampled or not) holds for what we put into it. */
function flagsOf(exchange: OpenExchange | undefined): Pick<CallIdentity, 'traceFlags' | 'traceState'> {
  const { traceFlags, traceState } = exchange?.ids ?? {};
  return {
    ...(traceFlags === undefined ? {} : { traceFlags }),
    ...(traceState === undefined ? {} : { traceState }),
  };
}
