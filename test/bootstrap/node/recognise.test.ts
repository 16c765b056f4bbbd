import { describe, expect, test } from '@jest/globals';
import { BODY_LOOK, isCallBody, isCallPath, lookAtRequest, moreOfBody } from '../../../src/bootstrap/node/recognise.js';
import { ROUTES } from '../../../src/wire/providers/recognize/routes.js';

describe('the first look at a path', () => {
  test('passes every path that the providers know, behind any prefix, with a query or a slash', () => {
    for (const { end, contains, lookAhead } of ROUTES) {
      // Words that every web service has: told by more than their end.
      if (lookAhead !== undefined) continue;
      const path = `/gateway${contains === undefined ? '' : `${contains}some.model-v1:0`}${end}`;
      for (const form of [path, `${path}?api-version=2024-10-21`, `${path}/`])
        expect([form, isCallPath(form)]).toEqual([form, true]);
    }
  });

  test('passes the usual path of MCP', () => {
    for (const path of ['/mcp', '/v1/mcp', '/mcp/', '/mcp?key=1'])
      expect([path, isCallPath(path)]).toEqual([path, true]);
  });

  test('passes a GET only where it may open a socket or listen', () => {
    for (const path of ['/v1/realtime?model=x', '/v1/responses', '/ws/google.ai.v1.Service.BidiGenerateContent?key=k'])
      expect([path, isCallPath(path, 'GET')]).toEqual([path, true]);
    for (const path of ['/v1/chat/completions', '/v1/models'])
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

describe('the first bytes of a request', () => {
  const line = 'POST /v1/chat/completions?x=1 HTTP/1.1\r\nhost: a\r\n\r\n';
  const post = (host: string, body: string, type = 'application/json') =>
    `POST /run HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const chat = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';

  test('are told as text and as bytes', () => {
    for (const data of [line, Buffer.from(line), new Uint8Array(Buffer.from(line))]) {
      expect(lookAtRequest(data)).toEqual({ is: 'call' });
    }
    expect(lookAtRequest('GET /v1/realtime HTTP/1.1\r\n\r\n')).toEqual({ is: 'call' });
    expect(lookAtRequest('GET /v1/models HTTP/1.1\r\n\r\n')).toEqual({ is: 'begin' });
  });

  test("a call's body is a call at any path and host, but not where all paths are known", () => {
    expect(lookAtRequest(post('gateway.internal', chat))).toEqual({ is: 'call' });
    expect(lookAtRequest(Buffer.from(post('gateway.internal', chat)))).toEqual({ is: 'call' });
    expect(lookAtRequest(post('api.openai.com', chat))).toEqual({ is: 'begin' });
    expect(lookAtRequest(post('gateway.internal', chat, 'text/plain'))).toEqual({ is: 'begin' });
    expect(lookAtRequest(post('gateway.internal', '{"order":7}'.padEnd(BODY_LOOK)))).toEqual({ is: 'begin' });
  });

  test('a body that has only begun is asked for more, up to its bound', () => {
    const look = lookAtRequest(post('gateway.internal', ''));
    expect(look).toEqual({ is: 'body', body: '' });
    const more = moreOfBody('', Buffer.from(chat), undefined);
    expect(isCallBody(more)).toBe(true);
    expect(isCallBody(moreOfBody('{"a":1', ',"b":2', 'utf8'))).toBeUndefined();
    const full = moreOfBody('{"a":"', 'x'.repeat(2 * BODY_LOOK), 'latin1');
    expect([full.length, isCallBody(full)]).toEqual([BODY_LOOK, false]);
  });

  test.each([
    ['nothing', ''],
    ['an answer', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['another method', line.replace('POST', 'PUT')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a sentence', 'POST offices are closed'],
    ['a line that goes on', 'POST /v1/chat/completions'],
    ['no bytes', undefined],
    ['an object', { length: 4 }],
  ])('%s: is no request line', (_, data) => {
    expect(lookAtRequest(data)).toBeUndefined();
    if (typeof data === 'string') expect(lookAtRequest(Buffer.from(data))).toBeUndefined();
  });
});
