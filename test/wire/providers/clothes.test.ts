/** The same answers in other clothes: what the bytes still say does not change with a type or an encoding that is named wrong. */
import zlib, { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Exchange, HeaderFields } from '../../../src/wire/exchange.js';
import { cutAt, singleBytes } from '../../../src/wire/exchange-replay.js';
import { mayBePlain } from '../../../src/wire/protocol/codecs.js';
import { decode } from '../../support/corpus.js';
import { wireFixtures } from '../../support/wire-fixtures.js';

/** Absent before Node 22.15. */
const { zstdCompressSync } = zlib as { zstdCompressSync?: (body: Uint8Array) => Buffer };

function typed(exchange: Exchange, type: string | undefined): Exchange {
  const { 'content-type': _type, ...others } = exchange.responseHeaders;
  const responseHeaders: HeaderFields = type === undefined ? others : { ...others, 'content-type': type };
  return { ...exchange, responseHeaders };
}

const TYPES = [
  undefined,
  'application/json',
  'text/plain; charset=utf-8',
  'application/octet-stream',
  'text/event-stream',
  'application/vnd.api+json',
  'application/x-ndjson',
  'application/vnd.amazon.eventstream',
];
const ENCODINGS: Record<string, (body: Uint8Array) => Buffer> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  deflate: deflateSync,
  'deflate ': deflateRawSync,
};

// MCP's sessions are told by headers; audio that is named a stream of events is none.
const answers = wireFixtures().filter(
  ({ name, exchange }) => exchange.responseBody !== undefined && !name.startsWith('mcp/') && name !== 'openai/speech',
);
const calls = answers.map(({ exchange }) => decode(exchange));

describe.each(TYPES)('an answer typed %s', type => {
  test('gives the same calls, in any cut', () => {
    for (const [at, { name, exchange }] of answers.entries()) {
      const dressed = typed(exchange, type);
      for (const chunking of [undefined, singleBytes, cutAt(1), cutAt(7)])
        expect([name, decode(dressed, chunking)]).toEqual([name, calls[at]]);
    }
  });
});

describe.each(Object.keys(ENCODINGS))('an answer in %s', encoding => {
  test('gives the same calls, in any cut', () => {
    for (const [at, { name, exchange }] of answers.entries()) {
      const dressed: Exchange = {
        ...exchange,
        responseHeaders: { ...exchange.responseHeaders, 'content-encoding': encoding.trim() },
        responseBody: ENCODINGS[encoding]!(exchange.responseBody!),
      };
      for (const chunking of [undefined, singleBytes])
        expect([name, decode(dressed, chunking)]).toEqual([name, calls[at]]);
    }
  });
});

/** What a proxy says of an answer's encoding, and what it really did. */
const CODECS: Record<string, (body: Uint8Array) => Buffer> = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  ...(zstdCompressSync === undefined ? {} : { zstd: zstdCompressSync }),
};
const NAMES = [undefined, 'identity', 'gzip', 'deflate', 'br', 'zstd'];

describe.each(Object.keys(CODECS))('an answer in %s under another name', real => {
  test.each(NAMES.filter(name => name !== real))('%s', name => {
    for (const [at, { name: fixture, exchange }] of answers.entries()) {
      const { 'content-encoding': _named, ...others } = exchange.responseHeaders;
      const dressed: Exchange = {
        ...exchange,
        responseHeaders: name === undefined ? others : { ...others, 'content-encoding': name },
        responseBody: CODECS[real]!(exchange.responseBody!),
      };
      // What is neither JSON nor events (audio, a page) has nothing that tells brotli from it.
      const isText = /^[\s[{"deir:]/.test(Buffer.from(exchange.responseBody!).toString('latin1', 0, 1));
      if (real === 'br' && !isText) continue;
      for (const chunking of name === undefined ? [undefined, singleBytes] : [cutAt(7)])
        expect([fixture, decode(dressed, chunking)]).toEqual([fixture, calls[at]]);
    }
  });
});

test.each<[boolean, string, readonly number[]]>([
  [false, 'brotli', [0x5b, 0x32, 0x15, 0x01, 0xc0]],
  [false, 'brotli', [0x5b, 0x20, 0xf8, 0x12, 0x45]],
  [false, 'brotli', [0x5b, 0x0d, 0x4d, 0x11, 0x45]],
  [true, 'numbers', [...Buffer.from('[0.25, -1e3]')]],
  [true, 'a text in any language', [...Buffer.from('["größer"]')]],
  [true, 'events on lines', [...Buffer.from('[\r\n\t{"a":')]],
])('%s: an array is a text at once, %s behind a bracket', (plain, _, bytes) => {
  expect(mayBePlain(Buffer.from(bytes))).toBe(plain);
});

describe.each(Object.keys(CODECS))('a request in %s', codec => {
  test('is read without its header, too', () => {
    for (const [at, { name, exchange }] of answers.entries()) {
      if (exchange.requestBody === undefined || !Buffer.from(exchange.requestBody).toString().startsWith('{')) continue;
      const dressed = { ...exchange, requestBody: CODECS[codec]!(exchange.requestBody) };
      expect([name, decode(dressed)]).toEqual([name, calls[at]]);
    }
  });
});

const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe.each<[string, (text: string) => Buffer]>([
  ['little-endian with its mark', text => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['little-endian', text => Buffer.from(text, 'utf16le')],
  ['big-endian with its mark', text => bigEndian(`\ufeff${text}`)],
  ['big-endian', bigEndian],
])('JSON in UTF-16, %s', (_, encode) => {
  test('gives the same calls, in any cut', () => {
    for (const [at, { name, exchange }] of answers.entries()) {
      const [request, response] = [exchange.requestBody, exchange.responseBody].map(body =>
        Buffer.from(body ?? []).toString(),
      ) as [string, string];
      if (!request.startsWith('{') || !response.startsWith('{') || exchange.responseHeaders['content-encoding'])
        continue;
      const dressed = { ...exchange, requestBody: encode(request), responseBody: encode(response) };
      for (const chunking of [undefined, cutAt(7), cutAt(20)])
        expect([name, decode(dressed, chunking)]).toEqual([name, calls[at]]);
    }
  });
});

describe('one document or many lines', () => {
  const lines = [
    { model: 'm', message: { content: 'The ' }, done: false },
    { model: 'm', message: { content: 'Elbe.' }, done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 4 },
  ].map(line => JSON.stringify(line));
  const ollama = (body: string): Exchange => ({
    id: 'x',
    role: 'client',
    protocol: 'http/1.1',
    host: 'ollama.com',
    method: 'POST',
    path: '/api/chat',
    requestHeaders: { 'content-type': 'application/json' },
    requestBody: Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] })),
    status: 200,
    responseHeaders: { 'content-type': 'application/json' },
    responseBody: Buffer.from(body),
    partial: [],
  });
  const whole = JSON.parse(lines[1]!);

  test.each<[string, string, string]>([
    ['lines', `${lines.join('\n')}\n`, 'The Elbe.'],
    ['lines that end as on Windows', `${lines.join('\r\n')}\r\n`, 'The Elbe.'],
    ['lines with empty ones between', `${lines.join('\n\n')}`, 'The Elbe.'],
    ['one line', lines[1]!, 'Elbe.'],
    ['one line with its end', `${lines[1]}\n`, 'Elbe.'],
    ['a document on several lines', JSON.stringify(whole, null, 2), 'Elbe.'],
    ['a document that begins with an object on one line', JSON.stringify({ options: {}, ...whole }, null, 1), 'Elbe.'],
  ])('%s', (_, body, text) => {
    for (const chunking of [undefined, singleBytes, cutAt(lines[0]!.length), cutAt(lines[0]!.length + 1)]) {
      const [call] = decode(ollama(body), chunking);
      expect(call).toMatchObject({ outputText: text, usage: { inputTokens: 9, outputTokens: 4 } });
    }
  });

  test('the first line keeps its time', () => {
    const exchange = { ...ollama(`${lines.join('\n')}\n`), start: 1n, firstByte: 5n, end: 9n };
    expect(decode(exchange, cutAt(lines[0]!.length + 1))[0]).toMatchObject({ start: 1n, firstChunk: 5n, end: 9n });
  });
});
