import { expect, test } from '@jest/globals';
import type { LlmCall } from '../../../src/wire/llm-call.js';
import { decode } from '../../support/corpus.js';

function inputOf(request: object): LlmCall['content'] {
  const [call] = decode({
    id: 'x',
    role: 'client',
    protocol: 'http/1.1',
    host: 'generativelanguage.googleapis.com',
    method: 'POST',
    path: '/v1beta/interactions',
    requestHeaders: { 'content-type': 'application/json' },
    requestBody: Buffer.from(JSON.stringify({ model: 'gemini', ...request })),
    status: 200,
    responseHeaders: { 'content-type': 'application/json' },
    responseBody: Buffer.from(JSON.stringify({ id: 'i', status: 'completed', steps: [] })),
    partial: [],
  }) as LlmCall[];
  return call!.content;
}

const words = (content: string) => [{ type: 'text', content }];

test('a question, with what stands above it', () => {
  const tools = [{ type: 'google_search' }];
  expect(inputOf({ input: 'Which river?', system_instruction: 'Be short.', tools })).toMatchObject({
    systemInstructions: words('Be short.'),
    inputMessages: [{ role: 'user', parts: words('Which river?') }],
    toolDefinitions: tools,
  });
});

test('contents, steps of an earlier turn, and turns of the older form', () => {
  const content = [{ type: 'text', text: 'x' }];
  expect(
    inputOf({
      input: [
        { type: 'text', text: 'Look.' },
        { type: 'image', uri: 'https://example.com/a.png' },
        { type: 'user_input', content },
        { type: 'model_output', content },
        { type: 'function_call', id: 'c', name: 'look', arguments: { at: 'it' } },
        { type: 'function_result', call_id: 'c', result: 'a quay' },
        { role: 'model', content: 'Old.' },
      ],
    })?.inputMessages,
  ).toEqual([
    { role: 'user', parts: words('Look.') },
    { role: 'user', parts: [{ type: 'image', uri: 'https://example.com/a.png' }] },
    { role: 'user', parts: words('x') },
    { role: 'assistant', parts: words('x') },
    { role: 'assistant', parts: [{ type: 'tool_call', id: 'c', name: 'look', arguments: { at: 'it' } }] },
    { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c', response: 'a quay' }] },
    { role: 'assistant', parts: words('Old.') },
  ]);
});
