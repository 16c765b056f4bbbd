/** Real clients of Node under the launcher: one span a call, and on it what was on the wire and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openNodeBench, PROGRAMS } from '../support/node-observed.js';
import { nodeClients } from '../support/node-versions.js';
import type { Bench } from '../support/observed.js';
import {
  CHAT,
  CLAUDE,
  EMBEDDINGS,
  expectAbortedStream,
  expectOpenaiSpan,
  FLAGS as flags,
  OPENAI_STEPS as OPENAI,
  RESOURCE,
  RESPONSES,
  STREAM,
  STREAMED,
  told,
} from '../support/told-calls.js';

let bench: Bench;
let tsx: string;

beforeAll(async () => {
  const clients = await nodeClients();
  tsx = `${clients}/node_modules/.bin/tsx`;
  bench = await openNodeBench({ tls: true });
}, 240_000);
afterAll(() => bench?.close());

const STEPS = Object.keys(OPENAI);

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
        expectOpenaiSpan(span, bench.provider.port);
        expect(span.resource).toMatchObject({ ...RESOURCE, 'telemetry.sdk.language': 'nodejs' });
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
    for (const span of spans) expectAbortedStream(span);
  }, 60_000);
});

test('@anthropic-ai/sdk: messages, helpers, tools and failures', async () => {
  const { stdout, status, spans } = await bench.launched([process.execPath, 'anthropic.mjs'], { cwd: PROGRAMS });
  expect({ stdout, status }).toEqual({
    stdout: 'messages Hello from Claude.\nstream Hello from Claude.\ntools Oslo\nerror 529\n',
    status: 0,
  });
  expect(spans.map(span => span.attributes['gen_ai.provider.name'])).toEqual(Array(4).fill('anthropic'));
  expect(spans.map(told)).toEqual([
    CLAUDE,
    { ...CLAUDE, ...STREAMED },
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
