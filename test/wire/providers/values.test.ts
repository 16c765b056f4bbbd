/** Values that servers write in more than one way: numbers for words, ids and limits, shared indexes, parts beside the whole. */
import { describe, expect, test } from '@jest/globals';
import { singleBytes } from '../../../src/wire/exchange-replay.js';
import type { LlmCall } from '../../../src/wire/llm-call.js';
import { decode } from '../../support/corpus.js';

function call(host: string, path: string, request: object, response: object | object[], events = false): LlmCall {
  const body = events
    ? (response as object[]).map(event => `data: ${JSON.stringify(event)}\n\n`).join('')
    : JSON.stringify(response);
  const exchange = {
    id: 'x',
    role: 'client' as const,
    protocol: 'http/1.1' as const,
    host,
    method: 'POST',
    path,
    requestHeaders: { 'content-type': 'application/json' },
    requestBody: Buffer.from(JSON.stringify(request)),
    status: 200,
    responseHeaders: { 'content-type': events ? 'text/event-stream' : 'application/json' },
    responseBody: Buffer.from(body),
    partial: [],
  };
  const calls = decode(exchange);
  expect(calls).toHaveLength(1);
  expect(decode(exchange, singleBytes)).toEqual(calls);
  return calls[0] as LlmCall;
}

const GEMINI = 'generativelanguage.googleapis.com';
const VERTEX = 'aiplatform.googleapis.com';
const generate = (host: string, candidate: object, more: object = {}) =>
  call(
    host,
    '/v1beta/models/gemini:generateContent',
    { contents: [{ parts: [{ text: 'x' }] }] },
    { candidates: [{ content: { parts: [{ text: 'x' }] }, ...candidate }], ...more },
  );

describe("Google's words as numbers", () => {
  test.each([
    [GEMINI, 1, ['STOP']],
    [GEMINI, 2, ['MAX_TOKENS']],
    [GEMINI, 8, ['PROHIBITED_CONTENT']],
    [VERTEX, 8, ['SPII']],
    [GEMINI, 99, ['99']],
    [GEMINI, 0, undefined],
    [GEMINI, 'FINISH_REASON_UNSPECIFIED', undefined],
    [GEMINI, 'STOP', ['STOP']],
  ])('finish reason at %s: %j', (host, finishReason, expected) => {
    expect(generate(host, { finishReason }).response.finishReasons).toEqual(expected);
  });

  test('why a prompt was blocked, kinds of tokens, kinds of traffic', () => {
    expect(generate(GEMINI, {}, { candidates: [], promptFeedback: { blockReason: 4 } }).response.finishReasons).toEqual(
      ['PROHIBITED_CONTENT'],
    );
    const usageMetadata = {
      promptTokenCount: 9,
      promptTokensDetails: [{ modality: 4, tokenCount: 7 }],
      trafficType: 4,
    };
    const counted = generate(VERTEX, { finishReason: 1 }, { usageMetadata });
    expect(counted).toMatchObject({ usage: { audioInputTokens: 7 }, response: { serviceTier: 'flex' } });
  });

  test('a stream that says nothing yet is not over', () => {
    const chunk = (text: string, finishReason: string) => ({
      candidates: [{ content: { parts: [{ text }] }, finishReason }],
    });
    const path = '/v1beta/models/gemini:streamGenerateContent';
    const cut = call(GEMINI, path, { contents: [] }, [chunk('a', 'FINISH_REASON_UNSPECIFIED')], true);
    expect(cut.error?.type).toBe('stream_interrupted');
  });

  test("a model's name without what it lies in", () => {
    const request = { model: 'models/gemini-2.0-flash', contents: [{ parts: [] }] };
    const response = { candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP' }] };
    expect(call(GEMINI, '', request, response).request.model).toBe('gemini-2.0-flash');
  });
});

const chat = (request: object, response: object | object[], events = false) =>
  call(
    'api.openai.com',
    '/v1/chat/completions',
    { model: 'm', messages: [{ role: 'user', content: 'x' }], ...request },
    response,
    events,
  );
const answer = { model: 'm', choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }] };

test('ids and error codes as numbers, limits that are none', () => {
  expect(chat({ max_tokens: -1 }, { id: 7, ...answer })).toMatchObject({
    request: { maxTokens: -1 },
    response: { id: '7' },
  });
  expect(chat({}, [{ error: { code: 502, message: 'x' } }], true).error?.type).toBe('502');
});

describe('reasoning', () => {
  const usage = (reasoning_tokens: number, total_tokens?: number) =>
    chat(
      {},
      {
        ...answer,
        usage: {
          prompt_tokens: 61,
          completion_tokens: 10,
          total_tokens,
          completion_tokens_details: { reasoning_tokens },
        },
      },
    ).usage;

  test.each([
    ['inside', 4, 71, 10],
    ['beside, as the total shows', 4, 75, 14],
    ['beside, as it is more than the whole', 96, 71, 106],
    ['none', 0, 71, 10],
  ])('%s', (_, reasoning, total, output) => {
    expect(usage(reasoning, total).outputTokens).toBe(output);
  });

  test('of Responses', () => {
    const response = {
      id: 'r',
      status: 'completed',
      usage: { input_tokens: 1, output_tokens: 2, output_tokens_details: { reasoning_tokens: 5 } },
    };
    expect(call('api.openai.com', '/v1/responses', { model: 'm', input: 'x' }, response).usage.outputTokens).toBe(7);
  });
});

describe('tool calls of a stream', () => {
  const deltas = (...calls: object[]) =>
    chat(
      { stream: true },
      [
        ...calls.map(each => ({ choices: [{ index: 0, delta: { tool_calls: [each] } }] })),
        { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      ],
      true,
    ).toolCalls.map(({ id, name, arguments: source }) => [id, name, source]);
  const piece = (id: string | undefined, name: string | undefined, source: string, index = 0) => ({
    index,
    id,
    function: { name, arguments: source },
  });

  test('that share an index are told apart by ids with names', () => {
    expect(deltas(piece('t1', 'f', '{"a":1}'), piece('t2', 'f', '{"a":'), piece(undefined, undefined, '2}'))).toEqual([
      ['t1', 'f', '{"a":1}'],
      ['t2', 'f', '{"a":2}'],
    ]);
  });

  test('that repeat their id, or change it without a name, stay one', () => {
    expect(deltas(piece('t1', 'f', '{"a":'), piece('t1', 'f', '1}'))).toEqual([['t1', 'f', '{"a":1}']]);
    expect(deltas(piece('t1', 'f', '{"a":'), piece('x9', undefined, '1}'))).toEqual([['t1', 'f', '{"a":1}']]);
  });

  test('of several indexes', () => {
    expect(deltas(piece('t1', 'f', '{}'), piece('t2', 'g', '{"a":', 1), piece(undefined, undefined, '1}', 1))).toEqual([
      ['t1', 'f', '{}'],
      ['t2', 'g', '{"a":1}'],
    ]);
  });
});

describe('embeddings', () => {
  test.each([
    [[0.5, 0.25, 1, 2], 4],
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      3,
    ],
    [
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      2,
    ],
    [[], undefined],
  ])('the width of feature extraction %j', (response, width) => {
    const path = '/hf-inference/models/a/b/pipeline/feature-extraction';
    expect(call('router.huggingface.co', path, { inputs: 'x' }, response).response.embeddingDimensions).toBe(width);
  });

  test("Cohere's on Bedrock", () => {
    const request = { texts: ['x'], input_type: 'search_query', embedding_types: ['float'] };
    const response = { embeddings: { float: [[1, 2]] } };
    expect(
      call('bedrock-runtime.us-east-1.amazonaws.com', '/model/cohere.embed-english-v3/invoke', request, response),
    ).toMatchObject({ request: { encodingFormats: ['float'] }, response: { embeddingDimensions: 2 } });
  });
});
