/** Requests to a Kubernetes API server: JSON in, JSON out, each with a time limit, and watches line by line. */
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import type { Connection } from './connection.js';

/** What the API server answered beside success. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    /** HTTP's; 0: there was no answer. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Wish {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** Of the body; a patch says its kind by it. */
  readonly type?: string;
  readonly accept?: string;
  /** Milliseconds until it is given up. */
  readonly timeout?: number;
}

export interface KubernetesClient {
  /** @throws ApiError */
  request<T>(path: string, wish?: Wish): Promise<T>;
  /** Server-side apply under our name as the owner of exactly these fields. @throws ApiError (409: another owns one) */
  apply<T>(path: string, body: object, more?: { readonly force?: boolean }): Promise<T>;
  /** The answer's lines as they come, until it ends or `signal` does. @throws ApiError */
  lines(path: string, signal: AbortSignal): AsyncIterable<string>;
  close(): void;
}

/** Under which we own fields of objects (`metadata.managedFields`). */
export const FIELD_MANAGER = 'openlit-instrument';
export const MERGE_PATCH = 'application/merge-patch+json';
/** Name, labels and annotations of an object, and nothing else of it. */
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const PATIENCE = 10_000;
/** Bytes of one answer that are read: a page of 500 pods has a tenth. */
const LARGEST = 256 * 1024 * 1024;

export function createClient(connection: Connection): KubernetesClient {
  const { server, ca, cert, key, insecure } = connection;
  const agent = new https.Agent({
    keepAlive: true,
    maxSockets: 32,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !insecure,
  });

  function send(path: string, { method = 'GET', body, type, accept }: Wish, signal: AbortSignal) {
    return new Promise<IncomingMessage>((resolve, reject) => {
      const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const token = connection.token?.();
      const request = https.request(new URL(path, server), {
        method,
        agent,
        signal,
        headers: {
          accept: accept ?? 'application/json',
          'user-agent': FIELD_MANAGER,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(text === undefined
            ? {}
            : { 'content-type': type ?? 'application/json', 'content-length': String(text.length) }),
        },
      });
      request.on('error', error => reject(new ApiError(0, reasonOf(error, signal)))).on('response', resolve);
      request.end(text);
    });
  }

  const client: KubernetesClient = {
    async request<T>(path: string, wish: Wish = {}): Promise<T> {
      const signal = AbortSignal.timeout(wish.timeout ?? PATIENCE);
      const response = await send(path, wish, signal);
      const text = await textOf(response, signal);
      if ((response.statusCode ?? 0) >= 400) throw errorOf(response, text);
      return JSON.parse(text) as T;
    },
    apply(path, body, { force = false } = {}) {
      const query = `fieldManager=${FIELD_MANAGER}${force ? '&force=true' : ''}`;
      return client.request(`${path}?${query}`, { method: 'PATCH', type: 'application/apply-patch+yaml', body });
    },
    async *lines(path, signal) {
      const response = await send(path, {}, signal);
      if ((response.statusCode ?? 0) >= 400) throw errorOf(response, await textOf(response, signal));
      try {
        for await (const line of createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY })) yield line;
      } finally {
        response.destroy();
      }
      // The reader of lines ends quietly where the connection broke.
      if (response.errored) throw new ApiError(0, reasonOf(response.errored, signal));
    },
    close: () => agent.destroy(),
  };
  return client;
}

async function textOf(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > LARGEST) throw new Error(`the answer is larger than ${LARGEST} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    response.destroy();
    throw new ApiError(0, reasonOf(error, signal));
  }
  return Buffer.concat(chunks).toString();
}

function errorOf(response: IncomingMessage, text: string): ApiError {
  const status = response.statusCode ?? 0;
  try {
    const { message } = JSON.parse(text) as { message?: string };
    if (message) return new ApiError(status, message);
  } catch {
    // Not of the API server itself: a proxy, a load balancer.
  }
  return new ApiError(status, `the API server answered ${status}`);
}

const reasonOf = (error: unknown, signal: AbortSignal): string =>
  signal.aborted ? 'the API server did not answer in time' : (error as Error).message;
