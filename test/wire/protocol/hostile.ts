/**
 * Hostile input for every parser: random, mutated, cut, with gaps. Shared by the test (some thousand cases) and by the fuzz
 * script (millions). A case is a number: the same number gives the same bytes.
 */
import { gzipSync } from 'node:zlib';
import type { ConnectionDecoder, ExchangeListener } from '../../../src/wire/exchange.js';
import { parseExchangeLine } from '../../../src/wire/exchange-json.js';
import {
  createAwsEventStreamDecoder,
  createConnectionDecoder,
  createContentDecoder,
  createJsonArrayDecoder,
  createNdjsonDecoder,
  createSseDecoder,
} from '../../../src/wire/protocol/index.js';
import { data, END_STREAM, headers, literal, ok, PREFACE, post, SETTINGS } from './http2/frames.js';
import { seeded } from './support.js';

type Random = () => number;

const HTTP1 = [
  'POST /v1/chat HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{"ask":1}',
  'GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nExpect: 100-continue\r\n\r\n',
  'CONNECT h:1 HTTP/1.1\r\n\r\n',
  'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\ndata: 1\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil close',
  'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n\x81\x02hi\xc1\x02\xff\xff',
].map(text => Buffer.from(text, 'latin1'));

const HTTP2 = [
  Buffer.concat([Buffer.from(PREFACE), SETTINGS]),
  SETTINGS,
  headers(1, post('/a')),
  data(1, 'ask', END_STREAM),
  Buffer.concat([headers(1, ok(literal('a', 'b'))), data(1, 'answer', END_STREAM)]),
  headers(3, Buffer.concat([Buffer.from([0x83, 0xbe, 0x40, 1, 97, 1, 98])]), END_STREAM),
];

const BODIES = [
  Buffer.from('event: a\ndata: {"x":1}\r\n\r\n: c\rdata: 2\n\n'),
  Buffer.from('[{"a":[1,"]"]},2]\n{"b":1}\n'),
  gzipSync('data: compressed\n\n'.repeat(20)),
  Buffer.from('28b52ffd20050100006865', 'hex'),
  Buffer.from('000000200000000b', 'hex'),
  Buffer.from('{"method":"GET","path":"/","partial":["gap"],"start":"1","request_body":"YQ=="}'),
];

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

/** One to six pieces of a family, some mutated, some random. */
export function hostileBytes(random: Random, family: readonly Buffer[]): Buffer {
  const pieces: Buffer[] = [];
  const count = 1 + Math.floor(random() * 6);
  for (let index = 0; index < count; index++) {
    const kind = random();
    const piece = Buffer.from(
      kind < 0.15 ? Array.from({ length: random() * 60 }, () => random() * 256) : pick(random, family),
    );
    for (let change = kind < 0.5 ? random() * 5 : 0; change >= 1 && piece.length > 0; change--) {
      piece[Math.floor(random() * piece.length)] = random() * 256;
    }
    const from = random() < 0.15 ? Math.floor(random() * piece.length) : 0;
    const to = random() < 0.15 ? Math.floor(random() * piece.length) : piece.length;
    pieces.push(piece.subarray(from, Math.max(from, to)));
  }
  return Buffer.concat(pieces);
}

/** Throws where a listener's order is broken; keeps nothing. */
function strictListener(): ExchangeListener {
  let state: 'new' | 'open' | 'ended' = 'new';
  let requestEnded = false;
  let responded = false;
  const must = (condition: boolean, what: string) => {
    if (!condition) throw new Error(`listener order: ${what}`);
  };
  return {
    requestHead() {
      must(state === 'new', 'requestHead');
      state = 'open';
    },
    requestBody: chunk => must(state === 'open' && !requestEnded && chunk.length > 0, 'requestBody'),
    requestEnd() {
      must(state === 'open' && !requestEnded, 'requestEnd');
      requestEnded = true;
    },
    responseHead() {
      must(state === 'open' && !responded, 'responseHead');
      responded = true;
    },
    responseBody: chunk => must(state === 'open' && responded && chunk.length > 0, 'responseBody'),
    message: () => must(state === 'open', 'message'),
    partial: () => must(state === 'open', 'partial'),
    end() {
      must(state === 'open', 'end');
      state = 'ended';
    },
  };
}

function feedConnection(random: Random, family: readonly Buffer[]): void {
  let opened = 0;
  let ended = 0;
  const decoder: ConnectionDecoder = createConnectionDecoder(
    () => {
      if (random() < 0.3) return undefined;
      opened++;
      const listener = strictListener();
      const { end } = listener;
      return {
        ...listener,
        end(at) {
          end(at);
          ended++;
        },
      };
    },
    random() < 0.1 ? { joined: true } : {},
    { head: 2_000, connection: 2_000 },
  );
  for (let step = 0; step < 12; step++) {
    const flow = random() < 0.5 ? 'sent' : 'received';
    if (random() < 0.08) decoder.gap(flow, random() < 0.5 ? undefined : Math.floor(random() * 50), 1n);
    const bytes = hostileBytes(random, family);
    const cut = Math.floor(random() * bytes.length);
    decoder.data(flow, bytes.subarray(0, cut), 1n);
    decoder.data(flow, bytes.subarray(cut), 1n);
  }
  decoder.close(2n);
  if (opened !== ended) throw new Error(`${opened} exchanges were opened and ${ended} ended`);
}

function feedStream(random: Random): void {
  const create = pick(random, [
    createSseDecoder,
    createNdjsonDecoder,
    createJsonArrayDecoder,
    createAwsEventStreamDecoder,
  ]);
  const decoder = create(1_000) as { feed(bytes: Uint8Array): unknown[]; end(): unknown[] };
  for (let step = 0; step < 4; step++) decoder.feed(hostileBytes(random, BODIES));
  decoder.end();
}

function feedEncoding(random: Random): void {
  const decoder = createContentDecoder(pick(random, ['gzip', 'br', 'deflate', 'zstd', 'gzip, br', 'x']), 100_000);
  let size = 0;
  for (let step = 0; step < 3; step++) {
    for (const part of decoder.feed(hostileBytes(random, BODIES))) size += part.length;
  }
  decoder.end();
  if (size > 200_000) throw new Error(`${size} bytes are beyond the bound`);
}

function feedLine(random: Random): void {
  try {
    parseExchangeLine(hostileBytes(random, BODIES.slice(-1)).toString('latin1'), 1);
  } catch (error) {
    if ((error as Error).name !== 'ExchangeLineError') throw error;
  }
}

const TARGETS: readonly (readonly [name: string, run: (random: Random) => void])[] = [
  ['HTTP/1', random => feedConnection(random, HTTP1)],
  ['HTTP/2', random => feedConnection(random, HTTP2)],
  ['both', random => feedConnection(random, [...HTTP1, ...HTTP2])],
  ['streams', feedStream],
  ['encodings', feedEncoding],
  ['exchange lines', feedLine],
];

/** Runs the case of this number. Throws with the number, so that it can be run again alone. */
export function runHostileCase(number: number): void {
  const [name, run] = TARGETS[number % TARGETS.length]!;
  try {
    run(seeded(number));
  } catch (error) {
    throw new Error(`hostile case ${number} (${name}): ${(error as Error).message}`, { cause: error });
  }
}
