import { expect, test } from '@jest/globals';
import { compareCalls, textDifference } from '../../src/store/compare.js';
import { conversationOf, partText, toolNameOf } from '../../src/store/conversation.js';
import { call } from './kept.js';

const messages = (...texts: string[]) =>
  JSON.stringify(texts.map(content => ({ role: 'user', parts: [{ type: 'text', content }] })));
const tools = (...names: string[]) => JSON.stringify(names.map(name => ({ type: 'function', name })));

test('what differs, and nothing that is the same; absent is not 0', () => {
  const a = call({
    tokens: [10, 5],
    cost: 0.5,
    attributes: { 'gen_ai.request.temperature': 0, 'gen_ai.response.id': 'x' },
  });
  const b = call({
    id: 2,
    took: 3000,
    tokens: [10, 9],
    attributes: { 'gen_ai.request.seed': 7, 'gen_ai.response.id': 'y' },
  });
  expect(compareCalls(a, b)).toEqual({
    facts: [
      { name: 'gen_ai.request.temperature', a: 0 },
      { name: 'gen_ai.request.seed', b: 7 },
    ],
    figures: [
      { name: 'output tokens', a: 5, b: 9 },
      { name: 'cost USD', a: 0.5 },
      { name: 'seconds', a: 1, b: 3 },
    ],
    tools: [],
  });
  expect(compareCalls(a, a)).toEqual({ facts: [], figures: [], tools: [] });
});

test('what a tool was given and gave is compared, too', () => {
  const asked = (city: string) => call({ attributes: { 'gen_ai.tool.call.arguments': `{"city":"${city}"}` } });
  expect(compareCalls(asked('Oslo'), asked('Rome')).facts).toEqual([
    { name: 'gen_ai.tool.call.arguments', a: '{"city":"Oslo"}', b: '{"city":"Rome"}' },
  ]);
});

test('messages line by line, the growth of the prompt, tools that came, went or changed', () => {
  const a = call({
    attributes: {
      'gen_ai.input.messages': messages('one', 'two'),
      'gen_ai.tool.definitions': tools('kept', 'gone'),
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: 'be short' }]),
    },
  });
  const changed = JSON.stringify([{ type: 'function', name: 'kept', description: 'new' }, { name: 'come' }]);
  const b = call({
    attributes: { 'gen_ai.input.messages': messages('one', 'two', 'three'), 'gen_ai.tool.definitions': changed },
  });
  const { input, prompt, tools: toolChanges, output } = compareCalls(a, b);
  expect(input).toEqual([
    { in: 'a', text: 'system: be short\n' },
    { in: 'both', text: 'user: one\nuser: two\n' },
    { in: 'b', text: 'user: three\n' },
  ]);
  expect(prompt).toEqual({ a: { messages: 2, characters: 14 }, b: { messages: 3, characters: 11 } });
  expect(toolChanges.map(({ name, a: inA, b: inB }) => [name, inA !== undefined, inB !== undefined])).toEqual([
    ['kept', true, true],
    ['gone', true, false],
    ['come', false, true],
  ]);
  expect(output).toBeUndefined();
});

test('texts without a line in common end in time', () => {
  const lines = (seed: string) => Array.from({ length: 30_000 }, (_, index) => `${seed}${index * 7919}`).join('\n');
  const begin = performance.now();
  const parts = textDifference(lines('a'), lines('b'));
  expect(performance.now() - begin).toBeLessThan(20_000);
  expect(parts.map(part => part.in)).toEqual(['a', 'b']);
}, 30_000);

test('whatever stands in the messages, a conversation comes of it', () => {
  for (const value of ['{', '7', 'null', '[1,null,{"parts":3}]', 12, undefined])
    expect(conversationOf(call({ attributes: { 'gen_ai.input.messages': value } })).input.length).toBeLessThan(2);
  const parts = [
    [{ type: 'text', content: 'hi' }, 'hi'],
    [{ type: 'tool_call', name: 'f', arguments: { a: 1 } }, 'f({"a":1})'],
    [{ type: 'tool_call', arguments: '{"a' }, '({"a)'],
    [{ type: 'tool_call_response', response: [1] }, '[1]'],
    [{ type: 'blob', mime_type: 'image/png', content: 'abcd' }, '[image/png, 4 characters]'],
    [{ type: 'uri', modality: 'image', uri: 'https://x/y.png' }, '[image, https://x/y.png]'],
    [{ type: 'unheard_of' }, '[unheard_of]'],
    [{}, ''],
  ] as const;
  for (const [part, text] of parts) expect(partText(part)).toBe(text);
  expect([{ function: { name: 'a' } }, { type: 'web_search' }, {}].map(toolNameOf)).toEqual(['a', 'web_search', '?']);
});
