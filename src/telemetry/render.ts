/**
 * One clean call -> everything that is said about it: span, measurements, event. Without identities and without a clock.
 * What may be said was decided before (`calls/clean.ts`); here it gets its names and its places.
 */

import { contentAttributes, contentValues } from '../calls/content.js';
import type { Cost } from '../calls/cost.js';
import { ATTRIBUTE, EVENT, type Generation } from '../calls/genai-attributes.js';
import type { AnyValue, Attributes, SpanKind } from '../calls/model.js';
import type { ContentCapture } from '../config/settings.js';
import type { UnixNanos } from '../wire/exchange.js';
import type { Call } from '../wire/llm-call.js';
import { callAttributes, spanKind, spanName } from './attributes.js';
import { llmMeasurements, type Measurement, mcpMeasurements } from './measurements.js';

export interface RenderOptions {
  readonly generation: Generation;
  /** Where messages go, if the call has any. */
  readonly content: { readonly capture: ContentCapture };
  /** The details event is opt-in: with content in events, or when it was asked for by name. */
  readonly emitEvent: boolean;
  readonly cost?: Cost;
  /** What a framework's own span adds; never instead of what was on the wire. */
  readonly extra?: Readonly<Attributes>;
}

export interface RenderedEvent {
  readonly name: string;
  readonly time: UnixNanos;
  /** As in `LogRecord`. */
  readonly severityNumber: number;
  readonly attributes: Readonly<Record<string, AnyValue>>;
}

export interface RenderedCall {
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: UnixNanos;
  readonly end: UnixNanos;
  readonly attributes: Readonly<Attributes>;
  readonly error?: { readonly message?: string };
  readonly measurements: readonly Measurement[];
  readonly events: readonly RenderedEvent[];
}

/** Undefined when the call has no time at all: a span without one would be invented. */
export function renderCall(call: Call, options: RenderOptions): RenderedCall | undefined {
  const start = call.start ?? call.firstChunk ?? call.end;
  if (start === undefined) return undefined;
  let end = call.end ?? call.chunkTimes?.at(-1) ?? call.firstChunk ?? start;
  if (end < start) end = start;
  const { content, generation, cost } = options;
  const facts = callFacts(call, options);
  const values = content.capture === 'off' ? {} : contentValues(call);
  const inSpan = content.capture === 'span' || content.capture === 'both';
  const inEvent = content.capture === 'event' || content.capture === 'both';
  // Two objects spread into one are copied member by member, at 0.4 µs each; a copy of one, with a few more set, is not.
  const attributes = inSpan ? Object.assign({ ...facts }, contentAttributes(values)) : facts;
  const error = errorOf(call);
  const details = options.emitEvent
    ? [{ ...DETAILS[generation], time: end, attributes: inEvent ? Object.assign({ ...facts }, values) : facts }]
    : [];
  const exception =
    call.error === undefined || call.role === 'server'
      ? []
      : [{ ...EXCEPTION, time: end, attributes: exceptionOf(call.error.type, error?.message, inEvent) }];
  return {
    name: spanName(call),
    kind: spanKind(call),
    start,
    end,
    attributes,
    ...(error === undefined ? {} : { error }),
    measurements: call.kind === 'llm' ? llmMeasurements(call, facts, generation, cost) : mcpMeasurements(call, facts),
    events: call.kind === 'llm' ? [...details, ...exception] : [],
  };
}

/** INFO, and DEBUG where the head says so; WARN for what failed. */
const DETAILS = {
  'v1.41': { name: EVENT.details, severityNumber: 9 },
  head: { name: EVENT.details, severityNumber: 5 },
} as const;
const EXCEPTION = { name: EVENT.exception, severityNumber: 13 } as const;

/** The class of the program's exception is not on the wire; what is there is the error's own machine-readable code. */
function exceptionOf(type: string, message: string | undefined, withContent: boolean): Attributes {
  const attributes: Attributes = { [ATTRIBUTE.exceptionType]: type };
  if (withContent && message !== undefined) attributes[ATTRIBUTE.exceptionMessage] = message;
  return attributes;
}

/** Attributes without content. */
export function callFacts(call: Call, { generation, cost, extra }: RenderOptions): Attributes {
  const facts = callAttributes(call, { generation, ...(cost === undefined ? {} : { cost }) });
  return extra === undefined ? facts : { ...extra, ...facts };
}

function errorOf({ error }: Call): { message?: string } | undefined {
  if (error === undefined) return undefined;
  return error.message === undefined ? {} : { message: error.message };
}
