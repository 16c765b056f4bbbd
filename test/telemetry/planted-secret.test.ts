/**
 * Credentials are planted into every text of every recorded exchange (request, response, query, headers), decoded with
 * content on, and must not leave in any form: span, metric or event. The same run proves that the planting works.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { cleanCall } from '../../src/calls/clean.js';
import type { ContentPolicy } from '../../src/calls/content.js';
import { createRedactor } from '../../src/calls/redact.js';
import { jsonEncoding } from '../../src/telemetry/otlp/encode-json.js';
import { renderCall } from '../../src/telemetry/render.js';
import type { Exchange } from '../../src/wire/exchange.js';
import { replayExchange } from '../../src/wire/exchange-replay.js';
import type { Call } from '../../src/wire/llm-call.js';
import { createCallDecoder } from '../../src/wire/providers/index.js';

const CORPUS = path.resolve(import.meta.dirname, '../../../shared/corpus/exchanges.ndjson.gz');
/** Made up, and put together here so that no scanner takes this file for a leak. */
const CORE = 'Pl4ntedS3cretPl4ntedS3cret0001';
const SECRETS = [['sk', 'proj', CORE].join('-'), ['gh', `p_${CORE}`].join(''), `Bearer ${CORE}`];
const TEXT_KEYS = new Set([
  'content',
  'text',
  'prompt',
  'input',
  'system',
  'instructions',
  'description',
  'arguments',
  'query',
  'thinking',
]);

function plant(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return TEXT_KEYS.has(key) ? `${value} ${SECRETS.join(' ')}` : value;
  if (Array.isArray(value)) return value.map(item => plant(item, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plant(inner, name)]));
}

/** JSON whole, or each line of a stream of server-sent events; anything else as it is. */
function plantBody(body: Buffer): Buffer {
  const text = body.toString('utf8');
  const planted = (json: string): string => {
    try {
      return JSON.stringify(plant(JSON.parse(json)));
    } catch {
      return json;
    }
  };
  if (/^(?:event|data|id): ?/.test(text))
    return Buffer.from(text.replace(/^data: ?(.*)$/gm, (_line, json) => `data: ${planted(json)}`));
  const json = planted(text);
  // Binary streams stay byte for byte.
  return json === text ? body : Buffer.from(json);
}

interface Line {
  id: string;
  host: string;
  method: string;
  path: string;
  request_headers: Record<string, string>;
  response_headers: Record<string, string>;
  request_body: string;
  response_body: string;
  status: number;
  expected: object | null;
}

function callsOf(line: Line): Call[] {
  const calls: Call[] = [];
  const open = createCallDecoder({ content: true, newId: () => line.id, onCall: call => calls.push(call) });
  const body = (text: string | null): Buffer => {
    const bytes = Buffer.from(text ?? '', 'base64');
    return plantBody(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
  };
  const { 'content-encoding': _request, ...requestHeaders } = line.request_headers;
  const { 'content-encoding': _response, ...responseHeaders } = line.response_headers;
  const exchange: Exchange = {
    id: line.id,
    role: 'client',
    protocol: 'http/1.1',
    host: line.host,
    method: line.method,
    path: `${line.path}${line.path.includes('?') ? '&' : '?'}key=${CORE}`,
    requestHeaders: {
      ...requestHeaders,
      authorization: `Bearer ${CORE}`,
      'x-api-key': CORE,
      cookie: `session=${CORE}`,
    },
    responseHeaders: { ...responseHeaders, 'set-cookie': `session=${CORE}` },
    requestBody: body(line.request_body),
    responseBody: body(line.response_body),
    status: line.status,
    start: 1_000_000_000n,
    firstByte: 2_000_000_000n,
    end: 3_000_000_000n,
    partial: [],
  };
  replayExchange(exchange, open);
  return calls;
}

/** All that would be sent, as text. */
function sent(call: Call, content: ContentPolicy): string {
  const rendered = renderCall(cleanCall(call, content), { generation: 'head', content, emitEvent: true })!;
  const identity = { traceId: '0'.repeat(31) + 1, spanId: '0'.repeat(15) + 1, traceFlags: 1 };
  const doubles: ReadonlySet<string> = new Set();
  const log = rendered.events.map(event => jsonEncoding.log({ ...event, eventName: event.name }, doubles));
  const points = JSON.stringify(rendered.measurements);
  return Buffer.concat([jsonEncoding.span({ ...rendered, ...identity }, doubles), ...log]).toString() + points;
}

const lines = existsSync(CORPUS)
  ? gunzipSync(readFileSync(CORPUS))
      .toString('utf8')
      .trim()
      .split('\n')
      .map(text => JSON.parse(text) as Line)
  : [];
if (lines.length === 0)
  process.stderr.write('planted-secret: skipped over the corpus, which is not beside this clone\n');

describe('planted secrets', () => {
  const all: ContentPolicy = { capture: 'both', maxLength: 32_768, redact: createRedactor([]) };

  (lines.length === 0 ? test.skip : test)('none of the corpus leaves, with all content on', () => {
    let calls = 0;
    let carriers = 0;
    const leaks: string[] = [];
    for (const line of lines) {
      for (const call of callsOf(line)) {
        calls += 1;
        if (sent(call, { ...all, redact: text => text }).includes(CORE)) carriers += 1;
        if (sent(call, all).includes('Pl4ntedS3cret')) leaks.push(line.id);
      }
    }
    expect(leaks).toEqual([]);
    expect(calls).toBeGreaterThan(1000);
    expect(carriers / calls).toBeGreaterThan(0.9);
  });

  (lines.length === 0 ? test.skip : test)('with content off, not even the texts around them', () => {
    const off = { ...all, capture: 'off' } as const;
    const marker = 'zyzzyva-marker';
    for (const line of lines.slice(0, 300)) {
      const marked = Buffer.from(line.request_body ?? '', 'base64')
        .toString('utf8')
        .replaceAll(/("(?:content|text)":\s*")/g, `$1${marker} `);
      for (const call of callsOf({ ...line, request_body: Buffer.from(marked).toString('base64') })) {
        expect(sent(call, off)).not.toContain(marker);
      }
    }
  });

  test('an exchange of our own, without the corpus', () => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64');
    const [call] = callsOf({
      id: 'own',
      host: 'api.openai.com',
      method: 'POST',
      path: '/v1/chat/completions',
      request_headers: { 'content-type': 'application/json' },
      response_headers: { 'content-type': 'application/json' },
      request_body: encode({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hello' }] }),
      response_body: encode({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        model: 'gpt-4o',
        choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      }),
      status: 200,
      expected: null,
    });
    expect(sent(call!, { ...all, redact: text => text })).toContain(CORE);
    expect(sent(call!, all)).toContain('hello [REDACTED] [REDACTED] Bearer [REDACTED]');
    expect(sent(call!, all)).not.toContain(CORE);
  });
});
