/** One fault has kin: the same slip at other providers. Ids, counts and codes of another type; calls that share a place. */
import { describe, expect, test } from '@jest/globals';
import type { LlmCall } from '../../../src/wire/llm-call.js';
import { decode } from '../../support/corpus.js';

function call(host: string, path: string, request: object, response: object | object[]): LlmCall {
  const isStream = Array.isArray(response);
  const body = isStream
    ? response.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')
    : JSON.stringify(response);
  const [found] = decode({
    id: 'x',
    role: 'client',
    protocol: 'http/1.1',
    host,
    method: 'POST',
    path,
    requestHeaders: { 'content-type': 'application/json' },
    requestBody: Buffer.from(JSON.stringify(request)),
    status: 200,
    responseHeaders: {},
    responseBody: Buffer.from(body),
    partial: [],
  }) as LlmCall[];
  return found!;
}

const GEMINI = ['generativelanguage.googleapis.com', '/v1beta/models/g:generateContent', { contents: [] }] as const;
const CLAUDE = ['api.anthropic.com', '/v1/messages', { model: 'm', max_tokens: 1, messages: [] }] as const;
const CHAT = [
  'api.openai.com',
  '/v1/chat/completions',
  { model: 'm', messages: [{ role: 'user', content: 'x' }] },
] as const;

describe('ids and counts of another type', () => {
  test.each<[string, LlmCall]>([
    ['chat', call(...CHAT, { id: 7, model: 'm', choices: [] })],
    ['Claude', call(...CLAUDE, { id: 7, type: 'message', model: 'm', content: [] })],
    ['Gemini', call(...GEMINI, { responseId: 7, candidates: [] })],
    ['Cohere', call('api.cohere.com', '/v2/chat', { model: 'm', messages: [] }, { id: 7, message: {} })],
  ])('an id that is a number: %s', (_, { response }) => {
    expect(response.id).toBe('7');
  });

  test('counts as text, as protobuf writes large ones', () => {
    const { usage } = call(...GEMINI, {
      candidates: [],
      usageMetadata: { promptTokenCount: '3', candidatesTokenCount: '2' },
    });
    expect(usage).toMatchObject({ inputTokens: 3, outputTokens: 2 });
    expect(call(...CHAT, { choices: [], usage: { prompt_tokens: 'many' } }).usage).toEqual({});
  });
});

describe('calls that share a place', () => {
  const piece = (tool: object) => ({
    model: 'm',
    choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...tool }] } }],
  });
  const end = { model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] };

  test('without ids a name after whole arguments begins another one', () => {
    const { toolCalls } = call(...CHAT, [
      piece({ function: { name: 'f', arguments: '{"a":1}' } }),
      piece({ function: { name: 'f', arguments: '{"a":2}' } }),
      end,
    ]);
    expect(toolCalls.map(tool => tool.arguments)).toEqual(['{"a":1}', '{"a":2}']);
  });

  test('a name that is repeated with every piece does not', () => {
    const { toolCalls } = call(...CHAT, [
      piece({ function: { name: 'f', arguments: '{"a"' } }),
      piece({ function: { name: 'f', arguments: ':1}' } }),
      end,
    ]);
    expect(toolCalls).toEqual([{ name: 'f', arguments: '{"a":1}' }]);
  });

  test("Claude's blocks of one index", () => {
    const block = (id: string) => ({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id, name: 'f', input: {} },
    });
    const delta = (json: string) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'input_json_delta', partial_json: json },
    });
    const { toolCalls } = call(...CLAUDE, [
      { type: 'message_start', message: { id: 'm', model: 'm' } },
      block('a'),
      delta('{"x":'),
      delta('1}'),
      block('b'),
      delta('{"y":2}'),
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
    ]);
    expect(toolCalls).toEqual([
      { id: 'a', name: 'f', arguments: '{"x":1}' },
      { id: 'b', name: 'f', arguments: '{"y":2}' },
    ]);
  });
});

test('vectors: several of one text, and packed ones', () => {
  const jina = call(
    'api.jina.ai',
    '/v1/embeddings',
    { model: 'e', input: ['x'] },
    { model: 'e', data: [{ embeddings: [[1, 2, 3]] }] },
  );
  const cohere = call(
    'api.cohere.com',
    '/v2/embed',
    { model: 'e', texts: ['x'] },
    { id: 'e', embeddings: { base64: ['AAAAAAAAAAAAAAAA'] } },
  );
  expect([jina.response.embeddingDimensions, cohere.response.embeddingDimensions]).toEqual([3, 3]);
});

test("Gemini's thoughts in OpenAI's form stand in the total alone", () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 12 };
  const answer = (model: string) => call(...CHAT, { id: 'c', model, choices: [], usage }).usage;
  expect(answer('google/gemini-4')).toMatchObject({ outputTokens: 9, reasoningOutputTokens: 7 });
  expect(answer('other')).not.toHaveProperty('reasoningOutputTokens');
});
