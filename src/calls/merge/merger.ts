/**
 * One call, one span: where the span of an SDK stands for an exchange of the wire, the exchange takes its place in the
 * trace and keeps its own figures; every other span is a step without figures. Over 300 lines because the rules share one
 * state: which spans are open, held and taken decides about the next event.
 *
 * No clock, no timer and no randomness of its own: the caller sends events in the order in which they came, and `tick`.
 */
import type { UnixNanos } from '../../wire/exchange.js';
import type { Call, LlmCall } from '../../wire/llm-call.js';
import type { ContentPolicy } from '../content.js';
import type { Attributes } from '../model.js';
import { newSpanId, newTraceId } from '../trace-context.js';
import { namingAttributes } from './allowed-attributes.js';
import type {
  CallIdentity,
  EndedSpan,
  ExchangeStart,
  MergeAction,
  MergeCounts,
  MergeLimits,
  MergeReason,
  SpanStart,
} from './events.js';
import { createIdentities } from './identities.js';
import { createKnownSpans } from './known-spans.js';
import { chatFacts, isEmbeddings, isInProcess, looksLikeChat, looksLikeStep, sameModel } from './names.js';
import { renderStep } from './render-span.js';
import { callOfSpan } from './sdk-call.js';
import type { Above, KnownSpan, OpenExchange } from './state.js';
import { createWireTraces } from './wire-traces.js';

export interface MergerOptions {
  /** Milliseconds of a clock that does not jump. */
  readonly now: () => number;
  readonly emit: (action: MergeAction) => void;
  /** Content and redaction for the spans of one process. */
  readonly policyOf: (pid: number) => ContentPolicy;
  readonly limits?: Partial<MergeLimits>;
  readonly newTraceId?: () => string;
  readonly newSpanId?: () => string;
}

export interface Merger {
  spanStarted(start: SpanStart): void;
  spanEnded(pid: number, span: EndedSpan): void;
  exchangeBegun(start: ExchangeStart): void;
  /** Any number for one exchange (a socket has many); `pid` where the exchange is not known. */
  callEnded(key: unknown, pid: number, call: Call): void;
  /** Always, and last: call or no call. */
  exchangeEnded(key: unknown): void;
  /** Nothing more will come of this process; its exchanges have ended. */
  processEnded(pid: number): void;
  /** Reports what has waited long enough. */
  tick(): void;
  /** Reports everything that waits. */
  flush(): void;
  /** When `tick` has something to do, in the clock's milliseconds. */
  nextDeadline(): number | undefined;
  counts(): MergeCounts;
}

/** Milliseconds that a call waits for the end of its span, and a span for its exchange. */
export const LONGEST_HOLD = 2_000;

const LIMITS: MergeLimits = {
  knownSpans: 10_000,
  heldSpans: 1_000,
  heldCalls: 1_000,
  openExchanges: 10_000,
  traces: 10_000,
};

/** Calls without ids that were reported alone are remembered, since a span that stands for one may end later. */
const MOST_ALONE = 256;

export function createMerger(options: MergerOptions): Merger {
  const { now, emit, policyOf } = options;
  const limits = { ...LIMITS, ...options.limits };
  const traceId = options.newTraceId ?? newTraceId;
  const identities = createIdentities(traceId, options.newSpanId ?? newSpanId);
  const counts = { forgottenSpans: 0, releasedSpans: 0, releasedCalls: 0, forgottenExchanges: 0 };
  const open = new Map<unknown, OpenExchange>();
  /** Those of them that have no ids. */
  const openLoose = new Set<OpenExchange>();
  /** Calls that wait, and spans that wait, the oldest first. */
  const waiting = new Set<OpenExchange>();
  const held = new Set<KnownSpan>();
  /** Open spans that may stand for a call, by their name. */
  const openChats = new Set<KnownSpan>();
  const alone: { pid: number; start: UnixNanos; call: LlmCall }[] = [];
  const wire = createWireTraces(limits.traces);
  const spans = createKnownSpans({
    limit: limits.knownSpans,
    newTraceId: traceId,
    onForgotten(span) {
      counts.forgottenSpans += 1;
      letGo(span);
    },
  });

  // --- what is reported

  function emitCall(pid: number, call: Call, identity: CallIdentity, reason: MergeReason, attributes: Attributes = {}) {
    emit({ type: 'call', pid, call, identity, attributes, reason });
  }

  function emitBelow(exchange: OpenExchange, call: Call): void {
    const { above } = exchange;
    if (above !== undefined && 'known' in above) above.known.hadExchange = true;
    emitCall(exchange.pid, call, identities.below(above, exchange), above === undefined ? 'root' : 'child');
  }

  function emitAlone(pid: number, call: Call): void {
    const identity = identities.alone(call);
    emitCall(pid, call, identity, identity.parentSpanId === undefined ? 'root' : 'child');
  }

  function emitStep(span: KnownSpan, ended: EndedSpan): void {
    held.delete(span);
    delete span.held;
    const { traceId: trace, parentSpanId } = span;
    const step = renderStep(ended, { traceId: trace, parentSpanId }, policyOf(span.pid));
    emit({ type: 'span', pid: span.pid, span: step, scope: ended.scope ?? {} });
  }

  function emitReported(span: KnownSpan, ended: EndedSpan): void {
    held.delete(span);
    delete span.held;
    const call = callOfSpan(ended, span.chat!, span.pid);
    const identity = identities.of(span);
    const naming = namingAttributes(ended.attributes, policyOf(span.pid).redact);
    emitCall(span.pid, call, identity, 'reported', naming);
  }

  // --- a chat span that has ended, and the exchanges that left inside it

  /**
   * The last exchange of the span's kind takes its place; those before it, tries that failed, stand beside it. With one
   * under way nothing is known yet, unless `now` must be decided.
   */
  function settle(span: KnownSpan, force: boolean, reason: MergeReason = 'same'): void {
    const ended = span.held?.span;
    if (ended === undefined || span.chat === undefined) return;
    const { model, operation } = span.chat;
    const done = span.exchanges.filter(({ call }) => call !== undefined);
    if (done.length === 0 || (!force && done.length < span.exchanges.length)) return;
    const alike = done.filter(({ call }) => isEmbeddings(call!.operation) === isEmbeddings(operation));
    const fits = alike.some(({ call }) => sameModel(model, call!.request.model));
    const winner = fits ? alike.at(-1) : undefined;
    const naming = namingAttributes(ended.attributes, policyOf(span.pid).redact);
    for (const exchange of done) {
      const call = finish(exchange);
      if (exchange === winner) {
        emitCall(span.pid, call, identities.of(span, exchange), reason, naming);
      } else if (winner === undefined) emitBelow(exchange, call);
      else emitCall(span.pid, call, identities.beside(span, exchange), 'sibling', naming);
    }
    if (winner === undefined) return emitStep(span, ended);
    span.taken = true;
    held.delete(span);
    delete span.held;
  }

  /** The call leaves all lists and is the caller's to report. */
  function finish(exchange: OpenExchange): LlmCall {
    const call = exchange.call as LlmCall;
    delete exchange.call;
    waiting.delete(exchange);
    leave(exchange);
    return call;
  }

  function leave(exchange: OpenExchange): void {
    const { above } = exchange;
    if (above === undefined || !('known' in above)) return;
    const { exchanges } = above.known;
    const place = exchanges.indexOf(exchange);
    if (place >= 0) exchanges.splice(place, 1);
  }

  /** Nothing more comes of it; a call that waits goes on waiting. */
  function close(exchange: OpenExchange): void {
    open.delete(exchange.key);
    openLoose.delete(exchange);
    if (exchange.call === undefined) leave(exchange);
  }

  function hold(exchange: OpenExchange, call: LlmCall): void {
    exchange.call = call;
    exchange.deadline = now() + LONGEST_HOLD;
    waiting.add(exchange);
    if (waiting.size <= limits.heldCalls) return;
    for (const oldest of waiting) {
      if (waiting.size <= limits.heldCalls) break;
      counts.releasedCalls += 1;
      expire(oldest);
    }
  }

  /** A call has waited long enough. */
  function expire(exchange: OpenExchange): void {
    const { above, call } = exchange;
    if (call === undefined) return;
    if (above === undefined) return matchLoose(exchange, true);
    const span = 'known' in above ? above.known : undefined;
    if (span?.held === undefined) return emitBelow(exchange, finish(exchange));
    const later = span.exchanges.slice(span.exchanges.indexOf(exchange) + 1);
    if (!later.some(({ call: other }) => other === undefined)) return settle(span, true);
    const naming = namingAttributes(span.held.span.attributes, policyOf(span.pid).redact);
    span.hadExchange = true;
    emitCall(exchange.pid, finish(exchange), identities.beside(span, exchange), 'sibling', naming);
  }

  // --- calls without ids

  const holds = (span: KnownSpan, at: UnixNanos): boolean =>
    span.start <= at && (span.end === undefined || span.end >= at);

  function matches(span: KnownSpan, pid: number, at: UnixNanos, call: LlmCall): boolean {
    return (
      span.pid === pid &&
      span.chat !== undefined &&
      !span.hadExchange &&
      span.exchanges.length === 0 &&
      holds(span, at) &&
      isEmbeddings(call.operation) === isEmbeddings(span.chat.operation) &&
      sameModel(span.chat.model, call.request.model)
    );
  }

  /** Exactly one span may stand for it; with two nobody guesses, and none of them is counted. */
  function matchLoose(exchange: OpenExchange, force: boolean): void {
    const { pid, start } = exchange;
    const call = exchange.call as LlmCall;
    const possible = [...openChats].filter(
      span => span.pid === pid && holds(span, start) && span.exchanges.length === 0 && !span.hadExchange,
    );
    if (possible.length > 0 && !force) return;
    const found = [...held].filter(span => matches(span, pid, start, call));
    const [only] = found;
    if (only !== undefined && found.length === 1 && possible.length === 0) {
      attach(only, [exchange, ...othersOf(only, exchange)]);
      return;
    }
    finish(exchange);
    for (const span of found) if (span.held !== undefined) emitStep(span, span.held.span);
    alone.push({ pid, start, call });
    if (alone.length > MOST_ALONE) alone.shift();
    emitAlone(pid, call);
  }

  /** Retries: other calls that wait without ids and that this span alone may stand for. */
  function othersOf(span: KnownSpan, first: OpenExchange): OpenExchange[] {
    return [...waiting].filter(
      other =>
        other !== first &&
        other.above === undefined &&
        other.ids === undefined &&
        matches(span, other.pid, other.start, other.call!) &&
        [...held].every(rival => rival === span || !matches(rival, other.pid, other.start, other.call!)),
    );
  }

  function attach(span: KnownSpan, exchanges: OpenExchange[]): void {
    exchanges.sort((one, two) => Number(one.start - two.start));
    for (const exchange of exchanges) {
      exchange.above = { known: span };
      span.exchanges.push(exchange);
    }
    wire.add([span.traceId]);
    settle(span, true, 'matched');
  }

  function matchWaiting(pid: number): void {
    for (const exchange of [...waiting]) {
      const loose = exchange.above === undefined && exchange.ids === undefined;
      if (loose && exchange.pid === pid && exchange.call !== undefined) matchLoose(exchange, false);
    }
  }

  // --- spans that wait for an exchange

  /** Something that is under way may still turn out to be its call. */
  function awaits(span: KnownSpan): boolean {
    if (span.exchanges.length > 0) return true;
    for (const { pid, start, wasCall } of openLoose) {
      if (pid === span.pid && !wasCall && holds(span, start)) return true;
    }
    return false;
  }

  /** A chat span that no exchange stands for: counted only where nothing of its trace, or of its kind, is on a wire. */
  function decide(span: KnownSpan): void {
    const ended = span.held?.span;
    if (ended === undefined) return;
    const seen = alone.some(({ pid, start, call }) => matches(span, pid, start, call));
    const stands = !span.hadExchange && !seen;
    if (stands && (isInProcess(ended) || !wire.has(span.traceId))) emitReported(span, ended);
    else emitStep(span, ended);
  }

  /** It falls out of a limit: what waits for it waits no more, and it is counted no more. */
  function letGo(span: KnownSpan): void {
    openChats.delete(span);
    for (const exchange of [...span.exchanges]) {
      if (exchange.call !== undefined) emitBelow(exchange, finish(exchange));
    }
    if (span.held !== undefined) emitStep(span, span.held.span);
  }

  function holdSpan(span: KnownSpan, ended: EndedSpan): void {
    span.held = { span: ended, deadline: now() + LONGEST_HOLD };
    held.add(span);
    if (held.size <= limits.heldSpans) return;
    for (const oldest of held) {
      if (held.size <= limits.heldSpans) break;
      counts.releasedSpans += 1;
      letGo(oldest);
    }
  }

  /** Above what never ended: the process is gone, and a span that never comes is no parent. */
  function aboveOpen(span: KnownSpan): Above {
    let current: KnownSpan = span;
    for (let steps = 0; current.end === undefined; steps += 1) {
      if (current.parentSpanId === undefined || steps > limits.knownSpans) return undefined;
      const parent = spans.get(current.ownTraceId, current.parentSpanId);
      if (parent === undefined) return { foreign: { traceId: current.traceId, spanId: current.parentSpanId } };
      current = parent;
    }
    return { known: current };
  }

  function tick(): void {
    const time = now();
    for (const exchange of [...waiting]) {
      if (exchange.deadline > time) break;
      expire(exchange);
    }
    for (const span of [...held]) {
      if (span.held !== undefined && span.held.deadline > time) break;
      if (!awaits(span)) decide(span);
    }
  }

  return {
    spanStarted(start) {
      if (spans.get(start.traceId, start.spanId) !== undefined) return;
      const span = spans.add(start);
      if (looksLikeChat(span.name)) openChats.add(span);
    },
    spanEnded(pid, ended) {
      const span = spans.get(ended.traceId, ended.spanId) ?? spans.add({ pid, ...ended, at: ended.start });
      if (span.end !== undefined) return;
      openChats.delete(span);
      span.end = ended.end;
      const facts = chatFacts(ended);
      if (facts === undefined) {
        for (const exchange of [...span.exchanges])
          if (exchange.call !== undefined) emitBelow(exchange, finish(exchange));
        emitStep(span, ended);
      } else {
        span.chat = facts;
        holdSpan(span, ended);
        if (span.hadExchange && span.exchanges.length === 0) emitStep(span, ended);
        else settle(span, false);
        if (span.held !== undefined && isInProcess(ended) && !awaits(span)) emitReported(span, ended);
      }
      matchWaiting(span.pid);
    },
    exchangeBegun({ pid, key, start, ids }) {
      const named = ids === undefined ? undefined : spans.get(ids.traceId, ids.spanId);
      const above = named !== undefined ? spans.climb(named, start) : ids && { foreign: ids };
      const known = above !== undefined && 'known' in above ? above.known : undefined;
      const traces = [...new Set([named?.traceId, known?.traceId].filter(id => id !== undefined))];
      const exchange: OpenExchange = { pid, key, start, ids, above, traces, deadline: 0, wasCall: false };
      wire.add(traces);
      known?.exchanges.push(exchange);
      open.set(key, exchange);
      if (ids === undefined) openLoose.add(exchange);
      if (open.size <= limits.openExchanges) return;
      for (const other of open.values()) {
        if (open.size <= limits.openExchanges) break;
        counts.forgottenExchanges += 1;
        close(other);
      }
    },
    callEnded(key, pid, call) {
      const exchange = open.get(key);
      if (exchange === undefined) return emitAlone(pid, call);
      exchange.wasCall = true;
      const { above } = exchange;
      const span = above !== undefined && 'known' in above ? above.known : undefined;
      // A socket has many calls, and outlives the span in which it was opened.
      if (call.kind === 'mcp' || call.role === 'server' || call.protocol === 'websocket') {
        if (exchange.ids === undefined) return emitAlone(exchange.pid, call);
        leave(exchange);
        const later = span === undefined ? above : spans.climb(span, call.start ?? exchange.start);
        const identity = identities.below(later, exchange);
        emitCall(exchange.pid, call, identity, later === undefined ? 'root' : 'child');
        if (span !== undefined) span.hadExchange = true;
        return;
      }
      if (exchange.ids === undefined) {
        hold(exchange, call);
        if (exchange.call !== undefined) matchLoose(exchange, false);
        return;
      }
      if (span === undefined) return emitBelow(exchange, call);
      const isOpen = span.end === undefined;
      if (isOpen && !looksLikeStep(span.name)) return hold(exchange, call);
      if (span.held !== undefined) {
        hold(exchange, call);
        if (exchange.call !== undefined) settle(span, false);
        return;
      }
      leave(exchange);
      if (span.taken) emitCall(exchange.pid, call, identities.beside(span, exchange), 'sibling');
      else emitBelow(exchange, call);
    },
    exchangeEnded(key) {
      const exchange = open.get(key);
      if (exchange === undefined) return;
      close(exchange);
      if (exchange.wasCall) return;
      wire.remove(exchange.traces);
      const { above } = exchange;
      if (above !== undefined && 'known' in above) settle(above.known, false);
    },
    processEnded(pid) {
      for (const exchange of [...waiting]) {
        if (exchange.pid !== pid) continue;
        const { above } = exchange;
        if (above === undefined || !('known' in above) || above.known.end !== undefined) expire(exchange);
        else {
          const call = finish(exchange);
          const left = aboveOpen(above.known);
          const identity = left === undefined ? identities.root(above.known.traceId) : identities.below(left, exchange);
          emitCall(pid, call, identity, left === undefined ? 'root' : 'child');
        }
      }
      for (const span of spans.ofProcess(pid)) {
        decide(span);
        openChats.delete(span);
        spans.delete(span);
      }
      for (const exchange of open.values()) if (exchange.pid === pid) close(exchange);
    },
    tick,
    flush() {
      for (const exchange of [...waiting]) expire(exchange);
      for (const span of [...held]) decide(span);
    },
    nextDeadline() {
      const [call] = waiting;
      let earliest = call?.deadline;
      for (const span of held) {
        if (earliest !== undefined && span.held!.deadline >= earliest) break;
        if (awaits(span)) continue;
        earliest = span.held!.deadline;
        break;
      }
      return earliest;
    },
    counts: () => ({ ...counts }),
  };
}
