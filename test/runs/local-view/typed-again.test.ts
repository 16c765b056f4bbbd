import { expect, test } from '@jest/globals';
import { typedAgain } from '../../../src/runs/local-view/typed-again.js';

test.each<[string, string[], string]>([
  ['plain words', ['python', 'app.py', '--port=8000'], 'python app.py --port=8000'],
  ['spaces and quotes', ['node', '-e', "f('a b')"], `node -e 'f('\\''a b'\\'')'`],
  ['an empty word', ['node', ''], "node ''"],
  ['a long one', ['/usr/bin/python', 'x'.repeat(100)], 'python …'],
  ['several lines', ['python', '-c', 'a\nb'], 'python …'],
  ['a credential', ['node', 'a.js', '--key', 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789'], 'node …'],
  ['none', [], 'program …'],
])('%s', (_name, words, typed) => {
  expect(typedAgain(words)).toBe(typed);
});
