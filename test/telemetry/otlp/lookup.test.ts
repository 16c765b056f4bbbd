/** Names against real name servers: one that answers, one that never does, and files in the form of the system's. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { candidates, createLookup, fromHosts, type LookupSources } from '../../../src/telemetry/otlp/lookup.js';

const open: dgram.Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** Answers A queries for the given names, "no such name" for others; or nothing at all. */
async function nameServer(names: Record<string, string> | 'silent') {
  const asked: string[] = [];
  const socket = dgram.createSocket('udp4');
  open.push(socket);
  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (; query[at] !== 0; at += query[at]! + 1) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    const name = labels.join('.').toLowerCase();
    const end = at + 5;
    const isA = query.readUInt16BE(at + 1) === 1;
    asked.push(name);
    if (names === 'silent') return;
    const address = names[name];
    const answer =
      address !== undefined && isA
        ? Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)])
        : Buffer.alloc(0);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(answer.length > 0 ? 1 : 0, 6);
    header.fill(0, 8, 12);
    socket.send(Buffer.concat([header, query.subarray(12, end), answer]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${(socket.address() as AddressInfo).port}`, asked };
}

function lookup(name: string, sources: Partial<LookupSources>, options = {}): Promise<unknown> {
  const resolve = createLookup({ hosts: () => '', resolvConf: () => '', now: Date.now, ...sources });
  return new Promise((done, fail) => {
    resolve(name, { all: true, ...options }, (error, found) => (error ? fail(error) : done(found)));
  });
}

describe('lookup', () => {
  test.each([
    ['127.0.0.9', [{ address: '127.0.0.9', family: 4 }]],
    ['::1', [{ address: '::1', family: 6 }]],
    [
      'localhost',
      [
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ],
    ],
    ['listed', [{ address: '10.0.0.1', family: 4 }]],
  ])('%s needs no name server', async (name, expected) => {
    const { server, asked } = await nameServer('silent');
    expect(await lookup(name, { servers: [server], hosts: () => '10.0.0.1 listed other' })).toEqual(expected);
    expect(asked).toEqual([]);
  });

  test('a short name is found through the search list', async () => {
    const { server } = await nameServer({ 'collector.observability.svc.cluster.local': '10.1.2.3' });
    const resolvConf = () => 'search default.svc.cluster.local svc.cluster.local\noptions ndots:5';
    const sources = { servers: [server], resolvConf };
    expect(await lookup('collector.observability', sources)).toEqual([{ address: '10.1.2.3', family: 4 }]);
    expect(await lookup('collector.observability', sources, { all: false })).toBe('10.1.2.3');
    await expect(lookup('collector.observability', sources, { family: 6 })).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  test('a name server that does not answer costs a second, once for all who ask, and is then left in peace', async () => {
    const { server, asked } = await nameServer('silent');
    let now = 0;
    const resolve = createLookup({ hosts: () => '', resolvConf: () => '', servers: [server], now: () => now });
    const ask = () =>
      new Promise(done => {
        resolve('collector.example', { all: true }, error => done(error?.code));
      });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['EAI_AGAIN', 'EAI_AGAIN', 'EAI_AGAIN']);
    const before = asked.length;
    expect(before).toBeLessThanOrEqual(4);
    expect(await ask()).toBe('EAI_AGAIN');
    expect(asked).toHaveLength(before);
    now = 5_001;
    void ask();
    while (asked.length === before) await new Promise(done => setImmediate(done));
  });
});

describe('candidates', () => {
  test.each([
    ['collector', '', ['collector']],
    ['collector', 'search a.example b.example.', ['collector.a.example', 'collector.b.example', 'collector']],
    ['c.example.com', 'search a.example', ['c.example.com', 'c.example.com.a.example']],
    ['c.example.com.', 'search a.example', ['c.example.com']],
    ['c.ns', 'domain x\noptions timeout:1 ndots:2', ['c.ns.x', 'c.ns']],
  ])('%s with %j', (name, resolvConf, expected) => {
    expect(candidates(name, resolvConf)).toEqual(expected);
  });
});

test('hosts: comments, case, several lines', () => {
  const hosts = '127.0.0.1 localhost\n# 1.1.1.1 Name\n10.0.0.1\tName alias # name\nfe80::1 name\nbroken name\n';
  expect(fromHosts(hosts, 'NAME')).toEqual([
    { address: '10.0.0.1', family: 4 },
    { address: 'fe80::1', family: 6 },
  ]);
});
