import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { bytewise, cuts, decode, type Step, summary, whole } from '../support.js';

const upgrade: Step = [
  'C',
  'GET /v1/realtime HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
];
const accept = (extensions?: string): Step => [
  'S',
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n${extensions ? `Sec-WebSocket-Extensions: ${extensions}\r\n` : ''}\r\n`,
];

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;

interface FrameOptions {
  final?: boolean;
  compressed?: boolean;
}

function frame(opcode: number, payload: Uint8Array | string, masked: boolean, options: FrameOptions = {}): Buffer {
  const body = Buffer.from(payload as string);
  const { final = true, compressed = false } = options;
  const first = (final ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const size = body.length;
  const length =
    size < 126 ? Buffer.from([size]) : size < 65_536 ? Buffer.from([126, size >> 8, size & 255]) : Buffer.alloc(9, 127);
  if (size >= 65_536) length.writeBigUInt64BE(BigInt(size), 1);
  if (!masked) return Buffer.concat([Buffer.from([first]), length, body]);
  const mask = Buffer.from([1, 2, 3, 4]);
  length[0]! |= 0x80;
  return Buffer.concat([Buffer.from([first]), length, mask, body.map((byte, at) => byte ^ mask[at & 3]!)]);
}

const client = (opcode: number, payload: Uint8Array | string, options?: FrameOptions) =>
  frame(opcode, payload, true, options);
const server = (opcode: number, payload: Uint8Array | string, options?: FrameOptions) =>
  frame(opcode, payload, false, options);

/** What a sender puts on the wire: compressed, without the four bytes that end every message. */
const deflated = (text: string) => {
  const bytes = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });
  return bytes.subarray(0, bytes.length - 4);
};

/** The same with one window for all messages. */
async function deflatedTogether(texts: string[]): Promise<Buffer[]> {
  const stream = createDeflateRaw();
  const messages: Buffer[] = [];
  for (const text of texts) {
    stream.write(text);
    await new Promise<void>(done => stream.flush(constants.Z_SYNC_FLUSH, done));
    const parts: Buffer[] = [];
    for (let part = stream.read(); part; part = stream.read()) parts.push(part);
    const bytes = Buffer.concat(parts);
    messages.push(bytes.subarray(0, bytes.length - 4));
  }
  return messages;
}

function everyWay(wire: Step[]): string[] {
  const first = summary(decode(wire));
  for (const [name, cut] of cuts(160)) expect([name, ...summary(decode(wire, { cut }))]).toEqual([name, ...first]);
  expect(summary(decode(wire, { server: true }))).toEqual(first);
  return first;
}

describe('messages', () => {
  test('both ways, fragmented, control frames in between, text and binary, then closed', () => {
    const wire: Step[] = [
      upgrade,
      accept(),
      ['C', Buffer.concat([client(TEXT, 'grü', { final: false }), client(PING, 'p'), client(0, 'ße')])],
      ['S', Buffer.concat([server(TEXT, 'x'.repeat(130)), server(BINARY, Buffer.from([0, 255]))])],
      ['C', client(CLOSE, '\x03\xe8')],
      ['S', server(CLOSE, '')],
    ];
    const said = `GET h /v1/realtime -> 101 client:grüße server:${'x'.repeat(130)} server:00ff`;
    // What is still open then, the client has left.
    expect(everyWay(wire)).toEqual([`${said} [cancelled]`]);
    const serverFirst = [...wire.slice(0, -2), wire.at(-1)!, wire.at(-2)!];
    expect(everyWay(serverFirst)).toEqual([said]);
    expect(decode(wire)[0]!.facts.protocol).toBe('websocket');
  });

  test('bytes right behind the 101, and a connection that ends without close', () => {
    const wire: Step[] = [
      upgrade,
      ['S', Buffer.concat([Buffer.from(accept()[1] as string), server(TEXT, 'early')])],
      ['close'],
    ];
    expect(everyWay(wire)).toEqual(['GET h /v1/realtime -> 101 server:early [aborted]']);
  });

  test('nobody wants it: nothing is said, nothing breaks', () => {
    const wire: Step[] = [upgrade, accept(), ['C', client(TEXT, 'x')], ['S', server(TEXT, 'y')], ['close']];
    expect(decode(wire, { accept: () => false })).toEqual([]);
  });

  test('70,000 bytes in one message', () => {
    const [one] = decode([upgrade, accept(), ['C', client(TEXT, 'x'.repeat(70_000))]], { cut: bytewise });
    expect(one!.messages).toEqual([['client', 'x'.repeat(70_000)]]);
  });
});

describe('permessage-deflate', () => {
  test('without takeover: every message has its own window', () => {
    const texts = ['{"type":"a"}', '{"type":"a","more":1}'];
    const wire: Step[] = [
      upgrade,
      accept('permessage-deflate; server_no_context_takeover; client_no_context_takeover'),
      ['C', Buffer.concat(texts.map(text => client(TEXT, deflated(text), { compressed: true })))],
      ['S', Buffer.concat([server(TEXT, deflated('yes'), { compressed: true }), server(TEXT, 'plain')])],
    ];
    expect(everyWay(wire)).toEqual([
      `GET h /v1/realtime -> 101 client:${texts[0]} client:${texts[1]} server:yes server:plain open`,
    ]);
  });

  test('with takeover: later messages refer to earlier ones', async () => {
    const texts = ['{"type":"response.delta","text":"one"}', '{"type":"response.delta","text":"two"}', '{}'];
    const messages = await deflatedTogether(texts);
    const wire: Step[] = [
      upgrade,
      accept('permessage-deflate'),
      ['S', Buffer.concat(messages.map(bytes => server(TEXT, bytes, { compressed: true })))],
    ];
    expect(everyWay(wire)).toEqual([`GET h /v1/realtime -> 101 ${texts.map(text => `server:${text}`).join(' ')} open`]);
    // One of them is lost: none after it can be read, and that is said.
    const lost: Step[] = [
      upgrade,
      accept('permessage-deflate'),
      ['S', server(TEXT, messages[0]!, { compressed: true })],
      ['S', server(TEXT, messages[1]!, { compressed: true }).subarray(0, 4)],
      ['S gap', messages[1]!.length - 4],
      ['S', server(TEXT, messages[1]!, { compressed: true }).subarray(-2)],
      ['S', server(TEXT, messages[2]!, { compressed: true })],
    ];
    expect(summary(decode(lost))).toEqual([`GET h /v1/realtime -> 101 server:${texts[0]} [gap encoding] open`]);
  });

  test('a bomb stops at the bound', () => {
    for (const takeover of ['', '; server_no_context_takeover']) {
      const wire: Step[] = [
        upgrade,
        accept(`permessage-deflate${takeover}`),
        ['S', server(TEXT, deflated('x'.repeat(10_000_000)), { compressed: true })],
      ];
      expect(summary(decode(wire, { limits: { head: 100_000, connection: 100_000 } }))).toEqual([
        'GET h /v1/realtime -> 101 [truncated] open',
      ]);
    }
  });

  test('damage is said, and so is compression that was not agreed', () => {
    for (const extensions of ['permessage-deflate', undefined]) {
      const wire: Step[] = [upgrade, accept(extensions), ['S', server(TEXT, '\xff\xff\xff', { compressed: true })]];
      expect(summary(decode(wire))).toEqual(['GET h /v1/realtime -> 101 [encoding] open']);
    }
  });
});

describe('bytes missing', () => {
  test('inside a message: that message alone is lost', () => {
    const long = client(TEXT, 'abcdefghij');
    const wire: Step[] = [
      upgrade,
      accept(),
      ['C', long.subarray(0, 9)],
      ['C gap', 3],
      ['C', long.subarray(12)],
      ['C', client(TEXT, 'next')],
    ];
    for (const cut of [whole, bytewise]) {
      expect(summary(decode(wire, { cut }))).toEqual(['GET h /v1/realtime -> 101 client:next [gap] open']);
    }
  });

  test('over frames: nothing more of that side, the other one goes on', () => {
    const wire: Step[] = [upgrade, accept(), ['C gap', 50], ['C', client(TEXT, 'x')], ['S', server(TEXT, 'y')]];
    expect(summary(decode(wire))).toEqual(['GET h /v1/realtime -> 101 server:y [gap] open']);
  });

  test('a message over the bound is left out', () => {
    const wire: Step[] = [upgrade, accept(), ['S', Buffer.concat([server(TEXT, 'x'.repeat(300)), server(TEXT, 'y')])]];
    expect(everyWay2(wire)).toEqual(['GET h /v1/realtime -> 101 server:y [truncated] open']);
  });
});

function everyWay2(wire: Step[]): string[] {
  const limits = { head: 200, connection: 200 };
  const first = summary(decode(wire, { limits }));
  expect(summary(decode(wire, { limits, cut: bytewise }))).toEqual(first);
  return first;
}
