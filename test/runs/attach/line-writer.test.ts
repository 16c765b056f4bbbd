import { expect, test } from '@jest/globals';
import { createLineWriter } from '../../../src/runs/attach/line-writer.js';

const tick = () => new Promise(resolve => setImmediate(resolve));

test('lines are written together, in order', async () => {
  const writes: string[] = [];
  const lines = createLineWriter(
    bytes => {
      writes.push(Buffer.from(bytes).toString());
      return bytes.length;
    },
    () => {},
  );
  lines.line('one');
  lines.line('zwei – ü');
  await tick();
  expect(writes).toEqual(['one\nzwei – ü\n']);
});

test('a reader that takes a few bytes at a time, or none for a while, gets every byte once', () => {
  let out = Buffer.alloc(0);
  let turn = 0;
  const lines = createLineWriter(
    bytes => {
      const size = turn++ % 3 === 0 ? 0 : Math.min(7, bytes.length);
      out = Buffer.concat([out, bytes.subarray(0, size)]);
      return size;
    },
    () => {},
  );
  const all = Array.from({ length: 20 }, (_, i) => `line ${i} äöü`);
  for (const line of all) lines.line(line);
  lines.flush();
  expect(out.toString()).toBe(`${all.join('\n')}\n`);
});

test('when nothing can be written any more it says so once, with the reason, and keeps nothing', async () => {
  const broken: string[] = [];
  const lines = createLineWriter(
    () => {
      throw new Error('EPIPE');
    },
    error => broken.push(error.message),
  );
  lines.line('one');
  await tick();
  lines.line('two');
  lines.flush();
  expect(broken).toEqual(['EPIPE']);
});
