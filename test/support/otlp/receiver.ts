/**
 * An OTLP receiver on one loopback port: http/protobuf, http/json and gRPC (h2c), told apart by the first bytes of a
 * connection. A random word in the path (HTTP) or in the metadata (gRPC) keeps other local users out.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { decodeProtobuf, type JsonMessage } from './protobuf.js';
import type { MessageName } from './schema.js';

export type OtlpSignal = 'traces' | 'metrics' | 'logs';
export type OtlpTransport = 'http/protobuf' | 'http/json' | 'grpc';

/** One export request, in the shape of OTLP/JSON whatever it came as. */
export interface OtlpExport {
  readonly signal: OtlpSignal;
  readonly transport: OtlpTransport;
  /** `{resourceSpans}`, `{resourceMetrics}` or `{resourceLogs}`. */
  readonly body: JsonMessage;
  /** Lower-case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Bytes as received, before decompression. */
  readonly size: number;
}

export interface ReceiverOptions {
  /** Called for each export before it is answered; a throw is answered as a failure. */
  readonly onExport: (request: OtlpExport) => void;
  /** Ask for the random word; default true. Tests of exporters that cannot send it switch it off. */
  readonly token?: boolean;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
}

export interface Receiver {
  /** Base endpoint for `OTEL_EXPORTER_OTLP_ENDPOINT`, with the random word where one is asked for. */
  readonly url: string;
  readonly port: number;
  readonly token: string | undefined;
  /** Requests that were refused: wrong word, unknown path, damaged body. */
  readonly refused: () => number;
  /** Resolves when no request has been open for `quiet` milliseconds, or after `limit` milliseconds. */
  idle(quiet: number, limit: number): Promise<void>;
  close(): Promise<void>;
}

/** Metadata key that carries the word over gRPC. */
export const TOKEN_METADATA = 'x-openlit-token';

/** Largest body, compressed or not: four times the largest batch that exporters send. */
const MAX_BODY = 64 * 1024 * 1024;

const HTTP_PATHS: Readonly<Record<string, OtlpSignal>> = {
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
  '/v1/logs': 'logs',
};

const GRPC_PATHS: Readonly<Record<string, OtlpSignal>> = {
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export': 'traces',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export': 'metrics',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export': 'logs',
};

const MESSAGE_OF: Readonly<Record<OtlpSignal, MessageName>> = {
  traces: 'TracesRequest',
  metrics: 'MetricsRequest',
  logs: 'LogsRequest',
};

/** gRPC status codes (grpc.github.io/grpc/core/md_doc_statuscodes.html). */
const GRPC = { ok: 0, invalidArgument: 3, unimplemented: 12, unauthenticated: 16 } as const;

const gunzip = promisify(zlib.gunzip);
const inflate = promisify(zlib.inflate);

class Refusal extends Error {
  constructor(
    readonly http: number,
    readonly grpc: number,
    message: string,
  ) {
    super(message);
  }
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > MAX_BODY) throw new Refusal(413, GRPC.invalidArgument, 'body is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function decompress(bytes: Buffer, coding: string | undefined): Promise<Buffer> {
  if (!coding || coding === 'identity') return bytes;
  const limits = { maxOutputLength: MAX_BODY };
  if (coding === 'gzip') return gunzip(bytes, limits);
  if (coding === 'deflate') return inflate(bytes, limits);
  throw new Refusal(415, GRPC.unimplemented, `content encoding ${coding} is not supported`);
}

function sameWord(given: string | undefined, expected: string): boolean {
  return (
    given !== undefined &&
    given.length === expected.length &&
    timingSafeEqual(Buffer.from(given), Buffer.from(expected))
  );
}

/** Sends `/word/v1/traces` and `/v1/traces` to the same place, after the word was checked. */
function signalOf(target: string, token: string | undefined): OtlpSignal {
  const path = target.split('?', 1)[0]!;
  let rest = path;
  if (token) {
    const [, word, ...parts] = path.split('/');
    if (!sameWord(word, token)) throw new Refusal(404, GRPC.unauthenticated, 'not found');
    rest = `/${parts.join('/')}`;
  }
  const signal = HTTP_PATHS[rest];
  if (!signal) throw new Refusal(404, GRPC.unimplemented, 'not found');
  return signal;
}

/** Starts the receiver. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const token = options.token === false ? undefined : randomBytes(16).toString('hex');
  const host = options.host ?? '127.0.0.1';
  const sockets = new Set<net.Socket>();
  let refused = 0;
  let open = 0;
  let lastChange = performance.now();

  async function track(work: () => Promise<void>): Promise<void> {
    open++;
    try {
      await work();
    } finally {
      open--;
      lastChange = performance.now();
    }
  }

  async function answerHttp(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const type = String(request.headers['content-type'] ?? '')
      .split(';', 1)[0]!
      .trim();
    const json = type === 'application/json';
    try {
      const signal = signalOf(request.url ?? '', token);
      if (request.method !== 'POST') throw new Refusal(405, GRPC.unimplemented, 'use POST');
      if (!json && type !== 'application/x-protobuf')
        throw new Refusal(415, GRPC.unimplemented, 'unknown content type');
      const bytes = await readAll(request);
      const plain = await decompress(bytes, request.headers['content-encoding']);
      const body = json ? JSON.parse(plain.toString('utf8')) : decodeProtobuf(MESSAGE_OF[signal], plain);
      const transport = json ? 'http/json' : 'http/protobuf';
      options.onExport({ signal, transport, body, headers: request.headers, size: bytes.length });
      // An empty response message: everything was accepted.
      response.writeHead(200, { 'content-type': type }).end(json ? '{}' : '');
    } catch (error) {
      refused++;
      const status = error instanceof Refusal ? error.http : 400;
      request.resume();
      response.writeHead(status, { 'content-type': 'text/plain' }).end((error as Error).message);
    }
  }

  async function answerGrpc(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): Promise<void> {
    let status: number = GRPC.ok;
    let message = '';
    try {
      const signal = GRPC_PATHS[headers[':path'] ?? ''];
      if (!signal) throw new Refusal(404, GRPC.unimplemented, 'unknown method');
      const word = headers[TOKEN_METADATA];
      if (token && !sameWord(typeof word === 'string' ? word : undefined, token)) {
        throw new Refusal(401, GRPC.unauthenticated, `metadata ${TOKEN_METADATA} is missing or wrong`);
      }
      const framed = await readAll(stream);
      // One message: compressed flag (1 byte), length (4 bytes, big-endian), the message.
      if (framed.length < 5 || framed.readUInt32BE(1) !== framed.length - 5) {
        throw new Refusal(400, GRPC.invalidArgument, 'one whole message was expected');
      }
      const coding = framed[0] ? String(headers['grpc-encoding'] ?? 'gzip') : undefined;
      const body = decodeProtobuf(MESSAGE_OF[signal], await decompress(framed.subarray(5), coding));
      options.onExport({ signal, transport: 'grpc', body, headers, size: framed.length });
    } catch (error) {
      refused++;
      status = error instanceof Refusal ? error.grpc : GRPC.invalidArgument;
      message = (error as Error).message;
    }
    if (stream.destroyed) return;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      stream.sendTrailers({
        'grpc-status': String(status),
        ...(message ? { 'grpc-message': encodeURI(message) } : {}),
      });
    });
    stream.end(Buffer.alloc(status === GRPC.ok ? 5 : 0));
  }

  const http1 = http.createServer((request, response) => void track(() => answerHttp(request, response)));
  const grpc = http2.createServer();
  grpc.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    void track(() => answerGrpc(stream, headers));
  });
  grpc.on('sessionError', () => {});

  const server = net.createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (!first) return;
      socket.unshift(first);
      // The HTTP/2 preface begins "PRI * HTTP/2.0"; no HTTP/1.1 method begins so.
      (first.subarray(0, 3).toString('latin1') === 'PRI' ? grpc : http1).emit('connection', socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as net.AddressInfo;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}${token ? `/${token}` : ''}`,
    port,
    token,
    refused: () => refused,
    async idle(quiet, limit) {
      const deadline = performance.now() + limit;
      lastChange = performance.now();
      for (;;) {
        const now = performance.now();
        const wait = Math.min(open > 0 ? quiet : lastChange + quiet - now, deadline - now);
        if (wait <= 0) return;
        await new Promise(resolve => setTimeout(resolve, wait));
      }
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
