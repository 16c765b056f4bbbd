/** What two calls have that differs: parameters, tools, messages, figures. Pure. */
import { diffLines } from 'diff';
import { ATTRIBUTE } from '../calls/genai-attributes.js';
import { conversationOf, type KeptMessage, partText, toolNameOf } from './conversation.js';
import type { StoredCall } from './kept-lines.js';

export interface Difference<T> {
  readonly name: string;
  /** Absent: that one has none. */
  readonly a?: T;
  readonly b?: T;
}

/** A stretch of text that both have, or one of them. */
export interface TextPart {
  readonly in: 'both' | 'a' | 'b';
  readonly text: string;
}

export interface CallComparison {
  /** Model, parameters and other facts that are not figures. */
  readonly facts: readonly Difference<unknown>[];
  /** Tokens, cost, seconds. */
  readonly figures: readonly Difference<number>[];
  /** Tools that only one was offered, or that were defined otherwise. */
  readonly tools: readonly Difference<string>[];
  /** Absent where one of the two has no messages. */
  readonly input?: readonly TextPart[];
  readonly output?: readonly TextPart[];
  /** Messages and characters of the request. */
  readonly prompt?: { readonly a: PromptSize; readonly b: PromptSize };
}

export interface PromptSize {
  readonly messages: number;
  readonly characters: number;
}

/** Compared line by line, as a conversation. What a tool was given and gave is a fact here: nothing else shows it. */
const CONVERSATION: ReadonlySet<string> = new Set([
  ATTRIBUTE.systemInstructions,
  ATTRIBUTE.inputMessages,
  ATTRIBUTE.outputMessages,
  ATTRIBUTE.toolDefinitions,
]);
/** Different in every call, and figures, which are compared by themselves. */
const NOT_FACTS = /^gen_ai\.(usage\.|response\.(id|time_to_first_chunk)$)|^openlit\.cost\.|^jsonrpc\.request\.id$/;

export function compareCalls(a: StoredCall, b: StoredCall): CallComparison {
  const [ofA, ofB] = [conversationOf(a), conversationOf(b)];
  const inputs = [textOf(ofA.system, ofA.input), textOf(ofB.system, ofB.input)] as const;
  const outputs = [textOf([], ofA.output), textOf([], ofB.output)] as const;
  const has = (texts: readonly [string, string]) => texts[0] !== '' && texts[1] !== '';
  return {
    facts: differences(factsOf(a), factsOf(b)),
    figures: differences(figuresOf(a), figuresOf(b)),
    tools: differences(toolsOf(ofA.tools), toolsOf(ofB.tools)),
    ...(has(inputs) ? { input: textDifference(...inputs), prompt: { a: sizeOf(ofA), b: sizeOf(ofB) } } : {}),
    ...(has(outputs) ? { output: textDifference(...outputs) } : {}),
  };
}

/** Members that are not the same in both, in the order of the first. */
export function differences<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): Difference<T>[] {
  const names = [...new Set([...a.keys(), ...b.keys()])];
  return names.flatMap(name => {
    const [inA, inB] = [a.get(name), b.get(name)];
    if (JSON.stringify(inA) === JSON.stringify(inB)) return [];
    return [{ name, ...(inA === undefined ? {} : { a: inA }), ...(inB === undefined ? {} : { b: inB }) }];
  });
}

function factsOf({ attributes, error_message: message }: StoredCall): Map<string, unknown> {
  const facts = Object.entries(attributes ?? {}).filter(([name]) => !CONVERSATION.has(name) && !NOT_FACTS.test(name));
  return new Map([...facts, ...(message === undefined ? [] : ([['error message', message]] as const))]);
}

const FIGURES = {
  'input tokens': ATTRIBUTE.usageInputTokens,
  'output tokens': ATTRIBUTE.usageOutputTokens,
  'cached tokens': ATTRIBUTE.usageCacheReadInputTokens,
  'reasoning tokens': ATTRIBUTE.usageReasoningOutputTokens,
} as const;

/** Seconds, tokens, and the cost under its currency. */
function figuresOf({ attributes, cost, start, end, first_chunk: first }: StoredCall): Map<string, number> {
  const figures = new Map<string, number>();
  const set = (name: string, value: unknown) => {
    if (typeof value === 'number') figures.set(name, value);
  };
  for (const [name, attribute] of Object.entries(FIGURES)) set(name, attributes?.[attribute]);
  if (cost !== undefined) set(`cost ${cost.currency}`, cost.amount);
  set('seconds', secondsBetween(start, end));
  set('seconds to first chunk', secondsBetween(start, first));
  return figures;
}

function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : Number(BigInt(to) - BigInt(from)) / 1e9;
}

/** Definitions by name. */
export function toolsOf(tools: readonly Readonly<Record<string, unknown>>[]): Map<string, string> {
  return new Map(tools.map(tool => [toolNameOf(tool), JSON.stringify(tool)]));
}

const sizeOf = ({ system, input }: ReturnType<typeof conversationOf>): PromptSize => ({
  messages: input.length,
  characters: [...system, ...input.flatMap(({ parts }) => parts)].reduce((sum, part) => sum + partText(part).length, 0),
});

/** Messages as lines that a person would compare: each begins with who said it. */
function textOf(system: readonly Readonly<Record<string, unknown>>[], messages: readonly KeptMessage[]): string {
  const said = (role: string, parts: KeptMessage['parts']) => `${role}: ${parts.map(partText).join('\n')}`;
  const all = [
    ...(system.length === 0 ? [] : [said('system', system)]),
    ...messages.map(({ role, parts }) => said(role, parts)),
  ];
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}

/** Milliseconds that a comparison may take; two long texts without a line in common take minutes. */
export const PATIENCE = 2000;

/** By lines. Texts that are too different are shown one after the other. */
export function textDifference(a: string, b: string): TextPart[] {
  const changes = diffLines(a, b, { timeout: PATIENCE });
  if (changes === undefined)
    return [
      { in: 'a', text: a },
      { in: 'b', text: b },
    ];
  return changes.map(({ added, removed, value }) => ({ in: added ? 'b' : removed ? 'a' : 'both', text: value }));
}
