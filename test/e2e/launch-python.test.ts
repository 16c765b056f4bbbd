/** Real clients of Python under the launcher: one span a call, and on it what was on the wire and nothing else. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bench } from '../support/observed.js';
import { pythonWithSdk } from '../support/python-environments.js';
import { openPythonBench, PLANTED_KEY } from '../support/python-observed.js';
import {
  CHAT,
  CLAUDE,
  expectAbortedStream,
  expectOpenaiSpan,
  FLAGS as flags,
  OPENAI_STEPS,
  RESOURCE,
  STREAM,
  STREAMED,
  told,
} from '../support/told-calls.js';

let bench: Bench;
let python: string;

beforeAll(async () => {
  python = await pythonWithSdk('clients');
  bench = await openPythonBench();
}, 600_000);
afterAll(() => bench?.close());

const { version: VERSION } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** The steps of `openai_steps.py`. */
const OPENAI = Object.fromEntries(
  Object.entries(OPENAI_STEPS).map(([step, told]) => [step.replaceAll('-', '_'), told] as const),
);
const STEPS = Object.keys(OPENAI);

describe('openai', () => {
  test.each(['sync', 'async'])(
    'every call is one span with what was on the wire: %s',
    async kind => {
      const words = [python, 'openai_steps.py', kind, ...STEPS];
      const { stdout, stderr, status, spans } = await bench.launched(words, { flags });
      expect({ stdout, stderr, status }).toEqual({
        stdout: STEPS.map(step => `${step} ${OPENAI[step]![0]}\n`).join(''),
        stderr: '',
        status: 0,
      });
      expect(spans.map(span => [span.name, told(span)])).toEqual(STEPS.map(step => OPENAI[step]!.slice(1)));
      for (const span of spans) {
        expectOpenaiSpan(span, bench.provider.port);
        expect(span.resource).toMatchObject({
          ...RESOURCE,
          'telemetry.sdk.language': 'python',
          'telemetry.sdk.name': 'openlit',
          'telemetry.sdk.version': VERSION,
          'telemetry.distro.name': 'openlit-instrument',
          'telemetry.distro.version': VERSION,
        });
      }
      expect(bench.receiver.logs.map(({ eventName, attributes }) => [eventName, attributes])).toEqual([
        ['gen_ai.client.operation.exception', { 'exception.type': 'invalid_api_key' }],
      ]);
      expect(JSON.stringify(bench.receiver.exports.map(({ body }) => body))).not.toContain(PLANTED_KEY);
      expect(JSON.stringify(bench.receiver.exports.map(({ body }) => body))).not.toMatch(/Hello there|Tides/);
    },
    120_000,
  );

  test('streams that the program leaves, closes or drops, and one that breaks off', async () => {
    const steps = ['stream_left', 'stream_closed', 'stream_with', 'stream_dropped', 'stream_broken'];
    const { spans, stderr } = await bench.launched([python, 'openai_steps.py', 'sync', ...steps]);
    expect(stderr).toBe('');
    // One that is only dropped ends when Python collects it, as its connection does.
    const names = spans.map(span => span.name).sort();
    expect(names).toEqual(['chat gpt-4o-broken', ...Array(4).fill('chat gpt-4o-long')]);
    for (const span of spans) expectAbortedStream(span);
  }, 120_000);

  test('raw responses, streamed responses, calls at once, a closed asynchronous stream', async () => {
    const sync = await bench.launched([python, 'openai_steps.py', 'sync', 'raw', 'streamed_response', 'models']);
    expect(sync.stdout).toBe('raw chatcmpl-node-1\nstreamed_response chatcmpl-node-1\nmodels gpt-4o\n');
    expect(sync.spans.map(told)).toEqual([CHAT, CHAT]);
    const later = await bench.launched([python, 'openai_steps.py', 'async', 'gather', 'stream_closed']);
    expect(later.stdout).toBe('gather 8\nstream_closed closed\n');
    expect(later.spans.map(told).slice(0, 8)).toEqual(Array.from({ length: 8 }, () => CHAT));
    expect(later.spans[8]?.attributes['openlit.partial']).toEqual(['aborted', 'cancelled']);
    expect(later.stderr).toBe('');
  }, 120_000);

  test('the program gets the very objects that it gets without us', async () => {
    const words = [python, 'openai_steps.py', 'sync', 'stream_type', 'refused'];
    const [bare, observed] = await Promise.all([bench.bare(words), bench.launched(words)]);
    expect(observed).toMatchObject({ stdout: bare.stdout, stderr: bare.stderr, status: bare.status });
    expect(observed.stdout).toContain('stream_type Stream True');
    expect(observed.spans[1]?.attributes['error.type']).toBe('connection_closed');
  }, 120_000);
});

test('anthropic: messages, helpers, streams, tools and failures', async () => {
  const { stdout, stderr, spans } = await bench.launched([python, 'anthropic_steps.py']);
  expect(stderr).toBe('');
  expect(stdout).toBe(
    'messages Hello from Claude.\nhelper Hello from Claude.\nstream True\ntools Oslo\nerror 529\n' +
      'async Hello from Claude.\nasync helper Hello from Claude.\n',
  );
  const stream = { ...CLAUDE, ...STREAMED };
  const left = spans.find(span => span.attributes['openlit.partial'] !== undefined);
  expect(left?.attributes).toMatchObject({
    'openlit.partial': ['aborted', 'cancelled'],
    'gen_ai.response.id': 'msg_node_1',
  });
  expect(spans.filter(span => span !== left).map(told)).toEqual([
    CLAUDE,
    stream,
    stream,
    { ...CLAUDE, 'gen_ai.response.finish_reasons': ['tool_use'] },
    { 'gen_ai.request.max_tokens': 64, 'http.response.status_code': 529, 'error.type': 'overloaded_error' },
    CLAUDE,
    stream,
  ]);
  for (const span of spans) expect(span.attributes['gen_ai.provider.name']).toBe('anthropic');
}, 120_000);

test('langchain with langchain-openai: one span a call, with the wire’s figures', async () => {
  const { stdout, stderr, spans } = await bench.launched([python, 'langchain_steps.py']);
  expect(stderr).toBe('');
  expect(stdout.split('\n').map(line => line.split(' ')[0])).toEqual(['invoke', 'stream', 'ainvoke', 'astream', '']);
  const calls = spans.filter(span => span.attributes['gen_ai.operation.name'] === 'chat');
  expect(calls.map(told)).toEqual([CHAT, STREAM, CHAT, STREAM]);
}, 120_000);

test('metrics come from the same figures', async () => {
  await bench.launched([python, 'openai_steps.py', 'sync', 'chat', 'stream']);
  await bench.receiver.waitFor(() => bench.receiver.metrics.length > 0);
  const tokens = bench.receiver.metrics.filter(point => point.name === 'gen_ai.client.token.usage');
  const sums = tokens.map(({ attributes, point }) => [attributes['gen_ai.token.type'], point['sum']]);
  expect(sums).toEqual(
    expect.arrayContaining([
      ['input', 51],
      ['output', 14],
    ]),
  );
  const names = new Set(bench.receiver.metrics.map(point => point.name));
  expect([...names].sort()).toEqual([
    'gen_ai.client.operation.duration',
    'gen_ai.client.operation.time_per_output_chunk',
    'gen_ai.client.operation.time_to_first_chunk',
    'gen_ai.client.token.usage',
    'gen_ai.usage.cost',
  ]);
}, 120_000);

describe('message content', () => {
  const words = () => [python, 'openai_steps.py', 'sync', 'chat', 'stream'];

  test('leaves on the span when asked for, and nowhere else', async () => {
    const { spans } = await bench.launched(words(), { flags: ['--capture-content=span'] });
    for (const span of spans) expect(String(span.attributes['gen_ai.input.messages'])).toContain('hi');
    expect(String(spans[0]?.attributes['gen_ai.output.messages'])).toContain('Hello there.');
    expect(String(spans[1]?.attributes['gen_ai.output.messages'])).toContain('Tides come');
    expect(bench.receiver.logs).toEqual([]);
  }, 120_000);

  test('leaves in the event, structured, when asked for there', async () => {
    const { spans } = await bench.launched(words(), { flags: ['--capture-content=event'] });
    for (const span of spans) expect(span.attributes).not.toHaveProperty('gen_ai.input.messages');
    await bench.receiver.waitFor(() => bench.receiver.logs.length === 2);
    const event = bench.receiver.logs[0];
    expect(event?.eventName).toBe('gen_ai.client.inference.operation.details');
    expect(event?.spanId).toBe(spans[0]?.spanId);
    expect(JSON.stringify(event?.attributes['gen_ai.output.messages'])).toContain('Hello there.');
  }, 120_000);
});

test('the newest names and the event without content, when the environment asks for them', async () => {
  const call =
    'import warnings; warnings.simplefilter("ignore", DeprecationWarning); import anthropic; anthropic.Anthropic(max_retries=0).messages.create(' +
    'model="claude-sonnet-4-5", max_tokens=64, messages=[{"role": "user", "content": "hi"}])';
  const { spans, stderr } = await bench.launched([python, '-c', call], {
    env: {
      OTEL_SEMCONV_STABILITY_OPT_IN: 'http,gen_ai_latest_experimental',
      OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: 'true',
    },
  });
  expect(stderr).toBe('');
  const { 'gen_ai.usage.cache_creation.input_tokens': written, ...same } = CLAUDE;
  const named = { ...same, 'gen_ai.usage.cache_write.input_tokens': written };
  expect(spans.map(told)).toEqual([named]);
  expect(bench.receiver.logs.map(({ eventName, spanId }) => [eventName, spanId])).toEqual([
    ['gen_ai.client.inference.operation.details', spans[0]?.spanId],
  ]);
  expect(bench.receiver.logs[0]?.attributes).toMatchObject(named);
  expect(JSON.stringify(bench.receiver.exports.map(({ body }) => body))).not.toContain('Hello from Claude');
  const schemas = bench.receiver.exports.map(({ body }) => JSON.stringify(body).match(/schemas\/[^"]*/)?.[0]);
  expect(schemas.sort()).toEqual(Array(3).fill('schemas/gen-ai/1.42.0'));
}, 60_000);
