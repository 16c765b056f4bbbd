import { describe, expect, test } from '@jest/globals';
import { createSseDecoder } from '../../../../src/wire/protocol/index.js';
import { decodeEveryWay, decodeStream } from './cut.js';

const fine = { truncated: false, damaged: false };

describe('the format, as servers write it', () => {
  test.each([
    ['LF', 'data: a\n\ndata: b\n\n', [{ data: 'a' }, { data: 'b' }]],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', [{ data: 'a' }, { data: 'b' }]],
    ['CR', 'data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }]],
    ['mixed line ends', 'data: a\r\n\ndata: b\r\r\ndata: c\n\r\n', [{ data: 'a' }, { data: 'b' }, { data: 'c' }]],
    ['an event type and an id', 'event: ping\nid: 7\ndata: {}\n\n', [{ event: 'ping', id: '7', data: '{}' }]],
    ['no space after the colon', 'event:x\ndata:{"a":1}\n\n', [{ event: 'x', data: '{"a":1}' }]],
    ['two spaces: only the first is syntax', 'data:  a\n\n', [{ data: ' a' }]],
    ['several data lines', 'data: a\ndata:\ndata: b\n\n', [{ data: 'a\n\nb' }]],
    ['comments, also between events', ': OPENROUTER PROCESSING\n\n: keep-alive\ndata: a\n\n', [{ data: 'a' }]],
    ['a byte order mark', '\ufeffdata: a\n\n', [{ data: 'a' }]],
    ['a mark inside is data', 'data: \ufeffa\n\n', [{ data: '\ufeffa' }]],
    ['several bytes a character', 'data: grüße 🎉 €\n\n', [{ data: 'grüße 🎉 €' }]],
    ['an event without data is none', 'event: x\n\ndata: a\n\n', [{ data: 'a' }]],
    ['a field without a colon', 'data\n\n', [{ data: '' }]],
    ['unknown fields', 'retry: 10\nfoo: bar\ndata: a\n\n', [{ data: 'a' }]],
    ['the last event without its blank line', 'data: a\n\ndata: [DONE]', [{ data: 'a' }, { data: '[DONE]' }]],
    ['nothing', '', []],
  ])('%s', (_name, input, events) => {
    expect(decodeEveryWay(createSseDecoder, input)).toEqual({ events, ...fine });
  });
});

test('an event over the bound is left out and said; the next one is right', () => {
  const create = () => createSseDecoder(20);
  const long = 'x'.repeat(50);
  for (const input of [`data: ${long}\n\ndata: b\n\n`, `data: ${long}\nevent: y\n\ndata: b\n\n`]) {
    expect(decodeEveryWay(create, input)).toEqual({ events: [{ data: 'b' }], truncated: true, damaged: false });
  }
  const many = `${'data: 12345\n'.repeat(4)}\ndata: b\n\n`;
  expect(decodeEveryWay(create, many)).toEqual({ events: [{ data: 'b' }], truncated: true, damaged: false });
});

test('a line of 4 MiB that comes in small pieces costs linear time', () => {
  const piece = Buffer.alloc(64, 'x');
  function* parts() {
    yield Buffer.from('data: ');
    for (let count = 0; count < 65_536; count++) yield piece;
    yield Buffer.from('\n\n');
  }
  const { events } = decodeStream(createSseDecoder, parts());
  expect(events[0]!.data.length).toBe(4_194_304);
});
