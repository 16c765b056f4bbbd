/** The decoder against hostile bytes; that it reads real ones is held by receiver.test.ts. */
import { describe, expect, test } from '@jest/globals';
import { flattenSpans } from '../../../src/receive/otlp-json.js';
import { decodeProtobuf } from './protobuf.js';

/** field, wire type 2 */
function section(field: number, bytes: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
}

const SPAN = section(
  1,
  section(2, section(2, Buffer.concat([section(5, Buffer.from('chat')), Buffer.from([0x30, 3])]))),
);

describe('protobuf', () => {
  test('a span cut at every place is refused or shorter, never a crash of another kind', () => {
    expect(flattenSpans(decodeProtobuf('TracesRequest', SPAN))).toMatchObject([{ name: 'chat', kind: 3 }]);
    for (let length = 1; length < SPAN.length; length++) {
      expect(() => decodeProtobuf('TracesRequest', SPAN.subarray(0, length))).toThrow(RangeError);
    }
  });

  test('random bytes end in a result or a RangeError', () => {
    let seed = 42;
    const random = () => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return seed / 0x7fffffff;
    };
    for (let round = 0; round < 2000; round++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256));
      try {
        decodeProtobuf('TracesRequest', bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  test('values that nest without end are refused', () => {
    let value: Buffer = section(1, Buffer.from('x'));
    for (let depth = 0; depth < 500; depth++) value = section(5, section(1, value));
    expect(() => decodeProtobuf('AnyValue', value)).toThrow(/nested too deeply/);
  });

  test('fields that nobody knows are skipped', () => {
    const unknown = Buffer.from([0xf8, 0x07, 0x96, 0x01, 0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 0xfd, 0x07, 1, 2, 3, 4]);
    expect(decodeProtobuf('Status', Buffer.concat([unknown, section(2, Buffer.from('m')), unknown]))).toEqual({
      message: 'm',
    });
  });
});

describe('OTLP/JSON of careless senders', () => {
  test.each([
    {},
    { resourceSpans: null },
    { resourceSpans: [null, {}, { scopeSpans: 5 }] },
    { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] },
    { resourceSpans: [{ scopeSpans: [{ spans: [{ kind: 'SPAN_KIND_CLIENT', startTimeUnixNano: 5 }] }] }] },
  ])('%j', body => {
    expect(() => flattenSpans(body)).not.toThrow();
  });

  test('enumerations by name', () => {
    const spans = [{ kind: 'SPAN_KIND_CLIENT', status: { code: 'STATUS_CODE_ERROR' } }];
    expect(flattenSpans({ resourceSpans: [{ scopeSpans: [{ spans }] }] })).toMatchObject([
      { kind: 3, status: { code: 2 } },
    ]);
  });
});
