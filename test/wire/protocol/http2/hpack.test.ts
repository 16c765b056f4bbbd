import { describe, expect, test } from '@jest/globals';
import { type DecodedBlock, HpackDecoder } from '../../../../src/wire/protocol/http2/hpack.js';
import { decodeHuffman } from '../../../../src/wire/protocol/http2/huffman.js';
import { seeded } from '../support.js';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');
const lines = ({ fields }: DecodedBlock) => fields.map(({ name, value }) => `${name ?? '?'}: ${value ?? '?'}`);

describe('the examples of RFC 7541 Appendix C', () => {
  test.each([
    [
      'C.3 requests without Huffman',
      [
        '828684410f7777772e6578616d706c652e636f6d',
        '828684be58086e6f2d6361636865',
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
      ],
    ],
    [
      'C.4 requests with Huffman',
      [
        '828684418cf1e3c2e5f23a6ba0ab90f4ff',
        '828684be5886a8eb10649cbf',
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
      ],
    ],
  ])('%s', (_name, blocks) => {
    const decoder = new HpackDecoder(10_000, false);
    expect(blocks.map(block => lines(decoder.decode(hex(block))))).toEqual([
      [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
      [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
      [
        ':method: GET',
        ':scheme: https',
        ':path: /index.html',
        ':authority: www.example.com',
        'custom-key: custom-value',
      ],
    ]);
  });

  test('C.6 responses with Huffman and eviction in a table of 256 bytes', () => {
    const decoder = new HpackDecoder(10_000, false);
    const blocks = [
      `3fe101 488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3`,
      `4883640effc1c0bf`,
      `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
    ];
    const date = 'Mon, 21 Oct 2013 20:13';
    expect(blocks.map(block => lines(decoder.decode(hex(block))))).toEqual([
      [':status: 302', 'cache-control: private', `date: ${date}:21 GMT`, 'location: https://www.example.com'],
      [':status: 307', 'cache-control: private', `date: ${date}:21 GMT`, 'location: https://www.example.com'],
      [
        ':status: 200',
        'cache-control: private',
        `date: ${date}:22 GMT`,
        'location: https://www.example.com',
        'content-encoding: gzip',
        'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
      ],
    ]);
  });
});

describe('joined in the middle', () => {
  test('static entries decode, older dynamic ones are unknown, newer ones are right', () => {
    const decoder = new HpackDecoder(10_000, true);
    // :method POST, dynamic 62 (unknown), a literal that is inserted, then 62 (now it) and 63 (unknown again)
    const block = decoder.decode(hex('83 be 40 01 61 01 62 be bf'));
    expect(lines(block)).toEqual([':method: POST', '?: ?', 'a: b', 'a: b', '?: ?']);
    expect(block.complete).toBe(false);
    // A literal whose name is unknown: its value is known, and so it stays in the table.
    expect(lines(decoder.decode(hex('7f 01 03 78 79 7a be')))).toEqual(['?: xyz', '?: xyz']);
  });

  test('a table emptied by its sender is known from then on', () => {
    const decoder = new HpackDecoder(10_000, true);
    expect(decoder.decode(hex('20 3f e1 1f 40 01 61 01 62 be'))).toMatchObject({ complete: true, broken: false });
    expect(decoder.decode(hex('bf')).broken).toBe(true);
  });

  test('after a loss nothing of before is used', () => {
    const decoder = new HpackDecoder(10_000, false);
    decoder.decode(hex('40 01 61 01 62'));
    decoder.lose();
    expect(lines(decoder.decode(hex('be')))).toEqual(['?: ?']);
  });
});

describe('what is no HPACK', () => {
  test.each([
    ['index 0', '80'],
    ['an entry that was never there', 'be'],
    ['a text beyond the block', '4001617f'],
    ['an endless integer', 'ffffffffffffff'],
    ['a Huffman text with the end symbol', '400184ffffffff0161'],
    ['a block that ends inside a name', '40'],
  ])('%s', (_name, block) => {
    const decoder = new HpackDecoder(10_000, false);
    expect(decoder.decode(hex(block))).toMatchObject({ broken: true, complete: false });
    expect(decoder.decode(hex('82'))).toMatchObject({ broken: false, complete: true });
  });

  test('random blocks: never a throw', () => {
    const random = seeded(21);
    const decoder = new HpackDecoder(10_000, false);
    for (let run = 0; run < 20_000; run++) {
      const block = Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => random() * 256));
      decoder.decode(block);
    }
  });
});

test('a bomb (one large entry named ten thousand times) stops at the bound, and the table is right after it', () => {
  const decoder = new HpackDecoder(50_000, false);
  const entry = Buffer.concat([hex('4001617f a11e'), Buffer.alloc(4_000, 'x')]);
  expect(decoder.decode(entry)).toMatchObject({ broken: false, truncated: false });
  const bomb = decoder.decode(Buffer.alloc(10_000, 0xbe));
  expect(bomb.truncated).toBe(true);
  expect(bomb.fields.length).toBeLessThan(13);
  expect(lines(decoder.decode(hex('82')))).toEqual([':method: GET']);
});

test('Huffman padding must be the beginning of the end symbol and shorter than a byte', () => {
  const code = hex('1f'); // "a" and three bits of padding
  expect(decodeHuffman(code, 0, 1)).toBe('a');
  expect(decodeHuffman(hex('1e'), 0, 1)).toBeUndefined();
  expect(decodeHuffman(hex('1fff'), 0, 2)).toBeUndefined();
});
