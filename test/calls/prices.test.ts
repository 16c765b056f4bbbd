import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { calcPrice, type PriceCalculationResult, waitForUpdate } from '@pydantic/genai-prices';
import { type Cost, createCostCalculator } from '../../src/calls/cost.js';
import { loadPrices } from '../../src/calls/load-prices.js';
import { type PricedExtras, type PricedUsage, type PriceList, priceAt, sum } from '../../src/calls/prices.js';
import { parsePricing, readPricingFile } from '../../src/calls/pricing-file.js';
import { chatCall } from '../telemetry/support/calls.js';
import type { Decoded } from '../telemetry/support/otlp-proto.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const vectors = JSON.parse(readFileSync(path.join(ROOT, 'test/fixtures/telemetry/price-vectors.json'), 'utf8'));
const scratch = mkdtempSync(path.join(os.tmpdir(), 'openlit-prices-'));

describe('the vectors that the Python bootstrap runs, too', () => {
  const costOf = createCostCalculator({ loadPrices: () => vectors.prices });
  test.each(vectors.cases as Decoded[])(
    '$name',
    ({ provider, operation, requestModel, responseModel, serviceTier, usage, at, cost }) => {
      const call = chatCall({
        request: requestModel === undefined ? {} : { model: requestModel },
        response: {
          ...(responseModel === undefined ? {} : { model: responseModel }),
          ...(serviceTier === undefined ? {} : { serviceTier }),
        },
        usage,
        ...(operation === undefined ? {} : { operation }),
        ...(at === undefined ? {} : { start: BigInt(Date.parse(at)) * 1_000_000n }),
      });
      if (provider === undefined) delete call.provider;
      else call.provider = provider;
      if (cost === null) expect(costOf(call)).toBeUndefined();
      else {
        expect(costOf(call)).toMatchObject({ currency: 'USD', source: 'computed', priceData: 'test-prices 1' });
        expect(costOf(call)?.amount).toBeCloseTo(cost, 10);
      }
    },
  );
});

describe('the generated list against the package that its data is from', () => {
  const AT = new Date('2026-03-03T12:00:00Z');
  let list: PriceList;

  beforeAll(async () => {
    const script = (await import(path.join(ROOT, 'scripts/prices.mjs'))) as { buildPriceList(): Promise<PriceList> };
    writeFileSync(path.join(scratch, 'prices.json'), JSON.stringify(await script.buildPriceList()));
    list = loadPrices(path.join(scratch, 'prices.json'));
  });

  const USAGES: [string, PricedUsage, Record<string, number>, PricedExtras?][] = [
    ['plain', { inputTokens: 1000, outputTokens: 200 }, { input_tokens: 1000, output_tokens: 200 }],
    [
      'cached',
      { inputTokens: 1000, outputTokens: 200, cacheReadInputTokens: 600, cacheWriteInputTokens: 100 },
      { input_tokens: 1000, output_tokens: 200, cache_read_tokens: 600, cache_write_tokens: 100 },
    ],
    ['long', { inputTokens: 300_000, outputTokens: 9 }, { input_tokens: 300_000, output_tokens: 9 }],
    [
      'audio',
      { inputTokens: 1000, outputTokens: 200, audioInputTokens: 400, audioOutputTokens: 50 },
      {
        input_tokens: 1000,
        output_tokens: 200,
        input_audio_tokens: 400,
        output_audio_tokens: 50,
        cache_audio_read_tokens: 0,
      },
    ],
    [
      'kept for an hour',
      { inputTokens: 1000, outputTokens: 200, cacheWriteInputTokens: 300 },
      { input_tokens: 1000, output_tokens: 200, cache_write_tokens: 300, cache_write_1h_tokens: 200 },
      { cacheWrite1hInputTokens: 200 },
    ],
    [
      'searches',
      { inputTokens: 1000, outputTokens: 200 },
      { input_tokens: 1000, output_tokens: 200, web_searches: 3, storage_searches: 2 },
      { webSearches: 3, fileSearches: 2 },
    ],
  ];

  test.each(USAGES)('every model of every provider costs the same: %s', async (...[, usage, theirs, extras]) => {
    const differences: string[] = [];
    let compared = 0;
    for (const provider of (await waitForUpdate()) ?? []) {
      for (const model of provider.models) {
        // Its own match may be shadowed by an earlier model's; price the model itself.
        const alone = { ...provider, models: [{ ...model, match: { equals: 'x' } }], fallback_model_providers: [] };
        let expected: PriceCalculationResult;
        try {
          expected = calcPrice(theirs, 'x', { provider: alone, timestamp: AT });
        } catch {
          continue;
        }
        const ours = list.providers[provider.id]!.models[provider.models.indexOf(model)]!;
        const amount = sum(priceAt(ours, AT)!, usage, extras);
        // Prices by the hour, page or search: theirs is 0 then, ours is unknown.
        if (amount === undefined) continue;
        compared += 1;
        if (Math.abs(amount - expected!.total_price) > 1e-9) {
          differences.push(`${provider.id} ${model.id}: ${amount} instead of ${expected!.total_price}`);
        }
      }
    }
    expect(differences).toEqual([]);
    // What else was billed has a price in few rows; where it has none, there is no cost.
    expect(compared).toBeGreaterThan(extras === undefined ? 1200 : 20);
  });

  test.each([
    ['openai', 'gpt-4o-2024-08-06'],
    ['anthropic', 'claude-3-5-sonnet-20241022'],
    ['gcp.gemini', 'gemini-2.5-flash'],
    ['aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['groq', 'llama-3.3-70b-versatile'],
    ['mistral_ai', 'mistral-large-latest'],
    ['x_ai', 'grok-3'],
    ['deepseek', 'deepseek-chat'],
    ['cohere', 'command-r-plus-08-2024'],
    ['perplexity', 'sonar'],
  ])('%s %s has a price', (provider, model) => {
    const costOf = createCostCalculator({ loadPrices: () => list });
    const call = chatCall({ provider, request: { model }, response: {} });
    expect(costOf(call)?.amount).toBeGreaterThan(0);
  });
});

describe('the order of sources', () => {
  const pricingFile = parsePricing({ chat: { 'gpt-4o': { promptPrice: 1, completionPrice: 2 } } }, '/etc/prices.json');

  test("the provider's own figure is first", () => {
    const costOf = createCostCalculator({ loadPrices: () => vectors.prices, pricingFile });
    const stated = { amount: 0.25, currency: 'USD' };
    expect(costOf(chatCall({ statedCost: stated }))).toEqual({ ...stated, source: 'reported' });
  });

  test("the user's file is before the list", () => {
    const costOf = createCostCalculator({ loadPrices: () => vectors.prices, pricingFile });
    const expected: Cost = { amount: 1.2, currency: 'USD', source: 'computed', priceData: 'pricing file prices.json' };
    expect(costOf(chatCall())).toEqual(expected);
  });

  test('the file has no price for what is kept for an hour, and its prices change with the tier', () => {
    const costOf = createCostCalculator({ pricingFile });
    expect(costOf(chatCall({ billing: { webSearches: 1 } }))).toBeUndefined();
    expect(costOf(chatCall({ provider: 'openai', response: { serviceTier: 'flex' } }))?.amount).toBeCloseTo(0.6, 9);
    expect(costOf(chatCall({ response: { serviceTier: 'priority' } }))).toBeUndefined();
  });

  test('the list is read once, when it is needed', () => {
    let reads = 0;
    const costOf = createCostCalculator({
      loadPrices: () => {
        reads += 1;
        return vectors.prices;
      },
    });
    costOf(chatCall({ statedCost: { amount: 1, currency: 'USD' } }));
    expect(reads).toBe(0);
    costOf(chatCall());
    costOf(chatCall());
    expect(reads).toBe(1);
  });

  test('a list that cannot be read means no cost, and nothing else', () => {
    const costOf = createCostCalculator({ loadPrices: () => loadPrices(path.join(scratch, 'none.json')) });
    expect(costOf(chatCall())).toBeUndefined();
  });
});

describe("a pricing file in OpenLIT's format", () => {
  const file = parsePricing(
    {
      chat: {
        cached: { promptPrice: 3, completionPrice: 15, cacheReadPrice: 0.3, cacheCreationPrice: 3.75 },
        plain: { promptPrice: 3, completionPrice: 15 },
      },
      embeddings: { embed: 0.02 },
      images: { 'dall-e-3': { standard: { '1024x1024': 0.04 } } },
    },
    'p.json',
  );
  const usage = { inputTokens: 1000, outputTokens: 100, cacheReadInputTokens: 500, cacheWriteInputTokens: 100 };

  test('per thousand tokens; cached tokens apart where they have a price', () => {
    expect(file.costOf(chatCall({ request: { model: 'cached' }, usage }))).toBeCloseTo(1.2 + 0.15 + 0.375 + 1.5, 9);
    expect(file.costOf(chatCall({ request: { model: 'plain' }, usage }))).toBeCloseTo(3 + 1.5, 9);
  });

  test('after the first slash, and the model that answered second', () => {
    expect(file.costOf(chatCall({ request: { model: 'vendor/plain' }, usage }))).toBeCloseTo(4.5, 9);
    expect(file.costOf(chatCall({ request: { model: 'alias' }, response: { model: 'plain' }, usage }))).toBeCloseTo(
      4.5,
      9,
    );
    expect(file.costOf(chatCall({ request: { model: 'none' }, response: {}, usage }))).toBeUndefined();
  });

  test('embeddings have their own table; unknown tokens have no cost', () => {
    const call = chatCall({ operation: 'embeddings', request: { model: 'embed' }, usage: { inputTokens: 2000 } });
    expect(file.costOf(call)).toBeCloseTo(0.04, 9);
    expect(file.costOf({ ...call, usage: {} })).toBeUndefined();
    expect(file.costOf(chatCall({ request: { model: 'plain' }, usage: { inputTokens: 5 } }))).toBeUndefined();
  });

  test.each([
    [{ chat: { m: { promptPrice: 'x', completionPrice: 1 } } }, 'chat.m.promptPrice is "x"'],
    [{ chat: { m: { promptPrice: 1 } } }, 'chat.m.completionPrice is undefined'],
    [{ chat: { m: { promptPrice: 1, completionPrice: 1, cacheReadPrice: -1 } } }, 'chat.m.cacheReadPrice is -1'],
    [{ chat: { m: 3 } }, 'chat.m is not an object'],
    [{ embeddings: { m: null } }, 'embeddings.m is null'],
    [{ chat: [] }, 'chat is not an object'],
    ['text', 'is not a JSON object'],
  ])('%j is refused with its place', (data, reason) => {
    expect(() => parsePricing(data, 'p.json')).toThrow(
      expect.objectContaining({ code: 'PRICING_FILE', reason: expect.stringContaining(reason) }),
    );
  });

  test('a missing file, broken JSON and a URL are refused', () => {
    const broken = path.join(scratch, 'broken.json');
    writeFileSync(broken, '{"chat":');
    for (const [name, reason] of [
      [path.join(scratch, 'missing.json'), 'does not exist'],
      [broken, 'is not JSON'],
      ['https://example.com/pricing.json', 'is a URL'],
    ] as const) {
      expect(() => readPricingFile(name)).toThrow(expect.objectContaining({ reason: expect.stringContaining(reason) }));
    }
  });
});
