/** The scanner: what it picks is what JSON.parse would give, from any cut, in bounded memory. */
import { describe, expect, test } from '@jest/globals';
import { JsonDocument } from '../../../src/wire/providers/json/document.js';
import { JsonPicker } from '../../../src/wire/providers/json/picker.js';
import { each, KEEP, keep, merge, type Selection, SIZE } from '../../../src/wire/providers/json/selection.js';
import { seededRandom } from '../../support/random.js';

function pick(source: string | Buffer, selection: Selection, step = Number.POSITIVE_INFINITY, budget = 1_000_000) {
  const bytes = Buffer.from(source);
  const picker = new JsonPicker(selection, budget);
  for (let at = 0; at < bytes.length; at += step) picker.feed(bytes.subarray(at, at + step));
  return { ...picker.end(), truncated: picker.truncated };
}

describe('picking', () => {
  test.each<[string, Selection, unknown]>([
    ['{"a":1,"b":{"c":[1,2]},"d":"x"}', keep('a', 'd'), { a: 1, d: 'x' }],
    ['{"a":{"b":{"c":2},"x":[{}]},"z":0}', { a: { b: KEEP } }, { a: { b: { c: 2 } } }],
    ['{"list":[{"v":1,"w":2},{"v":3}]}', { list: each(keep('v')) }, { list: [{ v: 1 }, { v: 3 }] }],
    ['{"t":"plain"}', { t: each(KEEP) }, { t: 'plain' }],
    [
      '{"v":[0.1, 2e5 ,-3],"s":"abcd","e":[],"n":[[1,2],[3]]}',
      { v: SIZE, s: SIZE, e: SIZE, n: SIZE },
      {
        v: { length: 3, sized: 'array' },
        s: { length: 4, sized: 'string' },
        e: { length: 0, sized: 'array' },
        n: { length: 2, sized: 'array' },
      },
    ],
    ['\uFEFF {"a":"\\"\\\\\\u00e9 é 😀"}', keep('a'), { a: '"\\é é 😀' }],
    ['{"\\u0061":1,"a\\"b":2}', { a: KEEP, 'a"b': KEEP }, { a: 1, 'a"b': 2 }],
    ['{"__proto__":{"x":1},"a":2}', keep('a', '__proto__'), JSON.parse('{"__proto__":{"x":1},"a":2}')],
    ['[{"a":1},{"a":2}]', each(keep('a')), [{ a: 1 }, { a: 2 }]],
    ['{"a":true,"b":null,"c":false}', keep('a', 'b', 'c'), { a: true, b: null, c: false }],
  ])('%s', (source, selection, expected) => {
    for (const step of [Number.POSITIVE_INFINITY, 1, 2, 3, 7]) {
      expect(pick(source, selection, step)).toEqual({ value: expected, complete: true, truncated: false });
    }
  });

  test('random documents are as JSON.parse gives them', () => {
    const random = seededRandom(5);
    const value = (depth: number): unknown => {
      const kind = Math.floor(random() * (depth > 3 ? 4 : 6));
      if (kind === 0) return Math.round(random() * 1e6) / 7;
      if (kind === 1) return `"q\\${String.fromCharCode(32 + random() * 900)}"`.repeat(Math.floor(random() * 3));
      if (kind === 2) return random() < 0.5;
      if (kind === 3) return null;
      if (kind === 4) return Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
      return Object.fromEntries(
        Array.from({ length: Math.floor(random() * 4) }, (_, at) => [`k${at}`, value(depth + 1)]),
      );
    };
    for (let round = 0; round < 300; round++) {
      const document = { k0: value(0), k1: value(0), skipped: value(0) };
      const source = JSON.stringify(document, null, round % 3);
      const picked = pick(source, keep('k0', 'k1'), 1 + Math.floor(random() * 9));
      expect(picked.value).toEqual({ k0: document.k0, k1: document.k1 });
    }
  });
});

describe('documents that break off or are none', () => {
  test('what was complete is given, and a cut string as far as it came', () => {
    expect(pick('{"a":1,"b":{"c":"hel', { a: KEEP, b: { c: KEEP } })).toEqual({
      value: { a: 1, b: { c: 'hel' } },
      complete: false,
      truncated: false,
    });
    expect(pick('{"a":"x\\u00', keep('a')).value).toEqual({ a: 'x' });
    expect(pick('{"a":"x\\', keep('a')).value).toEqual({ a: 'x' });
    expect(pick(Buffer.from('{"a":"é').subarray(0, -1), keep('a')).value).toEqual({ a: '' });
  });

  test('half of a name and half of a number are nothing', () => {
    expect(pick('{"id":"chatcmpl-12', keep('id')).value).toEqual({});
    expect(pick('{"usage":{"output_tokens":12', { usage: { output_tokens: KEEP } }).value).toEqual({ usage: {} });
    expect(pick('{"finish_reason":"sto', keep('finish_reason')).value).toEqual({});
    expect(pick('12', KEEP as never).value).toBe(12);
  });

  test('random bytes neither throw nor hang', () => {
    const random = seededRandom(6);
    for (let round = 0; round < 500; round++) {
      const bytes = Buffer.from(
        Array.from({ length: 200 }, () => '{}[]",:\\ax1 '.charCodeAt(Math.floor(random() * 12))),
      );
      expect(() =>
        pick(bytes, { a: { x: KEEP }, x: each(KEEP), 1: SIZE }, 1 + Math.floor(random() * 20)),
      ).not.toThrow();
    }
  });

  test('a million brackets are a skipped value like any other', () => {
    expect(pick(`{"deep":${'['.repeat(1_000_000)}`, keep('a')).value).toEqual({});
  });
});

describe('bounds', () => {
  test('small fields are found behind more content than is kept', () => {
    const messages = Array.from({ length: 500 }, () => ({ role: 'user', content: 'x'.repeat(1000) }));
    const source = JSON.stringify({ messages, model: 'gpt-4o', stop: ['a'] });
    const picked = pick(source, { messages: each(KEEP), ...keep('model', 'stop') }, 4096, 50_000);
    expect(picked.value).toMatchObject({ model: 'gpt-4o', stop: ['a'] });
    expect(picked.truncated).toBe(true);
    expect(JSON.stringify(picked.value).length).toBeLessThan(150_000);
  });

  test('a string over the bound is cut', () => {
    const picked = pick(JSON.stringify({ a: 'é'.repeat(100_000) }), keep('a'), 999, 20_000);
    expect((picked.value as { a: string }).a).toMatch(/^é{9000,10001}$/);
    expect(picked.truncated).toBe(true);
  });

  test('an endless list of wanted objects stops to grow', () => {
    const picker = new JsonPicker({ data: each(keep('v')) }, 10_000);
    picker.feed(Buffer.from('{"data":['));
    for (let round = 0; round < 2000; round++) picker.feed(Buffer.from('{},'.repeat(100)));
    expect((picker.end().value as { data: unknown[] }).data.length).toBeLessThan(3000);
    expect(picker.truncated).toBe(true);
  });

  test('a document is the same whole and scanned', () => {
    const source = Buffer.from(JSON.stringify({ model: 'm', usage: { a: 1 }, junk: 'x'.repeat(5000) }));
    const read = (whole: number) => {
      const document = new JsonDocument(keep('model', 'usage'), { whole, picked: 10_000 });
      for (let at = 0; at < source.length; at += 100) document.feed(source.subarray(at, at + 100));
      return document.end();
    };
    expect(read(10_000).value).toMatchObject({ model: 'm', usage: { a: 1 } });
    expect(read(1000)).toEqual({ value: { model: 'm', usage: { a: 1 } }, complete: true });
  });
});

test('a merged selection wants what any of its parts wants', () => {
  expect(merge({ a: SIZE, b: { c: KEEP } }, { a: KEEP, b: { d: SIZE } })).toEqual({ a: KEEP, b: { c: KEEP, d: SIZE } });
});
