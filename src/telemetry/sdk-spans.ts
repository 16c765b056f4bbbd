/** The bridge to @opentelemetry/sdk-trace-node: rendered calls become SDK spans, ended SDK spans become ours to export. */
import {
  type Attributes as ApiAttributes,
  context,
  createTraceState,
  type HrTime,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, NodeTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import type { Attributes, SpanKind as OurSpanKind, Resource, Scope, Span } from '../calls/model.js';
import type { Identity } from '../calls/recorded-call.js';
import type { Exporter } from './otlp/exporter.js';
import type { RenderedCall } from './render.js';

const NOBODY: Identity = { traceId: '', spanId: '', traceFlags: 0 };
const KIND = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;
const OUR_KIND: Readonly<Partial<Record<SpanKind, OurSpanKind>>> = {
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
};

/** A tracer of its own for each observed process, because a resource belongs to a provider. */
export function createSdkSpans(resource: Resource, scope: Scope, exporter: Exporter) {
  // Identities and sampling were decided with the call (`calls/identity.ts`), for all consumers alike.
  let next: Identity = NOBODY;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(resource.attributes as ApiAttributes),
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    // The SDK's own limit of 128 attributes would cut calls with many facts; a call has a few dozen at most.
    spanLimits: { attributeCountLimit: 512, attributeValueLengthLimit: Number.POSITIVE_INFINITY },
    spanProcessors: [
      {
        onStart() {},
        onEnd: span => exporter.span(resource, fromSdk(span)),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  const tracer = provider.getTracer(scope.name, scope.version, {
    ...(scope.schemaUrl === undefined ? {} : { schemaUrl: scope.schemaUrl }),
  });
  return {
    /** A span that is sampled. */
    emit(rendered: RenderedCall, identity: Identity): void {
      next = identity;
      const span = tracer.startSpan(
        rendered.name,
        {
          kind: KIND[rendered.kind],
          startTime: toHrTime(rendered.start),
          attributes: rendered.attributes as ApiAttributes,
        },
        parentContext(identity),
      );
      if (rendered.error !== undefined) {
        const { message } = rendered.error;
        span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
      }
      span.end(toHrTime(rendered.end));
    },
    shutdown: () => provider.shutdown(),
  };
}

function parentContext({ traceId, parentSpanId, parentIsRemote, traceState }: Identity) {
  // Our own process has no active span of the target's; whatever is active here must not become a parent.
  const root = trace.deleteSpan(context.active());
  if (parentSpanId === undefined) return root;
  return trace.setSpanContext(root, {
    traceId,
    spanId: parentSpanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: parentIsRemote ?? false,
    ...(traceState === undefined ? {} : { traceState: createTraceState(traceState) }),
  });
}

function fromSdk(span: ReadableSpan): Span {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const parent = span.parentSpanContext;
  const state = traceState?.serialize();
  const failed = span.status.code === SpanStatusCode.ERROR;
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId, parentIsRemote: parent.isRemote ?? false }),
    ...(state === undefined || state === '' ? {} : { traceState: state }),
    traceFlags,
    name: span.name,
    kind: OUR_KIND[span.kind] ?? 'internal',
    start: fromHrTime(span.startTime),
    end: fromHrTime(span.endTime),
    attributes: span.attributes as Attributes,
    ...(span.droppedAttributesCount > 0 ? { droppedAttributes: span.droppedAttributesCount } : {}),
    ...(failed ? { error: span.status.message === undefined ? {} : { message: span.status.message } } : {}),
  };
}

function toHrTime(time: bigint): HrTime {
  return [Number(time / 1_000_000_000n), Number(time % 1_000_000_000n)];
}

function fromHrTime([seconds, nanoseconds]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}
