import { describe, expect, test } from '@jest/globals';
import {
  beginsAs,
  isCallBody,
  isCallPath,
  isInterimAnswer,
  lookAtRequest,
  moreOfBody,
  speaksHttp,
} from '../../../src/bootstrap/node/recognise.js';
import { ROUTES } from '../../../src/wire/providers/recognize/routes.js';

describe('the first look at a path', () => {
  test('passes every path that the providers know, behind any prefix, with a query or a slash', () => {
    for (const { method = 'POST', end, contains, lookAhead } of ROUTES) {
      // Words that every web service has: told by more than their end.
      if (lookAhead !== undefined) continue;
      const begin = `/gateway${contains === undefined ? '' : `${contains}some.model-v1:0`}${end}`;
      const path = method === 'GET' ? `${begin}/an-id` : begin;
      for (const form of [path, `${path}?api-version=2024-10-21`, `${path}/`])
        expect([form, isCallPath(form, method)]).toEqual([form, true]);
    }
  });

  test('passes the usual path of MCP', () => {
    for (const path of ['/mcp', '/v1/mcp', '/mcp/', '/mcp?key=1'])
      expect([path, isCallPath(path)]).toEqual([path, true]);
  });

  test('passes a GET only where it may open a socket, listen or fetch a later result', () => {
    for (const path of ['/v1/realtime?model=x', '/v1/responses', '/ws/google.ai.v1.Service.BidiGenerateContent?key=k'])
      expect([path, isCallPath(path, 'GET')]).toEqual([path, true]);
    for (const path of ['/v1/chat/completions', '/v1/models', '/v1/responses/r/input_items'])
      expect([path, isCallPath(path, 'GET')]).toEqual([path, false]);
    expect(isCallPath('/v1/chat/completions', 'PUT')).toBe(false);
  });

  test.each([
    '/',
    '/messages',
    '/v1/messages/batches',
    '/orders?path=/v1/chat/completions',
    '/chat/completions/export',
    '',
  ])('does not pass %j', path => {
    expect(isCallPath(path)).toBe(false);
  });
});

const request = (head: string, body = '') => `${head}\r\n\r\n${body}`;
const JSON_POST = 'POST /v1/unheard HTTP/1.1\r\nHost: models.example\r\nContent-Type: application/json';
const CHAT = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';

describe('the first bytes of a request', () => {
  test.each([
    ['a known path', request('POST /v1/chat/completions?x=1 HTTP/1.1\r\nhost: a'), 'call'],
    ['a path that opens a socket', request('GET /v1/realtime HTTP/1.1'), 'call'],
    ['a host whose paths say too little', request('POST / HTTP/1.1\r\nHost: router.huggingface.co:443'), 'call'],
    ['a header of MCP', request('GET /anything HTTP/1.1\r\naccept: x\r\nMcp-Session-Id: 7'), 'call'],
    ['the end of a session of MCP', request('DELETE /anything HTTP/1.1\r\nmcp-session-id: 7'), 'call'],
    ['a body with messages', request(JSON_POST, CHAT), 'call'],
    ['a long query', request(`POST /v1/chat/completions?sig=${'a'.repeat(16_000)} HTTP/1.1`), 'call'],
    ['a body behind a long head', request(`${JSON_POST}\r\nCookie: ${'a'.repeat(60_000)}`, CHAT), 'call'],
    ['the same in chunks', request(JSON_POST, `3a\r\n${CHAT}\r\n0\r\n\r\n`), 'call'],
    ['a body that is to come', request(JSON_POST), 'body'],
    ['a body that has not said it yet', request(JSON_POST, '{"user":"u",'), 'body'],
    ['a body that is no object', request(JSON_POST, '"text"'), 'other'],
    ['a long body of something else', request(JSON_POST, `{"a":"${'x'.repeat(5_000)}"}`), 'other'],
    ['a body that is packed', request(`${JSON_POST}\r\nContent-Encoding: gzip`, CHAT), 'other'],
    ['a body that is no JSON', request(JSON_POST.replace('/json', '/x-www-form-urlencoded'), CHAT), 'other'],
    ['an unknown path of a provider', request(JSON_POST.replace('models.example', 'api.openai.com'), CHAT), 'other'],
    ['a GET of something', request('GET /v1/models HTTP/1.1\r\nhost: a'), 'other'],
  ])('%s', (_, text, is) => {
    expect([lookAtRequest(text)?.is, lookAtRequest(Buffer.from(text))?.is]).toEqual([is, is]);
    expect(lookAtRequest(new Uint8Array(Buffer.from(text)))?.is).toBe(is);
  });

  test.each([
    ['nothing', ''],
    ['an answer', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['another method', 'PUT /v1/chat/completions HTTP/1.1\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a sentence', 'POST offices are closed'],
    ['a line that goes on', 'POST /v1/chat/completions'],
    ['no bytes', undefined],
    ['an object', { length: 4 }],
  ])('%s: no request begins', (_, data) => {
    expect(lookAtRequest(data)).toBeUndefined();
    if (typeof data === 'string') expect(lookAtRequest(Buffer.from(data))).toBeUndefined();
  });
});

describe('a body that comes in parts', () => {
  test('is told as soon as it says so, from text and bytes', () => {
    const first = lookAtRequest(request(JSON_POST, '{"model":"m","mess'))!.body!;
    expect(isCallBody(first)).toBeUndefined();
    expect(isCallBody(moreOfBody(first, 'ages":[{}]}', 'utf8'))).toBe(true);
    expect(isCallBody(moreOfBody(first, Buffer.from('ages":[{}]}'), undefined))).toBe(true);
    expect(isCallBody(moreOfBody(first, Buffer.from('ages":[{}]}').toString('hex'), 'hex'))).toBe(true);
  });

  test('is given up after 4 KiB', () => {
    const body = moreOfBody('{"a":"', 'x'.repeat(10_000), 'latin1');
    expect([body.length, isCallBody(body)]).toEqual([4_096, false]);
  });
});

test.each<[unknown, boolean]>([
  ['PUT /log HTTP/1.1\r\nhost: a\r\n\r\n', true],
  ['M-SEARCH * HTTP/1.1\r\n\r\n', true],
  ['CONNECT a:443 HTTP/1.1\r\n\r\n', true],
  [`POST /${'a'.repeat(9_000)} HTTP/1.1\r\n\r\n`, true],
  ['POST /v1/chat', true],
  ['POST', true],
  ['\x05\x01\x00', true],
  ['SET k 9\r\n', false],
  ['*3\r\n$3\r\nSET\r\n', false],
  ['\x00\x00\x00\x08', false],
  ['EHLO\r\n', false],
])('whether a connection that begins with %j may carry requests: %j', (first, expected) => {
  expect([speaksHttp(first), speaksHttp(Buffer.from(first as string, 'latin1'))]).toEqual([expected, expected]);
});

test('an answer that is not the last', () => {
  expect(['HTTP/1.1 100 Continue', Buffer.from('HTTP/1.1 103 Early Hints')].map(isInterimAnswer)).toEqual([true, true]);
  expect(['HTTP/1.1 200 OK', Buffer.from('HTTP/1.1 400 '), null].map(isInterimAnswer)).toEqual([false, false, false]);
});

test('the head that Node has made', () => {
  const head = 'POST / HTTP/1.1\r\nx: \xe4\r\n\r\n';
  expect([beginsAs(`${head}{}`, head), beginsAs(Buffer.from(`${head}{}`, 'latin1'), head)]).toEqual([true, true]);
  expect([beginsAs('POST / HTTP/1.1', head), beginsAs(undefined, head)]).toEqual([false, false]);
});
