/** Connections whose beginning was not seen: what is no HTTP must not be read as some. */
import { expect, test } from '@jest/globals';
import type { Flow } from '../../../src/wire/exchange.js';
import { type CollectedExchange, collectExchanges } from '../../../src/wire/exchange-collector.js';
import { createConnectionDecoder } from '../../../src/wire/protocol/index.js';

const REQUEST = 'POST /v1/x HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody';
const RESPONSE = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

function joined() {
  const exchanges: CollectedExchange[] = [];
  const decoder = createConnectionDecoder(
    collectExchanges({ bodyLimit: 10, id: () => '1', onExchange: exchange => exchanges.push(exchange) }),
    { joined: true },
  );
  const data = (flow: Flow, bytes: Buffer) => decoder.data(flow, bytes, 1n);
  return { exchanges, decoder, data };
}

/** A record of application data that holds this. */
function record(content: string, type = 0x17): Buffer {
  const bytes = Buffer.from(content, 'latin1');
  const header = Buffer.from([type, 3, 3, 0, 0]);
  header.writeUInt16BE(bytes.length, 3);
  return Buffer.concat([header, bytes]);
}

const CIPHERTEXT = `\x8f\x01\n${REQUEST}`;

test('TLS inside of TLS is not read, whatever stands in its ciphertext', () => {
  const sent = record(CIPHERTEXT);
  for (const pieces of [[sent], [sent.subarray(0, 5), sent.subarray(5)], [Buffer.concat([record('x', 0x15), sent])]]) {
    const { exchanges, decoder, data } = joined();
    for (const piece of pieces) data('sent', piece);
    data('received', record(`\n${RESPONSE}`));
    data('sent', Buffer.from(REQUEST));
    decoder.close(2n);
    expect(exchanges).toEqual([]);
  }
});

test.each([
  ['no record', Buffer.from(CIPHERTEXT, 'latin1')],
  ['a record that ends before the bytes do', Buffer.concat([record('x'), Buffer.from(CIPHERTEXT, 'latin1')])],
  [
    'a length that no record has',
    Buffer.concat([Buffer.from([0x17, 3, 3, 0xff, 0xff]), Buffer.from(CIPHERTEXT, 'latin1')]),
  ],
])('%s: a request in it is found', (_, bytes) => {
  const { exchanges, data } = joined();
  data('sent', bytes);
  data('received', Buffer.from(RESPONSE));
  expect(exchanges).toMatchObject([{ method: 'POST', path: '/v1/x', status: 200 }]);
});
