/**
 * What leaves the process, before any encoding: OpenTelemetry's data model reduced to what we produce. The hook and the
 * pipeline fill the same records, and `otlp/` is the only reader.
 */
import type { UnixNanos } from '../wire/exchange.js';

/** A value inside an event; spans, metrics and resources use the flat subset `AttributeValue`. */
export type AnyValue = string | number | boolean | null | AnyValue[] | { [key: string]: AnyValue };

export type AttributeValue = string | number | boolean | string[] | number[] | boolean[];

/** Flat, absent stays absent. */
export type Attributes = Record<string, AttributeValue>;

export type SpanKind = 'internal' | 'server' | 'client';

export interface Resource {
  readonly attributes: Readonly<Attributes>;
}

export interface Scope {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
}

/** Lower-case hex: 32 digits for a trace, 16 for a span. */
export interface SpanIdentity {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Span extends SpanIdentity {
  readonly parentSpanId?: string;
  /** The parent was in another process. */
  readonly parentIsRemote?: boolean;
  readonly traceState?: string;
  /** W3C trace flags; 1 = sampled. */
  readonly traceFlags: number;
  readonly name: string;
  readonly kind: SpanKind;
  readonly start: UnixNanos;
  readonly end: UnixNanos;
  readonly attributes: Readonly<Attributes>;
  readonly droppedAttributes?: number;
  /** Absent: unset. */
  readonly error?: { readonly message?: string };
}

export interface LogRecord extends Partial<SpanIdentity> {
  readonly time: UnixNanos;
  readonly observedTime?: UnixNanos;
  readonly eventName?: string;
  readonly traceFlags?: number;
  /** 1–24 as in the specification; 9 is INFO, 13 WARN. */
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: AnyValue;
  readonly attributes: Readonly<Record<string, AnyValue>>;
}

export type Temporality = 'cumulative' | 'delta';

interface PointBase {
  readonly attributes: Readonly<Attributes>;
  readonly start: UnixNanos;
  readonly time: UnixNanos;
}

export interface HistogramPoint extends PointBase {
  readonly count: number;
  readonly sum: number;
  readonly min?: number;
  readonly max?: number;
  /** Upper bounds, inclusive; one bucket more than bounds. */
  readonly bounds: readonly number[];
  readonly bucketCounts: readonly number[];
}

export interface SumPoint extends PointBase {
  readonly value: number;
}

interface MetricBase {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly temporality: Temporality;
}

export type Metric =
  | (MetricBase & { readonly type: 'histogram'; readonly points: readonly HistogramPoint[] })
  | (MetricBase & {
      readonly type: 'sum';
      readonly monotonic: boolean;
      readonly integer: boolean;
      readonly points: readonly SumPoint[];
    });
