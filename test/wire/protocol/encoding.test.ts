import {
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createContentDecoder } from '../../../src/wire/protocol/index.js';
import { cuts, seeded } from './support.js';

const text = `{"messages":[${'{"role":"user","content":"grüße 🎉"},'.repeat(8)}null]}`;
const plain = Buffer.from(text);

function decode(encoding: string | undefined, parts: Iterable<Uint8Array>, limit?: number) {
  const decoder = createContentDecoder(encoding, limit);
  const output: Buffer[] = [];
  for (const part of parts) {
    const copy = Uint8Array.from(part);
    for (const chunk of decoder.feed(copy)) output.push(Buffer.from(chunk));
    copy.fill(0xee);
  }
  for (const chunk of decoder.end()) output.push(Buffer.from(chunk));
  return { body: Buffer.concat(output).toString('latin1'), damaged: decoder.damaged, truncated: decoder.truncated };
}

function everyWay(encoding: string | undefined, bytes: Uint8Array) {
  const whole = decode(encoding, [bytes]);
  for (const [name, cut] of cuts(bytes.length)) {
    expect({ name, ...decode(encoding, cut(bytes, 0)) }).toEqual({ name, ...whole });
  }
  return { ...whole, body: Buffer.from(whole.body, 'latin1').toString() };
}

const right = { body: text, damaged: false, truncated: false };

/**
 * One raw block of zstd (RFC 8878 §3.1.1.2), written by hand because node:zlib compresses it only in newer versions. With
 * `compressed` the bytes of a real compressor.
 */
function zstdRaw(content: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(content.length, 5);
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([header, block, content]);
}

/** "data: one\n\n" 200 times, compressed by zstd 1.5 at level 3. */
const ZSTD_COMPRESSED = Buffer.from('28b52ffd60980795000058646174613a206f6e650a0a01008ab05fbc', 'hex');

describe('each encoding, cut everywhere', () => {
  test.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['GZip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['zstd', zstdRaw(plain)],
    ['identity', plain],
    [undefined, plain],
    ['', plain],
    ['br, gzip', gzipSync(brotliCompressSync(plain))],
    ['gzip , identity, deflate', deflateSync(gzipSync(plain))],
  ])('%s', (encoding, bytes) => {
    expect(everyWay(encoding, bytes)).toEqual(right);
  });

  test('zstd of a real compressor', () => {
    expect(everyWay('zstd', ZSTD_COMPRESSED).body).toBe('data: one\n\n'.repeat(200));
  });

  test('several gzip members one after the other', () => {
    expect(everyWay('gzip', Buffer.concat([gzipSync('one '), gzipSync('two')])).body).toBe('one two');
  });

  test('an empty body', () => {
    expect(everyWay('gzip', gzipSync('')).body).toBe('');
    expect(everyWay('br', brotliCompressSync('')).body).toBe('');
    expect(decode('gzip', []).body.length).toBe(0);
  });
});

describe('a header that is not true', () => {
  test.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, br'])(
    'plain JSON and events under %s are read as they are',
    name => {
      for (const body of [text, 'data: {}\n\n', '[{"a":1}]', '{}', 'event: x\ndata: 1\n\n']) {
        expect(everyWay(name, Buffer.from(body))).toEqual({ body, damaged: false, truncated: false });
      }
    },
  );

  test('compressed bytes that begin as text does by chance are compressed all the same', () => {
    let found = 0;
    // The second byte follows from the length.
    for (const second of ' "[]{') {
      const body = Buffer.alloc(65_537 + second.charCodeAt(0), 'data: {"id":"c1"}\n\n');
      const packed = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
      if (packed.toString('latin1', 0, 2) === `[${second}`) found++;
      for (const cut of [packed.length, 1, 3, 10]) {
        const decoder = createContentDecoder('br');
        const parts = [packed.subarray(0, cut), packed.subarray(cut)].flatMap(part => decoder.feed(part));
        expect(Buffer.concat([...parts, ...decoder.end()]).equals(body)).toBe(true);
        expect(decoder.damaged).toBe(false);
      }
    }
    expect(found).toBe(5);
  });

  test('text that was decoded before is text, short or long, in any language', () => {
    for (const body of ['{"a":1}', `{"name":"${'Straße '.repeat(20)}"}`, `["${'川'.repeat(40)}"]`]) {
      for (const cut of [1, 5, 13, 46, 47, 48]) {
        const bytes = Buffer.from(body);
        const decoder = createContentDecoder('br');
        const parts = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap(part => decoder.feed(part));
        expect(Buffer.concat([...parts, ...decoder.end()]).toString()).toBe(body);
      }
    }
  });

  test('an unknown encoding: the bytes as they are, marked', () => {
    expect(everyWay('aws-chunked', plain)).toEqual({ body: text, damaged: true, truncated: false });
    expect(everyWay('__proto__', plain).damaged).toBe(true);
  });
});

describe('every event is out when its flush is in', () => {
  const events = ['data: one\n\n', 'data: two\n\n', 'data: three\n\n'];

  type Flushable = { write(text: string): void; flush(done: () => void): void; read(): Buffer | null };

  async function flushed(stream: Flushable) {
    const parts: Buffer[] = [];
    for (const event of events) {
      stream.write(event);
      await new Promise<void>(done => stream.flush(done));
      const pieces: Buffer[] = [];
      for (let piece = stream.read(); piece; piece = stream.read()) pieces.push(piece);
      parts.push(Buffer.concat(pieces));
    }
    return parts;
  }

  test.each([
    ['gzip', () => createGzip()],
    ['br', () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ])('%s', async (name, create) => {
    const decoder = createContentDecoder(name);
    const parts = await flushed(create() as unknown as Flushable);
    expect(parts.map(part => Buffer.concat(decoder.feed(part)).toString())).toEqual(events);
    decoder.close();
  });
});

describe('damage and bombs', () => {
  test.each([
    ['gzip', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
  ])('%s with a wrong byte: marked, what came before is kept, nothing is thrown', (name, bytes) => {
    const random = seeded(9);
    for (let run = 0; run < 200; run++) {
      const broken = Buffer.from(bytes);
      const place = 10 + Math.floor(random() * (broken.length - 10));
      broken[place]! ^= 1 + Math.floor(random() * 254);
      const { body, damaged } = decode(name, [broken.subarray(0, place), broken.subarray(place)]);
      if (!damaged) continue; // brotli has no checksum, a flipped literal goes unseen
      expect(body.length).toBeLessThanOrEqual(plain.length * 3);
    }
  });

  test.each([
    ['gzip', gzipSync(plain), 8],
    ['deflate', deflateSync(plain), 4],
  ])('%s with a wrong checksum: all of the body, marked', (name, bytes, trailer) => {
    const broken = Buffer.from(bytes);
    broken[broken.length - trailer]! ^= 1;
    expect(everyWay(name, broken)).toEqual({ ...right, damaged: true });
  });

  test.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000), { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(50_000_000)))],
    // 1,000 blocks, each a byte that is repeated 131,072 times
    ['zstd', Buffer.concat([Buffer.from('28b52ffd0038', 'hex'), Buffer.from('02001061'.repeat(1_000), 'hex')])],
  ])('a bomb in %s stops at the bound', (name, bytes) => {
    const { body, truncated } = decode(name, [bytes], 1_000_000);
    expect({ size: body.length, truncated }).toEqual({ size: 1_000_000, truncated: true });
  });

  test.each([
    ['one frame', Buffer.from('28b52ffd00f800010000', 'hex')],
    ['a second frame', Buffer.concat([zstdRaw(plain), Buffer.from('28b52ffd00f800010000', 'hex')])],
    ['a content size of 1 GiB', Buffer.from('28b52ffda000000040010000', 'hex')],
  ])('zstd that asks for a window of gigabytes gets none: %s', (name, bytes) => {
    const before = process.memoryUsage().arrayBuffers;
    const { body, damaged } = everyWay('zstd', bytes);
    expect({ body, damaged }).toEqual({ body: name === 'a second frame' ? text : '', damaged: true });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(500_000_000);
  });

  test('skippable frames and checksums between frames', () => {
    const skippable = Buffer.from('502a4d1803000000010203', 'hex');
    const bytes = Buffer.concat([skippable, zstdRaw(plain), skippable, ZSTD_COMPRESSED]);
    expect(everyWay('zstd', bytes)).toEqual({ ...right, body: `${text}${'data: one\n\n'.repeat(200)}` });
  });

  test('more encodings than anybody means are not tried', () => {
    expect(decode('gzip,'.repeat(50), [plain])).toMatchObject({ damaged: true });
  });
});
