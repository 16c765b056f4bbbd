/** Fetched results of batches: counted once, priced one by one, and no other file is taken for them. */
import { describe, expect, test } from '@jest/globals';
import { createCostCalculator } from '../../../src/calls/cost.js';
import { llmMeasurements } from '../../../src/telemetry/measurements.js';
import type { PartialReason } from '../../../src/wire/exchange.js';
import { replayExchange } from '../../../src/wire/exchange-replay.js';
import type { LlmCall } from '../../../src/wire/llm-call.js';
import { createCallDecoder, LaterResults } from '../../../src/wire/providers/index.js';
import { lookAhead } from '../../../src/wire/providers/recognize/look-ahead.js';

interface Fetch {
  host?: string;
  path?: string;
  range?: string;
  body: string;
  partial?: PartialReason[];
  content?: boolean;
}

/** The calls of each fetch of one program. */
function fetched(...fetches: Fetch[]): LlmCall[][] {
  const later = new LaterResults();
  return fetches.map(
    ({ host = 'api.openai.com', path = '/v1/files/file-1/content', range, body, partial = [], content = false }) => {
      const calls: LlmCall[] = [];
      const open = createCallDecoder({
        later,
        content,
        newId: () => 'id',
        onCall: call => calls.push(call as LlmCall),
      });
      replayExchange(
        {
          id: 'x',
          role: 'client',
          protocol: 'http/1.1',
          host,
          method: 'GET',
          path,
          requestHeaders: range === undefined ? {} : { range },
          status: range === undefined ? 200 : 206,
          responseHeaders: { 'content-type': 'application/octet-stream' },
          responseBody: Buffer.from(body),
          partial,
        },
        open,
      );
      return calls;
    },
  );
}

const chat = (id: number, input: number, model = 'gpt-4o-mini-2024-07-18', text = 'x') => ({
  id: `chatcmpl-${id}`,
  object: 'chat.completion',
  model,
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage: { prompt_tokens: input, completion_tokens: 1, total_tokens: input + 1 },
});
const result = (id: number, body: object) => ({
  id: `batch_req_${id}`,
  custom_id: `${id}`,
  response: { status_code: 200, body },
  error: null,
});
const lines = (...items: object[]) => items.map(item => `${JSON.stringify(item)}\n`).join('');
const three = lines(...[1, 2, 3].map(id => result(id, chat(id, 10 ** id))));
const inputs = (exchanges: LlmCall[][]) => exchanges.map(calls => calls.map(call => call.usage.inputTokens));

describe('what is fetched twice', () => {
  test('is counted once', () => {
    const fetches = fetched({ body: three }, { body: three }, { body: three, path: '/v1/files/file-2/content' });
    expect(inputs(fetches)).toEqual([[1110], [], [1110]]);
  });

  test('after a fetch that broke off, or that the program left, only the rest is', () => {
    const cut = three.slice(0, three.indexOf('\n') + 40);
    const [broken, whole] = fetched({ body: cut, partial: ['aborted'] }, { body: three });
    expect(inputs([broken!, whole!])).toEqual([[10], [1100]]);
    expect(broken![0]).toMatchObject({ partial: ['aborted'], error: { type: 'connection_closed' } });
    const [left] = fetched({ body: cut, partial: ['aborted', 'cancelled'] });
    expect(left![0]!.error).toBeUndefined();
  });

  test('parts and pages are counted each for itself, and not after the whole', () => {
    const page = (cursor: string, id: number) => ({
      path: `/api/v1/batches/b/results${cursor}`,
      body: JSON.stringify({ data: [result(id, chat(id, 10 ** id))], has_more: true }),
    });
    const pages = [page('', 1), page('?cursor=2', 2), page('?cursor=2', 2)];
    expect(inputs(fetched(...pages))).toEqual([[10], [100], []]);
    const batch = {
      path: '/api/v1/batches/b',
      body: JSON.stringify({
        id: 'b',
        results: three
          .trim()
          .split('\n')
          .map(line => JSON.parse(line) as object),
      }),
    };
    expect(inputs(fetched(batch, ...pages))).toEqual([[1110], [], [], []]);
    const rest = three.slice(three.indexOf('\n') + 1);
    expect(
      inputs(
        fetched({ body: lines(result(1, chat(1, 10))), range: 'bytes=0-99' }, { body: rest, range: 'bytes=100-' }),
      ),
    ).toEqual([[10], [1100]]);
  });
});

test('each model is a call of its own; what failed is one with the first', () => {
  const failed = { custom_id: 'f', response: null, error: { code: 'batch_expired', message: 'late' } };
  const [calls] = fetched({
    body: lines(failed, result(1, chat(1, 5, 'a')), result(2, chat(2, 6, 'b')), result(3, chat(3, 7, 'a'))),
  });
  expect(calls!.map(({ response, usage, extra, error }) => [response.model, usage.inputTokens, extra, error])).toEqual([
    ['a', 12, { 'openlit.batch.results': 3, 'openlit.batch.failed': 1 }, undefined],
    ['b', 6, { 'openlit.batch.results': 1, 'openlit.batch.failed': 0 }, undefined],
  ]);
});

test('any host and any length of a line: the answer proves it', () => {
  const long = lines(result(1, chat(1, 3, 'm', 'y'.repeat(100_000))), result(2, chat(2, 4, 'm')));
  const [calls] = fetched({ host: 'gateway.internal:4000', body: long });
  expect(calls).toHaveLength(1);
  expect(calls![0]).toMatchObject({ provider: 'openai', usage: { inputTokens: 7 }, partial: [] });
  const lookalike = lines(
    { custom_id: '1', response: { status: 'shipped' } },
    { custom_id: '2', response: { total: 3 } },
  );
  expect(fetched({ host: 'shop.internal', body: lookalike })).toEqual([[]]);
});

test('content is kept as far as that of any call, and only where it was asked for', () => {
  const many = lines(...Array.from({ length: 1_200 }, (_, id) => result(id, chat(id, 1, 'm', `<${id}>`))));
  const [silent] = fetched({ body: many });
  expect([silent![0]!.outputText, silent![0]!.content, silent![0]!.partial]).toEqual([undefined, undefined, []]);
  const [said] = fetched({ body: many, content: true });
  expect(said![0]!.content!.outputMessages).toHaveLength(1_000);
  expect(said![0]!.outputText!.startsWith('<0><1>')).toBe(true);
  expect([said![0]!.partial, said![0]!.usage.inputTokens]).toEqual([['truncated'], 1_200]);
});

describe('cost', () => {
  const price = { input: [2, [100, 20]], output: 0 };
  const costOf = createCostCalculator({
    loadPrices: () =>
      ({
        source: 's',
        version: '1',
        aliases: {},
        providers: Object.fromEntries(
          ['openai', 'anthropic', 'together'].map(name => [
            name,
            { models: [{ match: { starts_with: 'm' }, prices: [price] }] },
          ]),
        ),
      }) as never,
  });
  const costFor = (host: string, body: string) => costOf(fetched({ host, body })[0]![0]!);

  test('is half, by the length of each call and not of their sum', () => {
    const body = lines(...[1, 2, 3].map(id => result(id, chat(id, 90, 'm'))));
    expect(costFor('api.openai.com', body)).toMatchObject({ amount: (3 * 90 * 2 * 0.5) / 1e6, source: 'computed' });
  });

  test('is unknown where nobody says how much a batch costs, or one of its answers has none', () => {
    expect(costFor('api.together.ai', lines(result(1, chat(1, 90, 'm'))))).toBeUndefined();
    const cached = {
      ...chat(2, 90, 'm'),
      usage: { prompt_tokens: 90, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 50 } },
    };
    expect(costFor('api.openai.com', lines(result(1, chat(1, 90, 'm')), result(2, cached)))).toBeUndefined();
  });

  test('is what the answers state', () => {
    const stated = (id: number) =>
      result(id, { ...chat(id, 9), usage: { prompt_tokens: 9, completion_tokens: 1, cost: 0.25 } });
    expect(costFor('openrouter.ai', lines(stated(1), stated(2)))).toMatchObject({ amount: 0.5, source: 'reported' });
  });
});

test('tokens are measured call by call, the duration once', () => {
  const [calls] = fetched({ body: three });
  const call = { ...calls![0]!, start: 1n, end: 2_000_000_001n };
  const measured = llmMeasurements(call, {}, 'v1.41', undefined).map(({ instrument, value }) => [
    instrument.name,
    value,
  ]);
  expect(measured).toEqual([
    ['gen_ai.client.operation.duration', 2],
    ...[10, 100, 1000].flatMap(input => [
      ['gen_ai.client.token.usage', input],
      ['gen_ai.client.token.usage', 1],
    ]),
  ]);
});

test('the taps hand over no other downloads', () => {
  const getPath = new RegExp(lookAhead().getPath);
  const passes = [
    '/v1/messages/batches/b/results',
    '/v1/files/file-1/content',
    '/openai/v1/files/f/content',
    '/openai/files/f/content',
  ];
  const others = [
    '/2.0/files/123/content',
    '/files/1/content',
    '/v1/files/f',
    '/v1/files',
    '/v1/images/f/content',
    '/shop/batches/7',
    '/v1/batches',
    '/v1/containers/c/files/f/contents',
  ];
  expect(passes.filter(path => !getPath.test(path))).toEqual([]);
  expect(others.filter(path => getPath.test(path))).toEqual([]);
});

test('what is no list of results is passed over after its first lines', () => {
  const foreign = (count: number) => lines(...Array.from({ length: count }, (_, id) => ({ id, text: 'y' })));
  expect(inputs(fetched({ body: foreign(15) + three }, { body: foreign(16) + three }))).toEqual([[1110], []]);
});
