/** The short way of reading a stream's chunks gives what parsing each gives: on every fixture, and on damaged ones. */
import { describe, expect, test } from '@jest/globals';
import { createContentDecoder } from '../../../src/wire/protocol/encoding.js';
import {
  createAwsEventStreamDecoder,
  createJsonArrayDecoder,
  createNdjsonDecoder,
  createSseDecoder,
} from '../../../src/wire/protocol/index.js';
import type { ReadEvent } from '../../../src/wire/protocol/streams/types.js';
import { parseJson } from '../../../src/wire/providers/json/fields.js';
import { RepeatingJson } from '../../../src/wire/providers/json/repeating.js';
import { seededRandom } from '../../support/random.js';
import { wireFixtures } from '../../support/wire-fixtures.js';

/** Values share parts with those before: whoever changed one would change others. Frozen, such a change throws. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}

/** Without what providers pad chunks with: that is whatever it was in an earlier one. */
function unpadded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { obfuscation, p, ...rest } = value as Record<string, unknown>;
  return { ...rest, ...(typeof obfuscation !== 'string' && { obfuscation }), ...(typeof p !== 'string' && { p }) };
}

/** Reads the documents in order, each from the middle of other bytes, which are overwritten afterwards. */
function expectSame(documents: readonly (string | Buffer)[]): void {
  const json = new RepeatingJson();
  const given: [unknown, unknown][] = [];
  for (const each of documents) {
    const document = Buffer.from(each as string);
    const bytes = Buffer.concat([Buffer.from('"{1'), document, Buffer.from('2}"')]);
    const value = json.read(bytes, 3, 3 + document.length);
    bytes.fill(0x31);
    freeze(value);
    given.push([unpadded(value), unpadded(parseJson(document.toString('utf8')))]);
  }
  // Compared at the end: a value that a later document changed is found too. As texts, so that the order of members counts.
  for (const [value, expected] of given) {
    expect(value).toEqual(expected);
    expect(JSON.stringify(value)).toBe(JSON.stringify(expected));
  }
}

const copy: ReadEvent<Buffer> = (bytes, start, end) => Buffer.from(bytes.subarray(start, end));

/** Whatever any framing finds in a body. */
function eventsOf(body: Uint8Array, encoding: string | undefined): Buffer[] {
  const decoder = createContentDecoder(encoding);
  const bytes = Buffer.concat([...decoder.feed(body), ...decoder.end()]);
  const all = <T>({ feed, end }: { feed(bytes: Uint8Array): T[]; end(): T[] }) => [...feed(bytes), ...end()];
  return [
    ...all(createSseDecoder(undefined, copy)).map(({ data }) => data),
    ...all(createAwsEventStreamDecoder(undefined, copy)).map(({ payload }) => payload),
    ...all(createNdjsonDecoder(undefined, copy)),
    ...all(createJsonArrayDecoder(undefined, copy)),
  ];
}

describe('documents that are nearly the same', () => {
  const frame = (token: string, count = '1') =>
    `{"id":"x","n":${count},"choices":[{"delta":{"content":"${token}"},"end":null}]}`;
  test.each<[string, string[]]>([
    ['texts', ['a', 'b', '', 'a longer one', 'a'].map(token => frame(token))],
    [
      'escapes',
      ['a', '\\n', '\\u00e9', '\\"', '\\\\', '\\\\\\"', 'a\\', '\\x', '\\u12', 'a\\n'].map(token => frame(token)),
    ],
    ['other scripts', ['é', 'ö', '日本', '😀', '\u2028', '\ud83d', 'é'].map(token => frame(token))],
    ['control characters', ['a', '\t', 'b', '\u0001', '\u007f'].map(token => frame(token))],
    [
      'numbers',
      ['1', '2', '10', '0', '01', '-1', '1.5', '1e3', '123456789012345', '1234567890123456', '', '3', 'null'].map(n =>
        frame('a', n),
      ),
    ],
    ['types', ['"a"', '1', 'null', 'true', '{}', '[]', '[1]', '"b"'].map(value => `{"a":${value},"b":1}`)],
    [
      'names that come twice',
      ['{"a":1,"a":"x"}', '{"a":2,"a":"x"}', '{"a":2,"a":"y"}', '{"a":{"b":1},"a":2}', '{"a":{"b":2},"a":2}'],
    ],
    ['names', ['{"a":1,"b":2}', '{"c":1,"b":2}', '{"b":1,"a":2}', '{"a":1,"\\u0061":2}', '{"a":1,"\\u0061":3}']],
    [
      '__proto__',
      [
        '{"__proto__":{"a":1}}',
        '{"__proto__":{"a":2}}',
        '{"__proto__":1}',
        '{"__proto__":2}',
        '{"constructor":1}',
        '{"constructor":2}',
      ],
    ],
    ['index names', ['{"1":"a","0":"b"}', '{"1":"c","0":"b"}', '{"1":"c","0":"d"}']],
    [
      'ends',
      [frame('a'), frame('a').slice(0, -1), `${frame('b')}}`, `${frame('b')} `, frame('b').slice(0, 30), frame('c')],
    ],
    [
      'no objects',
      ['1', '2', '"a"', '"b"', 'null', '', '[1]', '[2]', '["a"]', '["b"]', '[]', '[[1,"a"]]', '[[2,"a"]]'],
    ],
    [
      'padding',
      ['abc', '', 'a\\', 'a\\n', 'ab', '\t', 'x'].map(
        pad => `{"p":"${pad}","a":{"p":"${pad}"},"obfuscation":"${pad}"}`,
      ),
    ],
    [
      'deep ones',
      [5, 31, 32, 33, 900].flatMap(depth =>
        ['1', '2', '"a"', '"b"'].map(leaf => `${'['.repeat(depth)}${leaf}${']'.repeat(depth)}`),
      ),
    ],
    ['large ones', ['a', 'b'].map(token => frame(token.repeat(5_000)))],
    ['one that grows', Array.from({ length: 40 }, (_, at) => frame('a'.repeat(at * 120), `${10 ** (at % 18)}`))],
    [
      'none like the one before',
      Array.from({ length: 300 }, (_, at) => (at % 7 === 6 ? frame(`${at}`) : `{"${at}":"a"}`)),
    ],
  ])('%s', (_name, documents) => expectSame(documents));

  test('bytes that are no UTF-8', () => {
    const [before, after] = frame('|')
      .split('|')
      .map(part => Buffer.from(part));
    for (const bytes of [[0xff], [0xc3], [0xe2, 0x82], [0x80, 0x41], [0xed, 0xa0, 0x80]]) {
      expectSame([frame('a'), Buffer.concat([before!, Buffer.from(bytes), after!]), frame('b')]);
    }
  });

  test('the short way is taken: equal parts are shared', () => {
    const json = new RepeatingJson();
    const read = (source: string) => json.read(Buffer.from(source), 0, source.length) as { a: object; b: string };
    const [first, second] = [read('{"a":{"c":1},"b":"x"}'), read('{"a":{"c":1},"b":"y"}')];
    expect([first.b, second.b]).toEqual(['x', 'y']);
    expect(second.a).toBe(first.a);
  });
});

describe.each(wireFixtures())('$name', ({ exchange }) => {
  const events = eventsOf(exchange.responseBody ?? Buffer.alloc(0), exchange.responseHeaders['content-encoding']);

  test('its events, whole and damaged', () => {
    expectSame(events);
    const random = seededRandom(11);
    const below = (most: number) => Math.floor(random() * most);
    const pieces = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '7', '-', '.', 'é', 'null', ' ', '\n', '\u0001'];
    for (let round = 0; round < 10; round++) {
      const damaged = events.slice(0, 60).flatMap(event => {
        const at = below(event.length);
        const piece = Buffer.from(pieces[below(pieces.length)]!);
        const rest = event.subarray(at + below(3));
        return below(2) === 0 ? [event] : [event, Buffer.concat([event.subarray(0, at), piece, rest])];
      });
      expectSame(damaged);
    }
  });
});
