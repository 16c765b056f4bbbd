import { describe, expect, test } from '@jest/globals';
import { createJsonArrayDecoder, createNdjsonDecoder } from '../../../../src/wire/protocol/index.js';
import { decodeEveryWay, decodeStream } from './cut.js';

const fine = { truncated: false, damaged: false };

describe('NDJSON', () => {
  test.each([
    ['LF', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
    ['CRLF and blank lines', '{"a":1}\r\n\r\n  \n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
    ['no last line end', '{"a":"ü€"}\n{"b":2}', ['{"a":"ü€"}', '{"b":2}']],
    ['nothing', '', []],
  ])('%s', (_name, input, events) => {
    expect(decodeEveryWay(createNdjsonDecoder, input)).toEqual({ events, ...fine });
  });

  test('a line over the bound is left out and said', () => {
    const create = () => createNdjsonDecoder(10);
    expect(decodeEveryWay(create, `{"a":1}\n"${'x'.repeat(30)}"\n{"b":2}\n`)).toEqual({
      events: ['{"a":1}', '{"b":2}'],
      truncated: true,
      damaged: false,
    });
  });
});

describe('JSON array', () => {
  test.each([
    ['elements as they complete', '[{"a":1},\n{"b":[1,{"c":2}]}\r\n]', ['{"a":1}', '{"b":[1,{"c":2}]}']],
    ['brackets and quotes inside texts', '[{"a":"]},{\\"[\\\\"},"x,y]"]', ['{"a":"]},{\\"[\\\\"}', '"x,y]"']],
    ['numbers, words, texts', ' [ 1, null ,"a" , [2] ] ', ['1', 'null', '"a"', '[2]']],
    ['an object that is no array is one element', '{"error":{"code":400}}\n', ['{"error":{"code":400}}']],
    ['several bytes a character', '[{"a":"€🎉"}]', ['{"a":"€🎉"}']],
    ['empty', '[]', []],
    ['nothing', '', []],
  ])('%s', (_name, input, events) => {
    expect(decodeEveryWay(createJsonArrayDecoder, input)).toEqual({ events, ...fine });
  });

  test('cut inside an element: what was complete is there, the rest is said to be missing', () => {
    expect(decodeEveryWay(createJsonArrayDecoder, '[{"a":1},{"b":')).toEqual({
      events: ['{"a":1}'],
      truncated: false,
      damaged: true,
    });
  });

  test('what is no JSON is damaged', () => {
    expect(decodeEveryWay(createJsonArrayDecoder, '<html>').damaged).toBe(true);
  });

  test('an element over the bound is left out and said', () => {
    const create = () => createJsonArrayDecoder(10);
    expect(decodeEveryWay(create, `[{"a":1},{"b":"${'x'.repeat(30)}"},{"c":3}]`)).toEqual({
      events: ['{"a":1}', '{"c":3}'],
      truncated: true,
      damaged: false,
    });
  });

  test('a million open brackets cost no stack and no memory beyond the bound', () => {
    const { events, truncated } = decodeStream(() => createJsonArrayDecoder(1_000), [Buffer.alloc(1_000_000, '[')]);
    expect({ events, truncated }).toEqual({ events: [], truncated: true });
  });
});
