import { describe, expect, test } from '@jest/globals';
import { generationFromOptIn } from '../../src/calls/genai-attributes.js';
import { callAttributes, spanKind, spanName } from '../../src/telemetry/attributes.js';
import { chatCall, mcpCall } from './support/calls.js';

describe('callAttributes', () => {
  test('a streamed chat, absent stays absent', () => {
    expect(callAttributes(chatCall())).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 1,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': 0.25,
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 100,
      'gen_ai.usage.total_tokens': 1100,
      'gen_ai.usage.cache_read.input_tokens': 600,
      'gen_ai.usage.cache_creation.input_tokens': 0,
      'openai.response.service_tier': 'default',
      'server.address': 'api.openai.com',
      'server.port': 443,
      'http.response.status_code': 200,
    });
  });

  test('a call of which nothing is known has only what is known', () => {
    const call = chatCall({ request: {}, response: {}, usage: {}, partial: ['joined'] });
    for (const key of ['provider', 'operation', 'serverAddress', 'start', 'firstChunk', 'end', 'httpStatus'] as const) {
      delete call[key];
    }
    expect(callAttributes(call)).toEqual({ 'openlit.partial': ['joined'] });
    expect(spanName(call)).toBe('inference');
  });

  test('stream is set only when true, choice count only when not 1', () => {
    const call = chatCall({ request: { stream: false, choiceCount: 3 } });
    expect(callAttributes(call)).not.toHaveProperty(['gen_ai.request.stream']);
    expect(callAttributes(call)).toHaveProperty(['gen_ai.request.choice.count'], 3);
  });

  test('the development head renames and adds', () => {
    const call = chatCall({
      request: { reasoningLevel: 'low', previousResponseId: 'resp_1' },
      usage: { cacheWriteInputTokens: 5, audioInputTokens: 2 },
    });
    const head = callAttributes(call, { generation: 'head' });
    expect(head).toMatchObject({
      'gen_ai.usage.cache_write.input_tokens': 5,
      'gen_ai.request.reasoning.level': 'low',
      'gen_ai.request.previous_response.id': 'resp_1',
      'gen_ai.usage.audio.input_tokens': 2,
    });
    expect(head).not.toHaveProperty(['gen_ai.usage.cache_creation.input_tokens']);
    const now = callAttributes(call);
    expect(Object.keys(now).filter(name => /cache_write|reasoning\.level|previous|audio/.test(name))).toEqual([]);
  });

  test("another provider's spans do not carry OpenAI's attributes", () => {
    const extra = { 'openai.api.type': 'chat_completions' };
    expect(callAttributes(chatCall({ extra }))).toMatchObject(extra);
    const names = Object.keys(callAttributes(chatCall({ provider: 'groq', extra })));
    expect(names.filter(name => name.startsWith('openai.'))).toEqual([]);
  });

  test('an error has a type, and a request that went backwards in time has no first-chunk time', () => {
    const call = chatCall({ error: { type: 'rate_limit_exceeded', message: 'secret words' }, firstChunk: 1n });
    const attributes = callAttributes(call);
    expect(attributes['error.type']).toBe('rate_limit_exceeded');
    expect(attributes).not.toHaveProperty(['gen_ai.response.time_to_first_chunk']);
    expect(JSON.stringify(attributes)).not.toContain('secret words');
  });

  test('cost in dollars only', () => {
    const euros = { amount: 1, currency: 'EUR', source: 'reported' } as const;
    expect(callAttributes(chatCall(), { cost: euros })).not.toHaveProperty(['gen_ai.usage.cost']);
    const dollars = { amount: 0.5, currency: 'USD', source: 'computed', priceData: 'genai-prices 0.1.8' } as const;
    expect(callAttributes(chatCall(), { cost: dollars })).toMatchObject({
      'gen_ai.usage.cost': 0.5,
      'openlit.cost.source': 'computed',
      'openlit.cost.price_data': 'genai-prices 0.1.8',
    });
  });

  test('MCP: tool call, prompt, plain method', () => {
    expect(callAttributes(mcpCall())).toEqual({
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'weather',
      'jsonrpc.request.id': '7',
      'mcp.protocol.version': '2025-11-25',
      'mcp.session.id': 'session-1',
      'network.transport': 'tcp',
      'network.protocol.name': 'http',
      'network.protocol.version': '2',
      'server.address': 'mcp.example.com',
      'server.port': 443,
      'http.response.status_code': 200,
    });
    expect(spanName(mcpCall())).toBe('tools/call weather');
    const listing = mcpCall({ method: 'tools/list', role: 'server' });
    delete listing.toolName;
    expect(spanName(listing)).toBe('tools/list');
    expect(spanKind(listing)).toBe('server');
    expect(callAttributes(listing)).not.toHaveProperty(['gen_ai.operation.name']);
  });

  test.each([
    [undefined, 'v1.41'],
    ['http/dup', 'v1.41'],
    ['http, gen_ai_latest_experimental', 'head'],
  ])('opt-in %p means %s', (value, generation) => {
    expect(generationFromOptIn(value)).toBe(generation);
  });
});
