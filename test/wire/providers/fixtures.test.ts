/** Every provider and format on its fixture: exact values, the same in every cut, whole or scanned, and without content. */
import { describe, expect, test } from '@jest/globals';
import { cutAt, randomChunks, singleBytes } from '../../../src/wire/exchange-replay.js';
import type { Call } from '../../../src/wire/llm-call.js';
import { compare, decode } from '../../support/corpus.js';
import { seededRandom } from '../../support/random.js';
import { wireFixtures } from '../../support/wire-fixtures.js';

const fixtures = wireFixtures();
/** Whole documents are never kept: every body goes through the scanner. */
const SCANNED = { json: { whole: 0, picked: 2 * 1024 * 1024 } };

/** Content is what a person or a model wrote. */
function withoutContent(call: Call): unknown {
  if (call.kind === 'mcp') return { ...call, toolArguments: undefined, toolResult: undefined };
  return { ...call, outputText: undefined, toolCalls: undefined, content: undefined };
}

test('there is a fixture for every provider', () => {
  expect(new Set(fixtures.map(({ name }) => name.split('/')[0])).size).toBeGreaterThanOrEqual(30);
});

describe.each(fixtures)('$name', ({ exchange, expected }) => {
  const calls = decode(exchange);

  test('gives exactly what is on the wire', () => {
    expect(compare(calls, expected)).toEqual([]);
  });

  test('is the same byte by byte and cut at random places', () => {
    expect(decode(exchange, singleBytes)).toEqual(calls);
    for (const seed of [1, 2, 3]) expect(decode(exchange, randomChunks(seededRandom(seed), 40))).toEqual(calls);
  });

  test('is the same cut in two at every place', () => {
    const length = Math.max(exchange.requestBody?.length ?? 0, exchange.responseBody?.length ?? 0);
    const step = Math.max(1, Math.floor(length / 250));
    for (let place = 1; place < length; place += step) expect(decode(exchange, cutAt(place))).toEqual(calls);
  });

  test('is the same when bodies are scanned instead of kept', () => {
    const scanned = decode(exchange, randomChunks(seededRandom(4), 30), true, SCANNED);
    expect(compare(scanned, expected)).toEqual([]);
  });

  test('holds no content unless it was asked for', () => {
    const silent = decode(exchange, singleBytes, false);
    expect(silent.map(withoutContent)).toEqual(calls.map(withoutContent));
    for (const call of silent) {
      if (call.kind === 'llm')
        expect([call.outputText, call.toolCalls, call.content]).toEqual([undefined, [], undefined]);
      else expect([call.toolArguments, call.toolResult]).toEqual([undefined, undefined]);
    }
  });
});
