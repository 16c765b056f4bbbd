/** OTLP over HTTP/1.1: https://opentelemetry.io/docs/specs/otlp/#otlphttp. */
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { createLookup } from './lookup.js';
import type { PreparedRequest } from './prepared-request.js';

import {
  isRetryableStatus,
  partialSuccessFromJson,
  partialSuccessFromProtobuf,
  retryAfter,
  type SendResult,
} from './send-result.js';
import { withoutTracing } from './suppress-tracing.js';
import { tlsOptions } from './tls-files.js';
import { MAX_RESPONSE_BYTES, reasonOf, type Transport } from './transport.js';
import { openTunnel, proxyHeaders } from './tunnel.js';

/** One connection a signal at most, kept alive between exports. */
const MAX_SOCKETS = 3;

export function createHttpTransport(): Transport {
  const agents = new Map<string, http.Agent>();
  const lookup = createLookup();

  const agentOf = (request: PreparedRequest, secure: boolean): http.Agent => {
    const key = `${secure} ${request.proxy} ${request.certificate} ${request.clientCertificate} ${request.clientKey}`;
    let agent = agents.get(key);
    if (agent === undefined) {
      // Before Node 20 `localhost` is tried under one address family only, and collectors often listen on the other.
      const options = { keepAlive: true, maxSockets: MAX_SOCKETS, autoSelectFamily: true };
      if (!secure) agent = new http.Agent(options);
      else if (request.proxy === undefined) agent = new https.Agent({ ...options, ...tlsOptions(request) });
      else agent = new TunnelAgent({ ...options, ...tlsOptions(request) }, request.proxy, request.timeout, lookup);
      agents.set(key, agent);
    }
    return agent;
  };

  const post = (request: PreparedRequest, onHandedOver?: () => void, again = false): Promise<SendResult> =>
    new Promise(resolve => {
      const url = new URL(request.url);
      const secure = url.protocol === 'https:';
      const plainProxy = secure || request.proxy === undefined ? undefined : new URL(request.proxy);
      const call = (secure ? https : plainProxy?.protocol === 'https:' ? https : http).request(plainProxy ?? url, {
        method: 'POST',
        headers:
          plainProxy === undefined
            ? request.headers
            : { ...request.headers, ...proxyHeaders(plainProxy), host: url.host },
        // A proxy is asked for the whole address; who the collector is stays in its own header.
        ...(plainProxy === undefined ? {} : { path: withoutUser(url) }),
        agent: agentOf(request, secure),
        lookup,
      });
      const timer = setTimeout(() => {
        settle({ kind: 'retry', reason: `no answer within ${request.timeout} ms` });
        call.destroy();
      }, request.timeout);
      timer.unref();
      const settle = (result: SendResult | Promise<SendResult>): void => {
        clearTimeout(timer);
        resolve(result);
      };
      call.on('socket', socket => {
        socket.unref();
        // `finish` alone may mean "buffered while connecting".
        call.on('finish', () => {
          const connecting = socket.connecting || (socket as { secureConnecting?: boolean }).secureConnecting === true;
          if (!connecting) onHandedOver?.();
          else socket.once(secure ? 'secureConnect' : 'connect', () => onHandedOver?.());
        });
      });
      call.on('error', error => {
        const reason = reasonOf(error);
        // The collector closed a connection that was idle, at the moment that we used it: not an outage.
        const stale = call.reusedSocket && (reason === 'ECONNRESET' || reason === 'EPIPE') && !again;
        settle(stale ? post(request, onHandedOver, true) : { kind: 'retry', reason });
      });
      call.on('response', response => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk);
          else response.destroy();
        });
        response.on('error', () => settle(resultOf(response, Buffer.concat(chunks))));
        response.on('close', () => settle(resultOf(response, Buffer.concat(chunks))));
      });
      call.end(request.body);
    });

  return {
    async send(request, onHandedOver) {
      try {
        return await withoutTracing(() => post(request, onHandedOver));
      } catch (error) {
        return { kind: 'refused', reason: reasonOf(error) };
      }
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function withoutUser(url: URL): string {
  return `${url.origin}${url.pathname}${url.search}`;
}

/** TLS to the collector inside a tunnel through an HTTP proxy. */
class TunnelAgent extends https.Agent {
  constructor(
    options: https.AgentOptions,
    private readonly proxy: string,
    private readonly timeout: number,
    private readonly lookup: LookupFunction,
  ) {
    super(options);
  }

  override createConnection(
    options: tls.ConnectionOptions,
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { proxy, timeout, lookup } = this;
    openTunnel({ proxy, host: options.host ?? '', port: Number(options.port), timeout, lookup }).then(
      socket => callback(null, tls.connect({ ...options, socket })),
      error => callback(error as Error, undefined as unknown as Duplex),
    );
  }
}

function resultOf(response: http.IncomingMessage, body: Buffer): SendResult {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) {
    const json = /json/.test(response.headers['content-type'] ?? '');
    return {
      kind: 'sent',
      ...(json ? partialSuccessFromJson(body.toString('utf8')) : partialSuccessFromProtobuf(body)),
    };
  }
  const reason = `HTTP ${status}`;
  if (!isRetryableStatus(status)) return { kind: 'refused', reason, tooLarge: status === 413 };
  const after = retryAfter(response.headers['retry-after'], Date.now());
  return { kind: 'retry', reason, busy: true, ...(after === undefined ? {} : { after }) };
}
