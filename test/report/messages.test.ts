import { expect, test } from '@jest/globals';
import { messageTexts } from '../../src/report/messages.js';

const IN = 'gen_ai.input.messages';
const OUT = 'gen_ai.output.messages';
const SYSTEM = 'gen_ai.system_instructions';
const message = (role: string, ...parts: object[]) => ({ role, parts });
const text = (content: string) => ({ type: 'text', content });

test('a first question with its instructions', () => {
  const values = {
    [SYSTEM]: [text('Be short.')],
    [IN]: [message('user', text('Name a moon.'))],
    [OUT]: [message('assistant', text('Titan.'))],
  };
  expect(messageTexts(values)).toEqual({ input: 'system: Be short.\nName a moon.', output: 'Titan.' });
});

test('of a history, what came after the last answer', () => {
  const history = [
    message('system', text('Be short.')),
    message('user', text('What is the weather?')),
    message('assistant', { type: 'tool_call', name: 'get_weather', arguments: { city: 'Lisbon' } }),
    message('tool', { type: 'tool_call_response', response: { celsius: 21 } }),
  ];
  expect(messageTexts({ [SYSTEM]: [text('Be short.')], [IN]: history })).toEqual({ input: 'tool: {"celsius":21}' });
});

test('a tool call, a thought and a picture in an answer', () => {
  const parts = [
    { type: 'reasoning', content: 'hm' },
    { type: 'tool_call', name: 'get_weather', arguments: '{"city":' },
    { type: 'blob', mime_type: 'image/png' },
  ];
  expect(messageTexts({ [OUT]: [message('assistant', ...parts)] })).toEqual({
    output: '[reasoning] hm\nget_weather({"city":)\n[blob]',
  });
});

test('the JSON texts of spans are the same', () => {
  const messages = [message('user', text('Hello'))];
  expect(messageTexts({ [IN]: JSON.stringify(messages) })).toEqual(messageTexts({ [IN]: messages }));
});

test.each([{}, { [IN]: 'no JSON' }, { [IN]: [null, 1] }, { [IN]: [{ role: 'user' }] }, { [OUT]: [{ parts: [null] }] }])(
  'nothing that can be read, nothing shown: %j',
  values => expect(messageTexts(values)).toBeUndefined(),
);
