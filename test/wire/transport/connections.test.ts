/** Records to connections: identity, order, gaps, ends. Without a kernel: the records are made by hand. */
import { describe, expect, test } from '@jest/globals';
import { type CollectedExchange, collectExchanges } from '../../../src/wire/exchange-collector.js';
import { createConnections, type MemoryBound } from '../../../src/wire/transport/connections.js';
import { type KernelRecord, type RecordKind, readRecord, writeRecord } from '../../../src/wire/transport/record.js';

const REQUEST = 'POST /v1/x HTTP/1.1\r\nhost: api.example.com\r\ncontent-length: 4\r\n\r\nbody';
const RESPONSE = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nanswer';

function observe(most?: number, memory?: MemoryBound) {
  const exchanges: CollectedExchange[] = [];
  let id = 0;
  const connections = createConnections({
    open: collectExchanges({
      bodyLimit: memory ? 0 : 1000,
      id: () => `${++id}`,
      onExchange: exchange => exchanges.push(exchange),
    }),
    factsOf: pid => ({ pid, process: 'python3' }),
    ...(most === undefined ? {} : { most }),
    ...(memory === undefined ? {} : { memory }),
  });
  let time = 1_000n;
  const positions = new Map<string, number>();
  const record = (kind: RecordKind, more: Partial<KernelRecord> = {}) => {
    const full: KernelRecord = {
      kind,
      flow: 'sent',
      pid: 7,
      tid: 7,
      connection: 0x10,
      epoch: 1n,
      offset: 0,
      time: 0n,
      payload: new Uint8Array(),
      ...more,
    };
    time += 1n;
    connections.record(full, time);
  };
  /** Bytes at the position where the last ones ended, or after `lost` more. */
  const data = (flow: 'sent' | 'received', text: string, more: Partial<KernelRecord> = {}, lost = 0) => {
    const key = `${more.pid ?? 7} ${more.connection ?? 0x10} ${more.epoch ?? 1n} ${flow}`;
    const offset = (positions.get(key) ?? 0) + lost;
    positions.set(key, offset + text.length);
    record('data', { flow, offset, payload: Buffer.from(text), ...more });
  };
  const totals = (sent: number, received: number) => {
    const payload = Buffer.alloc(16);
    payload.writeBigUInt64LE(BigInt(sent), 0);
    payload.writeBigUInt64LE(BigInt(received), 8);
    return payload;
  };
  return { exchanges, connections, record, data, totals };
}

test('a whole exchange, with the process, in any cut', () => {
  for (let cut = 1; cut < REQUEST.length; cut++) {
    const { exchanges, data } = observe();
    data('sent', REQUEST.slice(0, cut));
    data('sent', REQUEST.slice(cut));
    data('received', RESPONSE);
    expect(exchanges).toHaveLength(1);
    expect(exchanges[0]).toMatchObject({
      pid: 7,
      process: 'python3',
      role: 'client',
      host: 'api.example.com',
      requestSize: 4,
      responseSize: 6,
      partial: [],
    });
  }
});

test('a process that receives the request is the server', () => {
  const { exchanges, data } = observe();
  data('received', REQUEST);
  data('sent', RESPONSE);
  expect(exchanges[0]).toMatchObject({ role: 'server', status: 200 });
});

test('the port is the one that the request names, else that of TLS', () => {
  const { exchanges, data } = observe();
  for (const host of ['host: api.example.com', 'host: api.example.com:8443', 'x-none: 1']) {
    data('sent', REQUEST.replace('host: api.example.com', host));
    data('received', RESPONSE);
  }
  expect(exchanges.map(({ serverPort }) => serverPort)).toEqual([443, undefined, undefined]);
});

test('two processes with one address, and one process with two connections, are kept apart', () => {
  const { exchanges, data } = observe();
  for (const other of [{ pid: 8 }, { connection: 0x20 }, {}]) data('sent', REQUEST, other);
  for (const other of [{}, { pid: 8 }, { connection: 0x20 }]) data('received', RESPONSE, other);
  expect(exchanges.map(({ pid, partial }) => [pid, partial])).toEqual([
    [7, []],
    [8, []],
    [7, []],
  ]);
});

test('an address that is used again under another epoch is another connection', () => {
  const { exchanges, connections, data } = observe();
  data('sent', REQUEST);
  data('sent', REQUEST, { epoch: 2n });
  expect(exchanges[0]?.partial).toContain('aborted');
  data('received', RESPONSE, { epoch: 2n });
  expect(exchanges[1]).toMatchObject({ status: 200, partial: [] });
  expect(connections.size).toBe(1);
});

test('lost bytes are a gap of known length: the exchange is marked, the next one whole', () => {
  const { exchanges, connections, data } = observe();
  data('sent', REQUEST);
  data('received', RESPONSE.slice(0, -6));
  data('received', 'er', {}, 4);
  data('sent', REQUEST);
  data('received', RESPONSE);
  expect(exchanges.map(({ partial, responseSize }) => [partial, responseSize])).toEqual([
    [['gap'], 2],
    [[], 6],
  ]);
  expect(connections.lostBytes).toBe(4);
});

test('exchanges that the kernel shed are missing as a whole: the next one is not touched', () => {
  const { exchanges, connections, record, data, totals } = observe();
  data('sent', REQUEST);
  data('received', RESPONSE);
  record('shed', { payload: totals(3 * REQUEST.length, 3 * RESPONSE.length) });
  data('sent', REQUEST, {}, 2 * REQUEST.length);
  data('received', RESPONSE, {}, 2 * RESPONSE.length);
  expect(exchanges.map(({ partial, responseSize }) => [partial, responseSize])).toEqual([
    [[], 6],
    [[], 6],
  ]);
  expect(connections.lostBytes).toBe(2 * (REQUEST.length + RESPONSE.length));
});

test('a connection whose first exchanges were shed is read from the next one on', () => {
  const { exchanges, record, data, totals } = observe();
  record('shed', { payload: totals(REQUEST.length, RESPONSE.length) });
  data('sent', REQUEST, {}, REQUEST.length);
  data('received', RESPONSE, {}, RESPONSE.length);
  expect(exchanges).toMatchObject([{ partial: [], status: 200 }]);
});

test('what was lost at the very end is known from the totals of the close', () => {
  const { exchanges, record, data, totals } = observe();
  data('sent', REQUEST);
  data('received', RESPONSE.slice(0, -6));
  record('close', { payload: totals(REQUEST.length, RESPONSE.length) });
  expect(exchanges[0]?.partial).toContain('gap');
});

test.each([
  ['sent', ['aborted', 'cancelled']],
  ['received', ['aborted']],
  [undefined, ['aborted']],
] as const)('closed first by what is %s: %j', (closedBy, partial) => {
  const { exchanges, record, data, totals } = observe();
  data('sent', REQUEST);
  data('received', RESPONSE.slice(0, -2));
  const close: KernelRecord = {
    ...{ kind: 'close', flow: 'sent', pid: 7, tid: 7, connection: 0x10, epoch: 1n, offset: 0, time: 0n },
    payload: totals(REQUEST.length, RESPONSE.length - 2),
    ...(closedBy && { closedBy }),
  };
  const bytes = writeRecord(close);
  const read = readRecord(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length)!;
  expect(read.closedBy).toBe(closedBy);
  record('close', read);
  expect(exchanges).toMatchObject([{ partial }]);
});

describe('the process sends nothing more (SSL_shutdown)', () => {
  const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\n\r\nanswer';
  const shutdown = (sent: string, received: string, totals: (sent: number, received: number) => Buffer) => ({
    payload: totals(sent.length, received.length),
  });

  test('a client reads its answer after that, whole, also one that only the end of the connection ends', () => {
    for (const answer of [RESPONSE, UNTIL_CLOSE]) {
      const { exchanges, record, data, totals } = observe();
      data('sent', REQUEST);
      record('shutdown', shutdown(REQUEST, '', totals));
      data('received', answer);
      record('close', shutdown(REQUEST, answer, totals));
      expect(exchanges).toMatchObject([{ status: 200, responseSize: 6, partial: [] }]);
    }
  });

  test('what a server answered is over with it, before the object is freed', () => {
    const { exchanges, record, data, totals } = observe();
    data('received', REQUEST);
    data('sent', UNTIL_CLOSE);
    expect(exchanges).toEqual([]);
    record('shutdown', shutdown(UNTIL_CLOSE, REQUEST, totals));
    expect(exchanges).toMatchObject([{ role: 'server', status: 200, responseSize: 6, partial: [] }]);
  });

  test('without an answer the exchange is aborted, with the time of the shutdown and not of a late free', () => {
    const { exchanges, record, data, totals } = observe();
    data('sent', REQUEST);
    record('shutdown', shutdown(REQUEST, '', totals));
    for (const connection of [0x20, 0x30, 0x40]) data('sent', REQUEST, { connection });
    record('close', shutdown(REQUEST, '', totals));
    expect(exchanges).toMatchObject([{ partial: ['aborted'], end: 1_002n }]);
  });

  test('an answer that is lost after it is a gap', () => {
    const { exchanges, record, data, totals } = observe();
    data('sent', REQUEST);
    record('shutdown', shutdown(REQUEST, '', totals));
    record('close', shutdown(REQUEST, RESPONSE, totals));
    expect(exchanges[0]?.partial).toContain('gap');
  });

  test.each(['client', 'server'])('an object that is used again for another connection loses nothing (%s)', role => {
    const { exchanges, connections, record, data, totals } = observe();
    const [asked, answered] = role === 'client' ? (['sent', 'received'] as const) : (['received', 'sent'] as const);
    for (let i = 1; i <= 3; i++) {
      data(asked, REQUEST);
      data(answered, UNTIL_CLOSE);
      const [sent, received] = [asked === 'sent' ? REQUEST : UNTIL_CLOSE, asked === 'sent' ? UNTIL_CLOSE : REQUEST];
      record('shutdown', { payload: totals(i * sent.length, i * received.length) });
    }
    record('exit');
    expect(exchanges.map(({ partial, responseSize }) => [partial, responseSize])).toEqual([
      [[], 6],
      [[], 6],
      [[], 6],
    ]);
    expect(connections.lostBytes).toBe(0);
  });
});

test('a repeated record counts once', () => {
  const { exchanges, record, data } = observe();
  data('sent', REQUEST);
  record('data', { flow: 'sent', offset: 0, payload: Buffer.from(REQUEST) });
  data('received', RESPONSE);
  expect(exchanges).toHaveLength(1);
});

test('the server name is known where the request does not say it', () => {
  const { exchanges, record, data } = observe();
  record('name', { payload: Buffer.from('API.example.com') });
  data('sent', 'GET / HTTP/1.0\r\n\r\n');
  data('received', RESPONSE);
  expect(exchanges[0]).toMatchObject({ serverAddress: 'api.example.com' });
});

test.each(['exit', 'exec'] as const)('%s of the process ends its connections, and only its', kind => {
  const { exchanges, connections, record, data } = observe();
  data('sent', REQUEST);
  data('sent', REQUEST, { connection: 0x20 });
  data('sent', REQUEST, { pid: 8 });
  record(kind, { connection: 0, epoch: 0n });
  expect(exchanges).toHaveLength(2);
  expect(connections.size).toBe(1);
});

test('the end of the observation says so', () => {
  const { exchanges, connections, data } = observe();
  data('sent', REQUEST);
  connections.close(5n, 'detached');
  expect(exchanges[0]?.partial).toEqual(['detached']);
});

test('more connections than the bound: the one that was silent the longest is given up', () => {
  const { exchanges, connections, data } = observe(2);
  data('sent', REQUEST, { connection: 1 });
  data('sent', REQUEST, { connection: 2 });
  data('received', RESPONSE.slice(0, 10), { connection: 1 });
  data('sent', REQUEST, { connection: 3 });
  expect(connections.size).toBe(2);
  expect(exchanges[0]?.partial).toContain('truncated');
  data('received', RESPONSE.slice(10), { connection: 1 });
  expect(exchanges[1]).toMatchObject({ status: 200, partial: [] });
});

describe('the bound on the memory of all connections', () => {
  const MEGABYTE = 1024 * 1024;
  const head = (length: number) => `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`;

  test('gives up the largest unfinished exchange, marked; the others go on', () => {
    let used = 0;
    let cuts = 0;
    const { exchanges, connections, data } = observe(undefined, { limit: 100, used: () => used, cut: () => cuts++ });
    data('sent', head(6), { connection: 1 });
    data('sent', head(9 * MEGABYTE), { connection: 2 });
    data('sent', 'x'.repeat(2 * MEGABYTE), { connection: 2 });
    expect(exchanges).toEqual([]);
    used = 101;
    data('sent', 'x'.repeat(2 * MEGABYTE), { connection: 2 });
    expect(exchanges.map(({ partial, requestSize }) => ({ partial, requestSize }))).toEqual([
      { partial: ['truncated'], requestSize: 4 * MEGABYTE },
    ]);
    expect([cuts, connections.size]).toEqual([1, 1]);
    data('sent', 'answer', { connection: 1 });
    data('received', RESPONSE, { connection: 1 });
    expect(exchanges[1]).toMatchObject({ requestSize: 6, status: 200, partial: [] });
  });

  test('bytes of finished exchanges make no connection large', () => {
    let used = 0;
    const { exchanges, data } = observe(undefined, { limit: 100, used: () => used, cut: () => {} });
    data('sent', head(8 * MEGABYTE) + 'x'.repeat(8 * MEGABYTE), { connection: 1 });
    data('received', RESPONSE, { connection: 1 });
    data('sent', head(3), { connection: 1 });
    data('sent', head(4 * MEGABYTE), { connection: 2 });
    used = 101;
    data('sent', 'x'.repeat(2 * MEGABYTE), { connection: 2 });
    expect(exchanges.map(({ partial }) => partial)).toEqual([[], ['truncated']]);
  });

  test('after one was given up, the collector gets time before the next', () => {
    let cuts = 0;
    const { data } = observe(undefined, { limit: 1, used: () => 2, cut: () => cuts++ });
    for (let connection = 1; connection <= 10; connection++) {
      data('sent', head(2 * MEGABYTE), { connection });
      data('sent', 'x'.repeat(MEGABYTE), { connection });
    }
    expect(cuts).toBe(1);
  });
});

test('a process that is left ends its exchanges as detached; observed again, its connection goes on without a gap', () => {
  const { exchanges, connections, data } = observe();
  data('sent', REQUEST);
  connections.leave(7, 5_000n);
  expect(exchanges).toMatchObject([{ pid: 7, host: 'api.example.com', partial: ['detached'] }]);
  data('sent', REQUEST);
  data('received', RESPONSE);
  expect(exchanges[1]).toMatchObject({ status: 200, partial: [] });
  expect(connections.lostBytes).toBe(0);
  connections.leave(8, 6_000n);
  expect(exchanges).toHaveLength(2);
});
