/** The last stage: which span a call is. A parent that is known decides the trace; without one the call begins its own. */
import type { Call } from '../wire/llm-call.js';
import type { Identity } from './recorded-call.js';
import type { Sampler } from './sampling.js';
import { newSpanId, newTraceId, parseTraceparent, type SpanParent } from './trace-context.js';

/** @param parent the program's own span, or a framework's; without it the `traceparent` on the wire counts */
export function identify(call: Call, parent: SpanParent | undefined, sampler: Sampler, spanId = newSpanId()): Identity {
  const above = parent ?? observedParent(call);
  const traceId = above?.traceId ?? newTraceId();
  return {
    traceId,
    spanId,
    ...(above === undefined ? {} : { parentSpanId: above.spanId, parentIsRemote: above.isRemote ?? false }),
    ...(above?.traceState === undefined ? {} : { traceState: above.traceState }),
    traceFlags: sampler.shouldSample(traceId, above) ? 1 : 0,
  };
}

/** The header of a request that the process answered is its caller's; of one that it sent, its own client span's. */
function observedParent(call: Call): SpanParent | undefined {
  const parent = parseTraceparent(call.traceparent);
  return parent === undefined ? undefined : { ...parent, isRemote: call.role === 'server' };
}
