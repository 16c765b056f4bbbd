/** LLM calls of a running program, end to end: as JSON lines, as OTLP at a real receiver, and on the screen. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { attach, type Lines, pidOf, ROOT, start, whyNot } from '../attach/attached.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';

const reason = whyNot();
if (reason) console.log(`skipped: attach cannot be tested here: ${reason}`);
const real = reason ? test.skip : test;

const TLS = path.join(ROOT, 'test/fixtures/tls');
const PLANTED = 'sk-planted-4711';
const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'secret answer' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
};
const CLIENT = `
import http.client, json, os, ssl, sys
c = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=ssl._create_unverified_context())
c.connect()
print(json.dumps({'ready': os.getpid()}), flush=True)
sys.stdin.readline()
for stream in (False, True):
    body = {'model': 'gpt-4o', 'messages': [{'role': 'user', 'content': 'secret question'}]}
    if stream: body['stream'] = True
    c.request('POST', '/v1/chat/completions', json.dumps(body), {'Host': 'api.openai.com', 'content-type': 'application/json', 'authorization': 'Bearer ${PLANTED}'})
    c.getresponse().read()
c.request('GET', '/not-an-llm-call', headers={'Host': 'example.com'})
c.getresponse().read()
print('done', flush=True)
sys.stdin.read()
`;

let port = 0;
let folder: string;
let receiver: OtlpReceiver;
const server = createServer(
  { key: readFileSync(`${TLS}/server.key`), cert: readFileSync(`${TLS}/server.pem`) },
  (request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      if (!body.includes('"stream"'))
        return response.setHeader('content-type', 'application/json').end(JSON.stringify(ANSWER));
      response.setHeader('content-type', 'text/event-stream');
      const chunk = (choices: unknown[], more = {}) =>
        response.write(
          `data: ${JSON.stringify({ id: 'chatcmpl-2', object: 'chat.completion.chunk', model: ANSWER.model, choices, ...more })}\n\n`,
        );
      for (let i = 0; i < 32; i++)
        chunk([{ index: 0, delta: { content: `word${i} ` }, finish_reason: i === 31 ? 'stop' : null }]);
      chunk([], { usage: { prompt_tokens: 9, completion_tokens: 32, total_tokens: 41 } });
      response.end('data: [DONE]\n\n');
    });
  },
);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'attach-'));
  writeFileSync(path.join(folder, 'client.py'), CLIENT);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise(resolve => server.close(resolve));
  await receiver.close();
  rmSync(folder, { recursive: true });
});

async function observed(args: string[]): Promise<{ observer: Lines; pid: number }> {
  const env = { ...process.env, OTEL_SERVICE_NAME: 'the-target' };
  const program = start('python3', [path.join(folder, 'client.py'), `${port}`], { env });
  let observer: Lines | undefined;
  try {
    const pid = await pidOf(program);
    observer = await attach([pid], args);
    program.say('go');
    await program.line(line => line === 'done');
    await program.end();
    expect(await observer.exited).toBe(0);
    return { observer, pid };
  } finally {
    await program.kill();
    await observer?.kill();
  }
}

real(
  '--format json: each call once, no content, no credential',
  async () => {
    const { observer, pid } = await observed(['--format', 'json']);
    const calls = observer.seen.map(line => JSON.parse(line));
    expect(calls).toHaveLength(2);
    for (const call of calls)
      expect(call).toMatchObject({
        pid,
        partial: [],
        attributes: {
          'gen_ai.provider.name': 'openai',
          'gen_ai.response.model': ANSWER.model,
          'gen_ai.usage.input_tokens': 9,
        },
      });
    expect(calls.map(call => call.attributes['gen_ai.usage.output_tokens'])).toEqual([3, 32]);
    expect(calls[1].attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0);
    expect(observer.seen.join()).not.toMatch(/secret|planted/);
  },
  30_000,
);

real(
  '--capture-content: what was said, and still no credential',
  async () => {
    const { observer } = await observed(['--format', 'json', '--capture-content=span']);
    const calls = observer.seen.map(line => JSON.parse(line));
    expect(calls[0].output_text).toBe('secret answer');
    expect(calls[1].output_text).toBe(Array.from({ length: 32 }, (_, i) => `word${i} `).join(''));
    expect(observer.seen.join()).toContain('secret question');
    expect(observer.seen.join()).not.toContain(PLANTED);
  },
  30_000,
);

real(
  '--endpoint: spans and metrics under the target’s own service name',
  async () => {
    const { observer } = await observed(['--endpoint', receiver.url]);
    const spans = await receiver.waitForSpans(2);
    expect(spans).toHaveLength(2);
    expect(spans.map(({ name }) => name)).toEqual(['chat gpt-4o', 'chat gpt-4o']);
    const durations = receiver.metrics.filter(({ name }) => name === 'gen_ai.client.operation.duration');
    expect(durations.length).toBeGreaterThan(0);
    expect(durations[0]?.resource['service.name']).toBe('the-target');
    expect(JSON.stringify(receiver.exports.map(({ body }) => body))).not.toMatch(/secret|planted/);
    expect(observer.seen).toEqual([]); // stdout is only what --format says
  },
  30_000,
);

real(
  'without an endpoint: a line for each call and the summary, on stderr',
  async () => {
    const { observer } = await observed([]);
    expect(observer.seen).toEqual([]);
    expect(observer.errors.filter(line => line.includes('gpt-4o')).length).toBeGreaterThanOrEqual(2);
  },
  30_000,
);
