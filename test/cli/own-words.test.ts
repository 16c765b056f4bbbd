/** The words of our own commands: one grammar, and errors that say what was meant. */
import { expect, test } from '@jest/globals';
import { readOwnWords, refuseWords } from '../../src/cli/own-words.js';
import { parseSize } from '../../src/cli/size.js';
import type { Problem } from '../../src/errors.js';

const DECLARED = {
  pid: { type: 'option', min: 1, multiple: true },
  port: { type: 'option', min: 1, max: 65_535 },
  format: { type: 'option', options: ['exchanges', 'json'] },
  'capture-content': { type: 'option', aliases: ['capture-message-content', 'capture_message_content'] },
  'body-limit': { type: 'option', helpValue: 'SIZE' },
  all: { type: 'boolean', char: 'a' },
  follow: { type: 'boolean', allowNo: true },
};

const read = (...typed: string[]) => readOwnWords('attach', typed, DECLARED);
function refused(...typed: string[]): Problem {
  try {
    read(...typed);
  } catch (error) {
    return error as Problem;
  }
  throw new Error(`accepted: ${typed.join(' ')}`);
}

test.each<[string[], string[], string[]]>([
  [['--pid', '1', '--pid=2'], ['--pid=1', '--pid=2'], []],
  [['--body_limit', '16MiB', '-a', '--no-follow'], ['--body-limit=16MiB', '--all', '--no-follow'], []],
  [['--capture-content', '--all'], ['--capture-content=span', '--all'], []],
  [['--capture-content', 'both'], ['--capture-content=both'], []],
  [['--capture_message_content=event'], ['--capture-content=event'], []],
  [['--all=false', '--follow=no'], ['--no-all', '--no-follow'], []],
  [['4242', '--all', '17'], ['--all'], ['4242', '17']],
  [['--all', '--', '--pid'], ['--all'], ['--pid']],
])('%j', (typed, flags, words) => {
  expect(read(...typed)).toEqual({ flags, words });
});

test('from the first word on all belongs to a program, where there is one', () => {
  expect(readOwnWords('doctor', ['--all', 'python', '--pid', 'x'], DECLARED, true)).toEqual({
    flags: ['--all'],
    words: ['python', '--pid', 'x'],
  });
});

test.each<[string[], string, string | undefined]>([
  [['--pid', 'abc'], '--pid does not accept "abc"', 'allowed: a whole number of at least 1'],
  [['--port=99999'], '--port does not accept "99999"', 'allowed: a whole number from 1 to 65535'],
  [['--body-limit', ''], '--body-limit does not accept ""', 'allowed: some text'],
  [['--format', 'jsn'], '--format does not accept "jsn"', 'did you mean json? allowed: exchanges, json'],
  [['--pid'], '--pid needs a value', 'allowed: a whole number of at least 1'],
  [['--pid', '--all'], '--pid needs a value', '--all is a flag; --pid=--all if it is the value'],
  [['--pdi', '3'], 'attach has no flag --pdi', 'did you mean --pid?'],
  [
    ['--summary-json', 'x'],
    'attach has no flag --summary-json',
    'it is a flag of a launch: openlit-instrument --summary-json PROGRAM',
  ],
  [['--all=perhaps'], '--all does not accept "perhaps"', 'allowed: true or false'],
])('%j: %s', (typed, message, reason) => {
  expect(refused(...typed)).toMatchObject({ message, reason, exit: 2 });
});

test('a word that a command does not take', () => {
  expect(() => refuseWords('ps', ['foo'])).toThrow('ps takes no "foo"');
  refuseWords('ps', []);
});

test('sizes below which nothing would be left are refused', () => {
  expect(parseSize('16MiB', 'memory-limit', 1024 ** 2)).toBe(16 * 1024 ** 2);
  expect(() => parseSize('1', 'memory-limit', 1024 ** 2)).toThrow('--memory-limit does not accept "1"');
});
