/**
 * What the two OTLP encodings have in common. Items are encoded one by one when they are recorded: the queue then knows
 * its size in bytes, holds no objects of the caller, and a request at exit is only a concatenation.
 */

import type { LogRecord, Metric, Resource, Scope, Span } from '../../calls/model.js';
import type { Signal } from '../../config/settings.js';

/** One encoded span, log record or metric. */
export type Fragment = Uint8Array;

/** Items of one resource, all under the same scope. */
export interface FragmentGroup {
  /** From `Encoding.resource`. */
  readonly resource: Fragment;
  readonly items: readonly Fragment[];
}

export interface Encoding {
  readonly contentType: string;
  resource(resource: Resource): Fragment;
  scope(scope: Scope): Fragment;
  /** `doubles`: names whose whole numbers are doubles all the same (`doubleAttributes`). */
  span(span: Span, doubles: ReadonlySet<string>): Fragment;
  log(record: LogRecord, doubles: ReadonlySet<string>): Fragment;
  metric(metric: Metric): Fragment;
  /** A whole Export…ServiceRequest. */
  request(signal: Signal, groups: readonly FragmentGroup[], scope: Fragment, schemaUrl: string | undefined): Uint8Array;
}

export const SPAN_KIND = { internal: 1, server: 2, client: 3 } as const;
export const STATUS_ERROR = 2;
export const TEMPORALITY = { delta: 1, cumulative: 2 } as const;

/** Bits 8 and 9 of a span's flags: whether the parent's remoteness is known, and whether it is remote. */
export function spanFlags(span: Span): number {
  return (span.traceFlags & 0xff) | 0x100 | (span.parentIsRemote === true ? 0x200 : 0);
}
