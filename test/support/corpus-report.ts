/** What `npm run corpus` prints. */
import { isDeepStrictEqual } from 'node:util';
import { randomChunks, singleBytes } from '../../src/wire/exchange-replay.js';
import { CLOTHES } from './clothes.js';
import { type Case, compare, corpusFile, type Difference, decode, readCorpus } from './corpus.js';
import { seededRandom } from './random.js';

interface Tally {
  exact: number;
  all: number;
}

export interface ReportOptions {
  root: string;
  chunks: boolean;
  /** Also in other clothes. */
  clothes?: boolean;
  /** Differences printed in full. */
  show: number;
  /** Only exchanges whose id or provider holds this. */
  only?: string;
}

/** @returns exit status: 0 where every exchange is exact, or the corpus is not there */
export async function reportCorpus({ root, chunks, clothes = false, show, only }: ReportOptions): Promise<number> {
  const file = corpusFile(root);
  if (file === undefined) {
    console.log('corpus: skipped, ../shared/corpus/exchanges.ndjson.gz is not beside this clone');
    return 0;
  }
  const providers = new Map<string, Tally>();
  const attributes = new Map<string, Tally>();
  const wrong: { id: string; differences: Difference[] }[] = [];
  const dressed = new Map<string, Tally>();
  const strange = new Map<string, string[]>();
  let chunkings = 0;
  const cutWrong: string[] = [];
  for await (const each of readCorpus(file)) {
    if (only !== undefined && !`${each.exchange.id} ${providerOf(each)}`.includes(only)) continue;
    const calls = decode(each.exchange);
    const differences = compare(calls, each.expected);
    count(providers, providerOf(each), differences.length === 0);
    for (const name of Object.keys(each.expected ?? {})) {
      count(attributes, name, !differences.some(found => found.name === name || found.name === 'is a call'));
    }
    if (differences.length > 0) wrong.push({ id: each.exchange.id, differences });
    for (const { name, dress, same } of clothes ? CLOTHES : []) {
      const other = each.exchange.status === undefined || each.exchange.status < 400 ? dress(each.exchange) : undefined;
      if (other === undefined) continue;
      const kind = calls.length > 0 ? name : `${name}, of what is no call`;
      const after = decode(other);
      const isSame = calls.length > 0 ? same(calls, after, each.exchange) : after.length === 0;
      count(dressed, kind, isSame);
      if (!isSame) strange.set(kind, [...(strange.get(kind) ?? []), each.exchange.id]);
    }
    if (!chunks || calls.length === 0) continue;
    for (const chunking of [singleBytes, ...[1, 2, 3].map(seed => randomChunks(seededRandom(seed), 200))]) {
      chunkings++;
      if (!isDeepStrictEqual(decode(each.exchange, chunking), calls)) cutWrong.push(each.exchange.id);
    }
  }
  for (const { id, differences } of wrong.slice(0, show)) {
    console.log(`\n${id}`);
    for (const { name, expected, actual } of differences) {
      console.log(`  ${name}\n    expected ${brief(expected)}\n    decoded  ${brief(actual)}`);
    }
  }
  print('per provider', providers);
  print('per attribute', attributes);
  if (clothes) print('in other clothes', dressed);
  for (const [kind, ids] of strange) console.log(`\n${kind}:\n  ${ids.slice(0, show).join('\n  ')}`);
  const total = [...providers.values()].reduce((sum, { all }) => sum + all, 0);
  console.log(`\nexact: ${total - wrong.length} of ${total} exchanges`);
  if (chunks) console.log(`same in every cut: ${chunkings - cutWrong.length} of ${chunkings}`, ...new Set(cutWrong));
  return wrong.length + cutWrong.length > 0 ? 1 : 0;
}

function providerOf({ expected }: Case): string {
  return expected === null ? '(no call)' : String(expected['gen_ai.provider.name'] ?? '(unknown host)');
}

function count(tallies: Map<string, Tally>, name: string, isExact: boolean): void {
  const tally = tallies.get(name) ?? { exact: 0, all: 0 };
  tallies.set(name, { exact: tally.exact + Number(isExact), all: tally.all + 1 });
}

function print(title: string, tallies: Map<string, Tally>): void {
  console.log(`\n${title}`);
  for (const [name, { exact, all }] of [...tallies].sort((one, other) => other[1].all - one[1].all)) {
    console.log(
      `  ${name.padEnd(44)} ${String(exact).padStart(5)} of ${String(all).padStart(5)}${exact < all ? '  <' : ''}`,
    );
  }
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length})` : text;
}
