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
import {
  NodeTracerProvider,
  type ReadableSpan,
  SamplingDecision,
  type Sampler as SdkSampler,
} from '@opentelemetry/sdk-trace-node';
import type { Attributes, SpanKind as OurSpanKind, Resource, Scope, Span } from '../calls/model.js';
import type { Sampler } from '../calls/sampling.js';
import type { SpanParent } from '../calls/trace-context.js';
import type { Exporter } from './otlp/exporter.js';
import type { RenderedCall } from './render.js';
import type { EmittedSpan } from './target.js';

const KIND = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;
const OUR_KIND: Readonly<Partial<Record<SpanKind, OurSpanKind>>> = {
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
};

/** A tracer of its own for each observed process, because a resource belongs to a provider. */
export function createSdkSpans(resource: Resource, scope: Scope, sampler: Sampler, exporter: Exporter) {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(resource.attributes as ApiAttributes),
    sampler: toSdkSampler(sampler),
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
    emit(rendered: RenderedCall, parent: SpanParent | undefined): EmittedSpan {
      const span = tracer.startSpan(
        rendered.name,
        {
          kind: KIND[rendered.kind],
          startTime: toHrTime(rendered.start),
          attributes: rendered.attributes as ApiAttributes,
        },
        parentContext(parent),
      );
      if (rendered.error !== undefined) {
        const { message } = rendered.error;
        span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
      }
      span.end(toHrTime(rendered.end));
      const { traceId, spanId, traceFlags } = span.spanContext();
      return { traceId, spanId, traceFlags };
    },
    shutdown: () => provider.shutdown(),
  };
}

function parentContext(parent: SpanParent | undefined) {
  // Our own process has no active span of the target's; whatever is active here must not become a parent.
  const root = trace.deleteSpan(context.active());
  if (parent === undefined) return root;
  return trace.setSpanContext(root, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.traceFlags & TraceFlags.SAMPLED,
    isRemote: parent.isRemote ?? false,
    ...(parent.traceState === undefined ? {} : { traceState: createTraceState(parent.traceState) }),
  });
}

function toSdkSampler(sampler: Sampler): SdkSampler {
  return {
    shouldSample(active, traceId) {
      const parent = trace.getSpanContext(active);
      const keep = sampler.shouldSample(
        traceId,
        parent === undefined ? undefined : { traceId, spanId: parent.spanId, traceFlags: parent.traceFlags },
      );
      return { decision: keep ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
    },
    toString: () => sampler.description,
  };
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
