/** `/healthz`, `/readyz` and `/metrics` over plain HTTP, for the kubelet and for Prometheus. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { cannotListen } from './webhook-server.js';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface Health {
  /** Why it is not ready to decide; undefined: it is. */
  readonly notReady: () => string | undefined;
  readonly metrics: () => string;
}

/** @throws Problem */
export async function serveHealth(port: number, address: string, { notReady, metrics }: Health): Promise<HealthServer> {
  const server = http.createServer((request, response) => {
    const say = (status: number, text: string) => {
      response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(`${text}\n`);
    };
    switch (request.url?.split('?', 1)[0]) {
      // An API server that is away is no reason to be started again.
      case '/healthz':
        return say(200, 'ok');
      case '/readyz': {
        const reason = notReady();
        return say(reason === undefined ? 200 : 503, reason ?? 'ok');
      }
      case '/metrics':
        return say(200, metrics());
      default:
        return say(404, 'Here are /healthz, /readyz and /metrics');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(cannotListen(port, error)));
    server.listen(port, address, () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
