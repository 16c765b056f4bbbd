/** Facts that a program wrote down about what it got, one `[case, fact, value]` in JSON a line; two runs are compared by them. */
import { isDeepStrictEqual } from 'node:util';

export interface Difference {
  readonly case: string;
  readonly fact: string;
  readonly bare: unknown;
  readonly observed: unknown;
}

export type Facts = ReadonlyMap<string, readonly [name: string, fact: string, value: unknown]>;

/** @throws where a line is none of ours: the program died, or printed something else */
export function readFacts(stdout: string): Facts {
  const facts = new Map<string, [string, string, unknown]>();
  for (const line of stdout.split('\n')) {
    if (line === '') continue;
    const [name, fact, value] = JSON.parse(line) as [string, string, unknown];
    // The same may be looked at twice.
    let key = `${name}\n${fact}`;
    while (facts.has(key)) key += "'";
    facts.set(key, [name, fact, value]);
  }
  return facts;
}

export function differences(bare: Facts, observed: Facts): Difference[] {
  const different: Difference[] = [];
  for (const key of new Set([...bare.keys(), ...observed.keys()])) {
    const [one, other] = [bare.get(key), observed.get(key)];
    if (isDeepStrictEqual(one, other)) continue;
    const [name, fact] = (one ?? other)!;
    different.push({ case: name, fact, bare: one?.[2], observed: other?.[2] });
  }
  return different;
}

/** A difference that is there for a reason. */
export type Known = readonly [name: RegExp, fact: RegExp, why: string];

/** What is left over, one line each. */
export function unexplained(different: readonly Difference[], known: readonly Known[]): string[] {
  return different
    .filter(({ case: name, fact }) => !known.some(([names, facts]) => names.test(name) && facts.test(fact)))
    .map(({ case: name, fact, bare, observed }) => `${name}: ${fact}: ${short(bare)} | ${short(observed)}`);
}

/** Of two long values, what matters is mostly near the beginning. */
const short = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 600);
