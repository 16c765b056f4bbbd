/** What surrounds the formats: encodings, times, roles, early answers, losses, uploads, hostile bytes. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { ConnectionFacts, PartialReason } from '../../../src/wire/exchange.js';
import type { Call, LlmCall } from '../../../src/wire/llm-call.js';
import { createCallDecoder } from '../../../src/wire/providers/index.js';
import { MultipartForm } from '../../../src/wire/providers/multipart.js';
import { seededRandom } from '../../support/random.js';

const CLIENT: ConnectionFacts = { role: 'client', protocol: 'http/1.1' };
const REQUEST = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }], stream: true });
const chunk = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', model: 'gpt-4o-x', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

interface Story {
  headers?: Record<string, string>;
  request?: string | Buffer;
  facts?: ConnectionFacts;
  status?: number;
  responseHeaders?: Record<string, string>;
  response?: (string | Buffer)[];
  partial?: PartialReason[];
  content?: boolean;
  contentLimit?: number;
  path?: string;
  host?: string;
}

/** One exchange with a clock that goes on by 10 at each step, from 1000. */
function decode(story: Story): Call[] {
  const calls: Call[] = [];
  const open = createCallDecoder({
    onCall: call => calls.push(call),
    newId: () => 'id',
    content: story.content ?? true,
    limits: { content: story.contentLimit ?? 1000 },
  });
  let now = 990n;
  const tick = () => (now += 10n);
  const host = story.host ?? 'api.openai.com';
  const headers = { 'content-type': 'application/json', ...story.headers };
  const head = { method: 'POST', path: story.path ?? '/v1/chat/completions', host, headers };
  const listener = open(head, story.facts ?? CLIENT, tick());
  if (listener === undefined) return calls;
  listener.requestHead(head, now);
  listener.requestBody(Buffer.from(story.request ?? REQUEST), tick());
  listener.requestEnd(tick());
  if (story.status !== undefined || story.response !== undefined) {
    const responseHeaders = { 'content-type': 'text/event-stream', ...story.responseHeaders };
    listener.responseHead({ status: story.status ?? 200, headers: responseHeaders }, tick());
  }
  for (const bytes of story.response ?? []) listener.responseBody(Buffer.from(bytes), tick());
  for (const reason of story.partial ?? []) listener.partial(reason);
  listener.end(tick());
  return calls;
}

const one = (story: Story): LlmCall => {
  const calls = decode(story);
  expect(calls).toHaveLength(1);
  return calls[0] as LlmCall;
};

describe('times', () => {
  test('the first chunk is the first with something of the model; comments, roles and usage are none', () => {
    const call = one({
      response: [': keep-alive\n\n', chunk(''), chunk('Hel'), chunk('lo'), chunk('', 'stop'), 'data: [DONE]\n\n'],
    });
    expect(call).toMatchObject({ start: 1000n, firstChunk: 1060n, chunkTimes: [1070n], end: 1100n });
  });

  test('an answer that is no stream has none', () => {
    const call = one({
      response: ['{"id":"x","model":"m","choices":[]}'],
      responseHeaders: { 'content-type': 'application/json' },
    });
    expect(call.firstChunk).toBeUndefined();
    expect(call.chunkTimes).toBeUndefined();
  });
});

describe('what is not whole', () => {
  const broken = [chunk('Hel'), chunk('lo')];

  test('a stream without its end is an error, with what was seen', () => {
    const call = one({ response: broken, partial: ['aborted'] });
    expect(call).toMatchObject({
      error: { type: 'stream_interrupted' },
      response: { finishReasons: ['error'] },
      outputText: 'Hello',
      partial: ['aborted'],
    });
  });

  test('a stream that the program left is a cancelled call, and no error', () => {
    const call = one({ response: broken, partial: ['aborted', 'cancelled'] });
    expect(call).toMatchObject({
      response: { finishReasons: ['cancelled'] },
      outputText: 'Hello',
      partial: ['aborted', 'cancelled'],
    });
    expect(call.error).toBeUndefined();
    const before = one({ partial: ['aborted', 'cancelled'] });
    expect([before.error, before.response.finishReasons]).toEqual([undefined, undefined]);
  });

  test('an error that came before stays one', () => {
    const response = [chunk('Hel'), 'data: {"error":{"type":"overloaded_error","message":"x"}}\n\n'];
    const call = one({ response, partial: ['aborted', 'cancelled'] });
    expect([call.error?.type, call.response.finishReasons]).toEqual(['overloaded_error', undefined]);
  });

  test.each<PartialReason>(['gap', 'detached', 'joined'])(
    'with %s the end may be our loss, so it is no error',
    reason => {
      const call = one({ response: broken, partial: [reason] });
      expect(call.error).toBeUndefined();
      expect(call.partial).toEqual([reason]);
    },
  );

  describe('a stream that was left after it said that it is over', () => {
    const sse = (event: object) => `data: ${JSON.stringify(event)}\n\n`;
    const asked = JSON.stringify({ ...JSON.parse(REQUEST), stream_options: { include_usage: true } });
    const counts = sse({ id: 'c1', choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } });
    const messages: Story = {
      host: 'api.anthropic.com',
      path: '/v1/messages',
      request: JSON.stringify({
        model: 'claude',
        max_tokens: 9,
        stream: true,
        messages: [{ role: 'user', content: 'x' }],
      }),
      response: [
        sse({
          type: 'message_start',
          message: { id: 'm', model: 'claude', usage: { input_tokens: 9, output_tokens: 1 } },
        }),
        sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ok' } }),
        sse({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 6 } }),
      ],
    };

    test.each<[string, Story, object]>([
      ['chat', { response: [chunk('ok', 'stop')] }, { usage: {}, partial: [] }],
      [
        'chat with its counts',
        { request: asked, response: [chunk('ok', 'stop'), counts] },
        { usage: { outputTokens: 2 }, partial: [] },
      ],
      [
        'chat without the counts that were to follow',
        { request: asked, response: [chunk('ok', 'stop')] },
        { usage: {}, partial: ['aborted'] },
      ],
      ['Messages', messages, { usage: { inputTokens: 9, outputTokens: 6 }, partial: [] }],
    ])('%s', (_, story, expected) => {
      const call = one({ ...story, partial: ['aborted'] });
      expect(call).toMatchObject(expected);
      expect(call.error).toBeUndefined();
      expect(call.response.finishReasons).toHaveLength(1);
      // Who closed is of no interest then.
      const { partial, response } = one({ ...story, partial: ['aborted', 'cancelled'] });
      expect(response.finishReasons).toEqual(call.response.finishReasons);
      expect(partial.filter(reason => reason !== 'cancelled')).toEqual(call.partial);
    });

    test('a gateway may leave the last event out', () => {
      expect(one(messages)).toMatchObject({ response: { finishReasons: ['end_turn'] }, partial: [] });
      expect(one(messages).error).toBeUndefined();
    });

    test('an error that follows is one', () => {
      const response = [
        ...messages.response!,
        sse({ type: 'error', error: { type: 'overloaded_error', message: 'x' } }),
      ];
      expect(one({ ...messages, response }).error?.type).toBe('overloaded_error');
    });
  });

  test('a connection that ends before the answer', () => {
    expect(one({ partial: ['aborted'] }).error).toEqual({ type: 'connection_closed' });
  });

  test('an answer that begins before the request has ended', () => {
    const calls: Call[] = [];
    const open = createCallDecoder({ onCall: call => calls.push(call), newId: () => 'id', content: true });
    const headers = { 'content-type': 'application/json' };
    const head = { method: 'POST', path: '/v1/chat/completions', host: 'api.openai.com', headers };
    const listener = open(head, CLIENT, 1n)!;
    listener.requestHead(head, 1n);
    listener.requestBody(Buffer.from(`{"model":"gpt-4o","messages":[{"role":"user","content":"${'x'.repeat(100)}`), 2n);
    listener.responseHead({ status: 413, headers }, 3n);
    listener.responseBody(Buffer.from('{"error":{"message":"too large","type":"too_large"}}'), 4n);
    listener.end(5n);
    expect(calls[0]).toMatchObject({ request: { model: 'gpt-4o' }, error: { type: 'too_large' }, httpStatus: 413 });
  });

  test('output over the limit is cut and marked', () => {
    const call = one({
      response: [chunk('x'.repeat(80)), chunk('y'.repeat(80), 'stop'), 'data: [DONE]\n\n'],
      contentLimit: 100,
    });
    expect(call.outputText).toBe('x'.repeat(80) + 'y'.repeat(20));
    expect(call.partial).toEqual(['truncated']);
    expect(call.error).toBeUndefined();
  });
});

describe('encodings', () => {
  const stream = [chunk('Hello', 'stop'), 'data: [DONE]\n\n'].join('');

  test('request and answer are inflated', () => {
    const call = one({
      headers: { 'content-encoding': 'gzip' },
      request: gzipSync(REQUEST),
      responseHeaders: { 'content-encoding': 'gzip' },
      response: [gzipSync(stream)],
    });
    expect(call).toMatchObject({ request: { model: 'gpt-4o' }, outputText: 'Hello', partial: [] });
  });

  test('damaged data is marked, the call is reported', () => {
    const damaged = gzipSync(stream);
    damaged.fill(0xff, 10); // a block type that does not exist
    const call = one({ responseHeaders: { 'content-encoding': 'gzip' }, response: [damaged] });
    expect(call.partial).toContain('encoding');
    expect(call.error).toBeUndefined();
  });
});

describe('facts of the call', () => {
  test('server, role and trace context', () => {
    const call = one({
      host: 'LLM.internal:8443',
      headers: { traceparent: '00-a-b-01' },
      facts: { role: 'server', protocol: 'h2', pid: 7, process: 'vllm' },
      response: [chunk('Hi', 'stop'), 'data: [DONE]\n\n'],
    });
    expect(call).toMatchObject({
      role: 'server',
      protocol: 'h2',
      pid: 7,
      process: 'vllm',
      serverAddress: 'llm.internal',
      serverPort: 8443,
      traceparent: '00-a-b-01',
    });
  });

  test('nothing is invented where nothing was said', () => {
    const call = one({ request: '', status: 500, response: [''] });
    expect(call).toEqual({
      kind: 'llm',
      id: 'id',
      role: 'client',
      protocol: 'http/1.1',
      provider: 'openai',
      operation: 'chat',
      request: {},
      response: {},
      usage: {},
      extra: { 'openai.api.type': 'chat_completions' },
      toolCalls: [],
      outputText: '',
      content: {},
      error: { type: '500' },
      httpStatus: 500,
      serverAddress: 'api.openai.com',
      start: 1000n,
      end: 1050n,
      partial: [],
    });
  });
});

describe('an HTTP/2 connection that was joined in the middle', () => {
  const joined = (request: object, answer: object, serverAddress?: string) => {
    const calls: Call[] = [];
    const open = createCallDecoder({ onCall: call => calls.push(call), newId: () => 'id', content: true });
    const head = { method: '', path: '', headers: {} };
    const facts: ConnectionFacts = { role: 'client', protocol: 'h2', ...(serverAddress ? { serverAddress } : {}) };
    const listener = open(head, facts, 1n)!;
    listener.requestHead(head, 1n);
    listener.requestBody(Buffer.from(JSON.stringify(request)), 2n);
    listener.responseHead({ status: 200, headers: {} }, 3n);
    listener.responseBody(Buffer.from(JSON.stringify(answer)), 4n);
    listener.partial('headers');
    listener.end(5n);
    return calls;
  };
  const messages = [{ role: 'user', content: 'Hi' }];

  test('calls are recognised by their bodies, and by the name of the server where it is known', () => {
    const message = {
      id: 'm',
      type: 'message',
      model: 'c',
      content: [{ type: 'text', text: 'Hello' }],
      usage: { input_tokens: 4 },
    };
    expect(joined({ model: 'c', max_tokens: 5, messages }, message, 'api.anthropic.com')).toMatchObject([
      {
        provider: 'anthropic',
        operation: 'chat',
        usage: { inputTokens: 4 },
        outputText: 'Hello',
        partial: ['headers'],
      },
    ]);
    const answer = { id: 'c', model: 'm', choices: [{ index: 0, message: { content: 'Hello' } }] };
    expect(joined({ model: 'm', messages }, answer)).toMatchObject([{ operation: 'chat', outputText: 'Hello' }]);
  });

  test('other traffic is not', () => {
    expect(joined({ model: 'm', messages }, { ok: true })).toEqual([]);
    expect(joined({ a: 1 }, { id: 'x', model: 'y' })).toEqual([]);
  });
});

describe('hostile bytes', () => {
  const paths = ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings', '/model/a/converse-stream'];
  const types = [
    'application/json',
    'text/event-stream',
    'application/vnd.amazon.eventstream',
    'application/x-ndjson',
    '',
  ];
  test('neither throw nor hang, on any path and type', () => {
    const random = seededRandom(9);
    const alphabet = 'data: {}[]",\n\\:choicestype0null';
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: 300 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
      const body = round % 2 === 0 ? text : Buffer.from(Array.from({ length: 300 }, () => Math.floor(random() * 256)));
      const story = {
        path: paths[round % paths.length]!,
        responseHeaders: { 'content-type': types[round % types.length]! },
        response: [body],
      };
      expect(() => decode({ ...story, request: text })).not.toThrow();
      expect(() => decode(story)).not.toThrow();
    }
  });

  test('choices and tool calls with absurd indices stay bounded', () => {
    const choices = Array.from({ length: 50 }, (_, at) => ({ index: at * 1e9, delta: { content: 'x' } }));
    const call = one({ response: [`data: ${JSON.stringify({ choices })}\n\n`, 'data: [DONE]\n\n'] });
    expect(call.content?.outputMessages?.length).toBeLessThanOrEqual(128);
  });
});

test('fields of a form are read, files are passed over, in any cut', () => {
  const file = `\r\n--bo${'\0'.repeat(20_000)}\r\n--boundar`;
  const form = Buffer.from(
    `--boundary\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${file}\r\n--boundary\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--boundary\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n--boundary--\r\n`,
  );
  for (const step of [1, 7, 1000, form.length]) {
    const reader = new MultipartForm('boundary');
    for (let at = 0; at < form.length; at += step) reader.feed(form.subarray(at, at + step));
    expect(reader.end()).toEqual({ value: { model: 'whisper-1', empty: '' }, complete: true });
  }
});
