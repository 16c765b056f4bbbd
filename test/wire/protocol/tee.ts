/** A proxy on loopback that passes bytes on and shows them to a decoder, as a probe in the client would. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ConnectionDecoder, OpenExchange } from '../../../src/wire/exchange.js';
import { createConnectionDecoder } from '../../../src/wire/protocol/index.js';

export interface Tee {
  readonly port: number;
  /** Every byte so far, per connection, for decoding again with other cuts. */
  readonly records: ['C' | 'S', Buffer][][];
  close(): Promise<void>;
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

export async function startTee(target: number, open: OpenExchange): Promise<Tee> {
  const records: ['C' | 'S', Buffer][][] = [];
  const sockets = new Set<Socket>();
  let time = 0n;
  const server = createServer(client => {
    const upstream = connect(target, '127.0.0.1');
    const decoder: ConnectionDecoder = createConnectionDecoder(open);
    const seen: ['C' | 'S', Buffer][] = [];
    records.push(seen);
    const tap = (from: Socket, to: Socket, side: 'C' | 'S') => {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => {
        seen.push([side, Buffer.from(chunk)]);
        decoder.data(side === 'C' ? 'sent' : 'received', chunk, ++time);
        to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.end();
        decoder.close(++time);
      });
    };
    tap(client, upstream, 'C');
    tap(upstream, client, 'S');
  });
  const port = await listen(server);
  return {
    port,
    records,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
