/**
 * A conversation with credentials in every place where one can stand, as the exchanges that it is on the wire. A program of
 * any language sends the requests (`secret-client.py`, `secret-client.mjs`), `startSecretProvider` gives the answers, and
 * `decode` reads both.
 */

import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import path from 'node:path';
import { listen } from '../servers.js';
import type { Planter } from './planted-secrets.js';

export interface SecretExchange {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: string;
}

/** Places whose words are content: they show where content is on, and nowhere else. */
export const CONTENT_PLACES: readonly string[] = [
  ...['system', 'history', 'prompt', 'tool definition', 'tool result', 'answer', 'tool arguments', 'streamed answer'],
  ...['anthropic answer', 'anthropic tool arguments', 'responses answer', 'gemini answer', 'error message'],
  ...['mcp arguments', 'mcp result'],
];
export const endOf = (place: string): string => `end of ${place}`;
/** Places whose words always show. */
export const NAMING_PLACES: readonly string[] = [
  'model',
  'stop',
  'response id',
  'conversation',
  'mcp tool',
  'mcp resource',
];

export function secretExchanges(planter: Planter): SecretExchange[] {
  /** A harmless word, all secrets, and one more such word: what stands between secrets is left. */
  const said = (place: string) => `${planter.control(place)} ${planter.texts(place)} ${planter.control(endOf(place))}`;
  /** A name with one secret in it. */
  const named = (place: string) => `${planter.control(place)}-${planter.one(place)}`;
  const argumentsOf = (place: string) => ({ note: said(place), ...planter.fields(place) });
  return [
    chat(planter, said, named, argumentsOf),
    streamed(planter, said),
    failed(planter, said),
    anthropic(planter, said, argumentsOf),
    responses(planter, said, named),
    gemini(planter, said),
    mcpTool(planter, said, named),
    mcpResource(planter, named),
  ];
}

type Said = (place: string) => string;
type ArgumentsOf = (place: string) => Record<string, string>;

function chat(planter: Planter, said: Said, named: Said, argumentsOf: ArgumentsOf): SecretExchange {
  const { one, fields } = bound(planter);
  const call = { id: named('history tool call'), type: 'function' };
  return exchange(planter, 'chat', '/v1/chat/completions', {
    request: {
      model: named('model'),
      stop: [named('stop'), one('second stop', 'jwt')],
      user: one('user'),
      metadata: fields('metadata'),
      safety_identifier: one('safety identifier'),
      prompt_cache_key: one('prompt cache key'),
      service_tier: one('service tier'),
      messages: [
        { role: 'system', content: said('system') },
        { role: 'user', name: one('name of a speaker', 'huggingface'), content: said('history') },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { ...call, function: { name: 'login', arguments: JSON.stringify(argumentsOf('history arguments')) } },
          ],
        },
        { role: 'tool', tool_call_id: call.id, content: JSON.stringify(argumentsOf('tool result')) },
        {
          role: 'user',
          content: [
            { type: 'text', text: said('prompt') },
            { type: 'image_url', image_url: { url: `https://img.internal/a?sig=${planter.word('image address')}` } },
          ],
        },
      ],
      tools: [
        {
          type: 'function',
          function: {
            name: 'login',
            description: said('tool definition'),
            parameters: {
              type: 'object',
              properties: { password: { type: 'string', default: planter.value('default of a parameter') } },
            },
          },
        },
      ],
    },
    answer: {
      id: named('response id'),
      object: 'chat.completion',
      model: `gpt-4o-${one('response model')}`,
      system_fingerprint: one('fingerprint'),
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: said('answer'),
            tool_calls: [
              {
                id: one('tool call id'),
                type: 'function',
                function: { name: one('tool name'), arguments: JSON.stringify(argumentsOf('tool arguments')) },
              },
              {
                id: 'call_2',
                type: 'function',
                function: { name: 'deep', arguments: JSON.stringify(deepArguments(planter)) },
              },
            ],
          },
        },
      ],
      usage: USAGE,
    },
  });
}

const USAGE = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };

/** Secrets that lie deeper than a text in a field. */
function deepArguments(planter: Planter): object {
  return {
    connection: { options: [{ auth: { password: planter.value('nested password') } }] },
    api_keys: [planter.value('first of a list'), planter.value('second of a list')],
    credentials: { user: 'ada', value: planter.value('value in credentials') },
    headers: [{ name: 'Authorization', value: planter.value('name and value') }],
    pairs: [['x-api-key', planter.value('pair')]],
    command: ['mysql', '--password', planter.word('command line')],
    inner: JSON.stringify({ login: { password: planter.value('json in a field') } }),
    pin: { password: planter.number('number') },
  };
}

function streamed(planter: Planter, said: Said): SecretExchange {
  const words = said('streamed answer');
  const given = JSON.stringify({ password: planter.value('streamed arguments'), note: planter.texts('streamed note') });
  const pieces = (text: string, length: number) => text.match(new RegExp(`[\\s\\S]{1,${length}}`, 'g')) ?? [];
  const event = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-2',
      object: 'chat.completion.chunk',
      model: 'gpt-4o',
      choices: [{ index: 0, delta, finish_reason: finish }],
    })}\n\n`;
  const call = (more: object) => ({ tool_calls: [{ index: 0, ...more }] });
  const events = [
    ...pieces(words, 7).map(content => event({ content })),
    event(call({ id: 'call_3', type: 'function', function: { name: 'login', arguments: '' } })),
    ...pieces(given, 7).map(text => event(call({ function: { arguments: text } }))),
    event({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ];
  const request = { model: 'gpt-4o', stream: true, messages: [{ role: 'user', content: said('streamed prompt') }] };
  const made = exchange(planter, 'streamed', '/v1/chat/completions', { request, answer: {} });
  return {
    ...made,
    responseHeaders: { ...made.responseHeaders, 'content-type': 'text/event-stream' },
    responseBody: events.join(''),
  };
}

function failed(planter: Planter, said: Said): SecretExchange {
  return {
    ...exchange(planter, 'error', '/v1/chat/completions', {
      request: { model: 'gpt-4o', messages: [{ role: 'user', content: said('failed prompt') }] },
      answer: {
        error: {
          message: `Incorrect API key provided. ${said('error message')}`,
          type: planter.one('error type'),
          code: planter.one('error code'),
          param: planter.one('error param'),
        },
      },
    }),
    status: 401,
  };
}

function anthropic(planter: Planter, said: Said, argumentsOf: ArgumentsOf): SecretExchange {
  return exchange(planter, 'anthropic', '/v1/messages', {
    headers: { 'anthropic-version': '2023-06-01', 'x-api-key': planter.word('anthropic header') },
    request: {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      stop_sequences: [planter.one('anthropic stop')],
      metadata: { user_id: planter.one('anthropic user') },
      system: [{ type: 'text', text: said('anthropic system') }],
      mcp_servers: [
        { type: 'url', url: 'https://mcp.internal', name: 'm', authorization_token: planter.word('mcp server') },
      ],
      messages: [
        { role: 'user', content: said('anthropic prompt') },
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'toolu_1', name: 'login', input: argumentsOf('anthropic history') }],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: said('anthropic tool result') }],
        },
      ],
    },
    answer: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5',
      content: [
        { type: 'thinking', thinking: said('thinking'), signature: 'c2ln' },
        { type: 'text', text: said('anthropic answer') },
        { type: 'tool_use', id: 'toolu_2', name: 'login', input: argumentsOf('anthropic tool arguments') },
      ],
      stop_reason: 'stop_sequence',
      stop_sequence: planter.one('anthropic stop sequence'),
      usage: { input_tokens: 9, output_tokens: 3 },
    },
  });
}

function responses(planter: Planter, said: Said, named: Said): SecretExchange {
  return exchange(planter, 'responses', '/v1/responses', {
    request: {
      model: 'gpt-4o',
      instructions: said('instructions'),
      input: [{ role: 'user', content: [{ type: 'input_text', text: said('responses prompt') }] }],
      conversation: named('conversation'),
      previous_response_id: planter.one('previous response'),
      user: planter.one('responses user'),
      tools: [
        {
          type: 'mcp',
          server_label: 'm',
          server_url: `https://ada:${planter.word('tool server address')}@mcp.internal`,
          authorization: planter.word('tool authorization'),
          headers: { Authorization: `Bearer ${planter.word('tool header')}` },
        },
      ],
    },
    answer: {
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      model: 'gpt-4o',
      output: [
        {
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: said('responses answer'), annotations: [] }],
        },
        {
          type: 'function_call',
          call_id: 'call_4',
          name: 'login',
          arguments: JSON.stringify(planter.fields('responses arguments')),
        },
      ],
      usage: { input_tokens: 9, output_tokens: 3, total_tokens: 12 },
    },
  });
}

function gemini(planter: Planter, said: Said): SecretExchange {
  const key = planter.one('address of gemini', 'google');
  return exchange(planter, 'gemini', `/v1beta/models/gemini-2.5-flash:generateContent?key=${key}`, {
    headers: { 'x-goog-api-key': planter.one('gemini header', 'google') },
    request: { contents: [{ role: 'user', parts: [{ text: said('gemini prompt') }] }] },
    answer: {
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: said('gemini answer') },
              { functionCall: { name: 'login', args: planter.fields('gemini arguments') } },
            ],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 3, totalTokenCount: 12 },
      modelVersion: 'gemini-2.5-flash',
    },
  });
}

function mcpTool(planter: Planter, said: Said, named: Said): SecretExchange {
  return exchange(planter, 'mcp', '/mcp', {
    headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' },
    request: {
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: {
        name: named('mcp tool'),
        arguments: { note: said('mcp arguments'), ...planter.fields('mcp arguments') },
      },
    },
    answer: {
      jsonrpc: '2.0',
      id: 7,
      result: {
        content: [{ type: 'text', text: said('mcp result') }],
        structuredContent: planter.fields('mcp structured result'),
      },
    },
  });
}

function mcpResource(planter: Planter, named: Said): SecretExchange {
  return exchange(planter, 'mcp resource', '/mcp', {
    headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' },
    request: {
      jsonrpc: '2.0',
      id: 8,
      method: 'resources/read',
      params: { uri: `https://ada:${planter.word('mcp resource user')}@files.internal/${named('mcp resource')}` },
    },
    answer: { jsonrpc: '2.0', id: 8, error: { code: -32602, message: planter.texts('mcp error') } },
  });
}

interface Parts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly request: object;
  readonly answer: object;
}

/** With credentials in its headers, in its address and in the headers of the answer. */
function exchange(planter: Planter, place: string, where: string, { headers, request, answer }: Parts): SecretExchange {
  const { word, one } = bound(planter);
  const query = `api_key=${word(`query of ${place}`)}&access_token=${word(`second query of ${place}`)}`;
  return {
    path: `${where}${where.includes('?') ? '&' : '?'}${query}`,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${word(`authorization of ${place}`)}`,
      'proxy-authorization': `Basic ${word(`proxy authorization of ${place}`)}`,
      'api-key': word(`api-key of ${place}`),
      'x-auth-token': word(`x-auth-token of ${place}`),
      'x-company-secret': word(`x-company-secret of ${place}`),
      'x-custom': one(`x-custom of ${place}`),
      cookie: `session=${word(`cookie of ${place}`)}`,
      referer: `https://ada:${word(`user of the referer of ${place}`)}@app.internal/?token=${word(`referer of ${place}`)}`,
      ...headers,
    },
    body: JSON.stringify(request),
    status: 200,
    responseHeaders: {
      'content-type': 'application/json',
      'set-cookie': `sid=${word(`set-cookie of ${place}`)}; Path=/`,
      'x-request-id': one(`x-request-id of ${place}`),
      location: `https://blob.internal/file?sig=${word(`location of ${place}`)}`,
    },
    responseBody: JSON.stringify(answer),
  };
}

function bound(planter: Planter) {
  return {
    word: (place: string) => planter.word(place),
    one: (place: string, shape?: string) => planter.one(place, shape),
    fields: (place: string) => planter.fields(place),
  };
}

const TLS = path.resolve(import.meta.dirname, '../../fixtures/tls');

export interface SecretProvider {
  readonly http: string;
  readonly https: string;
  close(): Promise<void>;
}

/** Answers each request with what its exchange says, told by its path. As a proxy of plain HTTP too. */
export async function startSecretProvider(exchanges: readonly SecretExchange[]): Promise<SecretProvider> {
  const answers = new Map(exchanges.map(each => [each.path, each]));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for await (const _ of request);
    const url = new URL(request.url ?? '/', 'http://provider');
    const found = answers.get(url.pathname + url.search);
    if (found === undefined) return void response.writeHead(404).end();
    response.writeHead(found.status, found.responseHeaders).end(found.responseBody);
  };
  const plain = await listen(createPlainServer(answer));
  const secure = await listen(
    createServer({ key: readFileSync(`${TLS}/server.key`), cert: readFileSync(`${TLS}/server.pem`) }, answer),
  );
  return {
    http: `http://127.0.0.1:${plain.port}`,
    https: `https://127.0.0.1:${secure.port}`,
    async close() {
      await Promise.all([plain.close(), secure.close()]);
    },
  };
}
