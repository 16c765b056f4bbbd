/** What answers say of their bill beyond tokens: each provider in its own words. */
import { describe, expect, test } from '@jest/globals';
import type { Billing, LlmCall } from '../../../src/wire/llm-call.js';
import { decode } from '../../support/corpus.js';

interface Answer {
  host: string;
  path: string;
  request?: object;
  requestHeaders?: Record<string, string>;
  headers?: Record<string, string>;
  /** An object is JSON, a list the data of SSE events. */
  response: object | object[];
}

function call({ host, path, request = {}, requestHeaders = {}, headers = {}, response }: Answer): LlmCall {
  const isStream = Array.isArray(response);
  const body = isStream
    ? response.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')
    : JSON.stringify(response);
  const calls = decode({
    id: 'x',
    role: 'client',
    protocol: 'http/1.1',
    host,
    method: 'POST',
    path,
    requestHeaders: { 'content-type': 'application/json', ...requestHeaders },
    requestBody: Buffer.from(JSON.stringify(request)),
    status: 200,
    responseHeaders: { 'content-type': isStream ? 'text/event-stream' : 'application/json', ...headers },
    responseBody: Buffer.from(body),
    partial: [],
  });
  expect(calls).toHaveLength(1);
  return calls[0] as LlmCall;
}

const claude = (usage: object, request: object = {}): Answer => ({
  host: 'api.anthropic.com',
  path: '/v1/messages',
  request: { model: 'claude', max_tokens: 1, messages: [], ...request },
  response: { type: 'message', model: 'claude', content: [], stop_reason: 'end_turn', usage },
});
const chat = (usage: object): Answer => ({
  host: 'openrouter.ai',
  path: '/api/v1/chat/completions',
  request: { model: 'm', messages: [{ role: 'user', content: 'x' }] },
  response: { id: 'c', model: 'm', choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }], usage },
});
const gemini = (host: string, usage: object, candidate: object = {}): Answer => ({
  host,
  path: '/v1beta/models/gemini:generateContent',
  request: { contents: [] },
  response: {
    candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'STOP', ...candidate }],
    usageMetadata: usage,
  },
});
const SEARCHES = [
  { type: 'web_search_call', action: { type: 'search' } },
  { type: 'web_search_call', action: { type: 'open_page' } },
  { type: 'file_search_call' },
  { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] },
];
const responses = (response: object | object[]): Answer => ({
  host: 'api.openai.com',
  path: '/v1/responses',
  request: { model: 'gpt-5', input: 'x' },
  response,
});
const done = { id: 'r', status: 'completed', model: 'gpt-5', usage: { input_tokens: 1, output_tokens: 1 } };
const converse = (body: object): Answer => ({
  host: 'bedrock-runtime.us-east-1.amazonaws.com',
  path: '/model/m/converse',
  request: { messages: [] },
  response: { output: { message: { content: [] } }, stopReason: 'end_turn', ...body },
});

describe('what is billed', () => {
  const cases: [string, Answer, Billing | undefined][] = [
    ['tokens alone', claude({ input_tokens: 1, output_tokens: 1, speed: 'standard' }), { speed: 'standard' }],
    ['no word', claude({ input_tokens: 1, output_tokens: 1 }), undefined],
    ['a speed', claude({ input_tokens: 1, speed: 'fast' }), { speed: 'fast' }],
    ['a speed that was asked for', claude({ input_tokens: 1 }, { speed: 'fast' }), { speed: 'fast' }],
    [
      'a speed that was asked for, and not given',
      claude({ speed: 'standard' }, { speed: 'fast' }),
      { speed: 'standard' },
    ],
    ['a place', claude({ input_tokens: 1, inference_geo: 'us' }), { inferenceGeo: 'us' }],
    [
      'writes for an hour',
      claude({ cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 } }),
      { cacheWrite1hInputTokens: 2 },
    ],
    ['searches', claude({ server_tool_use: { web_search_requests: 3, web_fetch_requests: 2 } }), { webSearches: 3 }],
    ['a tool of no known price', claude({ server_tool_use: { other_requests: 1 } }), { unpriced: 'other_requests' }],
    [
      "an advisor's run",
      claude({ iterations: [{ type: 'advisor_message', input_tokens: 5 }] }),
      { unpriced: 'advisor' },
    ],
    [
      'a model that declined before another one answered',
      claude({
        iterations: [
          { type: 'message', model: 'claude-a', input_tokens: 5 },
          { type: 'fallback_message', model: 'claude-b', input_tokens: 5 },
        ],
      }),
      { unpriced: 'fallback' },
    ],
    [
      'a turn of several runs',
      claude({
        iterations: [
          { type: 'message', model: 'claude-a', input_tokens: 5 },
          { type: 'message', model: 'claude-a', input_tokens: 9 },
          { type: 'message', model: null, input_tokens: 9 },
        ],
      }),
      undefined,
    ],
    ['a credit', claude({ fallback_credit: { status: { type: 'redeemed' } } }), { unpriced: 'fallback_credit' }],
    ['a credit that was not given', claude({ fallback_credit: { status: { type: 'not_applied' } } }), undefined],
    [
      "the API's own count of its searches",
      responses({ ...done, output: SEARCHES, tool_usage: { web_search: { num_requests: 1 } } }),
      { webSearches: 1, fileSearches: 1 },
    ],
    [
      'writes for half a day',
      responses({
        ...done,
        usage: { input_tokens: 9, input_tokens_details: { cache_write_tokens_details: { ttl_12h_tokens: 8 } } },
      }),
      { unpriced: 'cache_write_12h' },
    ],
    [
      'writes for half an hour',
      responses({
        ...done,
        usage: {
          input_tokens: 9,
          input_tokens_details: { cache_write_tokens_details: { ttl_30m_tokens: 8, ttl_12h_tokens: 0 } },
        },
      }),
      undefined,
    ],
    [
      'a drawing of another model',
      {
        host: 'api.openai.com',
        path: '/v1/images/generations',
        request: { model: 'gpt-image-3', prompt: 'x' },
        response: { data: [{}], usage: { input_tokens: 1 }, svg_usage: { model: 'gpt-6.1-terra', input_tokens: 9 } },
      },
      { unpriced: 'svg' },
    ],
    [
      'searches of an interaction',
      {
        host: 'generativelanguage.googleapis.com',
        path: '/v1beta/interactions',
        request: { model: 'm', input: 'x' },
        response: {
          id: 'i',
          status: 'completed',
          usage: { total_input_tokens: 1, grounding_tool_count: [{ type: 'google_search', count: 2 }] },
        },
      },
      { unpriced: 'grounding' },
    ],
    [
      'searches of a stream',
      {
        ...claude({}),
        response: [
          { type: 'message_start', message: { model: 'claude', usage: { input_tokens: 1, inference_geo: 'us' } } },
          {
            type: 'message_delta',
            delta: { stop_reason: 'end_turn' },
            usage: { output_tokens: 1, server_tool_use: { web_search_requests: 1 } },
          },
          { type: 'message_stop' },
        ],
      },
      { inferenceGeo: 'us', webSearches: 1 },
    ],
    ['tools of Responses', responses({ ...done, output: SEARCHES }), { webSearches: 1, fileSearches: 1 }],
    [
      'tools of streamed Responses, once',
      responses([
        ...SEARCHES.map((item, at) => ({ type: 'response.output_item.done', output_index: at, item })),
        { type: 'response.completed', response: { ...done, output: SEARCHES } },
      ]),
      { webSearches: 1, fileSearches: 1 },
    ],
    [
      'a container',
      responses({ ...done, output: [{ type: 'code_interpreter_call' }] }),
      { unpriced: 'code_interpreter_call' },
    ],
    [
      'grounding',
      gemini('generativelanguage.googleapis.com', {}, { groundingMetadata: { webSearchQueries: ['x'] } }),
      { unpriced: 'grounding' },
    ],
    [
      'writes for an hour on Bedrock, and a speed',
      converse({
        usage: {
          inputTokens: 1,
          outputTokens: 1,
          cacheDetails: [
            { ttl: '1h', inputTokens: 4 },
            { ttl: '5m', inputTokens: 2 },
          ],
        },
        performanceConfig: { latency: 'optimized' },
      }),
      { cacheWrite1hInputTokens: 4, speed: 'optimized' },
    ],
    ["Mistral's connectors", chat({ prompt_tokens: 1, connectors: { web_search: 1 } }), { unpriced: 'web_search' }],
    ['a key of the user and no word of the rest', chat({ cost: 0, is_byok: true }), { unpriced: 'upstream' }],
  ];

  test.each(cases)('%s', (_, answer, billing) => {
    expect(call(answer).billing).toEqual(billing);
  });
});

describe('the tier that an answer was served with', () => {
  const cases: [string, Answer, string | undefined][] = [
    ['Gemini', gemini('generativelanguage.googleapis.com', { serviceTier: 'flex' }), 'flex'],
    ['Vertex, flex', gemini('aiplatform.googleapis.com', { trafficType: 'ON_DEMAND_FLEX' }), 'flex'],
    ['Vertex', gemini('aiplatform.googleapis.com', { trafficType: 'ON_DEMAND' }), 'on_demand'],
    [
      'Vertex, bought before',
      gemini('aiplatform.googleapis.com', { trafficType: 'PROVISIONED_THROUGHPUT' }),
      'provisioned',
    ],
    ['Converse', converse({ serviceTier: { type: 'priority' } }), 'priority'],
    [
      'InvokeModel',
      {
        ...converse({}),
        path: '/model/m/invoke',
        headers: { 'x-amzn-bedrock-service-tier': 'flex', 'x-amzn-bedrock-input-token-count': '1' },
      },
      'flex',
    ],
  ];

  test.each(cases)('%s', (_, answer, tier) => {
    expect(call(answer).response.serviceTier).toBe(tier);
  });
});

describe('a stated cost', () => {
  const vercel = (gateway: object): Answer => ({
    host: 'ai-gateway.vercel.sh',
    path: '/v3/ai/language-model',
    requestHeaders: { 'ai-language-model-id': 'a/b' },
    request: { prompt: [] },
    response: { content: [], finishReason: 'stop', usage: {}, providerMetadata: { gateway } },
  });
  /** The same in OpenAI's form, where the gateway puts it into the message, the delta or the answer. */
  const inOpenAi = (response: object | object[], path = '/v1/chat/completions'): Answer => ({
    host: 'ai-gateway.vercel.sh',
    path,
    request: { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'x' }], input: 'x' },
    response,
  });
  const gatewaySays = { provider_metadata: { gateway: { cost: '0.00025', generationId: 'g' } } };
  const attempts = [{ success: true, providerAttempts: [{ credentialType: 'byok', success: true }] }];
  const cases: [string, Answer, number | undefined][] = [
    ["Vercel's gateway, a chat", inOpenAi({ choices: [{ message: { content: 'x', ...gatewaySays } }] }), 0.00025],
    [
      "Vercel's gateway, a stream of it",
      inOpenAi([
        { choices: [{ delta: { content: 'x' } }] },
        { choices: [{ delta: gatewaySays, finish_reason: 'stop' }] },
      ]),
      0.00025,
    ],
    [
      "Vercel's gateway, embeddings",
      inOpenAi({ data: [{ embedding: [1] }], providerMetadata: gatewaySays.provider_metadata }, '/v1/embeddings'),
      0.00025,
    ],
    [
      "Vercel's gateway, Responses",
      inOpenAi({ id: 'r', object: 'response', status: 'completed', output: [], ...gatewaySays }, '/v1/responses'),
      0.00025,
    ],
    ['OpenRouter', chat({ cost: 0.25, is_byok: false, cost_details: { upstream_inference_cost: 0.2 } }), 0.25],
    [
      "OpenRouter with the user's key",
      chat({ cost: 0.25, is_byok: true, cost_details: { upstream_inference_cost: 1 } }),
      1.25,
    ],
    [
      'OpenRouter, in the form of Messages',
      { ...claude({ input_tokens: 1, cost: 0.5 }), host: 'openrouter.ai', path: '/api/v1/messages' },
      0.5,
    ],
    [
      'embeddings',
      {
        host: 'openrouter.ai',
        path: '/api/v1/embeddings',
        request: { model: 'm', input: 'x' },
        response: { data: [{ embedding: [1] }], model: 'm', usage: { prompt_tokens: 1, cost: 4e-8 } },
      },
      4e-8,
    ],
    [
      'decisions',
      {
        host: 'openrouter.ai',
        path: '/api/alpha/decisions',
        request: { model: 'm', state: 'x', questions: {} },
        response: { model: 'm', answers: {}, usage: { input_tokens: 1 }, cost: 0.002 },
      },
      0.002,
    ],
    [
      'an order of documents',
      {
        host: 'openrouter.ai',
        path: '/api/v1/rerank',
        request: { model: 'm', query: 'x', documents: ['y'] },
        response: { model: 'm', results: [], usage: { cost: 0.5 } },
      },
      0.5,
    ],
    ['Vercel', vercel({ cost: '0.25', marketCost: '0.25' }), 0.25],
    ["Vercel with the user's key", vercel({ cost: '0', marketCost: '0.5', routing: { modelAttempts: attempts } }), 0.5],
    [
      "Vercel with the user's key and no word of the rest",
      vercel({ cost: '0', routing: { modelAttempts: attempts } }),
      undefined,
    ],
  ];

  test.each(cases)('%s', (_, answer, amount) => {
    const { statedCost } = call(answer);
    expect(statedCost).toEqual(amount === undefined ? undefined : { amount, currency: 'USD' });
  });
});
