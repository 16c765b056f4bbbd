/** A program as the merge sees it: spans and exchanges in time order, with short names for ids. */

import type { MergeAction, MergeLimits } from '../../../src/calls/merge/events.js';
import { createMerger, type MergerOptions } from '../../../src/calls/merge/merger.js';
import { redactCredentials } from '../../../src/calls/redact.js';
import type { LlmCall } from '../../../src/wire/llm-call.js';

export const PID = 7;

/** Milliseconds of the scene as Unix nanoseconds. */
export const at = (milliseconds: number): bigint => 1_760_000_000_000_000_000n + BigInt(milliseconds) * 1_000_000n;

interface SpanFacts {
  readonly parent?: string;
  readonly trace?: string;
  readonly name?: string;
  readonly pid?: number;
}

export interface SceneOptions {
  readonly capture?: 'off' | 'span';
  readonly limits?: Partial<MergeLimits>;
}

export function scene({ capture = 'off', limits = {} }: SceneOptions = {}) {
  const actions: MergeAction[] = [];
  let time = 0;
  let fresh = 0;
  const options: MergerOptions = {
    now: () => time,
    emit: action => actions.push(action),
    policyOf: () => ({ capture, maxLength: 1000, redact: redactCredentials }),
    limits,
    newTraceId: () => `new-trace-${++fresh}`,
    newSpanId: () => `new-span-${++fresh}`,
  };
  const merger = createMerger(options);
  const begun = new Map<string, { facts: SpanFacts; start: number }>();

  const run = {
    merger,
    actions,
    /** Moves the clock, in milliseconds since the scene began. */
    to(milliseconds: number): void {
      time = milliseconds;
      merger.tick();
    },
    /** A span begins; its id is its word. */
    start(id: string, facts: SpanFacts = {}): void {
      begun.set(id, { facts, start: time });
      merger.spanStarted({
        pid: facts.pid ?? PID,
        traceId: facts.trace ?? 'trace',
        spanId: id,
        ...(facts.parent === undefined ? {} : { parentSpanId: facts.parent }),
        name: facts.name ?? id,
        at: at(time),
      });
    },
    end(id: string, attributes: Record<string, unknown> = {}, more: { scope?: string; message?: string } = {}): void {
      const { facts, start } = begun.get(id)!;
      merger.spanEnded(facts.pid ?? PID, {
        traceId: facts.trace ?? 'trace',
        spanId: id,
        ...(facts.parent === undefined ? {} : { parentSpanId: facts.parent }),
        name: facts.name ?? id,
        start: at(start),
        end: at(time),
        attributes,
        scope: { name: more.scope ?? 'langchain' },
        ...(more.message === undefined ? {} : { status: { code: 2, message: more.message } }),
      });
    },
    /** A request leaves inside the span `inside`. */
    send(key: string, inside?: string, trace = 'trace', pid = PID): void {
      const ids = inside === undefined ? {} : { ids: { traceId: trace, spanId: inside } };
      merger.exchangeBegun({ pid, key, start: at(time), ...ids });
    },
    answer(key: string, over: Partial<LlmCall> = {}, pid = PID): void {
      merger.callEnded(key, pid, {
        kind: 'llm',
        id: key,
        role: 'client',
        protocol: 'http/1.1',
        operation: 'chat',
        provider: 'openai',
        request: { model: 'gpt-4o' },
        response: {},
        usage: { inputTokens: 10, outputTokens: 5 },
        partial: [],
        toolCalls: [],
        end: at(time),
        ...over,
      });
      merger.exchangeEnded(key);
    },
    /** What was reported, as `call one same trace/chat<parent` and `step tool trace/tool<parent`. */
    told(): string[] {
      return actions.map(action => {
        const { traceId, spanId, parentSpanId } = action.type === 'call' ? action.identity : action.span;
        const place = `${traceId}/${spanId.startsWith('new') ? '*' : spanId}<${parentSpanId ?? ''}`;
        return action.type === 'call'
          ? `call ${action.call.id} ${action.reason} ${place}`
          : `step ${action.span.name} ${place}`;
      });
    },
  };
  return run;
}

export const chat = (model: unknown = 'gpt-4o', more: Record<string, unknown> = {}): Record<string, unknown> => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': model,
  ...more,
});
