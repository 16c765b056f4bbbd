/** No text of a call keeps a credential, whatever field it stands in; content stays in the call only where it was asked for. */
import { describe, expect, test } from '@jest/globals';
import { cleanCall } from '../../src/calls/clean.js';
import type { ContentPolicy } from '../../src/calls/content.js';
import { createRedactor } from '../../src/calls/redact.js';
import type { ContentCapture } from '../../src/config/settings.js';
import type { Call, LlmCall, McpCall } from '../../src/wire/llm-call.js';
import { CORE, FIELDS, SHAPES } from '../support/planted.js';
import { chatCall, mcpCall } from '../telemetry/support/calls.js';

const policy = (capture: ContentCapture, maxLength = 32_768, patterns: string[] = []): ContentPolicy => ({
  capture,
  maxLength,
  redact: createRedactor(patterns),
});
const text = (value: unknown) =>
  JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner));

/** Paths of texts that hold the planted core. */
function leaks(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return value.includes(CORE) ? [path] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => leaks(inner, `${path}/${key}`));
}

/** A call of which every field is there. */
const full = (): LlmCall =>
  chatCall({
    pid: 7,
    process: 'python3',
    provider: 'openai',
    conversationId: 'conversation-1',
    statedCost: { amount: 1, currency: 'USD' },
    extra: { 'openai.api.type': 'chat', list: ['a', 'b'], number: 1, flag: true },
    error: { type: 'invalid_request', message: 'no such model' },
    request: {
      model: 'gpt-4o',
      stopSequences: ['STOP', 'END'],
      encodingFormats: ['float'],
      outputType: 'text',
      reasoningLevel: 'high',
      previousResponseId: 'resp_1',
      serviceTier: 'auto',
      temperature: 0,
    },
    response: {
      id: 'chatcmpl-1',
      model: 'gpt-4o-2024-08-06',
      finishReasons: ['stop'],
      serviceTier: 'default',
      systemFingerprint: 'fp_1',
    },
    outputText: 'hello',
    toolCalls: [{ id: 'call_1', name: 'weather', arguments: '{"city":"Paris"}' }],
    content: {
      systemInstructions: [{ type: 'text', content: 'be kind' }],
      inputMessages: [{ role: 'user', name: 'ada', parts: [{ type: 'text', content: 'hi' }] }],
      outputMessages: [
        {
          role: 'assistant',
          finish_reason: 'stop',
          parts: [{ type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Paris' } }],
        },
      ],
      toolDefinitions: [{ type: 'function', name: 'weather', parameters: { type: 'object' } }],
    },
  });
const fullMcp = (): McpCall =>
  mcpCall({
    promptName: 'summary',
    resourceUri: 'file:///etc/hosts',
    rpcStatusCode: '-32602',
    error: { type: 'tool_error', message: 'no such city' },
    toolArguments: { city: 'Paris', nested: [{ deep: 'x' }] },
    toolResult: { content: [{ type: 'text', text: 'sunny' }] },
  });

/** Words of ours, which no program writes. */
const OURS = new Set(['kind', 'role', 'operation', 'protocol', 'process', 'traceparent']);
/** Ids that join a call to its result and leave only with content. */
const isOurs = (path: readonly string[]) => path.length === 1 && (OURS.has(path[0]!) || path[0] === 'id');

/** A copy with `secret` in every text that a program or a provider wrote, and how many there are. */
function planted<T extends Call>(call: T, secret: string): { call: T; count: number } {
  let count = 0;
  const walk = (value: unknown, path: string[]): unknown => {
    if (typeof value === 'string') {
      if (isOurs(path) || path[0] === 'partial') return value;
      count += 1;
      return `${value} ${secret}`;
    }
    if (Array.isArray(value)) return value.map(item => walk(item, [...path, '']));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key])]));
  };
  return { call: walk(call, []) as T, count };
}

const CAPTURES: readonly ContentCapture[] = ['off', 'span', 'event', 'both'];

describe.each(CAPTURES)('content %s', capture => {
  test.each(Object.entries(SHAPES))('a credential of the form of %s is in no field', (_name, secret) => {
    for (const whole of [full(), fullMcp()]) {
      const { call, count } = planted(whole as Call, secret);
      expect(count).toBeGreaterThan(8);
      const clean = cleanCall(call, policy(capture));
      expect(leaks(clean)).toEqual([]);
      expect(leaks(call).length).toBe(count);
    }
  });

  test('what no credential is stays as it was', () => {
    const clean = cleanCall(full(), policy(capture)) as LlmCall;
    const { request, response, conversationId, extra, usage, statedCost, serverAddress } = full();
    expect(clean).toMatchObject({ request, response, conversationId, extra, usage, statedCost, serverAddress });
    const { toolName, promptName, resourceUri, sessionId } = fullMcp();
    expect(cleanCall(fullMcp(), policy(capture))).toMatchObject({ toolName, promptName, resourceUri, sessionId });
  });
});

describe('by the name of a field', () => {
  test.each(FIELDS)('%s', name => {
    const value = 'Pl4in-looking words';
    const call = full();
    call.content!.outputMessages![0]!.parts = [{ type: 'tool_call', name: 'login', arguments: { [name]: value } }];
    call.content!.inputMessages![0]!.parts = [{ type: 'tool_call_response', response: { deep: [{ [name]: value }] } }];
    call.toolCalls = [{ name: 'login', arguments: JSON.stringify({ [name]: 'Pl4in-looking' }) }];
    expect(text(cleanCall(call, policy('both')))).not.toContain('Pl4in');
    const mcp = { ...fullMcp(), toolArguments: { [name]: value }, toolResult: { [`my_${name}`]: value } };
    expect(text(cleanCall(mcp, policy('both')))).not.toContain('Pl4in');
  });
});

describe('content', () => {
  test('off: nothing of it is left, not even in an error', () => {
    const clean = cleanCall(full(), policy('off')) as LlmCall;
    expect(clean).not.toHaveProperty('content');
    expect(clean).not.toHaveProperty('outputText');
    expect(clean.toolCalls).toEqual([]);
    expect(clean.error).toEqual({ type: 'invalid_request' });
    const mcp = cleanCall(fullMcp(), policy('off'));
    expect(mcp).not.toHaveProperty('toolArguments');
    expect(mcp).not.toHaveProperty('toolResult');
    expect(mcp.error).toEqual({ type: 'tool_error' });
  });

  test.each<ContentCapture>(['span', 'event', 'both'])(
    '%s: it is there, and the call of the decoder is untouched',
    on => {
      const call = full();
      const clean = cleanCall(call, policy(on)) as LlmCall;
      expect(clean).toMatchObject({
        content: call.content,
        outputText: 'hello',
        toolCalls: call.toolCalls,
        error: { type: 'invalid_request', message: 'no such model' },
      });
      expect(call).toEqual(full());
      expect(cleanCall(fullMcp(), policy(on))).toMatchObject({
        toolArguments: { city: 'Paris', nested: [{ deep: 'x' }] },
        toolResult: { content: [{ type: 'text', text: 'sunny' }] },
      });
    },
  );

  test('texts are redacted first and cut second, and errors are short', () => {
    const secret = SHAPES['openai']!;
    const call = full();
    call.content!.inputMessages![0]!.parts = [{ type: 'text', content: `${'x'.repeat(12)} ${secret}` }];
    call.error = { type: 't', message: 'y'.repeat(5_000) };
    const clean = cleanCall(call, policy('both', 20));
    expect(text(clean)).not.toContain('sk-');
    expect(clean.error!.message).toBe(`${'y'.repeat(20)}…[cut, 5000 characters]`);
    expect(cleanCall(call, policy('both')).error!.message!.length).toBeLessThan(1_100);
  });

  test('what is too large for any collector is left out and said', () => {
    const call = full();
    const parts = Array.from({ length: 60_000 }, () => ({ type: 'text', content: 'x'.repeat(16) }));
    call.content!.inputMessages![0]!.parts = parts;
    const clean = cleanCall(call, policy('both')) as LlmCall;
    expect(clean.content).not.toHaveProperty('inputMessages');
    expect(clean.content).toHaveProperty('outputMessages');
    expect(clean.partial).toEqual(['truncated']);
    expect(cleanCall({ ...call, partial: ['truncated', 'gap'] }, policy('both')).partial).toEqual(['truncated', 'gap']);
  });

  test("the user's own patterns hold for every field", () => {
    const call = full();
    call.request.model = 'project-bluebird';
    call.response.id = 'bluebird-7';
    expect(text(cleanCall(call, policy('off', 100, ['blue\\w+'])))).not.toContain('bluebird');
  });
});
