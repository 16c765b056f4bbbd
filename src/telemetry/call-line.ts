/**
 * A call as one JSON line: what `attach --format json` and `decode` print. Programs may rely on it: keys are added, never
 * renamed. Times are Unix nanoseconds as texts, because 2^53 ns is only 104 days.
 */

import { contentAttributes, contentValues } from '../calls/content.js';
import type { Cost } from '../calls/cost.js';
import type { Attributes } from '../calls/model.js';
import type { Call } from '../wire/llm-call.js';
import { callFacts, type RenderOptions } from './render.js';

export interface CallLine {
  readonly id: string;
  readonly pid?: number;
  /** The program answered this call; absent where it asked. */
  readonly role?: 'server';
  /** Id of an earlier line: the same call, seen at another place. Sums leave this one out. */
  readonly same_as?: string;
  /** The conventions' names. `null` (from `decode`): the exchange is no call. */
  readonly attributes: Readonly<Attributes> | null;
  readonly start?: string;
  readonly first_chunk?: string;
  readonly end?: string;
  readonly partial: readonly string[];
  readonly cost?: Pick<Cost, 'amount' | 'currency' | 'source'>;
  /** With content on: all choices joined in order. */
  readonly output_text?: string;
  /** With content on: name, and arguments as the JSON text that the model wrote. */
  readonly tool_calls?: readonly (readonly [string, string])[];
  /** With content on: servers quote prompts in their error messages. */
  readonly error_message?: string;
}

/** Of a clean call (`calls/clean.ts`); `output_text` and `tool_calls` are not cut. */
export function callLine(call: Call, options: RenderOptions, sameAs?: string): CallLine {
  const { content, cost } = options;
  const withContent = content.capture !== 'off';
  return {
    id: call.id,
    ...(call.pid === undefined ? {} : { pid: call.pid }),
    ...(call.role === 'server' ? { role: call.role } : {}),
    ...(sameAs === undefined ? {} : { same_as: sameAs }),
    attributes: Object.assign(callFacts(call, options), withContent ? contentAttributes(contentValues(call)) : {}),
    ...time('start', call.start),
    ...time('first_chunk', call.firstChunk),
    ...time('end', call.end),
    partial: call.partial,
    ...(cost === undefined ? {} : { cost: { amount: cost.amount, currency: cost.currency, source: cost.source } }),
    ...(withContent && call.kind === 'llm' ? llmContent(call) : {}),
    ...(withContent && call.error?.message !== undefined ? { error_message: call.error.message } : {}),
  };
}

/** For an exchange that is no call. */
export function noCallLine(id: string): CallLine {
  return { id, attributes: null, partial: [] };
}

function llmContent(call: Call & { kind: 'llm' }) {
  return {
    ...(call.outputText === undefined ? {} : { output_text: call.outputText }),
    tool_calls: call.toolCalls.map(({ name, arguments: text }) => [name, text] as const),
  };
}

function time(key: string, value: bigint | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: String(value) };
}
