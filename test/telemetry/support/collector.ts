/** Real collectors for the exporter's tests: HTTP, HTTPS and gRPC (grpc-js), each answering as it is told. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import grpc from '@grpc/grpc-js';
import { encodeMessage } from './otlp-proto.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures');
export const TLS = {
  ca: path.join(FIXTURES, 'tls/ca.pem'),
  clientCertificate: path.join(FIXTURES, 'tls/client.pem'),
  clientKey: path.join(FIXTURES, 'tls/client.key'),
};
const SERVER_TLS = {
  key: readFileSync(path.join(FIXTURES, 'tls/server.key')),
  cert: readFileSync(path.join(FIXTURES, 'tls/server.pem')),
};

export interface Received {
  path: string;
  headers: Record<string, unknown>;
  /** After decompression. */
  body: Buffer;
  at: number;
}

export interface Collector {
  url: string;
  port: number;
  received: Received[];
  /** Resolves once `count` requests have come. */
  wait(count: number): Promise<Received[]>;
  close(): Promise<void>;
}

/** How the n-th request is answered; `hang` never is, `reset` loses its connection. */
export type Answer =
  | {
      status?: number;
      headers?: http.OutgoingHttpHeaders;
      body?: string | Buffer;
      /** Milliseconds until then: a collector that is slow. */
      after?: number;
    }
  | 'hang'
  | 'reset';

export async function startHttpCollector(
  answer: (index: number, size: number) => Answer = () => ({}),
  options: { tls?: 'server' | 'mutual'; port?: number } = {},
): Promise<Collector> {
  const { received, wait, push } = recorder();
  const handle: http.RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
      const reply = answer(received.length, body.length);
      push({ path: request.url ?? '', headers: request.headers, body, at: Date.now() });
      if (reply === 'hang') return;
      if (reply === 'reset') request.socket.resetAndDestroy();
      else {
        const send = () => response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
        if (reply.after === undefined) send();
        else setTimeout(send, reply.after);
      }
    });
  };
  const mutual = options.tls === 'mutual' ? { ca: readFileSync(TLS.clientCertificate), requestCert: true } : {};
  const server =
    options.tls === undefined ? http.createServer(handle) : https.createServer({ ...SERVER_TLS, ...mutual }, handle);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    received,
    wait,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const SERVICES = {
  TraceService: 'trace',
  MetricsService: 'metrics',
  LogsService: 'logs',
} as const;

export interface GrpcAnswer {
  code?: number;
  /** Milliseconds in a RetryInfo. */
  retryAfter?: number;
  rejected?: number;
  hang?: boolean;
  /** As in `Answer`. */
  after?: number;
}

/** A collector made of grpc-js, with the services of opentelemetry-proto. */
export async function startGrpcCollector(
  answer: (index: number, size: number) => GrpcAnswer = () => ({}),
  options: { tls?: 'server' | 'mutual' } = {},
): Promise<Collector> {
  const { received, wait, push } = recorder();
  const server = new grpc.Server();
  for (const [service, name] of Object.entries(SERVICES)) {
    const method = `/opentelemetry.proto.collector.${name}.v1.${service}/Export`;
    const definition = {
      path: method,
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    server.addService(
      { Export: definition },
      {
        Export(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
          const reply = answer(received.length, call.request.length);
          push({ path: method, headers: call.metadata.getMap(), body: call.request, at: Date.now() });
          if (reply.hang) return;
          if (reply.after !== undefined) {
            setTimeout(() => callback(null, encodeMessage('ExportResponse', {})), reply.after);
            return;
          }
          if (reply.code !== undefined) {
            callback({ code: reply.code, details: 'told to', metadata: details(reply) });
            return;
          }
          const success =
            reply.rejected === undefined
              ? {}
              : { partialSuccess: { rejected: reply.rejected, errorMessage: 'no room' } };
          callback(null, encodeMessage('ExportResponse', success));
        },
      },
    );
  }
  const credentials =
    options.tls === undefined
      ? grpc.ServerCredentials.createInsecure()
      : grpc.ServerCredentials.createSsl(
          options.tls === 'mutual' ? readFileSync(TLS.clientCertificate) : null,
          [{ private_key: SERVER_TLS.key, cert_chain: SERVER_TLS.cert }],
          options.tls === 'mutual',
        );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    received,
    wait,
    async close() {
      server.forceShutdown();
    },
  };
}

function details(reply: GrpcAnswer): grpc.Metadata {
  const metadata = new grpc.Metadata();
  if (reply.retryAfter === undefined) return metadata;
  const info = encodeMessage('RetryInfo', {
    retryDelay: { seconds: Math.floor(reply.retryAfter / 1000), nanos: (reply.retryAfter % 1000) * 1e6 },
  });
  const any = { typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value: info };
  metadata.set('grpc-status-details-bin', encodeMessage('RpcStatus', { code: reply.code, details: [any] }));
  return metadata;
}

function recorder() {
  const received: Received[] = [];
  const waiting: { count: number; resolve: (all: Received[]) => void }[] = [];
  return {
    received,
    push(request: Received): void {
      received.push(request);
      for (const waiter of waiting) if (received.length >= waiter.count) waiter.resolve(received);
    },
    wait: (count: number): Promise<Received[]> =>
      received.length >= count
        ? Promise.resolve(received)
        : new Promise(resolve => {
            waiting.push({ count, resolve });
          }),
  };
}
