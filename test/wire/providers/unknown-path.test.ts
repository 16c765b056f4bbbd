/** Where host and path say nothing, the bodies prove what a call is; and what is none is not taken for one. */
import { describe, expect, test } from '@jest/globals';
import type { Exchange } from '../../../src/wire/exchange.js';
import type { Call } from '../../../src/wire/llm-call.js';
import { decode } from '../../support/corpus.js';
import { seededRandom } from '../../support/random.js';
import { wireFixtures } from '../../support/wire-fixtures.js';

const isJson = ({ requestHeaders }: Exchange) => (requestHeaders['content-type'] ?? '').includes('json');
const calls = wireFixtures().filter(
  ({ exchange, expected }) =>
    expected !== null && exchange.method === 'POST' && isJson(exchange) && exchange.status! < 400,
);

/** What the bytes of the answer say; the model and whether it streams may stand in the path alone. */
function said(found: Call[]) {
  return found.map(call =>
    call.kind === 'mcp'
      ? call
      : {
          text: call.outputText,
          tools: call.toolCalls,
          usage: call.usage,
          response: call.response,
          error: call.error,
          partial: call.partial,
          cost: call.statedCost,
        },
  );
}

/** Told by a header, by the path or by the form of the upload alone, or answered by nothing that could prove anything. */
const TOLD_OTHERWISE = [
  /^mcp\//,
  /^vercel\/[a-z]+-model/,
  /^openai\/(?:speech|images|image-edit)|^dashscope\/speech|^(?:together|openrouter)\/image/,
  /^cloudflare\//,
  /^huggingface\/feature-extraction/,
  /^vertex\/(?:imagen|predict)/,
  /^bedrock\/invoke-rerank/,
  // An error alone.
  /^ollama\/error-stream/,
];
const told = calls.filter(({ name }) => !TOLD_OTHERWISE.some(expression => expression.test(name)));

describe('a call whose path is in a table that nobody has (HTTP/2 joined late)', () => {
  test.each(told)('$name', ({ exchange }) => {
    expect(said(decode({ ...exchange, path: '' }))).toEqual(said(decode(exchange)));
  });
});

describe('a call at a host and a path of its own', () => {
  test.each(told.filter(({ name }) => !/^bedrock\/(?:mantle|converse-stream-exception)|^huggingface\/tgi/.test(name)))(
    '$name',
    ({ exchange }) => {
      const dressed = { ...exchange, host: 'llm.corp.example', path: '/ask' };
      expect(said(decode(dressed))).toEqual(said(decode(exchange)));
    },
  );
});

describe('Responses without a model, behind API management', () => {
  const asked = { input: 'Hi', instructions: 'Be brief.' };
  const answered = { id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-5', output: [] };
  const exchange = (path: string, response: object, status = 200): Exchange => ({
    id: 'x',
    role: 'client',
    protocol: 'http/1.1',
    host: 'apim.corp.example',
    method: 'POST',
    path,
    requestHeaders: { 'content-type': 'application/json' },
    requestBody: Buffer.from(JSON.stringify(asked)),
    status,
    responseHeaders: { 'content-type': 'application/json' },
    responseBody: Buffer.from(JSON.stringify(response)),
    partial: [],
  });

  test.each(['/team/responses', '/ask'])('%s', path => {
    expect(decode(exchange(path, answered))).toMatchObject([{ operation: 'chat', response: { id: 'resp_1' } }]);
  });

  test.each([
    [{ id: 7, status: 'received' }, 201],
    [{}, 200],
    [{ error: { code: 'invalid' } }, 400],
  ])('a form that is answered by %j at such a path is none', (response, status) => {
    expect(decode(exchange('/surveys/7/responses', response, status))).toEqual([]);
  });
});

describe('what is no call', () => {
  const WORDS =
    'id name type object model messages message input output prompt content contents text texts data choices choice usage status role results result response request query documents items total count tokens embedding embeddings user users parameters options created created_at done error code title body parts candidates finish_reason stop_reason instructions tools max_tokens inputs generated_text page next url label score values event events session conversation order orders price questions answers instances predictions documents inputText input_tokens relevance_score b64_json values generations completions finishReason response_type input_type schemaVersion taskType singleEmbeddingParams bytes value stream error innererror content_filter_result meta'.split(
      ' ',
    );
  const TEXTS = [
    'a',
    'completed',
    'user',
    'assistant',
    'list',
    'stop',
    'hello there',
    '2026-01-01T00:00:00Z',
    'gpt-x',
    '',
  ];

  function value(random: () => number, depth: number): unknown {
    const pick = random();
    if (pick < 0.35 || depth > 4) return TEXTS[Math.floor(random() * TEXTS.length)];
    if (pick < 0.5) return Math.floor(random() * 100);
    if (pick < 0.55) return random() < 0.5;
    if (pick < 0.6) return null;
    if (pick < 0.75) return Array.from({ length: Math.floor(random() * 3) }, () => value(random, depth + 1));
    return object(random, depth + 1);
  }

  function object(random: () => number, depth = 0): object {
    const size = 1 + Math.floor(random() * 7);
    const names = Array.from({ length: size }, () => WORDS[Math.floor(random() * WORDS.length)]!);
    return Object.fromEntries(names.map(name => [name, value(random, depth)]));
  }

  test('10,000 JSON bodies of other services that use the same words', () => {
    const random = seededRandom(7);
    const wrong: string[] = [];
    for (let number = 0; number < 10_000; number++) {
      const request = JSON.stringify(object(random));
      const response = JSON.stringify(random() < 0.1 ? [object(random)] : object(random));
      const found = decode({
        id: 'x',
        role: 'client',
        protocol: 'http/1.1',
        host: 'shop.example',
        method: 'POST',
        path: ['/api/things', '/v2/search', '/graphql', '/messages'][number % 4]!,
        requestHeaders: number % 3 === 0 ? {} : { 'content-type': 'application/json' },
        requestBody: Buffer.from(request),
        status: 200,
        responseHeaders: { 'content-type': 'application/json' },
        responseBody: Buffer.from(response),
        partial: [],
      });
      if (found.length > 0) wrong.push(`${request} -> ${response}`);
    }
    expect(wrong).toEqual([]);
  });
});
