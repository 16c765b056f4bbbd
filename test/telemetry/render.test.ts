import { describe, expect, test } from '@jest/globals';
import { cleanCall } from '../../src/calls/clean.js';
import { type ContentPolicy, cutText } from '../../src/calls/content.js';
import type { Cost } from '../../src/calls/cost.js';
import type { Generation } from '../../src/calls/genai-attributes.js';
import { createRedactor } from '../../src/calls/redact.js';
import type { ContentCapture } from '../../src/config/settings.js';
import { callLine, noCallLine } from '../../src/telemetry/call-line.js';
import { renderCall } from '../../src/telemetry/render.js';
import type { Call, Content } from '../../src/wire/llm-call.js';
import { chatCall, mcpCall, START } from './support/calls.js';

const SECRET = ['sk', 'proj', 'Ab12Cd34'.repeat(5)].join('-');

const CONTENT: Content = {
  systemInstructions: [{ type: 'text', content: `be kind, ${SECRET}` }],
  inputMessages: [
    { role: 'user', parts: [{ type: 'text', content: `hello ${SECRET}` }] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 't', response: { password: 'hunter22', ok: 1 } }] },
  ],
  outputMessages: [
    {
      role: 'assistant',
      parts: [
        { type: 'text', content: 'x'.repeat(100) },
        { type: 'tool_call', name: 'f', arguments: { key: SECRET } },
      ],
      finish_reason: 'stop',
    },
  ],
  toolDefinitions: [{ type: 'function', name: 'f', description: SECRET }],
};

function render(
  call: Call,
  capture: ContentCapture = 'off',
  more: Partial<ContentPolicy> = {},
  generation: Generation = 'v1.41',
) {
  const content = { capture, maxLength: 60, redact: createRedactor([]), ...more };
  return renderCall(cleanCall(call, content), {
    generation,
    content,
    emitEvent: capture === 'event' || capture === 'both',
  })!;
}

const CONTENT_NAMES = [
  'gen_ai.system_instructions',
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.tool.definitions',
];

describe('content', () => {
  test.each([
    ['off', false, undefined],
    ['span', true, undefined],
    ['event', false, true],
    ['both', true, true],
  ] as const)('%s', (capture, inSpan, inEvent) => {
    const { attributes, events } = render(chatCall({ content: CONTENT }), capture);
    const [event] = events;
    for (const name of CONTENT_NAMES) expect(name in attributes).toBe(inSpan);
    if (inEvent === undefined) expect(event).toBeUndefined();
    else for (const name of CONTENT_NAMES) expect(name in event!.attributes).toBe(inEvent);
  });

  test('JSON texts on spans, structures in events', () => {
    const { attributes, events } = render(chatCall({ content: CONTENT }), 'both', { maxLength: 1000 });
    const [event] = events;
    const messages = JSON.parse(attributes['gen_ai.output.messages'] as string);
    expect(messages).toEqual(event!.attributes['gen_ai.output.messages']);
    expect(messages[0].finish_reason).toBe('stop');
    expect(event).toMatchObject({ name: 'gen_ai.client.inference.operation.details', time: START + 1_500_000_000n });
  });

  test('redacted before it is cut: no half of a secret survives', () => {
    for (let maxLength = 1; maxLength < 80; maxLength += 1) {
      const rendered = render(chatCall({ content: CONTENT }), 'both', { maxLength });
      expect(inJson(rendered)).not.toMatch(/Ab12|hunter22/);
    }
  });

  test('each text is cut with a marker and stays JSON', () => {
    const { attributes } = render(chatCall({ content: CONTENT }), 'span', { maxLength: 10 });
    const [message] = JSON.parse(attributes['gen_ai.output.messages'] as string);
    expect(message.parts[0].content).toBe(`${'x'.repeat(10)}…[cut, 100 characters]`);
    expect(cutText('a😀b', 2)).toBe('a…[cut, 4 characters]');
  });

  test('the whole is bounded: texts get shorter, and what has too many parts is left out', () => {
    const message = (content: string) => ({ role: 'user', parts: [{ type: 'text', content }] });
    const messages = (count: number, size: number) => ({
      inputMessages: Array.from({ length: count }, () => message('y'.repeat(size))),
    });
    const many = render(chatCall({ content: messages(300, 9000) }), 'span', { maxLength: 8192 });
    const text = many.attributes['gen_ai.input.messages'] as string;
    expect(text.length).toBeLessThan(512 * 1024);
    expect(JSON.parse(text)).toHaveLength(300);
    expect(text).toContain('…[cut, 9000 characters]');
    const tooMany = render(chatCall({ content: messages(20_000, 1) }), 'span', { maxLength: 8192 });
    expect(tooMany.attributes).not.toHaveProperty(['gen_ai.input.messages']);
    expect(tooMany.attributes['openlit.partial']).toEqual(['truncated']);
  });

  test('content that is nested too deep costs itself, not the call', () => {
    let nested: unknown = 'end';
    for (let depth = 0; depth < 200_000; depth += 1) nested = [nested];
    const { attributes, name } = render(mcpCall({ toolArguments: nested, toolResult: 'fine' }), 'both');
    expect(name).toBe('tools/call weather');
    expect(attributes['openlit.partial']).toEqual(['truncated']);
    expect(attributes).not.toHaveProperty(['gen_ai.tool.call.arguments']);
  });

  test('an error message is content, its type is not', () => {
    const call = chatCall({ error: { type: 'invalid_request', message: `you said ${SECRET}` } });
    expect(render(call).error).toEqual({});
    expect(render(call).attributes['error.type']).toBe('invalid_request');
    expect(render(call, 'event', { maxLength: 1000 }).error).toEqual({ message: 'you said [REDACTED]' });
  });

  test('MCP arguments and results are content; resource addresses lose their credentials', () => {
    const call = mcpCall({
      toolArguments: { city: 'Bonn' },
      toolResult: { content: [] },
      resourceUri: 'https://u:pw123456@h/x',
    });
    expect(Object.keys(render(call).attributes).filter(name => name.startsWith('gen_ai.tool.call'))).toEqual([]);
    expect(render(call).attributes['mcp.resource.uri']).toBe('https://[REDACTED]@h/x');
    expect(render(call, 'span').attributes['gen_ai.tool.call.arguments']).toBe('{"city":"Bonn"}');
  });

  test('no secret, wherever it was planted', () => {
    const call = chatCall({
      content: CONTENT,
      outputText: SECRET,
      toolCalls: [{ name: 'f', arguments: SECRET }],
      request: { model: `m?api_key=${SECRET}`, stopSequences: [SECRET] },
      conversationId: SECRET,
      error: { type: 'x', message: SECRET },
      extra: { 'vendor.note': SECRET, 'vendor.list': [SECRET] },
    });
    for (const capture of ['off', 'span', 'event', 'both'] as const)
      expect(inJson(render(call, capture))).not.toContain('Ab12');
  });
});

describe('times', () => {
  test('the true ones, to the nanosecond', () => {
    expect(render(chatCall())).toMatchObject({ start: START, end: START + 1_500_000_000n });
  });

  test('a call that was joined late starts with what was seen first; one without any time is no span', () => {
    const late = chatCall();
    delete late.start;
    expect(render(late)).toMatchObject({ start: START + 250_000_000n });
    expect(render(late).measurements.map(({ instrument }) => instrument.name)).not.toContain(
      'gen_ai.client.operation.duration',
    );
    for (const key of ['firstChunk', 'chunkTimes', 'end'] as const) delete late[key];
    expect(render(late)).toBeUndefined();
  });
});

describe('measurements', () => {
  const summary = (call: Call, generation: Generation = 'v1.41') =>
    render(call, 'off', {}, generation).measurements.map(({ instrument, value, further }) => [
      instrument.name,
      Number(value.toFixed(6)),
      further?.['gen_ai.token.type'] ?? further?.['gen_ai.token.modality'],
    ]);

  test('v1.41 client', () => {
    expect(summary(chatCall())).toEqual([
      ['gen_ai.client.operation.duration', 1.5, undefined],
      ['gen_ai.client.token.usage', 1000, 'input'],
      ['gen_ai.client.token.usage', 100, 'output'],
      ['gen_ai.client.operation.time_to_first_chunk', 0.25, undefined],
      ['gen_ai.client.operation.time_per_output_chunk', 0.05, undefined],
      ['gen_ai.client.operation.time_per_output_chunk', 0.1, undefined],
    ]);
  });

  test('unknown tokens add nothing', () => {
    expect(summary(chatCall({ usage: {} })).filter(([name]) => name === 'gen_ai.client.token.usage')).toEqual([]);
  });

  test('development head: counters by modality, 0 unknown when no usage came', () => {
    const usage = { inputTokens: 10, audioInputTokens: 4, outputTokens: 3 };
    expect(summary(chatCall({ usage }), 'head').slice(-5)).toEqual([
      ['gen_ai.client.inference.usage.input_tokens', 4, 'audio'],
      ['gen_ai.client.inference.usage.input_tokens', 6, 'unknown'],
      ['gen_ai.client.inference.usage.output_tokens', 3, 'unknown'],
      ['gen_ai.client.inference.operation.input_tokens', 10, undefined],
      ['gen_ai.client.inference.operation.output_tokens', 3, undefined],
    ]);
    expect(summary(chatCall({ usage: {} }), 'head').slice(-2)).toEqual([
      ['gen_ai.client.inference.usage.input_tokens', 0, 'unknown'],
      ['gen_ai.client.inference.usage.output_tokens', 0, 'unknown'],
    ]);
  });

  test('a server has server metrics', () => {
    expect(summary(chatCall({ role: 'server' }))).toEqual([
      ['gen_ai.server.request.duration', 1.5, undefined],
      ['gen_ai.server.time_to_first_token', 0.25, undefined],
      ['gen_ai.server.time_per_output_token', Number((1.25 / 99).toFixed(6)), undefined],
    ]);
    expect(summary(chatCall({ role: 'server', error: { type: '500' } }))).toHaveLength(1);
  });

  test('dimensions are few, and the error is one of the duration only', () => {
    const [first, second] = render(chatCall({ error: { type: '429' } })).measurements;
    expect({ ...first!.attributes, ...first!.further }).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'server.address': 'api.openai.com',
      'server.port': 443,
      'openai.response.service_tier': 'default',
      'error.type': '429',
    });
    expect({ ...second!.attributes, ...second!.further }).not.toHaveProperty(['error.type']);
  });

  test('MCP has its own, without identifiers', () => {
    const [measurement, ...rest] = render(mcpCall()).measurements;
    expect(rest).toEqual([]);
    expect(measurement).toMatchObject({ instrument: { name: 'mcp.client.operation.duration' }, value: 0.02 });
    expect(Object.keys(measurement!.attributes)).not.toContain('jsonrpc.request.id');
  });
});

describe('call lines', () => {
  const line = (call: Call, capture: ContentCapture, cost?: Cost) =>
    callLine(cleanCall(call, { capture, maxLength: 60, redact: createRedactor([]) }), {
      generation: 'v1.41',
      content: { capture },
      emitEvent: false,
      ...(cost === undefined ? {} : { cost }),
    });
  const spoken = chatCall({
    pid: 7,
    content: CONTENT,
    outputText: `hi ${SECRET}`,
    toolCalls: [{ name: 'f', arguments: '{"a":' }],
  });

  test('without content', () => {
    const cost = { amount: 0.5, currency: 'USD', source: 'computed', priceData: 'p 1' } as const;
    const { attributes, ...rest } = line(spoken, 'off', cost);
    expect(attributes).toMatchObject({ 'gen_ai.request.model': 'gpt-4o', 'gen_ai.usage.cost': 0.5 });
    expect(rest).toEqual({
      id: 'call-1',
      pid: 7,
      start: '1760000000123456789',
      first_chunk: '1760000000373456789',
      end: '1760000001623456789',
      partial: [],
      cost: { amount: 0.5, currency: 'USD', source: 'computed' },
    });
  });

  test('with content: redacted, tool arguments as the text that was written', () => {
    const { attributes, output_text, tool_calls } = line(spoken, 'span');
    expect(output_text).toBe('hi [REDACTED]');
    expect(tool_calls).toEqual([['f', '{"a":']]);
    expect(attributes).toHaveProperty(['gen_ai.input.messages']);
    expect(inJson(attributes)).not.toContain('Ab12');
  });

  test('no times, no call', () => {
    const bare = chatCall();
    for (const key of ['start', 'firstChunk', 'end'] as const) delete bare[key];
    expect(Object.keys(line(bare, 'off'))).toEqual(['id', 'attributes', 'partial']);
    expect(noCallLine('x')).toEqual({ id: 'x', attributes: null, partial: [] });
  });
});

function inJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? String(inner) : inner));
}
