/**
 * One call -> everything that is said about it: span, measurements, event. Without identities and without a clock, so that
 * the hook's recorder and the SDK pipeline say the same.
 */

import { type CallContent, type ContentPolicy, contentAttributes, contentOf, cutText } from '../calls/content.js';
import type { Cost } from '../calls/cost.js';
import { ATTRIBUTE, EVENT, type Generation } from '../calls/genai-attributes.js';
import type { AnyValue, Attributes, SpanKind } from '../calls/model.js';
import type { UnixNanos } from '../wire/exchange.js';
import type { Call } from '../wire/llm-call.js';
import { callAttributes, spanKind, spanName } from './attributes.js';
import { llmMeasurements, type Measurement, mcpMeasurements } from './measurements.js';

export interface RenderOptions {
  readonly generation: Generation;
  readonly content: ContentPolicy;
  /** The details event is opt-in: with content in events, or when it was asked for by name. */
  readonly emitEvent: boolean;
  readonly cost?: Cost;
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
  /** Of the observed request; the parent where nobody knows a better one. */
  readonly traceparent?: string;
}

/** Characters of an error message; providers quote whole requests in some. */
const MAX_ERROR_MESSAGE = 1024;

/** Undefined when the call has no time at all: a span without one would be invented. */
export function renderCall(call: Call, options: RenderOptions): RenderedCall | undefined {
  const start = call.start ?? call.firstChunk ?? call.end;
  if (start === undefined) return undefined;
  let end = call.end ?? call.chunkTimes?.at(-1) ?? call.firstChunk ?? start;
  if (end < start) end = start;
  const { content, generation, cost } = options;
  const { facts, values } = factsAndContent(call, options);
  const inSpan = content.capture === 'span' || content.capture === 'both';
  const inEvent = content.capture === 'event' || content.capture === 'both';
  // Two objects spread into one are copied member by member, at 0.4 µs each; a copy of one, with a few more set, is not.
  const attributes = inSpan ? Object.assign({ ...facts }, contentAttributes(values)) : facts;
  const error = errorOf(call, content);
  const details = options.emitEvent
    ? [{ ...DETAILS[generation], time: end, attributes: inEvent ? Object.assign({ ...facts }, values) : facts }]
    : [];
  const exception =
    call.error === undefined || call.role === 'server'
      ? []
      : [{ ...EXCEPTION, time: end, attributes: exceptionOf(call.error.type, error?.message, inEvent) }];
  return {
    name: content.redact(spanName(call)),
    kind: spanKind(call),
    start,
    end,
    attributes,
    ...(error === undefined ? {} : { error }),
    measurements: call.kind === 'llm' ? llmMeasurements(call, facts, generation, cost) : mcpMeasurements(call, facts),
    events: call.kind === 'llm' ? [...details, ...exception] : [],
    ...(call.traceparent === undefined ? {} : { traceparent: call.traceparent }),
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

/** Attributes without content, and content as structured values; both redacted. */
export function factsAndContent(
  call: Call,
  { content, generation, cost }: RenderOptions,
): { facts: Attributes; values: CallContent['values'] } {
  const facts = redactAttributes(
    callAttributes(call, { generation, ...(cost === undefined ? {} : { cost }) }),
    content,
  );
  const { values, truncated } = contentOf(call, content);
  if (truncated) facts[ATTRIBUTE.partial] = [...new Set([...call.partial, 'truncated'])];
  return { facts, values };
}

/** Servers quote prompts in their error messages (validation errors do), so a message is content; its type is not. */
function errorOf(call: Call, content: ContentPolicy): { message?: string } | undefined {
  if (call.error === undefined) return undefined;
  const { message } = call.error;
  if (message === undefined || content.capture === 'off') return {};
  return { message: cutText(content.redact(message), Math.min(MAX_ERROR_MESSAGE, content.maxLength)) };
}

/** Models, stop sequences and resource URIs come from the program and may hold what nobody meant to send. */
function redactAttributes(attributes: Attributes, content: ContentPolicy): Attributes {
  for (const name in attributes) {
    if (name === ATTRIBUTE.serverAddress) continue;
    const value = attributes[name];
    if (typeof value === 'string') attributes[name] = content.redact(value);
    else if (Array.isArray(value) && typeof value[0] === 'string')
      attributes[name] = (value as string[]).map(content.redact);
  }
  return attributes;
}
