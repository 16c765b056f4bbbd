/**
 * What the merge is told and what it says: spans that an SDK or a hook reported, exchanges that a tap saw, and the one call
 * or the step that comes of them.
 */
import type { UnixNanos } from '../../wire/exchange.js';
import type { Call } from '../../wire/llm-call.js';
import type { Attributes, Span } from '../model.js';

/** A span has begun. What is known of it before it ends is its place, so that an exchange can be held for it. */
export interface SpanStart {
  readonly pid: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly at: UnixNanos;
}

/** An ended span as OTLP has it, with attributes as a plain record. */
export interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly start: UnixNanos;
  readonly end: UnixNanos;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Code 2 is an error. */
  readonly status?: { readonly code: number; readonly message?: string };
  readonly scope?: { readonly name?: string; readonly version?: string };
  readonly events?: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
}

/** The span in which a request left, as the tap read it. */
export interface ContextIds {
  readonly traceId: string;
  readonly spanId: string;
  /** W3C trace flags; absent: sampled. */
  readonly traceFlags?: number;
  readonly traceState?: string;
}

/** A request has left. `key` names the exchange until `exchangeEnded`, and is the caller's own. */
export interface ExchangeStart {
  readonly pid: number;
  readonly key: unknown;
  readonly start: UnixNanos;
  readonly ids?: ContextIds;
}

/** Where a call stands in its trace. */
export interface CallIdentity {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly parentIsRemote?: boolean;
  readonly traceFlags?: number;
  readonly traceState?: string;
}

/** Why a call stands where it stands: the rules of `docs/decisions/0080-one-call-one-span.md`. */
export type MergeReason =
  /** It took the place of the span that stands for it. */
  | 'same'
  /** The same, found by process, model and time, since the tap had no ids. */
  | 'matched'
  /** An earlier attempt under a span that a later one stands for. */
  | 'sibling'
  /** Below a step, or below a span of the program's own. */
  | 'child'
  /** Nothing is known above it. */
  | 'root'
  /** Nothing was on the wire: the SDK's own report is the call. */
  | 'reported';

export type MergeAction =
  | {
      readonly type: 'call';
      readonly pid: number;
      readonly call: Call;
      readonly identity: CallIdentity;
      /** What only the program knows: agent, conversation, workflow. Redacted. */
      readonly attributes: Readonly<Attributes>;
      readonly reason: MergeReason;
    }
  | {
      readonly type: 'span';
      readonly pid: number;
      readonly span: Span;
      readonly scope: { readonly name?: string; readonly version?: string };
    };

export interface MergeLimits {
  /** Spans whose place is remembered, open ones included. */
  readonly knownSpans: number;
  /** Ended spans that wait for their exchange. */
  readonly heldSpans: number;
  /** Calls that wait for the end of their span. */
  readonly heldCalls: number;
  /** Exchanges that are under way. */
  readonly openExchanges: number;
  /** Traces of which it is remembered that something of them was on the wire. */
  readonly traces: number;
}

/** What fell out of a limit, since the start. What fell out was still reported, only less well placed. */
export interface MergeCounts {
  readonly forgottenSpans: number;
  readonly releasedSpans: number;
  readonly releasedCalls: number;
  readonly forgottenExchanges: number;
}
