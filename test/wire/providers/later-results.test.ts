/** Results that are computed in the background: their tokens count once, whichever exchange brings them. */
import { describe, expect, test } from '@jest/globals';
import type { PartialReason } from '../../../src/wire/exchange.js';
import { replayExchange } from '../../../src/wire/exchange-replay.js';
import type { LlmCall } from '../../../src/wire/llm-call.js';
import { createCallDecoder, LaterResults } from '../../../src/wire/providers/index.js';

interface Step {
  get?: string;
  post?: string;
  request?: object;
  status?: number;
  /** An object is JSON, a list the data of SSE events, none an empty body. */
  response?: object | object[];
  partial?: PartialReason[];
}

/** The calls of each exchange of one program, which has a connection for each of them. */
function run(host: string, steps: Step[]): LlmCall[][] {
  const later = new LaterResults();
  return steps.map(({ get, post, request, status = 200, response, partial = [] }) => {
    const calls: LlmCall[] = [];
    const open = createCallDecoder({
      later,
      content: true,
      newId: () => 'id',
      onCall: call => calls.push(call as LlmCall),
    });
    const isStream = Array.isArray(response);
    const body = isStream
      ? response.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')
      : response === undefined
        ? ''
        : JSON.stringify(response);
    replayExchange(
      {
        id: 'x',
        role: 'client',
        protocol: 'http/1.1',
        host,
        method: get === undefined ? 'POST' : 'GET',
        path: get ?? post!,
        requestHeaders: request === undefined ? {} : { 'content-type': 'application/json' },
        ...(request === undefined ? {} : { requestBody: Buffer.from(JSON.stringify(request)) }),
        status,
        responseHeaders: { 'content-type': isStream ? 'text/event-stream' : 'application/json' },
        responseBody: Buffer.from(body),
        partial,
      },
      open,
    );
    return calls;
  });
}

/** Operation, output tokens and marks of each exchange's one call. */
const brief = (exchanges: LlmCall[][]) =>
  exchanges.map(calls =>
    calls.length === 0
      ? 'none'
      : [calls[0]!.operation, calls[0]!.usage.outputTokens, ...calls[0]!.partial, calls[0]!.error?.type]
          .filter(each => each !== undefined)
          .join(' '),
  );

const USAGE = { input_tokens: 10, output_tokens: 20, total_tokens: 30 };
const create = { model: 'gpt-5', input: 'x', background: true };
const response = (status: string, more: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  status,
  background: true,
  model: 'gpt-5-2025',
  error: null,
  output: [],
  usage: status === 'completed' ? USAGE : null,
  ...more,
});
const PATH = '/v1/responses';

describe('Responses', () => {
  test('the first exchange that has the result tells it; looking before and after tells nothing', () => {
    const exchanges = run('api.openai.com', [
      { post: PATH, request: create, response: response('queued') },
      { get: `${PATH}/resp_1`, response: response('in_progress') },
      { get: `${PATH}/resp_1?include[]=reasoning`, response: response('completed') },
      { get: `${PATH}/resp_1`, response: response('completed') },
      {
        get: `${PATH}/resp_1?stream=true`,
        response: [{ type: 'response.completed', response: response('completed') }],
      },
    ]);
    expect(brief(exchanges)).toEqual(['chat deferred', 'none', 'fetch_response 20', 'none', 'none']);
    expect(exchanges[2]![0]).toMatchObject({
      provider: 'openai',
      request: { model: 'gpt-5' },
      response: { id: 'resp_1', model: 'gpt-5-2025', finishReasons: ['stop'] },
    });
  });

  test('a stream that was left goes on in another one', () => {
    const begin = { type: 'response.created', response: response('in_progress') };
    const exchanges = run('api.openai.com', [
      { post: PATH, request: { ...create, stream: true }, response: [begin], partial: ['aborted'] },
      {
        get: `${PATH}/resp_1?stream=true&starting_after=3`,
        response: [
          { type: 'response.output_text.delta', delta: 'ok', output_index: 0 },
          { type: 'response.completed', response: { ...response('completed'), background: undefined } },
        ],
      },
    ]);
    expect(brief(exchanges)).toEqual(['chat aborted deferred', 'fetch_response 20']);
    expect(exchanges[1]![0]).toMatchObject({ outputText: 'ok', request: { stream: true } });
  });

  test('a stream that was heard to its end is told there', () => {
    const exchanges = run('api.openai.com', [
      {
        post: PATH,
        request: { ...create, stream: true },
        response: [{ type: 'response.completed', response: response('completed') }],
      },
      { get: `${PATH}/resp_1`, response: response('completed') },
    ]);
    expect(brief(exchanges)).toEqual(['chat 20', 'none']);
  });

  test('a stored answer that is read again is no call, nor is an id that nobody knows', () => {
    const exchanges = run('api.openai.com', [
      { post: PATH, request: { model: 'gpt-5', input: 'x' }, response: response('completed', { background: false }) },
      { get: `${PATH}/resp_1`, response: response('completed', { background: false }) },
      { get: `${PATH}/resp_9`, status: 404, response: { error: { message: 'x', type: 'invalid_request_error' } } },
      { get: `${PATH}/resp_1/input_items`, response: { object: 'list', data: [] } },
    ]);
    expect(brief(exchanges)).toEqual(['chat 20', 'none', 'none', 'none']);
  });

  test('a failure is told, and so is a result whose asking was not seen, on any host', () => {
    expect(brief(run('api.openai.com', [{ get: `${PATH}/r`, response: response('failed') }]))).toEqual([
      'fetch_response failed',
    ]);
    const [calls] = run('gateway.internal', [{ get: `/openai${PATH}/r`, response: response('completed') }]);
    expect(calls).toHaveLength(1);
    expect(run('shop.internal', [{ get: '/forms/responses/7', response: { id: 7, total: 3 } }])).toEqual([[]]);
  });
});

test("xAI's deferred completions", () => {
  const chat = { id: 'c', model: 'grok-4', choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }] };
  const exchanges = run('api.x.ai', [
    {
      post: '/v1/chat/completions',
      request: { model: 'grok-4', messages: [{ role: 'user', content: 'x' }], deferred: true },
      response: { request_id: 'f1' },
    },
    { get: '/v1/chat/deferred-completion/f1', status: 202 },
    {
      get: '/v1/chat/deferred-completion/f1',
      response: { ...chat, usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    },
  ]);
  expect(brief(exchanges)).toEqual(['chat deferred', 'none', 'fetch_response 2']);
  expect(exchanges[2]![0]?.response.id).toBe('c');
});

test("Perplexity's jobs", () => {
  const job = { id: 'j', model: 'sonar-deep-research', status: 'CREATED' };
  const answer = {
    model: 'sonar-deep-research',
    choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 2, cost: { total_cost: 0.5 } },
  };
  const request = { request: { model: 'sonar-deep-research', messages: [{ role: 'user', content: 'x' }] } };
  for (const path of ['/async/chat/completions', '/v1/async/sonar']) {
    const exchanges = run('api.perplexity.ai', [
      { post: path, request, response: job },
      { get: `${path}/j`, response: { ...job, status: 'IN_PROGRESS' } },
      { get: `${path}/j`, response: { ...job, status: 'COMPLETED', response: answer } },
      { get: `${path}/j`, response: { ...job, status: 'COMPLETED', response: answer } },
    ]);
    expect(brief(exchanges)).toEqual(['chat deferred', 'none', 'fetch_response 2', 'none']);
    expect(exchanges[0]![0]?.request.model).toBe('sonar-deep-research');
    expect(exchanges[2]![0]?.statedCost).toEqual({ amount: 0.5, currency: 'USD' });
  }
});

test("Gemini's interactions", () => {
  const done = {
    id: 'i',
    status: 'completed',
    model: 'gemini',
    usage: { total_input_tokens: 1, total_output_tokens: 2 },
  };
  const path = '/v1beta/interactions';
  const exchanges = run('generativelanguage.googleapis.com', [
    {
      post: path,
      request: { model: 'gemini', input: 'x', background: true },
      response: { id: 'i', status: 'in_progress' },
    },
    { get: `${path}/i`, response: { id: 'i', status: 'in_progress' } },
    { get: `${path}/i`, response: done },
    { get: `${path}/i`, response: done },
    { get: `${path}/other`, response: { ...done, id: 'other' } },
  ]);
  expect(brief(exchanges)).toEqual(['generate_content deferred', 'none', 'fetch_response 2', 'none', 'none']);
});

test('what is remembered is bounded, and the newest stays', () => {
  const later = new LaterResults();
  const outcome = (id: number, open: boolean) => ({ id: `${id}`, open, background: true });
  for (let id = 0; id < 5_000; id++) later.asked('h', outcome(id, true), `m${id}`);
  expect(later.fetched('H', outcome(4_999, false))).toEqual({ model: 'm4999' });
  expect(later.fetched('h', outcome(4_999, false))).toBeUndefined();
  expect(later.fetched('h', outcome(0, false))).toEqual({ model: undefined });
});
