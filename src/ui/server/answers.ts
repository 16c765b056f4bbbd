/** How answers are written, and how a body is read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { SAFE_HEADERS } from './guard.js';

/** Smaller answers are sent as they are. */
const WORTH_PACKING = 64 * 1024;
/** No request of the page is larger. */
const LONGEST_BODY = 64 * 1024;

export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function sendJson(request: IncomingMessage, response: ServerResponse, value: unknown, more = {}): void {
  sendBytes(request, response, Buffer.from(JSON.stringify(value)), {
    'content-type': 'application/json; charset=utf-8',
    // What was asked for once must not lie in the browser's cache: it holds prompts.
    'cache-control': 'no-store',
    ...more,
  });
}

export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  const write = (body: Buffer, more: Readonly<Record<string, string>> = {}) => {
    if (response.destroyed) return;
    response.writeHead(200, { ...SAFE_HEADERS, ...headers, ...more, 'content-length': String(body.length) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const packs = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (!packs || bytes.length < WORTH_PACKING) return write(bytes);
  gzip(bytes, { level: 1 }, (error, packed) => {
    if (error) write(bytes);
    else write(packed, { 'content-encoding': 'gzip', vary: 'accept-encoding' });
  });
}

export function sendError(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) return void response.destroy();
  const body = Buffer.from(JSON.stringify({ error: reason }));
  response.writeHead(status, {
    ...SAFE_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': String(body.length),
  });
  response.end(body);
}

/** @throws RequestError for what is no JSON object, or too large */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY) throw new RequestError(413, 'the request is too large');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // as below
  }
  throw new RequestError(400, 'the body must be a JSON object');
}
