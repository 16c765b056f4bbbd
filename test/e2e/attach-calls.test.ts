/** LLM calls of a running program, end to end: as JSON lines, as OTLP at a real receiver, and on the screen. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { type Lines, PROGRAMS } from '../attach/attached.js';
import { attachBench, goAndEnd, real } from '../support/attach-bench.js';
import { CHAT, type ChatServer, startChatServer } from '../support/chat-server.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';

const bench = attachBench();
let chat: ChatServer;
let receiver: OtlpReceiver;
beforeAll(async () => {
  chat = await startChatServer();
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await chat.close();
  await receiver.close();
});

/** A whole call, a streamed one and a request that is none, seen by an observer with these words. */
async function observed(args: string[]): Promise<{ observer: Lines; pid: number }> {
  const env = { ...process.env, OTEL_SERVICE_NAME: 'the-target' };
  const words = [path.join(PROGRAMS, 'chat.py'), `${chat.port}`, 'whole', 'stream', 'other'];
  const program = bench.start('python3', words, { env });
  const observer = await bench.observe([program], args);
  await goAndEnd(program);
  expect(await observer.exited).toBe(0);
  return { observer, pid: program.process.pid! };
}

real('--format json: each call once, no content, no credential; --summary-json: their sums', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'attach-calls-'));
  const file = path.join(folder, 'summary.json');
  const { observer, pid } = await observed(['--format', 'json', '--summary-json', file]);
  const summary = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(folder, { recursive: true });
  expect(summary).toMatchObject({ version: 1, way: 'attach', program: 'attach', calls: 2, errors: 0 });
  expect(summary.run).toBeNull(); // nothing is kept in these tests
  expect(summary.models).toMatchObject([{ provider: 'openai', model: 'gpt-4o', calls: 2 }]); // as it was asked for
  const calls = observer.seen.map(line => JSON.parse(line));
  expect(calls).toHaveLength(2);
  for (const call of calls)
    expect(call).toMatchObject({
      pid,
      partial: [],
      attributes: {
        'gen_ai.provider.name': 'openai',
        'gen_ai.response.model': CHAT.model,
        'gen_ai.usage.input_tokens': CHAT.input,
      },
    });
  expect(calls.map(call => call.attributes['gen_ai.usage.output_tokens'])).toEqual([
    CHAT.whole.output,
    CHAT.stream.output,
  ]);
  expect(calls[1].attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0);
  expect(observer.seen.join()).not.toMatch(/secret|planted/);
});

real('--capture-content: what was said, and still no credential', async () => {
  const { observer } = await observed(['--format', 'json', '--capture-content=span']);
  const calls = observer.seen.map(line => JSON.parse(line));
  expect(calls[0].output_text).toBe(CHAT.whole.text);
  expect(calls[1].output_text).toBe(CHAT.stream.words.join(''));
  expect(observer.seen.join()).toContain('secret question');
  expect(observer.seen.join()).not.toContain('planted');
});

real('--endpoint: spans and metrics under the target’s own service name', async () => {
  const { observer } = await observed(['--endpoint', receiver.url]);
  const spans = await receiver.waitForSpans(2);
  expect(spans).toHaveLength(2);
  expect(spans.map(({ name }) => name)).toEqual(['chat gpt-4o', 'chat gpt-4o']);
  const durations = receiver.metrics.filter(({ name }) => name === 'gen_ai.client.operation.duration');
  expect(durations.length).toBeGreaterThan(0);
  expect(durations[0]?.resource['service.name']).toBe('the-target');
  expect(JSON.stringify(receiver.exports.map(({ body }) => body))).not.toMatch(/secret|planted/);
  expect(observer.seen).toEqual([]); // stdout is only what --format says
});

real('without an endpoint: a line for each call and the summary, on stderr', async () => {
  const { observer } = await observed([]);
  expect(observer.seen).toEqual([]);
  expect(observer.errors.filter(line => line.includes('gpt-4o')).length).toBeGreaterThanOrEqual(2);
});
