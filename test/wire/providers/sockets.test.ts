/** Several calls at once on one WebSocket: each keeps its own words, counts and times. */
import { describe, expect, test } from '@jest/globals';
import type { PartialReason } from '../../../src/wire/exchange.js';
import type { LlmCall } from '../../../src/wire/llm-call.js';
import { decode } from '../../support/corpus.js';

type Message = [from: 'client' | 'server', event: object];

function callsOf(path: string, messages: readonly Message[], partial: readonly PartialReason[] = []): LlmCall[] {
  const calls = decode({
    id: 'x',
    role: 'client',
    protocol: 'websocket',
    host: 'api.openai.com',
    method: 'GET',
    path,
    requestHeaders: {},
    status: 101,
    responseHeaders: {},
    partial,
    messages: messages.map(([from, event]) => ({ from, data: Buffer.from(JSON.stringify(event)), binary: false })),
  });
  return calls as LlmCall[];
}

const usage = (input: number, output: number) => ({ input_tokens: input, output_tokens: output });
const response = (id: string, more: object = {}) => ({
  id,
  object: 'response',
  model: 'm-1',
  status: 'completed',
  ...more,
});

describe('lanes of the Responses API (openai-node 7.59.0, `stream_id`)', () => {
  const create = (lane: string, model: string): Message => [
    'client',
    { type: 'response.create', stream_id: lane, model, input: 'x' },
  ];
  const text = (lane: string, delta: string): Message => [
    'server',
    { type: 'response.output_text.delta', stream_id: lane, output_index: 0, delta },
  ];
  const done = (lane: string, id: string, output: number): Message => [
    'server',
    { type: 'response.completed', stream_id: lane, response: response(id, { usage: usage(1, output) }) },
  ];

  test('two at once', () => {
    const calls = callsOf('/v1/responses', [
      create('a', 'm-a'),
      create('b', 'm-b'),
      text('a', 'The '),
      text('b', 'Le '),
      text('a', 'Elbe.'),
      done('b', 'r-b', 7),
      text('a', ' Yes.'),
      done('a', 'r-a', 9),
    ]);
    expect(calls).toMatchObject([
      { request: { model: 'm-b' }, response: { id: 'r-b' }, outputText: 'Le ', usage: { outputTokens: 7 } },
      { request: { model: 'm-a' }, response: { id: 'r-a' }, outputText: 'The Elbe. Yes.', usage: { outputTokens: 9 } },
    ]);
  });

  test('a socket that ends leaves every one of them interrupted', () => {
    const calls = callsOf('/v1/responses', [create('a', 'm-a'), create('b', 'm-b'), text('a', 'x')]);
    expect(calls.map(({ error }) => error?.type)).toEqual(['stream_interrupted', 'stream_interrupted']);
  });

  test('of a socket that the program closes properly what the server completes is whole, and the rest is cancelled', () => {
    const messages = [create('a', 'm-a'), create('b', 'm-b'), text('b', 'x')];
    const [whole, left] = callsOf('/v1/responses', [...messages, done('a', 'r-a', 9)], ['cancelled']);
    expect(whole).toMatchObject({ request: { model: 'm-a' }, usage: { outputTokens: 9 }, partial: [] });
    expect(left).toMatchObject({ response: { finishReasons: ['cancelled'] }, partial: ['aborted', 'cancelled'] });
    expect([whole!.error, left!.error]).toEqual([undefined, undefined]);
  });

  test('a socket that the program left leaves them cancelled', () => {
    const calls = callsOf('/v1/responses', [create('a', 'm-a'), text('a', 'x')], ['aborted', 'cancelled']);
    expect(calls).toMatchObject([{ response: { finishReasons: ['cancelled'] }, outputText: 'x' }]);
    expect(calls[0]!.error).toBeUndefined();
  });

  test('more lanes than any API has do not grow without end, and no call is lost', () => {
    const many = Array.from({ length: 200 }, (_, index) => create(`lane ${index}`, `m-${index}`));
    expect(callsOf('/v1/responses', many)).toHaveLength(200);
  });

  test('what was steered goes on as a call of its own', () => {
    const calls = callsOf('/v1/responses', [
      create('a', 'm'),
      ['client', { type: 'response.steer', response_id: 'r-1', input: 'In French.' }],
      ['server', { type: 'response.steer.accepted', steer: { id: 's' } }],
      [
        'server',
        {
          type: 'response.incomplete',
          stream_id: 'a',
          response: response('r-1', { status: 'incomplete', incomplete_details: { reason: 'steered' } }),
        },
      ],
      ['server', { type: 'response.created', stream_id: 'a', response: response('r-2', { status: 'in_progress' }) }],
      text('a', 'Oui.'),
      done('a', 'r-2', 3),
    ]);
    expect(calls).toMatchObject([
      { response: { id: 'r-1', finishReasons: ['steered'] } },
      { response: { id: 'r-2', finishReasons: ['stop'] }, outputText: 'Oui.' },
    ]);
    expect(calls.every(({ error }) => error === undefined)).toBe(true);
  });
});

test('realtime responses outside the conversation run beside it', () => {
  const calls = callsOf('/v1/realtime?model=gpt-realtime-2.1', [
    ['server', { type: 'response.created', response: { id: 'r-1' } }],
    ['server', { type: 'response.created', response: { id: 'r-2' } }],
    ['server', { type: 'response.output_text.delta', response_id: 'r-1', delta: 'One.' }],
    ['server', { type: 'response.output_text.delta', response_id: 'r-2', delta: 'Two.' }],
    ['server', { type: 'response.done', response: { id: 'r-1', status: 'completed', usage: usage(3, 1) } }],
    ['server', { type: 'response.done', response: { id: 'r-2', status: 'completed', usage: usage(5, 2) } }],
  ]);
  expect(calls).toMatchObject([
    { response: { id: 'r-1' }, outputText: 'One.', usage: { inputTokens: 3 } },
    { response: { id: 'r-2' }, outputText: 'Two.', usage: { inputTokens: 5 } },
  ]);
});

describe('live sessions (openai-node 7.59.0, resources/live)', () => {
  const nested = (event: object, delegation: string): Message => [
    'server',
    { type: 'response.event', event_id: 'e', delegation_id: delegation, event },
  ];
  const session = {
    model: 'gpt-live-1',
    delegation: { type: 'responses', responses: { model: 'gpt-6.1-terra', max_output_tokens: 50 } },
  };
  const decision = {
    model: 'gpt-6-luna',
    answers: [{ type: 'predicate', name: null, probability: 0.9 }],
    usage: usage(11, 1),
  };
  const conversation: Message[] = [
    ['client', { type: 'session.start', session }],
    ['server', { type: 'session.started', session: { id: 'live_1', ...session } }],
    ['server', { type: 'session.output_transcript.delta', delta: 'One moment.' }],
    ['server', { type: 'session.delegation.created', delegation: { id: 'd', target: 'responses' } }],
    nested({ type: 'response.created', response: response('r-1', { status: 'in_progress' }) }, 'd'),
    nested({ type: 'response.output_text.delta', output_index: 0, delta: 'High at noon.' }, 'd'),
    ['server', { type: 'decision.event', event: { type: 'decision.completed', decision } }],
    nested({ type: 'response.completed', response: response('r-1', { usage: usage(40, 6) }) }, 'd'),
    ['server', { type: 'session.usage.updated', usage: { seconds: 4 } }],
    ['server', { type: 'session.output_transcript.delta', delta: ' High at noon.' }],
  ];
  const told = [
    {
      operation: 'decision',
      response: { model: 'gpt-6-luna' },
      usage: { inputTokens: 11, outputTokens: 1 },
      conversationId: 'live_1',
    },
    {
      operation: 'chat',
      request: { model: 'gpt-6.1-terra', maxTokens: 50 },
      response: { id: 'r-1', finishReasons: ['stop'] },
      outputText: 'High at noon.',
      usage: { inputTokens: 40, outputTokens: 6 },
      conversationId: 'live_1',
    },
  ];
  const spoken = {
    operation: 'realtime',
    request: { model: 'gpt-live-1' },
    outputText: 'One moment. High at noon.',
    conversationId: 'live_1',
  };

  test.each(['/v1/live/sessions', '/v1/live/sessions/live_0/fork'])('on %s', path => {
    const calls = callsOf(path, [
      ...conversation,
      ['server', { type: 'session.closed', reason: 'close_requested', usage: { seconds: 9 } }],
    ]);
    expect(calls).toMatchObject([...told, { ...spoken, response: { finishReasons: ['stop'] }, usage: {} }]);
    expect(calls[2]).not.toHaveProperty('error');
  });

  test('one that breaks off', () => {
    expect(callsOf('/v1/live/sessions', conversation)).toMatchObject([
      ...told,
      { ...spoken, error: { type: 'stream_interrupted' } },
    ]);
  });

  test('whoever only listens in reports nothing twice', () => {
    expect(callsOf('/v1/live/sessions/live_1/attach', conversation)).toEqual([]);
  });
});
