/**
 * The merge as a stage: one merger for all programs, each under a number of its own, since pids come again. A program that
 * has told of no span goes past it.
 */
import type { Call } from '../wire/llm-call.js';
import type { CallIdentity, EndedSpan, SpanStart } from './merge/events.js';
import { createMerger } from './merge/merger.js';
import type { Attributes, Span } from './model.js';
import type { Identity, Target } from './recorded-call.js';
import type { SpanParent } from './trace-context.js';
import { newSpanId } from './trace-context.js';

export interface MergeOutput {
  call(target: Target, call: Call, identity: Identity, extra: Readonly<Attributes>): void;
  span(target: Target, span: Span): void;
}

/** The spans of one program, and its exchanges among them. */
export interface SpanMerge {
  /** Whether it has told of a span. */
  readonly active: boolean;
  started(start: Omit<SpanStart, 'pid'>): void;
  ended(span: EndedSpan): void;
  /** A request left, with the span that was active then. */
  left(key: object, at: bigint, parent: SpanParent | undefined): void;
  called(key: object, call: Call): void;
  over(key: object): void;
  /** Nothing more comes of this program. */
  close(): void;
}

/** @param guarded runs work whose fault must cost what it works at, and nothing else */
export function createSpanMerge(output: MergeOutput, guarded: (work: () => void) => void) {
  const targets = new Map<number, Target>();
  let count = 0;
  let timer: NodeJS.Timeout | undefined;

  const merger = createMerger({
    now: () => performance.now(),
    policyOf: number => targets.get(number)!.settings.content,
    emit(action) {
      const target = targets.get(action.pid);
      if (target === undefined) return;
      if (action.type === 'span') output.span(target, { ...action.span, traceFlags: flagsOf(target, action.span) });
      else
        output.call(
          target,
          action.call,
          { ...action.identity, traceFlags: flagsOf(target, action.identity) },
          action.attributes,
        );
    },
  });

  /** Calls and spans wait for each other two seconds at most. */
  function schedule(): void {
    clearTimeout(timer);
    const at = merger.nextDeadline();
    if (at === undefined) return;
    timer = setTimeout(tick, Math.max(1, at - performance.now())).unref();
  }

  function tick(): void {
    guarded(() => merger.tick());
    schedule();
  }

  return {
    open(target: Target): SpanMerge {
      count += 1;
      const pid = count;
      let active = false;
      const use = () => {
        if (!active) targets.set(pid, target);
        active = true;
      };
      return {
        get active() {
          return active;
        },
        started(start) {
          use();
          merger.spanStarted({ ...start, pid });
        },
        ended(span) {
          use();
          merger.spanEnded(pid, span);
          schedule();
        },
        left: (key, at, parent) =>
          merger.exchangeBegun({ pid, key, start: at, ...(parent === undefined ? {} : { ids: parent }) }),
        called(key, call) {
          merger.callEnded(key, pid, call);
          schedule();
        },
        over(key) {
          merger.exchangeEnded(key);
          schedule();
        },
        close() {
          if (!active) return;
          merger.processEnded(pid);
          targets.delete(pid);
          schedule();
        },
      };
    },
    flush() {
      clearTimeout(timer);
      merger.flush();
    },
  };
}

/**
 * One trace is kept or dropped as a whole: by its id, unless the program itself had dropped it. The parent's own flag says
 * nothing where the parent is a framework's span, which is always recorded.
 */
function flagsOf(
  { settings: { sampler } }: Target,
  { traceId, traceFlags }: Pick<CallIdentity, 'traceId' | 'traceFlags'>,
): number {
  if (traceFlags === 0) {
    return sampler.shouldSample(traceId, { traceId, spanId: newSpanId(), traceFlags: 0 }) ? 1 : 0;
  }
  return sampler.shouldSample(traceId, undefined) ? 1 : 0;
}
