/** The HTTPS server that the API server calls. What it is sent is read to its end or refused; what goes wrong is still an answer. */
import type { IncomingMessage, RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { Problem } from '../../errors.js';
import type { AdmissionReview } from './admission.js';
import type { ServerKeys } from './certificate-keeper.js';

export const MUTATE_PATH = '/mutate';

export interface WebhookServer {
  /** Takes a certificate over; connections that are open keep theirs. */
  use(keys: ServerKeys): void;
  /** The port. @throws Problem */
  listen(port: number, address: string): Promise<number>;
  close(): Promise<void>;
}

/** Bytes: the API server takes objects of 3 MiB at most, and a review holds one of them. */
const LARGEST = 8 * 1024 * 1024;

export function createWebhookServer(answer: (review: unknown) => Promise<AdmissionReview>): WebhookServer {
  const handle: RequestListener = (request, response) => {
    const reply = (status: number, body: object) => {
      const text = JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    };
    if (request.method !== 'POST' || request.url?.split('?', 1)[0] !== MUTATE_PATH) {
      request.resume();
      return reply(404, { message: `AdmissionReviews are posted to ${MUTATE_PATH}` });
    }
    readJson(request)
      .then(answer)
      .then(review => reply(200, review))
      // The API server admits the pod by itself then (failurePolicy Ignore).
      .catch(error => reply(400, { message: (error as Error).message }));
  };
  // Longer than the API server keeps an idle connection, or it would meet one that is being closed.
  const server = https.createServer({ keepAliveTimeout: 120_000, requestTimeout: 10_000 }, handle);
  return {
    use: ({ cert, key }) => server.setSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
    listen: (port, address) =>
      new Promise((resolve, reject) => {
        server.once('error', error => reject(cannotListen(port, error)));
        server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
      }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`the review is larger than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

export function cannotListen(port: number, error: Error): Problem {
  const { code } = error as NodeJS.ErrnoException;
  return new Problem({
    code: 'OPERATOR_PORT',
    message: `the operator cannot listen on port ${port}`,
    reason: code === 'EADDRINUSE' ? 'the port is taken' : (code ?? error.message),
    fixes: ['webhook.port and healthPort in the settings file'],
  });
}
