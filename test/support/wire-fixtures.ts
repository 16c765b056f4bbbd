/** The exchanges of test/fixtures/wire as the decoder's tests feed them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Exchange } from '../../src/wire/exchange.js';

type Body = { base64: string } | string | object;

interface Fixture {
  host: string;
  method: string;
  path: string;
  request_headers: Record<string, string>;
  request_body?: Body;
  status: number;
  response_headers: Record<string, string>;
  response_body?: Body;
  response_chunks?: { after_ms: number; data: string | { base64: string } }[];
  messages?: { from: 'client' | 'server'; data: string }[];
  expected: Record<string, unknown> | null;
}

export interface WireFixture {
  readonly name: string;
  readonly exchange: Exchange;
  readonly expected: Record<string, unknown> | null;
}

const FOLDER = path.resolve(import.meta.dirname, '../fixtures/wire');

export function wireFixtures(): WireFixture[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.json'))
    .sort()
    .map(file => {
      const fixture = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Fixture;
      const name = file.replace(/\.json$/, '');
      return { name, exchange: exchangeOf(name, fixture), expected: fixture.expected };
    });
}

export function bytesOf(body: Body): Buffer {
  if (typeof body === 'string') return Buffer.from(body);
  if ('base64' in body && Object.keys(body).length === 1) return Buffer.from(body.base64 as string, 'base64');
  return Buffer.from(JSON.stringify(body));
}

function exchangeOf(id: string, fixture: Fixture): Exchange {
  const response =
    fixture.response_chunks === undefined
      ? fixture.response_body
      : { base64: Buffer.concat(fixture.response_chunks.map(chunk => bytesOf(chunk.data))).toString('base64') };
  return {
    id,
    role: 'client',
    protocol: fixture.messages === undefined ? 'http/1.1' : 'websocket',
    host: fixture.host,
    method: fixture.method,
    path: fixture.path,
    requestHeaders: fixture.request_headers,
    status: fixture.status,
    responseHeaders: fixture.response_headers,
    partial: [],
    ...(fixture.request_body === undefined ? {} : { requestBody: bytesOf(fixture.request_body) }),
    ...(response === undefined ? {} : { responseBody: bytesOf(response) }),
    ...(fixture.messages === undefined
      ? {}
      : { messages: fixture.messages.map(({ from, data }) => ({ from, data: Buffer.from(data), binary: false })) }),
  };
}
