/** MCP sessions, which travel in several exchanges: every revision's transport, and what may overtake what. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectionFacts, ExchangeListener, PartialReason, RequestHead } from '../../../src/wire/exchange.js';
import type { McpCall, McpSession } from '../../../src/wire/llm-call.js';
import { createCallDecoder } from '../../../src/wire/providers/index.js';

const HOST = 'tools.example.com';
const CLIENT: ConnectionFacts = { role: 'client', protocol: 'http/1.1', pid: 7 };
const EVENTS = { 'content-type': 'text/event-stream' };
const JSON_TYPES = { 'content-type': 'application/json' };

let calls: McpCall[];
let sessions: McpSession[];
let open: ReturnType<typeof createCallDecoder>;
beforeEach(() => {
  calls = [];
  sessions = [];
  open = createCallDecoder({
    onCall: call => calls.push(call as McpCall),
    onSession: session => sessions.push(session),
    content: true,
    newId: () => 'id',
  });
});

function begin(head: Omit<RequestHead, 'host'>, at: bigint, facts = CLIENT, body?: object): ExchangeListener {
  const whole = { ...head, host: HOST };
  const listener = open(whole, facts, at)!;
  listener.requestHead(whole, at);
  if (body !== undefined) listener.requestBody(Buffer.from(JSON.stringify(body)), at);
  listener.requestEnd(at);
  return listener;
}

/** A GET that listens, answered by an event stream. */
function listen(path: string, headers: Record<string, string>, at: bigint, facts = CLIENT): ExchangeListener {
  const head = { method: 'GET', path, headers: { accept: 'text/event-stream', ...headers } };
  const listener = begin(head, at, facts);
  listener.responseHead({ status: 200, headers: EVENTS }, at);
  return listener;
}

const event = (data: object | string, name = 'message') =>
  Buffer.from(`event: ${name}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);

interface Post {
  path?: string;
  headers?: Record<string, string>;
  status?: number;
  answer?: object;
  answerHeaders?: Record<string, string>;
  facts?: ConnectionFacts;
}

function post(body: object, at: bigint, options: Post = {}): void {
  const { path = '/mcp', headers = {}, status = 202, answer, answerHeaders = {}, facts = CLIENT } = options;
  const listener = begin({ method: 'POST', path, headers: { ...JSON_TYPES, ...headers } }, at, facts, body);
  listener.responseHead(
    { status, headers: { ...(answer === undefined ? {} : JSON_TYPES), ...answerHeaders } },
    at + 1n,
  );
  if (answer !== undefined) listener.responseBody(Buffer.from(JSON.stringify(answer)), at + 1n);
  listener.end(at + 2n);
}

const toolCall = (id: number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'search', arguments: {} },
});
const result = (id: number) => ({ jsonrpc: '2.0', id, result: { content: [] } });
const SESSION = { 'mcp-session-id': 's-1', 'mcp-protocol-version': '2025-11-25' };

describe('2024-11-05: answers come on the stream', () => {
  const ENDPOINT = '/messages/?session_id=abc';
  const sse = () => {
    const stream = listen('/sse', {}, 10n);
    stream.responseBody(event(ENDPOINT, 'endpoint'), 11n);
    return stream;
  };

  test('a call lasts until its answer, whichever of answer and 202 is first', () => {
    const stream = sse();
    post(toolCall(1), 20n, { path: ENDPOINT });
    expect(calls).toEqual([]);
    stream.responseBody(event(result(1)), 50n);
    expect(calls).toMatchObject([{ method: 'tools/call', toolName: 'search', start: 20n, end: 50n, httpStatus: 202 }]);
    expect(calls[0]).not.toHaveProperty('error');
    const slow = begin({ method: 'POST', path: ENDPOINT, headers: JSON_TYPES }, 60n, CLIENT, toolCall(2));
    stream.responseBody(event({ jsonrpc: '2.0', id: 2, error: { code: -32000, message: 'no' } }), 70n);
    slow.responseHead({ status: 202, headers: {} }, 80n);
    slow.end(81n);
    expect(calls[1]).toMatchObject({ start: 60n, end: 70n, rpcStatusCode: '-32000', error: { type: '-32000' } });
  });

  test('the stream is the session, and its end answers nobody', () => {
    const stream = sse();
    post(toolCall(1), 20n, { path: ENDPOINT });
    stream.end(90n);
    expect(calls).toMatchObject([{ start: 20n, error: { type: 'connection_closed' } }]);
    expect(sessions).toEqual([
      { role: 'client', protocol: 'http/1.1', pid: 7, serverAddress: HOST, start: 10n, end: 90n },
    ]);
  });

  test.each(['gap', 'detached'] as PartialReason[])('what we lost (%s) is no fault of the server', reason => {
    const stream = sse();
    post(toolCall(1), 20n, { path: ENDPOINT });
    stream.partial(reason);
    stream.end(90n);
    expect(calls).toMatchObject([{ partial: [reason] }]);
    expect(calls[0]).not.toHaveProperty('error');
    expect(sessions).toEqual([]);
  });

  test('another process, and a stream that is none, know nothing of it', () => {
    sse();
    const head = { method: 'POST', path: ENDPOINT, host: HOST, headers: JSON_TYPES };
    const other = open(head, { ...CLIENT, pid: 8 }, 1n);
    expect(other === undefined || other.constructor.name !== 'McpReader').toBe(true);
    const news = listen('/sse', {}, 1n);
    news.responseBody(event({ headline: 'rain' }), 2n);
    news.responseBody(event('/messages', 'endpoint'), 3n);
    news.end(4n);
    expect(sessions).toEqual([]);
  });
});

describe('2025-03-26 to 2025-11-25', () => {
  test('requests of the server, on the listening stream or in an answer, are calls with the roles exchanged', () => {
    const stream = listen('/mcp', SESSION, 10n);
    const ask = (id: number, method: string) => ({ jsonrpc: '2.0', id, method, params: {} });
    stream.responseBody(event({ jsonrpc: '2.0', method: 'notifications/progress', params: {} }), 11n);
    stream.responseBody(event(ask(5, 'sampling/createMessage')), 12n);
    post({ jsonrpc: '2.0', id: 5, result: {} }, 40n, { headers: SESSION });
    const asking = begin(
      { method: 'POST', path: '/mcp', headers: { ...JSON_TYPES, ...SESSION } },
      50n,
      CLIENT,
      toolCall(6),
    );
    asking.responseHead({ status: 200, headers: EVENTS }, 51n);
    asking.responseBody(event(ask(9, 'elicitation/create')), 55n);
    post({ jsonrpc: '2.0', id: 9, error: { code: -1, message: 'declined' } }, 60n, { headers: SESSION });
    asking.responseBody(event(result(6)), 70n);
    asking.end(71n);
    expect(calls).toMatchObject([
      { method: 'sampling/createMessage', role: 'server', requestId: '5', sessionId: 's-1', start: 12n, end: 40n },
      { method: 'elicitation/create', role: 'server', start: 55n, end: 60n, error: { type: '-1' } },
      { method: 'tools/call', role: 'client', requestId: '6', start: 50n, end: 71n },
    ]);
    for (const call of calls.slice(0, 2)) expect(Object.keys(call)).not.toContain('serverAddress');
  });

  test('a session lasts from initialize to its DELETE', () => {
    const init = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } };
    const answer = { jsonrpc: '2.0', id: 0, result: { protocolVersion: '2025-06-18' } };
    const answerHeaders = { 'mcp-session-id': 's-1' };
    post(init, 100n, { status: 200, answer, answerHeaders });
    const leave = (at: bigint, status: number) => {
      const listener = begin({ method: 'DELETE', path: '/mcp', headers: SESSION }, at);
      listener.responseHead({ status, headers: {} }, at);
      listener.end(at);
    };
    leave(200n, 405);
    expect(sessions).toEqual([]);
    leave(300n, 204);
    leave(400n, 204);
    expect(sessions).toEqual([
      {
        role: 'client',
        protocol: 'http/1.1',
        pid: 7,
        serverAddress: HOST,
        sessionId: 's-1',
        protocolVersion: '2025-06-18',
        start: 100n,
        end: 300n,
      },
    ]);
  });

  test('the observed process may be the server', () => {
    const facts: ConnectionFacts = { role: 'server', protocol: 'h2', pid: 9 };
    const stream = listen('/mcp', SESSION, 10n, facts);
    stream.responseBody(event({ jsonrpc: '2.0', id: 1, method: 'roots/list' }), 12n);
    post({ jsonrpc: '2.0', id: 1, result: { roots: [] } }, 30n, { headers: SESSION, facts });
    expect(calls).toMatchObject([{ method: 'roots/list', role: 'client', start: 12n, end: 30n }]);
  });

  test('a 202 without a stream is all that will come', () => {
    post(toolCall(1), 20n, { headers: SESSION });
    expect(calls).toMatchObject([{ httpStatus: 202 }]);
    expect(calls[0]).not.toHaveProperty('error');
  });
});

test('memory is bounded: what waits too long is told without its answer', () => {
  listen('/mcp', SESSION, 10n);
  for (let id = 0; id < 300; id += 1) post(toolCall(id), BigInt(20 + id), { headers: SESSION });
  expect(calls).toHaveLength(300 - 256);
  expect(calls[0]).toMatchObject({ requestId: '0', partial: ['truncated'] });
});
