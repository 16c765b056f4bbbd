import net from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createSocketReader, parseTable } from '../../src/machine/sockets.js';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

describe('/proc/PID/net/tcp', () => {
  test('an IPv4 connection', () => {
    const text = `${HEADER}   0: 0100007F:A2C4 0200007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 20 4 30 10 -1\n`;
    expect(parseTable(text).get('4711')).toEqual({
      local: { address: '127.0.0.1', port: 41668 },
      remote: { address: '127.0.0.2', port: 8080 },
      state: 'established',
    });
  });

  test('an IPv6 listener, and an IPv4 address mapped into IPv6', () => {
    const text = `${HEADER}   0: 00000000000000000000000001000000:2CAA 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 12 1\n   1: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000101007F:01BB 01 0:0 0:0 0 0 0 13 1\n`;
    const rows = parseTable(text);
    expect(rows.get('12')?.local).toEqual({ address: '::1', port: 11434 });
    expect(rows.get('13')?.remote).toEqual({ address: '127.0.1.1', port: 443 });
  });

  test('closing and half-open connections are none', () => {
    const text = `${HEADER}   0: 0100007F:A2C4 0200007F:1F90 06 0:0 0:0 0 0 0 99 1\n`;
    expect(parseTable(text).size).toBe(0);
  });
});

test('the sockets of this very process', async () => {
  const server = net.createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const accepted = new Promise<net.Socket>(resolve => server.once('connection', resolve));
  const client = net.connect(port, '127.0.0.1');
  const peer = await accepted;
  const sockets = createSocketReader()(process.pid);
  expect(sockets?.listening).toContainEqual({ address: '127.0.0.1', port });
  expect(sockets?.peers).toContainEqual({ address: '127.0.0.1', port });
  // The accepted end is a client of ours, not a peer that we called.
  expect(sockets?.peers).not.toContainEqual({ address: '127.0.0.1', port: client.localPort });
  client.destroy();
  peer.destroy();
  server.close();
});
