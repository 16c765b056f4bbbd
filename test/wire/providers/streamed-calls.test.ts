/** Arguments by JSON path, where the path cannot be trusted. */
import { describe, expect, test } from '@jest/globals';
import { Choice } from '../../../src/wire/providers/choice.js';
import { StreamedCalls } from '../../../src/wire/providers/gemini/generate/streamed-calls.js';

function argumentsOf(pieces: object[], limit = 1000): unknown {
  const choice = new Choice({ enabled: true, left: 10_000, exceeded: false });
  const calls = new StreamedCalls(limit);
  calls.read({ name: 'save', willContinue: true }, choice);
  for (const piece of pieces) calls.read({ partialArgs: [piece], willContinue: true }, choice);
  calls.end();
  return JSON.parse(choice.toolCalls()[0]!.arguments);
}

describe('pieces of arguments', () => {
  test.each<[string, string]>([
    ['an index far behind the end', '$.list[4294967295]'],
    ['an index in an object', '$[0]'],
    ['a name in a list', '$.list.name'],
    ['a path through a number', '$.count.deep'],
    ['no path', 'count'],
    ['a path that breaks off', '$.list['],
    ['a path without an end', `$${'.a'.repeat(100)}`],
  ])('%s is passed over', (_, jsonPath) => {
    const known = [
      { jsonPath: '$.count', numberValue: 1 },
      { jsonPath: '$.list[0]', stringValue: 'one' },
    ];
    expect(argumentsOf([...known, { jsonPath, stringValue: 'x' }])).toEqual({ count: 1, list: ['one'] });
  });

  test('the names of JavaScript are names like others', () => {
    const saved = argumentsOf([{ jsonPath: '$.__proto__.polluted', boolValue: true }]) as object;
    expect(Object.keys(saved)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('a text goes on only where it said so', () => {
    expect(
      argumentsOf([
        { jsonPath: '$.a', stringValue: 'one ', willContinue: true },
        { jsonPath: '$.a', stringValue: 'two' },
        { jsonPath: '$.b', stringValue: 'three' },
        { jsonPath: '$.b', stringValue: 'four' },
      ]),
    ).toEqual({ a: 'one two', b: 'four' });
  });

  test('more than the limit is left out', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      jsonPath: `$.list[${index}]`,
      stringValue: 'x'.repeat(10),
    }));
    expect((argumentsOf(many, 100) as { list: string[] }).list.length).toBeLessThan(10);
  });

  test('both spellings of the fields are read', () => {
    expect(
      argumentsOf([
        { json_path: '$.a', string_value: 'one' },
        { json_path: '$.b', null_value: null },
      ]),
    ).toEqual({
      a: 'one',
      b: null,
    });
  });
});
