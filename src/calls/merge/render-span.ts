/** An SDK's span that is no call -> a step of the trace: INTERNAL, named, placed, without figures. */
import { type ContentPolicy, cutText } from '../content.js';
import { ATTRIBUTE } from '../genai-attributes.js';
import type { Span } from '../model.js';
import { allowedAttributes, shortText } from './allowed-attributes.js';
import type { EndedSpan } from './events.js';

/** Characters of a status message; exceptions quote whole prompts. */
const MAX_MESSAGE = 1024;

const SAMPLED = 1;
const STATUS_ERROR = 2;

/** Where the span stands after stale parents were climbed over. */
export interface Place {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
}

/** Of the convention's `error.type`: the attribute, else the class of the exception that was recorded. */
export function errorType({ attributes, events = [] }: EndedSpan): string | undefined {
  const recorded = events.find(({ name }) => name === 'exception')?.attributes[ATTRIBUTE.exceptionType];
  const type = attributes[ATTRIBUTE.errorType] ?? recorded;
  return typeof type === 'string' && type !== '' ? type : undefined;
}

/** Clocks may be set back; a negative time would be invented. */
export function endOf({ start, end }: EndedSpan): bigint {
  if (end < start) return start;
  return end;
}

export function renderStep(span: EndedSpan, { traceId, parentSpanId }: Place, policy: ContentPolicy): Span {
  const { attributes, dropped } = allowedAttributes(span.attributes, policy);
  const type = errorType(span);
  if (type !== undefined) attributes[ATTRIBUTE.errorType] = shortText(type, policy.redact);
  const failed = span.status?.code === STATUS_ERROR || type !== undefined;
  const message = policy.capture === 'off' ? undefined : span.status?.message;
  return {
    traceId,
    spanId: span.spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    traceFlags: SAMPLED,
    name: shortText(span.name, policy.redact),
    kind: 'internal',
    start: span.start,
    end: endOf(span),
    attributes,
    ...(dropped === 0 ? {} : { droppedAttributes: dropped }),
    ...(failed && {
      error:
        message === undefined || message === ''
          ? {}
          : { message: cutText(policy.redact(message), Math.min(MAX_MESSAGE, policy.maxLength)) },
    }),
  };
}
