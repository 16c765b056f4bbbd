/** The way through an HTTP proxy to a collector that speaks TLS or gRPC: https://www.rfc-editor.org/rfc/rfc9110#CONNECT. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import { hostOf, portOf } from './proxy.js';

/** `Proxy-Authorization` where the address holds a user. */
export function proxyHeaders(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

export interface Tunnel {
  readonly proxy: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds until the tunnel must stand. */
  readonly timeout: number;
  readonly lookup: LookupFunction;
}

/** A socket to the collector, made by the proxy (CONNECT). Rejects with the proxy's status, or with what failed. */
export function openTunnel({ proxy, host, port, timeout, lookup }: Tunnel): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const url = new URL(proxy);
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const request = (url.protocol === 'https:' ? https : http).request({
      host: hostOf(url),
      port: portOf(url),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyHeaders(url) },
      agent: false,
      lookup,
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`the proxy did not answer within ${timeout} ms`)),
      timeout,
    );
    timer.unref();
    request.on('socket', socket => socket.unref());
    request.on('error', error => {
      clearTimeout(timer);
      reject(error);
    });
    request.on('connect', ({ statusCode }, socket, first) => {
      clearTimeout(timer);
      if (statusCode !== 200) {
        socket.destroy();
        return reject(new Error(`the proxy answered HTTP ${statusCode}`));
      }
      // An HTTP/2 server speaks first, and its words may come with the proxy's.
      if (first.length > 0) socket.unshift(first);
      resolve(socket as Socket);
    });
    request.on('response', response => {
      clearTimeout(timer);
      response.resume();
      request.destroy();
      reject(new Error(`the proxy answered HTTP ${response.statusCode}`));
    });
    request.end();
  });
}
