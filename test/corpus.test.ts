/** The recorded exchanges of real providers, where the corpus lies beside the clone (`npm run corpus` prints the details). */
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { randomChunks, singleBytes } from '../src/wire/exchange-replay.js';
import { compare, corpusFile, decode, readCorpus, WRONG_EXPECTATIONS } from './support/corpus.js';
import { seededRandom } from './support/random.js';

const file = corpusFile(path.resolve(import.meta.dirname, '..'));
if (file === undefined) console.log('corpus: skipped, ../shared/corpus/exchanges.ndjson.gz is not beside this clone');

(file === undefined ? describe.skip : describe)('corpus', () => {
  test('every exchange is exact, and nothing that is no call is reported', async () => {
    const different: unknown[] = [];
    let exchanges = 0;
    for await (const { exchange, expected } of readCorpus(file!)) {
      exchanges++;
      const differences = compare(decode(exchange), expected);
      if (differences.length > 0 && !WRONG_EXPECTATIONS.has(exchange.id))
        different.push({ id: exchange.id, differences });
    }
    expect(different).toEqual([]);
    expect(exchanges).toBe(1539);
  }, 120_000);

  test('every stream gives the same byte by byte and cut at random places', async () => {
    const different: string[] = [];
    let streams = 0;
    for await (const { exchange, expected } of readCorpus(file!)) {
      if (expected?.['gen_ai.request.stream'] !== true) continue;
      streams++;
      const whole = decode(exchange);
      for (const chunking of [singleBytes, ...[1, 2].map(seed => randomChunks(seededRandom(seed), 150))]) {
        const cut = decode(exchange, chunking);
        if (JSON.stringify(cut) !== JSON.stringify(whole)) different.push(exchange.id);
      }
    }
    expect(different).toEqual([]);
    expect(streams).toBe(243);
  }, 120_000);
});
