import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { createTurns } from '../../src/ui/server/turns.js';

const answer = () => new EventEmitter() as EventEmitter & ServerResponse;

test('reading waits for the answer and for a moment after it, and no longer than it must', async () => {
  let time = 0;
  const turns = createTurns(() => time);
  expect(turns.wait()).toBeUndefined();

  const first = answer();
  turns.answering(first);
  let resumed = false;
  const waiting = turns.wait()!.then(() => {
    resumed = true;
  });
  await new Promise(resolve => setImmediate(resolve));
  expect(resumed).toBe(false);
  time = 10;
  first.emit('close');
  expect(turns.wait()).toBeDefined();
  time = 200;
  await waiting;
  expect(turns.wait()).toBeUndefined();

  // An answer that takes for ever does not keep the rest from being read.
  turns.answering(answer());
  const bounded = turns.wait()!;
  time += 300;
  await bounded;

  turns.close();
  expect(turns.wait()).toBeUndefined();
});
