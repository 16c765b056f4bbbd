/** Collectors behind an HTTP proxy: which variables lead there, and real bytes through a real proxy. */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createGrpcTransport } from '../../../src/telemetry/otlp/grpc-transport.js';
import { createHttpTransport } from '../../../src/telemetry/otlp/http-transport.js';
import type { PreparedRequest } from '../../../src/telemetry/otlp/prepared-request.js';
import { proxyFor } from '../../../src/telemetry/otlp/proxy.js';
import { TLS } from '../support/collector.js';
import { exporter, grpc, http as httpCollector, lines, names, RESOURCE, span } from '../support/exporter.js';

describe('which proxy', () => {
  const P = 'http://proxy:3128/';
  test.each([
    ['http://c:4318', { http_proxy: P }, P],
    ['http://c:4318', { HTTP_PROXY: 'proxy:3128' }, P],
    ['http://c:4318', { https_proxy: P }, undefined],
    ['https://c', { HTTPS_PROXY: P }, P],
    ['https://c', { all_proxy: P }, P],
    ['https://c', { https_proxy: P, HTTPS_PROXY: 'http://other' }, P],
    ['https://c', { https_proxy: '', HTTPS_PROXY: P }, P],
    ['https://c', { https_proxy: 'socks5://p' }, undefined],
    ['https://c', { https_proxy: 'http://' }, undefined],
    ['http://localhost:4318', { http_proxy: P }, undefined],
    ['http://127.0.0.2:4318', { http_proxy: P }, undefined],
    ['http://[::1]:4318', { http_proxy: P }, undefined],
    ['http://c:4318', { http_proxy: P, no_proxy: '*' }, undefined],
    ['http://a.example.com', { http_proxy: P, NO_PROXY: 'x, example.com' }, undefined],
    ['http://a.example.com', { http_proxy: P, no_proxy: '.example.com' }, undefined],
    ['http://myexample.com', { http_proxy: P, no_proxy: 'example.com' }, P],
    ['http://c:4318', { http_proxy: P, no_proxy: 'c:4318' }, undefined],
    ['http://c:4318', { http_proxy: P, no_proxy: 'c:4317' }, P],
    ['http://10.1.2.3:4318', { http_proxy: P, no_proxy: '10.0.0.0/8' }, undefined],
    ['http://11.1.2.3:4318', { http_proxy: P, no_proxy: '10.0.0.0/8,10.0.0.0/99' }, P],
    ['http://[fd00::1]', { http_proxy: P, no_proxy: '[fd00::1]' }, undefined],
    ['http://c', {}, undefined],
  ] as [string, Record<string, string>, string | undefined][])('%s with %j', (url, env, proxy) => {
    expect(proxyFor(new URL(url), env)).toBe(proxy);
  });
});

describe('through it', () => {
  /** What the proxy was asked: method and address, and who asked. */
  const asked: { line: string; authorization: string | undefined }[] = [];
  let refuse = false;
  const tunnels = new Set<net.Socket>();
  let proxy: http.Server;
  let address: string;

  beforeEach(async () => {
    asked.length = 0;
    refuse = false;
    const note = (request: http.IncomingMessage) =>
      asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers['proxy-authorization'] });
    proxy = http.createServer((request, response) => {
      note(request);
      // The name that only the proxy knows.
      const url = new URL(request.url!.replace('collector.test', '127.0.0.1'));
      const { 'proxy-authorization': _own, ...headers } = request.headers;
      request.pipe(
        http.request(url, { method: request.method, headers }, answer => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    proxy.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
      note(request);
      tunnels.add(client);
      if (refuse) return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      const port = Number(request.url!.split(':').at(-1));
      const upstream = net.connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(client).pipe(upstream);
      });
      upstream.on('error', () => client.destroy());
      client.on('error', () => upstream.destroy());
      client.on('close', () => upstream.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    address = `http://me:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    proxy.closeAllConnections();
    for (const tunnel of tunnels) tunnel.destroy();
    tunnels.clear();
    proxy.close();
    await once(proxy, 'close');
  });

  const AUTHORIZATION = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

  test('plain HTTP: the whole address, a password, several exports on one connection', async () => {
    const collector = await httpCollector();
    const url = `http://collector.test:${collector.port}`;
    const subject = exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: url, http_proxy: address });
    for (const name of ['a', 'b']) {
      subject.span(RESOURCE, span(name));
      expect(await subject.flush(5000)).toBe(true);
    }
    const line = `POST ${url}/v1/traces`;
    expect(asked).toEqual([1, 2].map(() => ({ line, authorization: AUTHORIZATION })));
    expect(collector.received.flatMap(({ body }) => names(body))).toEqual(['a', 'b']);
    expect(collector.received[0]!.headers).toMatchObject({ host: `collector.test:${collector.port}` });
    expect(collector.received[0]!.headers).not.toHaveProperty('proxy-authorization');
  });

  test('gRPC goes through a tunnel', async () => {
    const collector = await grpc();
    const url = `http://collector.test:${collector.port}`;
    const subject = exporter({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      HTTP_PROXY: address,
    });
    for (const name of ['a', 'b']) {
      subject.span(RESOURCE, span(name));
      expect([await subject.flush(5000), ...lines]).toEqual([true]);
    }
    expect(asked).toEqual([{ line: `CONNECT collector.test:${collector.port}`, authorization: AUTHORIZATION }]);
    expect(collector.received.flatMap(({ body }) => names(body))).toEqual(['a', 'b']);
  });

  const request = (url: string, more: Partial<PreparedRequest>): PreparedRequest => ({
    signal: 'traces',
    transport: 'http',
    url,
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(),
    timeout: 5_000,
    certificate: TLS.ca,
    proxy: address,
    ...more,
  });
  const GRPC = {
    transport: 'grpc',
    headers: { 'content-type': 'application/grpc', te: 'trailers' },
    body: new Uint8Array(5),
  } as const;
  const PATH = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

  test('TLS inside the tunnel, with a client certificate, is the collector’s own', async () => {
    const identity = { clientCertificate: TLS.clientCertificate, clientKey: TLS.clientKey };
    const plain = await httpCollector(undefined, { tls: 'mutual' });
    const remote = await grpc(undefined, { tls: 'mutual' });
    const over = createHttpTransport();
    const sent = { kind: 'sent', rejected: 0 };
    expect(await over.send(request(`https://localhost:${plain.port}/v1/traces`, identity))).toEqual(sent);
    expect(await over.send(request(`https://localhost:${plain.port}/v1/traces`, identity))).toEqual(sent);
    over.close();
    const stream = createGrpcTransport();
    expect(await stream.send(request(`https://localhost:${remote.port}${PATH}`, { ...GRPC, ...identity }))).toEqual(
      sent,
    );
    stream.close();
    expect(asked.map(({ line }) => line)).toEqual([
      `CONNECT localhost:${plain.port}`,
      `CONNECT localhost:${remote.port}`,
    ]);
    expect([plain.received.length, remote.received.length]).toEqual([2, 1]);
  });

  test('a proxy that refuses is told as it is, without its password', async () => {
    refuse = true;
    for (const [protocol, scheme] of [
      ['http/protobuf', 'https'],
      ['grpc', 'http'],
    ] as const) {
      lines.length = 0;
      const subject = exporter({
        OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://collector.test:1`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        all_proxy: address,
      });
      subject.span(RESOURCE, span());
      expect(await subject.flush(5000)).toBe(false);
      expect(lines).toEqual([expect.stringContaining('the proxy answered HTTP 407')]);
      expect(lines.join()).not.toMatch(/p@ss|p%40ss/);
      expect(subject.stats().traces).toEqual({ exported: 0, dropped: 0, queued: 1 });
    }
  });

  test('a proxy that is gone, and one that never answers', async () => {
    const dead = 'http://127.0.0.1:9';
    const silent = net.createServer(socket => socket.resume()).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const mute = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    for (const [proxyAddress, reason] of [
      [dead, /ECONNREFUSED/],
      [mute, /did not answer within 100 ms|no answer within 100 ms/],
    ] as const) {
      const more = { proxy: proxyAddress, timeout: 100 };
      const over = createHttpTransport();
      const stream = createGrpcTransport();
      for (const result of [
        await over.send(request('https://collector.test', more)),
        await stream.send(request(`http://collector.test${PATH}`, { ...GRPC, ...more })),
      ]) {
        expect(result).toMatchObject({ kind: 'retry', reason: expect.stringMatching(reason) });
      }
      over.close();
      stream.close();
    }
    silent.close();
  });
});
