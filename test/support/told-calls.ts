/**
 * What the exchanges of test/fixtures/node have to look like on a span, whoever reports them: the hook inside Node and the
 * one inside Python are held to the same lists.
 */
import { expect } from '@jest/globals';
import type { FlatSpan } from './otlp-receiver.js';

/**
 * Facts that every span of a call has, marks of OpenLIT's SDK, and what is computed of others: prices have tests of their own.
 */
const ALWAYS = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'server.address',
  'server.port',
  'openai.api.type',
  'openlit.agent.version_hash',
  'gen_ai.usage.cost',
  'openlit.cost.price_data',
  'openlit.cost.source',
];

/** Everything on a span but the facts of the connection and what is measured. */
export function told(span: FlatSpan): Record<string, unknown> {
  const { ...attributes } = span.attributes;
  const first = attributes['gen_ai.response.time_to_first_chunk'];
  if (first !== undefined) attributes['gen_ai.response.time_to_first_chunk'] = typeof first;
  const known = attributes['gen_ai.usage.input_tokens'] !== undefined;
  expect([span.name, attributes['openlit.cost.source']]).toEqual([span.name, known ? 'computed' : undefined]);
  for (const name of ALWAYS) delete attributes[name];
  return attributes;
}

export const STREAMED = { 'gen_ai.request.stream': true, 'gen_ai.response.time_to_first_chunk': 'number' };

export const CHAT = {
  'gen_ai.response.id': 'chatcmpl-node-1',
  'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.usage.input_tokens': 11,
  'gen_ai.usage.output_tokens': 7,
  'gen_ai.usage.total_tokens': 18,
  'gen_ai.usage.cache_read.input_tokens': 5,
  'gen_ai.usage.reasoning.output_tokens': 3,
  'http.response.status_code': 200,
};
export const STREAM = {
  ...CHAT,
  'gen_ai.request.stream': true,
  'gen_ai.response.id': 'chatcmpl-node-s',
  'gen_ai.response.time_to_first_chunk': 'number',
  'gen_ai.usage.input_tokens': 40,
  'gen_ai.usage.total_tokens': 47,
  'gen_ai.usage.cache_read.input_tokens': 32,
};
const STREAM_WITHOUT_USAGE = {
  'gen_ai.request.stream': true,
  'gen_ai.response.id': 'chatcmpl-node-s',
  'gen_ai.response.model': 'gpt-4o-2024-07-18',
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.response.time_to_first_chunk': 'number',
  'http.response.status_code': 200,
};
export const RESPONSES = {
  'gen_ai.response.id': 'resp_node_1',
  'gen_ai.response.model': 'gpt-4.1-mini-2025-04-14',
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.usage.input_tokens': 21,
  'gen_ai.usage.output_tokens': 9,
  'gen_ai.usage.total_tokens': 30,
  'gen_ai.usage.cache_read.input_tokens': 5,
  'gen_ai.usage.reasoning.output_tokens': 0,
  'http.response.status_code': 200,
};
export const EMBEDDINGS = {
  'gen_ai.request.encoding_formats': ['base64'],
  'gen_ai.response.model': 'text-embedding-3-small',
  'gen_ai.embeddings.dimension.count': 8,
  'gen_ai.usage.input_tokens': 4,
  'http.response.status_code': 200,
};

/** Step of `openai-steps.cjs` (in Python with underscores) -> [what the program prints, span name, what the span tells]. */
export const OPENAI_STEPS: Record<string, [printed: string, name: string, told: Record<string, unknown>]> = {
  chat: ['Hello there.', 'chat gpt-4o-mini', { ...CHAT, 'gen_ai.request.temperature': 0 }],
  tools: ['{"city":"Oslo"}', 'chat gpt-4o-mini', { ...CHAT, 'gen_ai.response.finish_reasons': ['tool_calls'] }],
  stream: ['Tides come and tides go home.', 'chat gpt-4o-mini', STREAM],
  'stream-without-usage': ['Tides come and tides go home.', 'chat gpt-4o', STREAM_WITHOUT_USAGE],
  responses: ['Hello from responses.', 'chat gpt-4.1-mini', RESPONSES],
  'responses-stream': ['Hello from responses.', 'chat gpt-4.1-mini', { ...RESPONSES, ...STREAMED }],
  embeddings: ['8', 'embeddings text-embedding-3-small', EMBEDDINGS],
  error: [
    'AuthenticationError 401',
    'chat error-401',
    { 'http.response.status_code': 401, 'error.type': 'invalid_api_key' },
  ],
};
/** Resource facts that a launch is given. */
export const FLAGS = [
  '--service-name',
  'shop',
  '--environment',
  'staging',
  '--resource-attributes',
  'team=search,service.version=1.2.3',
];

/** The Resource of a launch with them. */
export const RESOURCE = {
  'service.name': 'shop',
  'service.version': '1.2.3',
  'deployment.environment.name': 'staging',
  team: 'search',
};

/** What `told` leaves out, on a span of one of the OPENAI_STEPS. */
export function expectOpenaiSpan(span: FlatSpan, port: number): void {
  expect(span.kind).toBe(3);
  expect(span.attributes).toMatchObject({
    'gen_ai.provider.name': 'openai',
    'server.address': '127.0.0.1',
    'server.port': port,
  });
  expect(span.status.code ?? 0).toBe(span.name === 'chat error-401' ? 2 : 0);
}

/** A stream that ended before its end: what had come is told, and no figure is made up. Only one that broke off failed. */
export function expectAbortedStream(span: FlatSpan): void {
  const left = span.name !== 'chat gpt-4o-broken';
  expect(span.attributes).toMatchObject({
    'gen_ai.response.id': 'chatcmpl-node-s',
    'http.response.status_code': 200,
    'openlit.partial': left ? ['aborted', 'cancelled'] : ['aborted'],
    'gen_ai.response.finish_reasons': [left ? 'cancelled' : 'error'],
  });
  expect([span.attributes['error.type'], span.status.code ?? 0]).toEqual(
    left ? [undefined, 0] : ['stream_interrupted', 2],
  );
  expect(span.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
  expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
}

export const CLAUDE = {
  'gen_ai.request.max_tokens': 64,
  'gen_ai.response.id': 'msg_node_1',
  'gen_ai.response.model': 'claude-sonnet-4-5-20250929',
  'gen_ai.response.finish_reasons': ['end_turn'],
  'gen_ai.usage.input_tokens': 2111,
  'gen_ai.usage.output_tokens': 7,
  'gen_ai.usage.total_tokens': 2118,
  'gen_ai.usage.cache_read.input_tokens': 2000,
  'gen_ai.usage.cache_creation.input_tokens': 100,
  'http.response.status_code': 200,
};
