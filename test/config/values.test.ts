import { describe, expect, test } from '@jest/globals';
import { expand } from '../../src/config/expand.js';
import type { ValueKind } from '../../src/config/flags.js';
import { nearestName } from '../../src/config/nearest.js';
import { formatPairs, parseHeaderLines, parsePairs, parseText, type Value } from '../../src/config/values.js';

const value = (kind: ValueKind, text: string) => {
  const parsed = parseText({ kind }, text);
  return parsed.ok ? parsed.value : undefined;
};

describe('text becomes a typed value', () => {
  test.each<[ValueKind, string, Value | undefined]>([
    ['switch', 'false', false],
    ['switch', '0', false],
    ['switch', ' YES ', true],
    ['switch', 'maybe', undefined],
    ['switch', '', undefined],
    ['count', '12', 12],
    ['count', '0', undefined],
    ['count', '1.5', undefined],
    ['count', '-1', undefined],
    ['count', '1e3', undefined],
    ['fraction', '0', 0],
    ['fraction', '1', 1],
    ['fraction', '.25', 0.25],
    ['fraction', '1.01', undefined],
    ['fraction', 'NaN', undefined],
    ['url', 'http://localhost:4318', 'http://localhost:4318'],
    ['url', 'HTTPS://h/x', 'HTTPS://h/x'],
    ['url', 'localhost:4318', undefined],
    ['url', 'http://', undefined],
    ['url', 'grpc://h', undefined],
    ['list', ' a, b,,c ', ['a', 'b', 'c']],
    ['list', '["a,b", "c"]', ['a,b', 'c']],
    ['list', '[a-z]+', ['[a-z]+']],
    ['json', '{"a": 1}', '{"a": 1}'],
    ['json', '[1]', undefined],
    ['json', '{', undefined],
    ['text', '', undefined],
  ])('%s %j -> %j', (kind, text, expected) => {
    expect(value(kind, text)).toEqual(expected);
  });
});

describe('pairs', () => {
  test.each<[string, Record<string, string> | undefined]>([
    ['a=b', { a: 'b' }],
    ['a=b, c=d ,', { a: 'b', c: 'd' }],
    ['Authorization=Basic%20dXNlcg==', { Authorization: 'Basic dXNlcg==' }],
    ['a=50%', { a: '50%' }],
    ['a=', { a: '' }],
    ['{"x-key": "v,w", "n": 1}', { 'x-key': 'v,w', n: '1' }],
    ['{"a": {"b": 1}}', undefined],
    ['a', undefined],
    ['=b', undefined],
    ['{a', undefined],
  ])('%s', (text, expected) => {
    expect(parsePairs(text)).toEqual(expected);
  });

  test('what is written is read back, whatever the value', () => {
    const pairs = { Authorization: 'Basic dXNlcg==', 'x-a': 'a,b;c %41 "q" \\', 'x-ü': 'é🙂\n\t', n: '' };
    expect(parsePairs(formatPairs(pairs))).toEqual(pairs);
    expect(formatPairs(pairs)).toMatch(/^[\x21-\x7e]*$/);
  });

  test('padding of base64 stays as it is, because some SDKs do not decode', () => {
    expect(formatPairs({ Authorization: 'dXNlcg==' })).toBe('Authorization=dXNlcg==');
  });

  test('a lone surrogate does not throw', () => {
    expect(formatPairs({ a: '\ud800' })).toBe('a=%EF%BF%BD');
  });

  test('a headers file', () => {
    expect(parseHeaderLines('# keys\n\nAuthorization=Basic a=b==\r\nX-Scope: t 1 \n')).toEqual({
      Authorization: 'Basic a=b==',
      'X-Scope': 't 1',
    });
    expect(parseHeaderLines('just text')).toBeUndefined();
  });
});

describe('variables inside the file', () => {
  /** `@{` stands for the dollar form, which linters take for a forgotten template. */
  const dollar = (text: string) => text.replaceAll('@{', '$'.concat('{'));
  const env = { A: 'x', EMPTY: '' };
  test.each<[string, string]>([
    ['@{A}', 'x'],
    ['p@{A}s', 'pxs'],
    ['@{B:-d}', 'd'],
    ['@{B:-}', ''],
    ['@{EMPTY:-d}', 'd'],
    ['$@{A}', '@{A}'],
    ['$A', '$A'],
    ['@{A}@{B:-2}', 'x2'],
  ])('%s', (text, expected) => {
    expect(expand(dollar(text), env)).toEqual({ ok: true, text: dollar(expected) });
  });

  test('an unset variable without a default is an error, never an empty key', () => {
    expect(expand(dollar('Bearer @{B}'), env)).toEqual({ ok: false, missing: 'B' });
    expect(expand(dollar('@{EMPTY}'), env)).toEqual({ ok: false, missing: 'EMPTY' });
  });
});

test('the nearest name', () => {
  const names = ['service-name', 'endpoint', 'environment'];
  expect(nearestName('enpoint', names)).toBe('endpoint');
  expect(nearestName('service-nam', names)).toBe('service-name');
  expect(nearestName('xyz', names)).toBeUndefined();
});
