import { test } from '@jest/globals';
import { runHostileCase } from './hostile.js';

test('three thousand hostile cases: no throw across a boundary, no probe outside of code, every exchange ended', () => {
  for (let number = 0; number < 3_000; number++) runHostileCase(number);
});
