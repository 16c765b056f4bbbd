/**
 * HTTP archives as Firefox, Safari, Proxyman and mitmproxy write them. Made by hand in the shape of each: members that only
 * one of them has, bodies cut by its limits, and what it says of a request that was left or failed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { redactCredentials } from '../../src/calls/redact.js';
import { decodeInput } from '../../src/decode/decode.js';
import { openInput } from '../../src/decode/input.js';
import type { CallLine } from '../../src/telemetry/call-line.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'har-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function decode(log: object): Promise<CallLine[]> {
  const file = path.join(folder, 'archive.har');
  writeFileSync(file, JSON.stringify({ log }));
  const lines: CallLine[] = [];
  await decodeInput(await openInput(file, 'input'), {
    name: 'input',
    render: {
      generation: 'v1.41',
      content: { capture: 'off', maxLength: 1000, redact: redactCredentials },
      emitEvent: false,
    },
    costOf: () => undefined,
    onLine: line => void lines.push(line),
    onError(problem) {
      throw problem;
    },
  });
  return lines;
}

const URL_OF_CHAT = 'https://api.openai.com/v1/chat/completions';
const request = (stream: boolean) =>
  JSON.stringify({ model: 'gpt-4o', stream, messages: [{ role: 'user', content: 'Grüße' }] });
const ANSWER = JSON.stringify({
  id: 'c1',
  model: 'gpt-4o-x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const chunk = (delta: object, finish_reason: string | null) =>
  `data: ${JSON.stringify({ id: 'c2', model: 'gpt-4o-x', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const BEGIN = chunk({ content: 'Hel' }, null);
const STREAM = `${BEGIN}${chunk({ content: 'lo' }, 'stop')}data: [DONE]\n\n`;
const headers = (...pairs: [string, string][]) => pairs.map(([name, value]) => ({ name, value }));
const base64 = (text: string) => Buffer.from(text).toString('base64');

const WHOLE = {
  attributes: { 'gen_ai.usage.input_tokens': 3, 'gen_ai.response.finish_reasons': ['stop'] },
  partial: [],
};
const ENDED = { attributes: { 'gen_ai.response.id': 'c2', 'gen_ai.response.finish_reasons': ['stop'] }, partial: [] };
const CANCELLED = {
  attributes: { 'gen_ai.response.id': 'c2', 'gen_ai.response.finish_reasons': ['cancelled'] },
  partial: ['aborted', 'cancelled'],
};

test('Firefox', async () => {
  const entry = (stream: boolean, response: object) => ({
    startedDateTime: '2026-11-30T12:00:00.000+01:00',
    request: {
      bodySize: 90,
      method: 'POST',
      url: URL_OF_CHAT,
      httpVersion: 'HTTP/2',
      headers: headers(
        ['Host', 'api.openai.com'],
        ['Content-Type', 'application/json'],
        ['Accept-Encoding', 'gzip, br'],
      ),
      cookies: [],
      queryString: [],
      headersSize: 700,
      postData: { mimeType: 'application/json', params: [], text: request(stream) },
    },
    response: { httpVersion: 'HTTP/2', cookies: [], redirectURL: '', headersSize: 300, ...response },
    cache: {},
    timings: { blocked: 1, dns: 2, connect: 3, ssl: 4, send: 0, wait: 40, receive: 50 },
    time: 100,
    _securityState: 'secure',
    serverIPAddress: '162.159.140.245',
    connection: '443',
  });
  const zipped = headers(['content-type', 'application/json'], ['content-encoding', 'br']);
  const streamed = headers(['content-type', 'text/event-stream; charset=utf-8']);
  const lines = await decode({
    version: '1.2',
    creator: { name: 'Firefox', version: '145.0' },
    browser: { name: 'Firefox', version: '145.0' },
    pages: [],
    entries: [
      entry(false, {
        status: 200,
        statusText: '',
        headers: zipped,
        content: { mimeType: 'application/json', size: ANSWER.length, text: ANSWER },
        bodySize: 120,
      }),
      entry(true, {
        status: 200,
        headers: streamed,
        content: { mimeType: 'text/event-stream', size: STREAM.length, encoding: 'base64', text: base64(STREAM) },
        bodySize: 400,
      }),
      // "Include response bodies" is off, or the body was larger than devtools.netmonitor.responseBodyLimit.
      entry(true, {
        status: 200,
        headers: streamed,
        content: { mimeType: 'text/event-stream', size: 9_000, comment: 'Response bodies are not included.' },
        bodySize: 9_000,
      }),
      entry(false, {
        status: 200,
        headers: zipped,
        content: { mimeType: 'application/json', size: 2_000_000, text: ANSWER },
        bodySize: 2_000_000,
      }),
      // Blocked, or left before an answer: Firefox has nothing but zeros.
      entry(false, {
        status: 0,
        statusText: '',
        headers: [],
        content: { mimeType: 'text/plain', size: 0, text: '' },
        bodySize: 0,
      }),
    ],
  });
  const before = { attributes: { 'gen_ai.request.model': 'gpt-4o' } };
  expect(lines).toMatchObject([
    { ...WHOLE, start: '1796036400000000000' },
    ENDED,
    { ...before, partial: ['gap'] },
    { attributes: { 'gen_ai.usage.input_tokens': 3 }, partial: ['gap'] },
    { ...before, partial: ['aborted'] },
  ]);
  expect(lines[4]!.attributes).toMatchObject({ 'error.type': 'connection_closed' });
});

test('Safari', async () => {
  const entry = (response: object) => ({
    pageref: 'page_0',
    startedDateTime: '2026-11-30T11:00:00.000Z',
    time: 93.54,
    request: {
      method: 'POST',
      url: URL_OF_CHAT,
      httpVersion: 'HTTP/2',
      cookies: [],
      headers: headers([':method', 'POST'], [':authority', 'api.openai.com'], ['Content-Type', 'application/json']),
      queryString: [],
      headersSize: -1,
      bodySize: 90,
      postData: { mimeType: 'application/json', text: request(true) },
    },
    response: {
      status: 200,
      statusText: '',
      httpVersion: 'HTTP/2',
      cookies: [],
      headers: headers(['Content-Type', 'text/event-stream']),
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
      _transferSize: 700,
      ...response,
    },
    cache: {},
    timings: { blocked: 5, dns: -1, connect: -1, ssl: -1, send: 0.2, wait: 50, receive: 38 },
    serverIPAddress: '162.159.140.245',
    _serverPort: 443,
    connection: '1',
    _fetchType: 'Network Load',
    _priority: 'high',
  });
  const lines = await decode({
    version: '1.2',
    creator: { name: 'WebKit Web Inspector', version: '1.0' },
    pages: [{ id: 'page_0' }],
    entries: [
      entry({ content: { size: STREAM.length, compression: 0, mimeType: 'text/event-stream', text: STREAM } }),
      entry({
        content: { size: BEGIN.length, mimeType: 'text/event-stream', encoding: 'base64', text: base64(BEGIN) },
        _error: 'cancelled',
      }),
      entry({
        status: 0,
        headers: [],
        content: { size: 0, mimeType: 'x-unknown' },
        _error: 'The network connection was lost.',
      }),
    ],
  });
  expect(lines).toMatchObject([ENDED, CANCELLED, { partial: ['aborted'] }]);
  expect(lines.map(line => line.attributes?.['error.type'])).toEqual([undefined, undefined, 'connection_closed']);
});

test('Proxyman', async () => {
  const entry = {
    startedDateTime: '2026-11-30T18:00:00.123+07:00',
    time: 120,
    comment: '',
    _id: '17',
    _isHTTPS: true,
    _isIntercepted: true,
    _clientName: 'Cursor',
    request: {
      method: 'POST',
      url: URL_OF_CHAT,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: headers(['Host', 'api.openai.com'], ['Content-Type', 'application/json']),
      queryString: [],
      postData: { mimeType: 'application/json', text: request(false), params: [] },
      headersSize: 120,
      bodySize: 90,
    },
    response: {
      status: 200,
      statusText: 'OK',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: headers(['Content-Type', 'application/json'], ['Content-Encoding', 'gzip']),
      content: { size: ANSWER.length, mimeType: 'application/json', encoding: 'base64', text: base64(ANSWER) },
      redirectURL: '',
      headersSize: 90,
      bodySize: 100,
    },
    cache: {},
    timings: { send: 1, wait: 100, receive: 19 },
  };
  const said = (type: string, event: object) => ({ type, time: 1796036400.5, opcode: 1, data: JSON.stringify(event) });
  const socket = {
    ...entry,
    request: {
      ...entry.request,
      method: 'GET',
      url: 'wss://api.openai.com/v1/realtime?model=gpt-realtime',
      postData: {},
    },
    response: { ...entry.response, status: 101, headers: headers(['Upgrade', 'websocket']), content: { size: 0 } },
    _webSocketMessages: [
      said('send', { type: 'response.create' }),
      said('receive', { type: 'response.created', response: { id: 'r1' } }),
      said('receive', {
        type: 'response.done',
        response: { id: 'r1', status: 'completed', usage: { input_tokens: 4, output_tokens: 6 } },
      }),
    ],
  };
  const creator = { name: 'Proxyman', version: '5.20.0' };
  const lines = await decode({ version: '1.2', creator, entries: [entry, socket] });
  expect(lines).toMatchObject([
    WHOLE,
    { attributes: { 'gen_ai.response.id': 'r1', 'gen_ai.usage.output_tokens': 6 }, partial: [] },
  ]);
});

test('mitmproxy', async () => {
  const entry = (_error: string | null) => ({
    startedDateTime: '2026-11-30T11:00:00.000000+00:00',
    time: 90,
    request: {
      method: 'POST',
      url: URL_OF_CHAT,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: headers(['host', 'api.openai.com'], ['content-type', 'application/json']),
      queryString: [],
      headersSize: 100,
      bodySize: 90,
      postData: { mimeType: 'application/json', text: request(true), params: [] },
    },
    response: {
      status: 200,
      headers: headers(['content-type', 'text/event-stream']),
      content: { size: BEGIN.length, compression: 0, mimeType: 'text/event-stream', text: _error ? BEGIN : STREAM },
      _transferSize: 100,
      _error,
    },
    cache: {},
    timings: { connect: -1, ssl: -1, send: 1, wait: 50, receive: 30 },
  });
  const lines = await decode({
    version: '1.2',
    creator: { name: 'mitmproxy', version: '12.1.0' },
    entries: [entry(null), entry('Client disconnected.'), entry('peer closed connection')],
  });
  expect(lines).toMatchObject([ENDED, CANCELLED, { partial: ['aborted'] }]);
  expect(lines[2]!.attributes).toMatchObject({ 'error.type': 'stream_interrupted' });
});
