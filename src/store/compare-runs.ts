/** What was asked in two runs that differs: which calls of them belong together, and what changed from one to the other. Pure. */
import { diffArrays } from 'diff';
import { ATTRIBUTE } from '../calls/genai-attributes.js';
import { type Difference, differences, PATIENCE, type TextPart, textDifference, toolsOf } from './compare.js';
import { conversationOf, type KeptMessage, partText } from './conversation.js';
import type { StoredCall } from './kept-lines.js';

/** One change, in how many pairs of calls it was met. */
export interface PromptChange {
  readonly calls: number;
  /** The first such pair. */
  readonly example: { readonly a: string; readonly b: string };
  /** What the program wrote: system and user messages. Absent where they are the same. */
  readonly prompt?: readonly TextPart[];
  readonly tools: readonly Difference<string>[];
  /** Parameters of the request. */
  readonly parameters: readonly Difference<unknown>[];
}

export interface AskedComparison {
  /** Calls of the two runs that were compared with each other. */
  readonly pairs: number;
  /** Pairs with messages on both sides; only of these prompts and answers are known. */
  readonly withMessages: number;
  readonly differentAnswers: number;
  readonly changes: readonly PromptChange[];
}

/** Calls are paired by what the user asked, and what stands between two such pairs in the order in which it was made. */
export function compareAsked(a: readonly StoredCall[], b: readonly StoredCall[]): AskedComparison {
  const pairs = pairCalls(a, b);
  const changes = new Map<string, { calls: number; first: Omit<PromptChange, 'calls'> }>();
  let [withMessages, differentAnswers] = [0, 0];
  for (const [one, other] of pairs) {
    const [ofOne, ofOther] = [askedOf(one), askedOf(other)];
    if (ofOne.prompt !== '' && ofOther.prompt !== '') {
      withMessages++;
      if (ofOne.answer !== ofOther.answer) differentAnswers++;
    }
    const change = changeOf([one, ofOne], [other, ofOther]);
    if (change === undefined) continue;
    const { prompt = [], tools, parameters } = change;
    const key = JSON.stringify([prompt.filter(part => part.in !== 'both'), tools, parameters]);
    const known = changes.get(key);
    if (known === undefined) changes.set(key, { calls: 1, first: change });
    else known.calls++;
  }
  return {
    pairs: pairs.length,
    withMessages,
    differentAnswers,
    changes: [...changes.values()].map(({ calls, first }) => ({ calls, ...first })),
  };
}

type Asked = ReturnType<typeof askedOf>;

function changeOf(
  [a, ofA]: readonly [StoredCall, Asked],
  [b, ofB]: readonly [StoredCall, Asked],
): Omit<PromptChange, 'calls'> | undefined {
  const known = ofA.prompt !== '' && ofB.prompt !== '';
  const changed = known && ofA.prompt !== ofB.prompt;
  const tools = known ? differences(ofA.tools, ofB.tools) : [];
  const parameters = differences(ofA.parameters, ofB.parameters);
  if (!changed && tools.length === 0 && parameters.length === 0) return undefined;
  return {
    example: { a: a.id, b: b.id },
    ...(changed ? { prompt: textDifference(ofA.prompt, ofB.prompt) } : {}),
    tools,
    parameters,
  };
}

/** Answers and results of tools that are sent again are no prompt: they differ because the answers do. */
function askedOf(call: StoredCall) {
  const { system, input, output, tools } = conversationOf(call);
  const written = input.filter(({ role }) => role === 'user' || role === 'system' || role === 'developer');
  const lines = [...(system.length === 0 ? [] : [{ role: 'system', parts: system }]), ...written];
  const parameters = Object.entries(call.attributes ?? {}).filter(([name]) => name.startsWith('gen_ai.request.'));
  return {
    prompt: lines.map(lineOf).join(''),
    answer: output.map(lineOf).join(''),
    tools: toolsOf(tools),
    parameters: new Map<string, unknown>(parameters),
  };
}

const lineOf = ({ role, parts }: Pick<KeptMessage, 'role' | 'parts'>) => `${role}: ${parts.map(partText).join('\n')}\n`;

function pairCalls(a: readonly StoredCall[], b: readonly StoredCall[]): [StoredCall, StoredCall][] {
  const pairs: [StoredCall, StoredCall][] = [];
  let [inA, inB] = [0, 0];
  let [onlyA, onlyB]: [StoredCall[], StoredCall[]] = [[], []];
  const flush = () => {
    for (const [index, call] of onlyA.entries()) if (onlyB[index] !== undefined) pairs.push([call, onlyB[index]]);
    [onlyA, onlyB] = [[], []];
  };
  const keys = [a.map(keyOf), b.map(keyOf)] as const;
  const parts = diffArrays(...keys, { timeout: PATIENCE }) ?? [
    { value: keys[0], removed: true, added: false },
    { value: keys[1], removed: false, added: true },
  ];
  for (const { value, added, removed } of parts) {
    if (removed) onlyA.push(...a.slice(inA, inA + value.length));
    else if (added) onlyB.push(...b.slice(inB, inB + value.length));
    else {
      flush();
      for (let index = 0; index < value.length; index++) pairs.push([a[inA + index]!, b[inB + index]!]);
    }
    if (!added) inA += value.length;
    if (!removed) inB += value.length;
  }
  flush();
  return pairs;
}

/** What the user asked, and after how many messages; without messages only the kind of call. */
function keyOf(call: StoredCall): string {
  const { input } = conversationOf(call);
  const users = input.filter(({ role }) => role === 'user').map(lineOf);
  return JSON.stringify([call.attributes?.[ATTRIBUTE.operationName], users, input.length]);
}
