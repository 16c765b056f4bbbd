import { expect, test } from '@jest/globals';
import { parseChoice } from '../../src/cli/pick-processes.js';

test.each<[string, number[] | undefined]>([
  ['', []],
  ['2', [2]],
  ['1,3', [1, 3]],
  [' 3  1 ', [3, 1]],
  ['2-4', [2, 3, 4]],
  ['1-2, 2', [1, 2]],
  ['all', [1, 2, 3, 4]],
  ['0', undefined],
  ['5', undefined],
  ['4-2', undefined],
  ['one', undefined],
  ['-1', undefined],
])('%j', (text, numbers) => {
  expect(parseChoice(text, 4)).toEqual(numbers);
});
