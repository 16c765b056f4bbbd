/** Real clients of Node under the launcher: one span a call, and on it what was on the wire and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bench, openBench, PROGRAMS } from '../support/node-observed.js';
import { nodeClients } from '../support/node-versions.js';
import type { FlatSpan } from '../support/otlp-receiver.js';

let bench: Bench;
let tsx: string;

beforeAll(async () => {
  const clients = await nodeClients();
  tsx = `${clients}/node_modules/.bin/tsx`;
  bench = await openBench({ tls: true });
}, 240_000);
afterAll(() => bench?.close());

/** Facts that every span of a call has, and what is computed of others: prices have tests of their own. */
const ALWAYS = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'server.address',
  'server.port',
  'gen_ai.usage.cost',
  'openlit.cost.price_data',
  'openlit.cost.source',
];

/** Everything on a span but the facts of the connection and what is measured. */
function told(span: FlatSpan): Record<string, unknown> {
  const { ...attributes } = span.attributes;
  const first = attributes['gen_ai.response.time_to_first_chunk'];
  if (first !== undefined) attributes['gen_ai.response.time_to_first_chunk'] = typeof first;
  const known = attributes['gen_ai.usage.input_tokens'] !== undefined;
  expect([span.name, attributes['openlit.cost.source']]).toEqual([span.name, known ? 'computed' : undefined]);
  for (const name of ALWAYS) delete attributes[name];
  return attributes;
}

const CHAT = {
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
const STREAM = {
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
const RESPONSES = {
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
const EMBEDDINGS = {
  'gen_ai.request.encoding_formats': ['base64'],
  'gen_ai.response.model': 'text-embedding-3-small',
  'gen_ai.embeddings.dimension.count': 8,
  'gen_ai.usage.input_tokens': 4,
  'http.response.status_code': 200,
};

/** Step of `programs/openai-steps.cjs` -> [what the program prints, span name, what the span tells]. */
const OPENAI: Record<string, [printed: string, name: string, told: Record<string, unknown>]> = {
  chat: ['Hello there.', 'chat gpt-4o-mini', { ...CHAT, 'gen_ai.request.temperature': 0 }],
  tools: ['{"city":"Oslo"}', 'chat gpt-4o-mini', { ...CHAT, 'gen_ai.response.finish_reasons': ['tool_calls'] }],
  stream: ['Tides come and tides go home.', 'chat gpt-4o-mini', STREAM],
  'stream-without-usage': ['Tides come and tides go home.', 'chat gpt-4o', STREAM_WITHOUT_USAGE],
  responses: ['Hello from responses.', 'chat gpt-4.1-mini', RESPONSES],
  'responses-stream': [
    'Hello from responses.',
    'chat gpt-4.1-mini',
    { ...RESPONSES, 'gen_ai.request.stream': true, 'gen_ai.response.time_to_first_chunk': 'number' },
  ],
  embeddings: ['8', 'embeddings text-embedding-3-small', EMBEDDINGS],
  error: [
    'AuthenticationError 401',
    'chat error-401',
    { 'http.response.status_code': 401, 'error.type': 'invalid_api_key' },
  ],
};
const STEPS = Object.keys(OPENAI);

const flags = [
  '--service-name',
  'shop',
  '--environment',
  'staging',
  '--resource-attributes',
  'team=search,service.version=1.2.3',
];

describe('openai', () => {
  const ways: [string, () => string[]][] = [
    ['CommonJS', () => [process.execPath, 'openai.cjs']],
    ['ESM', () => [process.execPath, 'openai.mjs']],
    ['tsx', () => [tsx, 'openai.mts']],
  ];
  test.each(ways)(
    'every call is one span with what was on the wire: %s',
    async (_, words) => {
      const { stdout, stderr, status, spans } = await bench.launched([...words(), ...STEPS], { cwd: PROGRAMS, flags });
      expect({ stdout, stderr, status }).toEqual({
        stdout: STEPS.map(step => `${step} ${OPENAI[step]![0]}\n`).join(''),
        stderr: '',
        status: 0,
      });
      expect(spans.map(span => [span.name, told(span)])).toEqual(STEPS.map(step => OPENAI[step]!.slice(1)));
      for (const span of spans) {
        expect(span.kind).toBe(3);
        expect(span.attributes['gen_ai.provider.name']).toBe('openai');
        expect(span.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'server.port': bench.provider.port });
        expect(span.resource).toMatchObject({
          'service.name': 'shop',
          'service.version': '1.2.3',
          'deployment.environment.name': 'staging',
          team: 'search',
          'telemetry.sdk.language': 'nodejs',
        });
        expect(span.status.code).toBe(span.name === 'chat error-401' ? 2 : 0);
      }
      expect(JSON.stringify(bench.receiver.exports.map(({ body }) => body))).not.toContain('sk-planted-key');
    },
    60_000,
  );

  test('what is no inference is no span, and answers meanwhile are told apart', async () => {
    const { stdout, spans } = await bench.launched(
      [process.execPath, 'openai.mjs', 'models', 'parallel', 'models', 'upload', 'models'],
      { cwd: PROGRAMS },
    );
    expect(stdout).toBe('models gpt-4o\nparallel 8\nmodels gpt-4o\nupload Hello there.\nmodels gpt-4o\n');
    expect(spans.map(told)).toEqual(Array.from({ length: 9 }, () => CHAT));
  }, 60_000);

  test('a stream that the program leaves early, and one that breaks off, are reported with what came', async () => {
    const { spans } = await bench.launched([process.execPath, 'openai.mjs', 'stream-left-early', 'stream-broken'], {
      cwd: PROGRAMS,
    });
    expect(spans.map(span => span.name)).toEqual(['chat gpt-4o-long', 'chat gpt-4o-broken']);
    for (const span of spans) {
      expect(span.attributes).toMatchObject({
        'gen_ai.response.id': 'chatcmpl-node-s',
        'http.response.status_code': 200,
        'openlit.partial': ['aborted'],
      });
      expect(span.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
      expect(span.attributes).not.toHaveProperty('gen_ai.usage.output_tokens');
    }
  }, 60_000);
});

const CLAUDE = {
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

test('@anthropic-ai/sdk: messages, helpers, tools and failures', async () => {
  const { stdout, status, spans } = await bench.launched([process.execPath, 'anthropic.mjs'], { cwd: PROGRAMS });
  expect({ stdout, status }).toEqual({
    stdout: 'messages Hello from Claude.\nstream Hello from Claude.\ntools Oslo\nerror 529\n',
    status: 0,
  });
  expect(spans.map(span => span.attributes['gen_ai.provider.name'])).toEqual(Array(4).fill('anthropic'));
  expect(spans.map(told)).toEqual([
    CLAUDE,
    { ...CLAUDE, 'gen_ai.request.stream': true, 'gen_ai.response.time_to_first_chunk': 'number' },
    { ...CLAUDE, 'gen_ai.response.finish_reasons': ['tool_use'] },
    { 'gen_ai.request.max_tokens': 64, 'http.response.status_code': 529, 'error.type': 'overloaded_error' },
  ]);
}, 60_000);

test('ai with @ai-sdk/openai: text, streams, responses and embeddings', async () => {
  const { stdout, spans } = await bench.launched([process.execPath, 'vercel.mjs'], { cwd: PROGRAMS });
  expect(stdout).toMatch(/^generate Hello there\.\nstream Tides .*\nresponses Hello from responses\.\nembed /);
  expect(spans.map(told)).toEqual([
    CHAT,
    STREAM,
    RESPONSES,
    { ...EMBEDDINGS, 'gen_ai.request.encoding_formats': ['float'] },
  ]);
}, 60_000);

test('@langchain/openai: invoke and stream', async () => {
  const { stdout, spans } = await bench.launched([process.execPath, 'langchain.mjs'], { cwd: PROGRAMS });
  expect(stdout).toBe('invoke Hello there.\nstream Tides come and tides go home.\n');
  expect(spans.map(told)).toEqual([CHAT, STREAM]);
}, 60_000);
