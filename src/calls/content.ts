/**
 * What a call said, if somebody asked for it: off by default, redacted first and cut second (a credential that a cut has
 * split is one no more for any pattern).
 */
import type { ContentCapture } from '../config/settings.js';
import type { Call, LlmCall, McpCall } from '../wire/llm-call.js';
import { ATTRIBUTE } from './genai-attributes.js';
import type { AnyValue, Attributes } from './model.js';
import type { Redactor } from './redact.js';
import { redactValue } from './redact-value.js';

export interface ContentPolicy {
  readonly capture: ContentCapture;
  /** Characters of one text inside a message part. */
  readonly maxLength: number;
  readonly redact: Redactor;
}

/** Long enough for any prompt that a person reads, short enough that a file pasted into one does not fill the queue. */
export const DEFAULT_MAX_LENGTH = 32_768;

/** Characters of one attribute as JSON. */
const MAX_VALUE_LENGTH = 512 * 1024;
const SHORTEST_CUT = 16;

export interface CallContent {
  /** Structured values under the conventions' names; empty when content is off or there is none. */
  readonly values: Readonly<Record<string, AnyValue>>;
  /** Something was too large and is left out. */
  readonly truncated: boolean;
}

export function contentOf(call: Call, policy: ContentPolicy): CallContent {
  const values: Record<string, AnyValue> = {};
  let truncated = false;
  if (policy.capture === 'off') return { values, truncated };
  const set = (name: string, value: unknown): void => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return;
    const bounded = bound(redactValue(value as AnyValue, policy.redact), policy.maxLength);
    if (bounded === undefined) truncated = true;
    else values[name] = bounded;
  };
  try {
    if (call.kind === 'llm') setLlm(call, set);
    else setMcp(call, set);
  } catch {
    // JSON that is nested deeper than the stack is high: the call is told without it.
    truncated = true;
  }
  return { values, truncated };
}

/** The content of a clean call (`clean.ts`) under the conventions' names. */
export function contentValues(call: Call): Readonly<Record<string, AnyValue>> {
  const values: Record<string, AnyValue> = {};
  const set = (name: string, value: unknown): void => {
    if (value !== undefined) values[name] = value as AnyValue;
  };
  if (call.kind === 'llm') setLlm(call, set);
  else setMcp(call, set);
  return values;
}

/** Spans take flat values only, so messages become JSON texts there, as the conventions allow. */
export function contentAttributes(values: Readonly<Record<string, AnyValue>>): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(values)) {
    attributes[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return attributes;
}

type Set = (name: string, value: unknown) => void;

function setLlm(call: LlmCall, set: Set): void {
  set(ATTRIBUTE.systemInstructions, call.content?.systemInstructions);
  set(ATTRIBUTE.inputMessages, call.content?.inputMessages);
  set(ATTRIBUTE.outputMessages, call.content?.outputMessages);
  set(ATTRIBUTE.toolDefinitions, call.content?.toolDefinitions);
}

function setMcp(call: McpCall, set: Set): void {
  set(ATTRIBUTE.toolCallArguments, call.toolArguments);
  set(ATTRIBUTE.toolCallResult, call.toolResult);
}

/**
 * Cuts every text to `length` characters, and shorter while the whole is too large for a collector (gRPC servers refuse
 * messages over 4 MiB). Undefined when it is too large even then: it has too many parts.
 */
function bound(value: AnyValue, length: number): AnyValue | undefined {
  for (let allowed = length; ; allowed = Math.floor(allowed / 4)) {
    const candidate = cut(value, allowed);
    // To write the JSON only to see its length cost a tenth of a call with content; nearly all are surely short enough.
    if (longestJson(candidate) <= MAX_VALUE_LENGTH) return candidate;
    if (JSON.stringify(candidate).length <= MAX_VALUE_LENGTH) return candidate;
    if (allowed / 4 < SHORTEST_CUT) return undefined;
  }
}

/** No value has a longer JSON text than this: every character may become `\\u0000`, no number has more than 25. */
function longestJson(value: AnyValue): number {
  if (typeof value === 'string') return 6 * value.length + 2;
  if (value === null || typeof value !== 'object') return 25;
  let length = 2;
  if (Array.isArray(value)) for (const item of value) length += longestJson(item) + 1;
  else for (const key in value) length += longestJson(key) + longestJson(value[key] as AnyValue) + 2;
  return length;
}

/** Every text at most `length` characters, with a marker that says how many there were. */
function cut(value: AnyValue, length: number): AnyValue {
  if (typeof value === 'string') return cutText(value, length);
  if (Array.isArray(value)) return value.map(item => cut(item, length));
  if (value === null || typeof value !== 'object') return value;
  const copy: Record<string, AnyValue> = {};
  for (const [key, inner] of Object.entries(value)) copy[key] = cut(inner, length);
  return copy;
}

/** `first characters…[cut, 1234 characters]`; never inside a surrogate pair. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? length - 1 : length;
  return `${text.slice(0, end)}…[cut, ${text.length} characters]`;
}
