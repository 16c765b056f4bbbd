import { expect, test } from '@jest/globals';
import { compareAsked } from '../../src/store/compare-runs.js';
import { call, hex } from './kept.js';

const said = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });

function asked(id: number, system: string, question: string, answer: string, more: Record<string, unknown> = {}) {
  return call({
    id,
    attributes: {
      'gen_ai.system_instructions': JSON.stringify([{ type: 'text', content: system }]),
      'gen_ai.input.messages': JSON.stringify([said('user', question)]),
      'gen_ai.output.messages': JSON.stringify([said('assistant', answer)]),
      ...more,
    },
  });
}

test('one change of the system prompt is one change, however many calls have it', () => {
  const before = [asked(1, 'short', 'one?', '1'), asked(2, 'short', 'two?', '2')];
  const after = [asked(3, 'long', 'one?', '1'), asked(4, 'long', 'two?', 'It is two.')];
  expect(compareAsked(before, after)).toEqual({
    pairs: 2,
    withMessages: 2,
    differentAnswers: 1,
    changes: [
      {
        calls: 2,
        example: { a: hex(1), b: hex(3) },
        prompt: [
          { in: 'a', text: 'system: short\n' },
          { in: 'b', text: 'system: long\n' },
          { in: 'both', text: 'user: one?\n' },
        ],
        tools: [],
        parameters: [],
      },
    ],
  });
});

test('calls are paired by their question where one was added; a changed question by its place', () => {
  const before = [asked(1, 's', 'one?', ''), asked(2, 's', 'two?', ''), asked(3, 's', 'three?', '')];
  const after = [asked(4, 's', 'new?', ''), asked(5, 's', 'one?', ''), asked(6, 's', 'zwei?', ''), before[2]!];
  const { pairs, changes } = compareAsked(before, after);
  expect(pairs).toBe(3);
  expect(changes.map(({ example }) => example)).toEqual([{ a: hex(2), b: hex(6) }]);
});

test('earlier answers that are sent again are no change of the prompt; parameters and tools are', () => {
  const history = (answer: string, more: Record<string, unknown> = {}) =>
    call({
      attributes: {
        'gen_ai.input.messages': JSON.stringify([said('user', 'a'), said('assistant', answer), said('user', 'b')]),
        ...more,
      },
    });
  expect(compareAsked([history('x')], [history('y')]).changes).toEqual([]);
  const tools = JSON.stringify([{ type: 'function', name: 'weather' }]);
  const other = history('x', { 'gen_ai.request.temperature': 0, 'gen_ai.tool.definitions': tools });
  const [change] = compareAsked([history('x')], [other]).changes;
  expect(change).toMatchObject({
    tools: [{ name: 'weather' }],
    parameters: [{ name: 'gen_ai.request.temperature', b: 0 }],
  });
  expect(change).not.toHaveProperty('prompt');
});

test('without messages nothing is said about prompts', () => {
  expect(compareAsked([call()], [call({ id: 2 })])).toEqual({
    pairs: 1,
    withMessages: 0,
    differentAnswers: 0,
    changes: [],
  });
});
