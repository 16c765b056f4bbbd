import { describe, expect, test } from '@jest/globals';
import type { FlatSpan } from '../../../src/receive/values.js';
import { isCallSpan, reportedFromSpan } from '../../../src/runs/local-view/from-span.js';
import { createNestingCheck } from '../../../src/runs/local-view/nested.js';
import { createPricer } from '../../../src/runs/local-view/price.js';
import { callAttributes } from '../../../src/telemetry/attributes.js';
import type { LlmCall } from '../../../src/wire/llm-call.js';

function span(attributes: Record<string, unknown>, fields: Partial<FlatSpan> = {}): FlatSpan {
  return {
    traceId: 'a'.repeat(32),
    spanId: '1'.repeat(16),
    name: 'chat gpt-4o',
    kind: 3,
    start: 1_000_000_000n,
    end: 1_500_000_000n,
    status: { code: 0 },
    attributes,
    events: [],
    scope: {},
    resource: { 'service.name': 'shop', 'process.pid': 7, 'process.executable.path': '/usr/bin/python3.11' },
    ...fields,
  };
}

const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-4o' };

describe('which spans are calls', () => {
  test.each([
    ['a chat', CHAT, true],
    ['an embedding', { 'gen_ai.operation.name': 'embeddings' }, true],
    ['an MCP call', { 'mcp.method.name': 'tools/call' }, true],
    ['an agent', { ...CHAT, 'gen_ai.operation.name': 'invoke_agent' }, false],
    ['a tool', { 'gen_ai.operation.name': 'execute_tool' }, false],
    ['a database query', { 'db.system': 'postgresql' }, false],
    ['an HTTP request', { 'http.request.method': 'POST' }, false],
    ['a sender of an older convention', { 'gen_ai.provider.name': 'x', 'gen_ai.request.model': 'y' }, true],
  ])('%s', (_name, attributes, expected) => {
    expect(isCallSpan(span(attributes))).toBe(expected);
  });
});

describe('a span as a call', () => {
  test('everything that is known', () => {
    const call = reportedFromSpan(
      span({
        ...CHAT,
        'gen_ai.usage.input_tokens': 92,
        'gen_ai.usage.output_tokens': 0,
        'gen_ai.usage.cache_read.input_tokens': 64,
        'gen_ai.usage.cost': 0.5,
        'gen_ai.response.time_to_first_chunk': 0.25,
        'gen_ai.response.finish_reasons': ['stop'],
        'openlit.partial': ['joined'],
        'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Hello' }] }]),
        'gen_ai.output.messages': JSON.stringify([
          { role: 'assistant', parts: [{ type: 'tool_call', name: 'get_weather', arguments: {} }] },
        ]),
      }),
    );
    expect(call).toEqual({
      id: '1'.repeat(16),
      kind: 'llm',
      start: 1_000_000_000n,
      duration: 0.5,
      firstChunk: 0.25,
      pid: 7,
      process: 'python3.11',
      provider: 'openai',
      model: 'gpt-4o',
      operation: 'chat',
      inputTokens: 92,
      outputTokens: 0,
      cacheReadTokens: 64,
      cost: { amount: 0.5, currency: 'USD' },
      finishReasons: ['stop'],
      toolNames: ['get_weather'],
      partial: ['joined'],
      content: { input: 'Hello', output: 'get_weather({})' },
    });
  });

  test('absent stays absent, and -1 and empty are no values', () => {
    const call = reportedFromSpan(
      span(
        { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': -1, 'gen_ai.request.model': '' },
        { resource: {}, end: 0n },
      ),
    );
    expect(call).toEqual({
      id: '1'.repeat(16),
      kind: 'llm',
      start: 1_000_000_000n,
      operation: 'chat',
      finishReasons: [],
      toolNames: [],
      partial: [],
    });
  });

  test('an error is told by its type, else by the status', () => {
    expect(reportedFromSpan(span({ ...CHAT, 'error.type': 'rate_limit' }, { status: { code: 2 } }))?.error).toBe(
      'rate_limit',
    );
    expect(reportedFromSpan(span(CHAT, { status: { code: 2 } }))?.error).toBe('error');
  });

  test('messages that are no JSON do no harm', () => {
    expect(reportedFromSpan(span({ ...CHAT, 'gen_ai.output.messages': '[{' }))?.toolNames).toEqual([]);
    expect(reportedFromSpan(span({ ...CHAT, 'gen_ai.output.messages': '[null,{"parts":[null]}]' }))?.toolNames).toEqual(
      [],
    );
  });

  test('what our own telemetry writes is read back', () => {
    const call: LlmCall = {
      kind: 'llm',
      id: 'x',
      role: 'client',
      protocol: 'http/1.1',
      provider: 'anthropic',
      operation: 'chat',
      request: { model: 'claude-sonnet-4-5' },
      response: { model: 'claude-sonnet-4-5-20250929', finishReasons: ['end_turn'] },
      usage: { inputTokens: 13, outputTokens: 6, cacheReadInputTokens: 4, reasoningOutputTokens: 2 },
      start: 1_000_000_000n,
      firstChunk: 1_100_000_000n,
      end: 1_500_000_000n,
      toolCalls: [],
      partial: ['gap'],
    };
    expect(reportedFromSpan(span(callAttributes(call)))).toMatchObject({
      provider: 'anthropic',
      model: 'claude-sonnet-4-5',
      inputTokens: 13,
      outputTokens: 6,
      cacheReadTokens: 4,
      reasoningTokens: 2,
      firstChunk: 0.1,
      finishReasons: ['end_turn'],
      partial: ['gap'],
    });
  });
});

describe('prices', () => {
  const PRICING = { chat: { 'gpt-4o': { promptPrice: 1, completionPrice: 2 } } };

  test('a cost that the span has stays', async () => {
    const one = span({ ...CHAT, 'gen_ai.usage.cost': 1.5, 'gen_ai.usage.input_tokens': 1 });
    expect(createPricer(undefined)(reportedFromSpan(one)!, one).cost).toEqual({ amount: 1.5, currency: 'USD' });
  });

  test("a person's own prices are used for spans without a cost", async () => {
    const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
    const folder = mkdtempSync('/tmp/openlit-prices-');
    try {
      writeFileSync(`${folder}/pricing.json`, JSON.stringify(PRICING));
      const one = span({ ...CHAT, 'gen_ai.usage.input_tokens': 1000, 'gen_ai.usage.output_tokens': 500 });
      const call = createPricer(`${folder}/pricing.json`)(reportedFromSpan(one)!, one);
      expect(call.cost).toEqual({ amount: 2, currency: 'USD' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a call without tokens has no price', () => {
    const one = span(CHAT);
    expect(createPricer(undefined)(reportedFromSpan(one)!, one).cost).toBeUndefined();
  });
});

describe('a request that is observed twice', () => {
  const inner = span(CHAT, { spanId: 'b'.repeat(16), parentSpanId: 'a'.repeat(16) });

  test('is counted once: the span around an observed call is left out', () => {
    const isOuter = createNestingCheck();
    expect(isOuter(inner)).toBe(false);
    expect(isOuter(span(CHAT, { spanId: 'a'.repeat(16) }))).toBe(true);
  });

  test('calls beside each other are two', () => {
    const isOuter = createNestingCheck();
    expect([inner, { ...inner, spanId: 'c'.repeat(16) }].map(isOuter)).toEqual([false, false]);
  });

  test('a gateway and the call that it makes are two', () => {
    const isOuter = createNestingCheck();
    isOuter(inner);
    expect(isOuter(span(CHAT, { spanId: 'a'.repeat(16), kind: 2 }))).toBe(false);
  });
});
