import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { Exchange } from '../../src/wire/exchange.js';
import { type CollectedExchange, collectExchanges } from '../../src/wire/exchange-collector.js';
import { ExchangeLineError, formatExchangeLine, parseExchangeLine } from '../../src/wire/exchange-json.js';
import { randomChunks, replayExchange, singleBytes, wholeBody } from '../../src/wire/exchange-replay.js';
import { seeded } from './protocol/support.js';

const exchange: Exchange = {
  id: '1',
  role: 'client',
  protocol: 'http/1.1',
  pid: 7,
  process: 'python3',
  host: 'api.example',
  method: 'POST',
  path: '/v1/chat?key=abc&model=x',
  requestHeaders: { authorization: 'Bearer sk-secret', 'content-type': 'application/json' },
  requestBody: Buffer.from('{"a":1}'),
  status: 200,
  responseHeaders: { 'set-cookie': 's=1', 'x-ratelimit-remaining-tokens': '99' },
  responseBody: Buffer.from('{"b":2}'),
  start: 1_700_000_000_000_000_001n,
  firstByte: 1_700_000_000_000_000_002n,
  end: 1_700_000_000_000_000_003n,
  partial: ['gap'],
};

function collect(source: Exchange, bodyLimit = 1_000, chunking = wholeBody): CollectedExchange {
  const seen: CollectedExchange[] = [];
  replayExchange(
    source,
    collectExchanges({ bodyLimit, id: () => source.id, onExchange: one => seen.push(one) }),
    chunking,
  );
  expect(seen).toHaveLength(1);
  return seen[0]!;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('the Host field that a client made of an address keeps no password', () => {
  const requestHeaders = { host: 'ada:secret@proxy.example:3128' };
  const line = JSON.parse(formatExchangeLine(collect({ ...exchange, requestHeaders }), { bodies: false }));
  expect(line.request_headers).toEqual({ host: '[REDACTED]@proxy.example:3128' });
});

test('a line has the keys of the design in order, credentials masked, times as texts', () => {
  const line = JSON.parse(formatExchangeLine(collect(exchange), { bodies: true }));
  expect(Object.entries(line)).toEqual([
    ['id', '1'],
    ['pid', 7],
    ['process', 'python3'],
    ['role', 'client'],
    ['protocol', 'http/1.1'],
    ['host', 'api.example'],
    ['method', 'POST'],
    ['path', '/v1/chat?key=[REDACTED]&model=x'],
    ['request_headers', { authorization: '[REDACTED]', 'content-type': 'application/json' }],
    ['status', 200],
    ['response_headers', { 'set-cookie': '[REDACTED]', 'x-ratelimit-remaining-tokens': '99' }],
    ['request_size', 7],
    ['request_sha256', sha256('{"a":1}')],
    ['response_size', 7],
    ['response_sha256', sha256('{"b":2}')],
    ['start', '1700000000000000001'],
    ['first_byte', '1700000000000000002'],
    ['end', '1700000000000000003'],
    ['partial', ['gap']],
    ['request_body', 'eyJhIjoxfQ=='],
    ['response_body', 'eyJiIjoyfQ=='],
  ]);
});

test('without --bodies there is no body, and size and hash are the same however it was cut and however little was kept', () => {
  const whole = formatExchangeLine(collect(exchange), { bodies: false });
  expect(whole).not.toContain('_body"');
  for (const chunking of [singleBytes, randomChunks(seeded(3), 3)]) {
    expect(formatExchangeLine(collect(exchange, 0, chunking), { bodies: false })).toBe(whole);
  }
});

test('a body beyond the bound is kept up to it and marked; its size and hash are of the whole', () => {
  const cut = collect(exchange, 3, singleBytes);
  expect(Buffer.from(cut.requestBody!).toString()).toBe('{"a');
  expect(cut.partial).toEqual(['truncated', 'gap']);
  expect(cut.requestSize).toBe(7);
  expect(cut.requestSha256).toBe(sha256('{"a":1}'));
});

test('no answer: no status, no response size, no response hash', () => {
  const { status: _status, responseBody: _body, firstByte: _firstByte, ...rest } = exchange;
  const line = JSON.parse(formatExchangeLine(collect({ ...rest, responseHeaders: {} }), { bodies: true }));
  for (const key of ['status', 'response_size', 'response_sha256', 'response_body', 'first_byte']) {
    expect(line).not.toHaveProperty(key);
  }
});

test('a status that is unknown is absent, in both directions', () => {
  const { status: _status, ...rest } = exchange;
  const collected = collect(rest);
  expect(collected).not.toHaveProperty('status');
  expect(collected).toMatchObject({ responseSize: 7, responseSha256: sha256('{"b":2}') });
});

test('what was written is read back, masks included', () => {
  const line = formatExchangeLine(collect(exchange), { bodies: true });
  const again = parseExchangeLine(line, 1);
  expect(formatExchangeLine(again, { bodies: true })).toBe(line);
  expect(again.start).toBe(exchange.start);
});

test('WebSocket messages survive', () => {
  const spoken: Exchange = {
    ...exchange,
    protocol: 'websocket',
    status: 101,
    messages: [
      { from: 'client', data: Buffer.from('hi'), binary: false, at: 5n },
      { from: 'server', data: Buffer.from([0, 255]), binary: true, at: 6n },
    ],
  };
  const line = formatExchangeLine(collect(spoken), { bodies: true });
  expect(parseExchangeLine(line, 1).messages).toEqual(spoken.messages);
  expect(JSON.parse(line)).toMatchObject({ request_size: 2, response_size: 2, request_sha256: sha256('hi') });
});

describe('credentials', () => {
  test('what knows their forms is asked for addresses and for every header, whatever it is called', () => {
    const given = {
      ...exchange,
      path: '/a/KEY',
      requestHeaders: { 'x-mine': 'KEY' },
      responseHeaders: { link: 'KEY' },
    };
    const redact = (value: string) => value.replaceAll('KEY', '-');
    expect(JSON.parse(formatExchangeLine(given, { bodies: false, redact }))).toMatchObject({
      path: '/a/-',
      request_headers: { 'x-mine': '-' },
      response_headers: { link: '-' },
    });
  });

  const masked = (headers: Record<string, string>, at = '/') =>
    JSON.parse(formatExchangeLine({ ...exchange, requestHeaders: headers, path: at }, { bodies: true }));

  test.each([
    'authorization',
    'x-api-key',
    'api-key',
    'x-goog-api-key',
    'cookie',
    'x-amz-security-token',
    'proxy-authorization',
    'chatgpt-account-id',
    'x-my-secret',
    'x-vendor-token',
    'x-portkey-api-key',
  ])('%s is masked', name => {
    expect(masked({ [name]: 'value-1' }).request_headers).toEqual({ [name]: '[REDACTED]' });
  });

  test.each(['x-ratelimit-limit-tokens', 'x-amzn-bedrock-input-token-count', 'transfer-encoding', 'x-request-id'])(
    '%s is none',
    name => {
      expect(masked({ [name]: 'value-1' }).request_headers).toEqual({ [name]: 'value-1' });
    },
  );

  test('keys in subprotocols and addresses', () => {
    expect(
      masked({
        'sec-websocket-protocol': 'realtime, openai-insecure-api-key.sk-1, x',
        referer: 'https://h/?a=1&token=t',
      }).request_headers,
    ).toEqual({
      'sec-websocket-protocol': 'realtime, openai-insecure-api-key.[REDACTED], x',
      referer: 'https://h/?a=1&token=[REDACTED]',
    });
    expect(masked({}, '/x?X-Amz-Signature=abc&a=b').path).toBe('/x?X-Amz-Signature=[REDACTED]&a=b');
  });

  test.each(['/oauth/token', '/oauth2/v2.0/token?x=1', '/token'])('bodies of %s are never written', at => {
    expect(masked({}, at)).not.toHaveProperty('request_body');
  });
});

describe('bad lines are named', () => {
  test.each([
    ['{', 'line 3: is not JSON'],
    ['[]', 'line 3: is not a JSON object'],
    ['{"path":"/"}', 'line 3: "method" is missing'],
    ['{"method":"GET","path":"/","status":"200"}', 'line 3: "status" must be a whole number'],
    ['{"method":"GET","path":"/","role":"both"}', 'line 3: "role" must be one of client, server'],
    ['{"method":"GET","path":"/","request_body":"*"}', 'line 3: "request_body" must be base64'],
    ['{"method":"GET","path":"/","start":12}', 'line 3: "start" must be Unix nanoseconds as a text of digits'],
    ['{"method":"GET","path":"/","request_headers":{"a":1}}', 'line 3: "request_headers.a" must be a text'],
  ])('%s', (text, message) => {
    expect(() => parseExchangeLine(text, 3)).toThrow(
      new ExchangeLineError(3, undefined, '').constructor as ErrorConstructor,
    );
    expect(() => parseExchangeLine(text, 3)).toThrow(message);
  });
});

const CORPUS = path.resolve(import.meta.dirname, '../../../shared/corpus/exchanges.ndjson.gz');
const corpusTest = existsSync(CORPUS) ? test : test.skip;
if (!existsSync(CORPUS)) console.warn(`skipped: the recorded corpus is not there (${CORPUS})`);

corpusTest('every line of the corpus is read, and replayed byte for byte', () => {
  const lines = gunzipSync(readFileSync(CORPUS)).toString('utf8').trimEnd().split('\n');
  const chunking = randomChunks(seeded(11), 900);
  lines.forEach((line, index) => {
    const source = parseExchangeLine(line, index + 1);
    const raw = JSON.parse(line);
    const collected = collect(source, 64 * 1024 * 1024, chunking);
    expect(Buffer.from(collected.requestBody!).toString('base64')).toBe(raw.request_body);
    expect(Buffer.from(collected.responseBody!).toString('base64')).toBe(raw.response_body);
    expect(collected.host).toBe(raw.host);
    expect(collected).not.toHaveProperty('pid');
  });
  expect(lines.length).toBeGreaterThan(1_000);
});
