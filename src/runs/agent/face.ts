/**
 * What the agent says of itself to those who ask on this machine: `/healthz`, `/metrics`, `/status`. It listens only where a
 * port was asked for, on loopback, and answers to names of loopback alone: a page of the web may send a browser here.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { isAsked } from '../../telemetry/prometheus.js';

export interface FaceAnswers {
  /** Undefined: it is well; else why it is not. */
  readonly unwell: () => string | undefined;
  readonly metrics: () => string;
  readonly status: () => object;
}

export interface Face {
  readonly port: number;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const MOST_CONNECTIONS = 32;

/** @throws Problem where the port cannot be used */
export async function openFace(port: number, answers: FaceAnswers): Promise<Face> {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    try {
      answer(request, response, answers);
    } catch {
      response.writeHead(500).end();
    }
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Problem({
          code: 'AGENT_PORT',
          message: `port ${port} cannot be used`,
          reason: error.code === 'EADDRINUSE' ? 'another program listens there' : error.message,
          fixes: ['--port 0'],
          exit: EXIT_STATUS.usage,
        }),
      ),
    );
    server.listen({ host: HOST, port }, resolve);
  });
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer({ method, url = '/', headers }: IncomingMessage, response: ServerResponse, answers: FaceAnswers): void {
  const send = (status: number, type: string, text: string): void => {
    const body = Buffer.from(text);
    response.writeHead(status, {
      'content-type': type,
      'content-length': body.length,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    response.end(method === 'HEAD' ? undefined : body);
  };
  const say = (status: number, text: string): void => send(status, 'text/plain; charset=utf-8', `${text}\n`);
  if (!isAsked(HOST, headers.host)) return say(403, 'This address answers to localhost alone.');
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return say(405, 'GET only');
  }
  switch (url.split('?', 1)[0]) {
    case '/healthz': {
      const unwell = answers.unwell();
      return unwell === undefined ? say(200, 'ok') : say(503, unwell);
    }
    case '/metrics':
      return send(200, 'text/plain; version=0.0.4; charset=utf-8', answers.metrics());
    case '/status':
      return send(200, 'application/json', `${JSON.stringify(answers.status())}\n`);
    default:
      return say(404, 'There are /healthz, /metrics and /status');
  }
}
