/** OTLP/JSON values and spans as plain JavaScript. */

export interface FlatSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  /** Unix nanoseconds. */
  start: bigint;
  end: bigint;
  status: { code: number; message?: string };
  attributes: Record<string, unknown>;
  events: { name: string; time: bigint; attributes: Record<string, unknown> }[];
  scope: { name?: string; version?: string };
  resource: Record<string, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: it comes from outside; what is read of it is checked where it is read
export type Json = Record<string, any>;

/** `AnyValue` -> value. Integers become numbers where they are exact, else stay decimal strings. */
export function plainValue(value: Json | undefined): unknown {
  if (value === undefined || value === null) return undefined;
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return value.boolValue;
  if ('intValue' in value) {
    const number = Number(value.intValue);
    return Number.isSafeInteger(number) ? number : String(value.intValue);
  }
  if ('doubleValue' in value) return Number(value.doubleValue);
  if ('arrayValue' in value) return list(value.arrayValue?.values).map(plainValue);
  if ('kvlistValue' in value) return plainAttributes(value.kvlistValue?.values);
  if ('bytesValue' in value) return value.bytesValue;
  return undefined;
}

export function plainAttributes(attributes: unknown): Record<string, unknown> {
  return Object.fromEntries(list(attributes).map(({ key, value }) => [key, plainValue(value)]));
}

/** What should be a list, whatever the sender wrote. */
function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'object' && item !== null) : [];
}

function toBigInt(value: unknown): bigint {
  return typeof value === 'string' || typeof value === 'number' ? BigInt(value) : 0n;
}

/** OTLP/JSON writes enum values as numbers; some senders write their names. */
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUS_CODES = ['UNSET', 'OK', 'ERROR'];

function enumValue(value: unknown, names: readonly string[], prefix: string): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? Math.max(0, names.indexOf(value.replace(prefix, ''))) : 0;
}

/** One span of a JSON export. What is missing or no text where one belongs is empty. */
export function plainSpan(span: Json, scope: Json | undefined): Omit<FlatSpan, 'resource'> {
  return {
    traceId: span.traceId ?? '',
    spanId: span.spanId ?? '',
    ...(span.parentSpanId ? { parentSpanId: span.parentSpanId } : {}),
    name: span.name ?? '',
    kind: enumValue(span.kind, KINDS, 'SPAN_KIND_'),
    start: toBigInt(span.startTimeUnixNano),
    end: toBigInt(span.endTimeUnixNano),
    status: {
      code: enumValue(span.status?.code, STATUS_CODES, 'STATUS_CODE_'),
      ...(span.status?.message ? { message: span.status.message } : {}),
    },
    attributes: plainAttributes(span.attributes),
    events: list(span.events).map(event => ({
      name: event.name ?? '',
      time: toBigInt(event.timeUnixNano),
      attributes: plainAttributes(event.attributes),
    })),
    scope: scope ? { name: scope.name, version: scope.version } : {},
  };
}

/** All spans of an export, with their scope and resource. */
export function flattenSpans(body: Json): FlatSpan[] {
  return list(body.resourceSpans).flatMap(({ resource, scopeSpans }) => {
    const resourceAttributes = plainAttributes(resource?.attributes);
    return list(scopeSpans).flatMap(({ scope, spans }) =>
      list(spans).map(span => ({ ...plainSpan(span, scope), resource: resourceAttributes })),
    );
  });
}
