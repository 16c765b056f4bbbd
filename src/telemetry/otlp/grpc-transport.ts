/**
 * OTLP over gRPC: one unary call a request on a shared HTTP/2 connection.
 * Sources: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, OTLP specification "OTLP/gRPC response".
 */
import * as http2 from 'node:http2';
import { isIP, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { createLookup } from './lookup.js';
import type { PreparedRequest } from './prepared-request.js';
import { hostOf, portOf } from './proxy.js';
import { fields, isRetryableStatus, partialSuccessFromProtobuf, type SendResult } from './send-result.js';
import { withoutTracing } from './suppress-tracing.js';
import { tlsOptions } from './tls-files.js';
import { MAX_RESPONSE_BYTES, reasonOf, type Transport } from './transport.js';
import { openTunnel } from './tunnel.js';

/** CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS. */
const RETRYABLE: ReadonlySet<number> = new Set([1, 4, 10, 11, 14, 15]);
/** Retryable only with a RetryInfo, as the OTLP specification says. */
const RESOURCE_EXHAUSTED = 8;

export function createGrpcTransport(): Transport {
  const sessions = new Map<string, http2.ClientHttp2Session>();
  const lookup = createLookup();

  const keyOf = (request: PreparedRequest, origin: string): string =>
    `${origin} ${request.proxy} ${request.certificate} ${request.clientCertificate} ${request.clientKey}`;

  const openSession = (key: string): http2.ClientHttp2Session | undefined => {
    const known = sessions.get(key);
    return known !== undefined && !known.closed && !known.destroyed ? known : undefined;
  };

  const sessionOf = (
    request: PreparedRequest,
    origin: string,
    tunnel: Socket | undefined,
  ): http2.ClientHttp2Session => {
    const key = keyOf(request, origin);
    const known = openSession(key);
    if (known !== undefined) {
      tunnel?.destroy();
      return known;
    }
    const secure = origin.startsWith('https:') ? tlsOptions(request) : undefined;
    const session = http2.connect(origin, {
      // As in http-transport.ts; Node's types do not know that net.connect gets them.
      ...({ autoSelectFamily: true, lookup } as object),
      ...secure,
      ...(tunnel === undefined ? {} : { createConnection: (url: URL) => inside(tunnel, url, secure) }),
    });
    const forget = (): void => {
      if (sessions.get(key) === session) sessions.delete(key);
    };
    session.unref();
    session.on('error', forget);
    session.on('goaway', forget);
    session.on('close', forget);
    sessions.set(key, session);
    return session;
  };

  /** Undefined where no proxy is asked, or the connection is there already. */
  const tunnelFor = async (request: PreparedRequest, url: URL): Promise<Socket | undefined> => {
    const { proxy, timeout } = request;
    if (proxy === undefined || openSession(keyOf(request, url.origin)) !== undefined) return undefined;
    return openTunnel({ proxy, host: hostOf(url), port: portOf(url), timeout, lookup });
  };

  const call = (
    request: PreparedRequest,
    url: URL,
    tunnel: Socket | undefined,
    onHandedOver: (() => void) | undefined,
  ): Promise<SendResult> =>
    new Promise(resolve => {
      const session = sessionOf(request, url.origin, tunnel);
      const stream = session.request({ ':method': 'POST', ':path': url.pathname, ...request.headers });
      const chunks: Buffer[] = [];
      let size = 0;
      let headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
      let trailers: http2.IncomingHttpHeaders = {};
      const timer = setTimeout(() => {
        settle({ kind: 'retry', reason: `no answer within ${request.timeout} ms` });
        stream.close(http2.constants.NGHTTP2_CANCEL);
        // A peer that does not answer may be gone without a word: the next attempt connects anew.
        session.destroy();
      }, request.timeout);
      timer.unref();
      const settle = (result: SendResult): void => {
        clearTimeout(timer);
        session.removeListener('error', onSessionError);
        resolve(result);
      };
      // A connection that fails before the stream exists reports only there.
      const onSessionError = (error: Error): void => settle({ kind: 'retry', reason: reasonOf(error) });
      session.on('error', onSessionError);
      stream.on('response', received => {
        headers = received;
      });
      stream.on('trailers', received => {
        trailers = received;
      });
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk);
        else stream.close(http2.constants.NGHTTP2_CANCEL);
      });
      stream.on('finish', () => {
        if (!session.connecting) onHandedOver?.();
        else session.once('connect', () => onHandedOver?.());
      });
      stream.on('error', error => settle({ kind: 'retry', reason: reasonOf(error) }));
      stream.on('close', () => settle(resultOf(headers, trailers, Buffer.concat(chunks))));
      stream.end(request.body);
    });

  return {
    async send(request, onHandedOver) {
      try {
        const url = new URL(request.url);
        let tunnel: Socket | undefined;
        try {
          tunnel = await withoutTracing(() => tunnelFor(request, url));
        } catch (error) {
          return { kind: 'retry', reason: reasonOf(error) };
        }
        return await withoutTracing(() => call(request, url, tunnel, onHandedOver));
      } catch (error) {
        return { kind: 'refused', reason: reasonOf(error) };
      }
    },
    close() {
      for (const session of sessions.values()) session.destroy();
      sessions.clear();
    },
  };
}

/** The connection that HTTP/2 speaks on, through a proxy's tunnel. */
function inside(tunnel: Socket, url: URL, secure: tls.ConnectionOptions | undefined): Socket {
  if (secure === undefined) return tunnel;
  const host = hostOf(url);
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ ...secure, ...servername, host, socket: tunnel, ALPNProtocols: ['h2'] });
}

function resultOf(
  headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader,
  trailers: http2.IncomingHttpHeaders,
  body: Buffer,
): SendResult {
  const http = headers[':status'];
  if (http === undefined) return { kind: 'retry', reason: 'connection closed without an answer' };
  // "Trailers-only" answers carry the status in the headers.
  const last = trailers['grpc-status'] === undefined ? headers : trailers;
  const text = last['grpc-status'];
  if (text === undefined) {
    const reason = `HTTP ${http} without a gRPC status`;
    return isRetryableStatus(http) || http === 200 ? { kind: 'retry', reason } : { kind: 'refused', reason };
  }
  const status = Number(text);
  if (status === 0) return { kind: 'sent', ...partialSuccessFromProtobuf(messageOf(body)) };
  const after = retryDelay(last['grpc-status-details-bin']);
  const reason = `gRPC status ${status}`;
  if (RETRYABLE.has(status) || (status === RESOURCE_EXHAUSTED && after !== undefined)) {
    return { kind: 'retry', reason, busy: true, ...(after === undefined ? {} : { after }) };
  }
  // What servers answer to a message over their limit.
  return { kind: 'refused', reason, tooLarge: status === RESOURCE_EXHAUSTED };
}

/** The first message of the answer; compressed ones (nobody compresses 10 bytes) count as plain acceptance. */
function messageOf(body: Buffer): Uint8Array {
  if (body.length < 5 || body[0] !== 0) return new Uint8Array();
  return body.subarray(5, 5 + body.readUInt32BE(1));
}

/** google.rpc.Status { 3: Any { 1: type, 2: RetryInfo { 1: Duration { 1: seconds, 2: nanos } } } }, in milliseconds. */
function retryDelay(details: string | string[] | undefined): number | undefined {
  if (typeof details !== 'string') return undefined;
  for (const detail of fields(Buffer.from(details, 'base64'))) {
    if (detail.number !== 3 || detail.bytes === undefined) continue;
    const any = fields(detail.bytes);
    const type = any.find(field => field.number === 1)?.bytes;
    const info = any.find(field => field.number === 2)?.bytes;
    if (type === undefined || info === undefined || !Buffer.from(type).toString().endsWith('google.rpc.RetryInfo'))
      continue;
    const delay = fields(info).find(field => field.number === 1)?.bytes;
    if (delay === undefined) return 0;
    const parts = fields(delay);
    const value = (number: number): number => parts.find(field => field.number === number)?.value ?? 0;
    return value(1) * 1000 + value(2) / 1e6;
  }
  return undefined;
}
