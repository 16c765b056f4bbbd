/**
 * A request that is ready to be posted. Encoded and packed once: each try sends the same bytes.
 */
import { gzipSync } from 'node:zlib';
import type { Signal } from '../../config/settings.js';
import type { OtlpTarget } from './settings.js';

export interface PreparedRequest {
  readonly signal: Signal;
  readonly transport: 'http' | 'grpc';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Milliseconds for the attempt. */
  readonly timeout: number;
  /** Paths of PEM files; read by the transport when it connects. */
  readonly certificate?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly proxy?: string;
}

const GRPC_PATH: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};

/** The form that the OTLP specification asks of exporters. */
const USER_AGENT = 'OTel-OTLP-Exporter-openlit-instrument';

/** `message` is the encoded Export…ServiceRequest. Gzip runs on the caller's thread: about 1 ms for 100 kB. */
export function prepareRequest(
  signal: Signal,
  target: OtlpTarget,
  contentType: string,
  message: Uint8Array,
): PreparedRequest {
  const payload = target.gzip ? gzipSync(message, { level: 1 }) : message;
  const { certificate, clientCertificate, clientKey, proxy } = target;
  const common = {
    signal,
    timeout: target.timeout,
    ...(certificate === undefined ? {} : { certificate }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey }),
    ...(proxy === undefined ? {} : { proxy }),
  };
  if (target.protocol === 'grpc') {
    const headers: Record<string, string> = {
      ...target.headers,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': USER_AGENT,
    };
    if (target.gzip) headers['grpc-encoding'] = 'gzip';
    const url = new URL(GRPC_PATH[signal], target.url).href;
    return { ...common, transport: 'grpc', url, headers, body: grpcFrame(payload, target.gzip) };
  }
  const headers: Record<string, string> = {
    'user-agent': USER_AGENT,
    ...target.headers,
    'content-type': contentType,
    'content-length': String(payload.length),
  };
  if (target.gzip) headers['content-encoding'] = 'gzip';
  return { ...common, transport: 'http', url: target.url, headers, body: payload };
}

/** gRPC's length-prefixed message: one byte for compression, four for the length. */
function grpcFrame(payload: Uint8Array, compressed: boolean): Uint8Array {
  const frame = Buffer.allocUnsafe(payload.length + 5);
  frame[0] = compressed ? 1 : 0;
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, 5);
  return frame;
}
