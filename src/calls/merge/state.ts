/** What the merge remembers of a span and of an exchange. */
import type { UnixNanos } from '../../wire/exchange.js';
import type { LlmCall } from '../../wire/llm-call.js';
import type { ContextIds, EndedSpan } from './events.js';
import type { ChatFacts } from './names.js';

export interface KnownSpan {
  readonly pid: number;
  readonly spanId: string;
  readonly name: string;
  /** As the SDK has it, in which others name this span. */
  readonly ownTraceId: string;
  /** As it is reported. */
  readonly traceId: string;
  /** As it is reported: stale parents are climbed over. */
  readonly parentSpanId: string | undefined;
  readonly start: UnixNanos;
  /** Undefined while it is open. */
  end?: UnixNanos;
  /** Of an ended span that stands for a call. */
  chat?: ChatFacts;
  /** Held until it is known what comes of it. */
  held?: { readonly span: EndedSpan; readonly deadline: number };
  /** Exchanges that left inside it and are not reported yet, in that order. */
  readonly exchanges: OpenExchange[];
  /** Something of the wire was reported under it already: it is no call of its own. */
  hadExchange: boolean;
  /** A call has its place. */
  taken: boolean;
}

/** Where something stands: a known span, one of the program's own that is never told, or nothing. */
export type Above =
  | { readonly known: KnownSpan }
  | { readonly foreign: { readonly traceId: string; readonly spanId: string } }
  | undefined;

/** One request that has left. */
export interface OpenExchange {
  readonly pid: number;
  readonly key: unknown;
  readonly start: UnixNanos;
  readonly ids: ContextIds | undefined;
  /** What it stands under, once stale spans are climbed over; undefined without ids, and where nothing is left. */
  above: Above;
  /** Traces in which it counts as seen on the wire. */
  readonly traces: readonly string[];
  /** It was a call, of which this one waits to be reported. */
  call?: LlmCall;
  /** Milliseconds; of a call that waits. */
  deadline: number;
  /** At least one call came of it. */
  wasCall: boolean;
}
