/** `decode` from bytes to lines: every kind of input, told apart by content, in any cut. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { redactCredentials } from '../../src/calls/redact.js';
import { readBeside } from '../../src/decode/beside.js';
import { decodeInput } from '../../src/decode/decode.js';
import { readHarEntries } from '../../src/decode/har.js';
import { openInput } from '../../src/decode/input.js';
import { formatProblem, type Problem } from '../../src/errors.js';
import type { CallLine } from '../../src/telemetry/call-line.js';
import type { Flow } from '../../src/wire/exchange.js';
import { encodeProcess, encodeRecord, RECORDING_MAGIC } from '../../src/wire/transport/recording.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'decode-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function decode(content: string | Buffer, capture: 'off' | 'span' = 'off') {
  const file = path.join(folder, 'input');
  writeFileSync(file, content);
  const lines: CallLine[] = [];
  const errors: string[] = [];
  await decodeInput(await openInput(file, 'input'), {
    name: 'input',
    render: { generation: 'v1.41', content: { capture, maxLength: 1000, redact: redactCredentials }, emitEvent: false },
    costOf: () => undefined,
    onLine: line => void lines.push(line),
    onError: problem => errors.push(formatProblem(problem)),
  });
  return { lines, errors };
}

const REQUEST = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] });
const ANSWER = JSON.stringify({
  id: 'c1',
  object: 'chat.completion',
  model: 'gpt-4o-x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 3,
};

const exchange = (more: object = {}) =>
  JSON.stringify({
    id: 'e1',
    host: 'api.openai.com',
    method: 'POST',
    path: '/v1/chat/completions',
    request_headers: { 'content-type': 'application/json' },
    response_headers: { 'content-type': 'application/json' },
    request_body: Buffer.from(REQUEST).toString('base64'),
    response_body: Buffer.from(ANSWER).toString('base64'),
    status: 200,
    ...more,
  });

describe('exchanges', () => {
  test('each gives one line, also where it is no call', async () => {
    const input = `${exchange()}\n\n${exchange({ id: 'e2', path: '/v1/models', method: 'GET' })}\n`;
    for (const content of [input, gzipSync(input), `\uFEFF${input}`]) {
      const { lines, errors } = await decode(content);
      expect(errors).toEqual([]);
      expect(lines).toMatchObject([
        { id: 'e1', attributes: CALL, partial: [] },
        { id: 'e2', attributes: null, partial: [] },
      ]);
      expect(lines[0]).not.toHaveProperty('output_text');
    }
  });

  test('with content, what was said; times and losses as they were written', async () => {
    const { lines } = await decode(exchange({ start: '1000', end: '3000', partial: ['gap'], pid: 7 }), 'span');
    expect(lines).toMatchObject([
      { pid: 7, start: '1000', end: '3000', partial: ['gap'], output_text: 'Hello', tool_calls: [] },
    ]);
  });

  test('a broken line is named, and the rest is read', async () => {
    const { lines, errors } = await decode(`${exchange()}\nnot json\n${exchange({ method: 7 })}\n${exchange()}`);
    expect(lines.map(({ id }) => id)).toEqual(['e1', 'e1']);
    expect(errors).toEqual([
      'openlit-instrument: input, line 2 is left out: is not JSON',
      'openlit-instrument: input, line 3 is left out: "method" must be a text',
    ]);
  });

  test('several calls of one WebSocket are told apart', async () => {
    const turn = (id: string) => [
      { from: 'client', data: JSON.stringify({ type: 'response.create', model: 'gpt-5', input: 'Hi' }) },
      { from: 'server', data: JSON.stringify({ type: 'response.created', response: { id } }) },
      { from: 'server', data: JSON.stringify({ type: 'response.completed', response: { id, status: 'completed' } }) },
    ];
    const messages = [...turn('r1'), ...turn('r2')].map(({ from, data }) => ({
      from,
      data: Buffer.from(data).toString('base64'),
      binary: false,
    }));
    const { lines } = await decode(
      exchange({ method: 'GET', path: '/v1/responses', status: 101, protocol: 'websocket', messages }),
    );
    expect(lines.map(({ id, attributes }) => [id, attributes?.['gen_ai.response.id']])).toEqual([
      ['e1', 'r1'],
      ['e1#2', 'r2'],
    ]);
  });
});

const HAR = {
  log: {
    version: '1.2',
    creator: { name: '"entries": [', version: '}' },
    pages: [{ id: 'p', entries: [1] }],
    entries: [
      {
        startedDateTime: '2026-01-01T00:00:00.000Z',
        time: 120,
        timings: { blocked: -1, send: 1, wait: 99, receive: 20 },
        request: {
          method: 'POST',
          url: 'https://api.openai.com/v1/chat/completions',
          headers: [{ name: 'Content-Type', value: 'application/json' }],
          postData: { mimeType: 'application/json', text: REQUEST },
        },
        response: {
          status: 200,
          headers: [
            { name: 'Content-Type', value: 'application/json' },
            { name: 'Content-Encoding', value: 'br' },
          ],
          content: { text: Buffer.from(ANSWER).toString('base64'), encoding: 'base64' },
        },
      },
      { request: { method: 'GET', url: 'https://example.com/' }, response: { status: 200 } },
      { response: { status: 200 } },
    ],
  },
};

describe('HAR', () => {
  test('entries are decoded with their times, bodies as the browser had them', async () => {
    const { lines, errors } = await decode(JSON.stringify(HAR));
    expect(lines).toMatchObject([
      { id: '1', attributes: CALL, start: '1767225600000000000', end: '1767225600120000000' },
      { id: '2', attributes: null },
    ]);
    expect(errors).toEqual(['openlit-instrument: input, entry 3 is left out: "request.url" is missing']);
  });

  describe('what an archive leaves out', () => {
    interface Message {
      [name: string]: unknown;
    }
    const har = (...entries: { request?: Message; response?: Message; [name: string]: unknown }[]) =>
      JSON.stringify({
        log: {
          entries: entries.map(({ request, response, ...more }) => ({
            request: {
              method: 'POST',
              url: 'https://api.openai.com/v1/chat/completions',
              headers: [{ name: 'content-type', value: 'application/json' }],
              postData: { text: REQUEST },
              ...request,
            },
            response: {
              status: 200,
              headers: [{ name: 'content-type', value: 'application/json' }],
              content: { text: ANSWER },
              ...response,
            },
            ...more,
          })),
        },
      });

    test('a stream of which Chrome kept the events alone', async () => {
      const chunk = (delta: object, finish_reason: string | null) =>
        JSON.stringify({ id: 'c1', model: 'gpt-4o', choices: [{ index: 0, delta, finish_reason }] });
      const _eventSourceMessages = [chunk({ content: 'Hello' }, null), chunk({}, 'stop'), '[DONE]'].map(data => ({
        time: 1,
        eventName: 'message',
        eventId: '',
        data,
      }));
      const { lines } = await decode(har({ response: { content: { size: 900 } }, _eventSourceMessages }));
      expect(lines).toMatchObject([
        { attributes: { 'gen_ai.response.finish_reasons': ['stop'], 'gen_ai.response.id': 'c1' }, partial: [] },
      ]);
    });

    test.each<[string, Message, string[], string | undefined]>([
      ['nothing', {}, [], undefined],
      ['the answer', { content: { size: 0, mimeType: 'text/event-stream' } }, ['gap'], undefined],
      ['the end of the answer', { content: { text: ANSWER, size: 5_000 } }, ['gap'], undefined],
      ['what the page left', { _error: 'net::ERR_ABORTED', content: {} }, ['aborted', 'cancelled'], undefined],
      ["the same in Playwright's", { _failureText: 'NS_BINDING_ABORTED' }, ['aborted', 'cancelled'], undefined],
      ['an answer that broke off', { _error: 'net::ERR_CONNECTION_RESET' }, ['aborted'], 'connection_closed'],
      ['what Charles saw fail', { _charlesStatus: 'FAILED', content: {} }, ['aborted'], 'connection_closed'],
      ['what Charles saw whole', { _charlesStatus: 'COMPLETE' }, [], undefined],
      [
        'an answer that never came',
        { status: 0, _error: 'net::ERR_FAILED', content: {} },
        ['aborted'],
        'connection_closed',
      ],
    ])('%s', async (_, response, partial, error) => {
      const { lines, errors } = await decode(har({ response }));
      expect(lines).toMatchObject([{ partial }]);
      expect([lines[0]!.attributes?.['error.type'], errors]).toEqual([error, []]);
    });

    test('the request', async () => {
      const { lines } = await decode(har({ request: { postData: undefined, bodySize: 900 } }));
      expect(lines).toMatchObject([{ attributes: { 'gen_ai.usage.input_tokens': 3 }, partial: ['gap'] }]);
    });

    test('bodies in files beside it are read', async () => {
      mkdirSync(path.join(folder, 'bodies'));
      writeFileSync(path.join(folder, 'answer.json'), ANSWER);
      writeFileSync(path.join(folder, 'bodies/request.json'), REQUEST);
      const files = {
        request: { postData: { _file: 'bodies/request.json' } },
        response: { content: { size: 9, _file: 'answer.json' } },
      };
      const { lines, errors } = await decode(har(files));
      expect(lines).toMatchObject([{ attributes: CALL, partial: [] }]);
      expect(errors).toEqual([]);
    });

    test('no other file is read, whatever its name says', async () => {
      const outside = mkdtempSync(path.join(os.tmpdir(), 'outside-'));
      try {
        writeFileSync(path.join(outside, 'answer.json'), ANSWER);
        symlinkSync(path.join(outside, 'answer.json'), path.join(folder, 'link.json'));
        symlinkSync(outside, path.join(folder, 'linked'));
        execFileSync('mkfifo', [path.join(folder, 'pipe')]);
        const relative = path.join('..', path.basename(outside), 'answer.json');
        const names = [
          relative,
          path.join(outside, 'answer.json'),
          'link.json',
          'linked/answer.json',
          '.',
          'pipe',
          'none.json',
        ];
        const { lines, errors } = await decode(har(...names.map(_file => ({ response: { content: { _file } } }))));
        expect(lines.map(line => [line.partial, line.attributes?.['gen_ai.usage.input_tokens']])).toEqual(
          names.map(() => [['gap'], undefined]),
        );
        expect(errors.map(error => error.replace(/^.*was not read: /, ''))).toEqual([
          ...Array(5).fill("it is outside the archive's folder"),
          'it is no file',
          'there is no such file beside the archive',
        ]);
        expect(errors[0]).toContain('input, entry 1 is not whole: body "');
      } finally {
        rmSync(outside, { recursive: true });
      }
    });

    test('an archive from a pipe has no folder', async () => {
      await expect(readBeside(undefined, 'a.json')).rejects.toThrow('has no folder');
    });

    test('WebSockets have their messages', async () => {
      const message = (type: string, time: number, data: object, opcode = 1) => ({
        type,
        time,
        opcode,
        data: opcode === 2 ? Buffer.from(JSON.stringify(data)).toString('base64') : JSON.stringify(data),
      });
      const response = {
        id: 'r',
        model: 'gpt-5-x',
        status: 'completed',
        usage: { input_tokens: 10, output_tokens: 20 },
      };
      const { lines } = await decode(
        har({
          request: { method: 'GET', url: 'wss://api.openai.com/v1/responses', postData: undefined },
          response: { status: 101, content: { size: 0 } },
          _webSocketMessages: [
            message('send', 1767225600.1, { type: 'response.create', model: 'gpt-5', input: 'hi' }),
            message('receive', 1767225600.5, { type: 'response.output_text.delta', delta: 'ok' }, 2),
            { type: 'receive', time: 1767225600.6, opcode: 9, data: '' },
            message('receive', 1767225600.9, { type: 'response.completed', response }),
          ],
        }),
      );
      expect(lines).toMatchObject([
        {
          attributes: { 'gen_ai.request.model': 'gpt-5', 'gen_ai.usage.output_tokens': 20 },
          start: '1767225600100000000',
          first_chunk: '1767225600500000000',
          end: '1767225600900000000',
          partial: [],
        },
      ]);
    });
  });

  test('entries are found in any cut', async () => {
    const bytes = Buffer.from(JSON.stringify(HAR, null, 2));
    for (const step of [1, 5, 64]) {
      const chunks = (async function* () {
        for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
      })();
      const entries: unknown[] = [];
      for await (const entry of readHarEntries(chunks)) entries.push(JSON.parse(entry));
      expect(entries).toEqual(HAR.log.entries);
    }
  });
});

describe('recordings', () => {
  const record = (flow: Flow, text: string, offset: number, time: bigint) =>
    encodeRecord(
      { kind: 'data', flow, pid: 7, tid: 7, connection: 1, epoch: 1n, offset, time, payload: Buffer.from(text) },
      time,
    );
  const request = `POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nContent-Type: application/json\r\nContent-Length: ${REQUEST.length}\r\n\r\n${REQUEST}`;
  const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${ANSWER.length}\r\n\r\n${ANSWER}`;
  const recording = Buffer.concat([
    Buffer.from(RECORDING_MAGIC),
    encodeProcess({ pid: 7, name: 'app' }),
    record('sent', request, 0, 1000n),
    record('received', answer.slice(0, 90), 0, 2000n),
    record('received', answer.slice(90), 90, 3000n),
  ]);

  test('records become calls as they did when they happened', async () => {
    for (const content of [recording, gzipSync(recording)]) {
      const { lines } = await decode(content, 'span');
      expect(lines).toMatchObject([
        { id: '1', pid: 7, attributes: CALL, start: '1000', end: '3000', partial: [], output_text: 'Hello' },
      ]);
    }
  });

  test('one that ends in the middle of a block gives everything before', async () => {
    const { lines } = await decode(recording.subarray(0, -20));
    expect(lines).toHaveLength(1);
  });
});

describe('what is none of these', () => {
  const problemOf = async (work: Promise<unknown>) => {
    const problem: unknown = await work.then(
      () => undefined,
      error => error,
    );
    return formatProblem(problem as Problem);
  };

  test('is refused with what is allowed', async () => {
    expect(await problemOf(decode('hello'))).toMatch(/input: unrecognised format: allowed: exchanges .* HAR/);
    expect(await problemOf(openInput(path.join(folder, 'none'), 'none'))).toMatch(/none cannot be read: no such file/);
    expect(await problemOf(openInput(folder, 'folder'))).toMatch(/folder cannot be read: it is a folder/);
  });

  test('cut gzip data gives what came before, then the reason', async () => {
    const zipped = gzipSync(`${exchange()}\n`.repeat(2000).replace(/e1/g, () => `e${Math.random()}`));
    expect(await problemOf(decode(zipped.subarray(0, zipped.length / 2)))).toMatch(/its gzip data is cut off/);
  });

  test('nothing at all is no error', async () => {
    expect(await decode('')).toEqual({ lines: [], errors: [] });
  });
});

describe('a kept run', () => {
  const head = { version: 1, run: { program: 'python', pid: 1, started: '2026-01-02T03:04:05.000Z' } };
  const call = {
    id: 'a1',
    pid: 7,
    attributes: { ...CALL, 'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"SAID"}]}]' },
    start: '1',
    end: '2',
    partial: [],
    cost: { amount: 0.5, currency: 'USD', source: 'computed' },
    output_text: 'SAID',
    tool_calls: [['look', '{"where":"SAID"}']],
    error_message: 'SAID',
    process: 'python',
    trace_id: 'f'.repeat(32),
  };
  const step = {
    kind: 'span',
    id: 'b1',
    trace_id: 'f'.repeat(32),
    name: 'invoke_agent',
    attributes: {},
    start: '1',
    end: '2',
  };
  const file = [head, step, call].map(line => JSON.stringify(line)).join('\n');

  test('its calls are printed as they were kept, without what was said', async () => {
    const { lines, errors } = await decode(file);
    expect(errors).toEqual([]);
    const { output_text, tool_calls, error_message, ...facts } = call;
    expect(lines).toEqual([{ ...facts, attributes: CALL }]);
    expect(JSON.stringify(lines)).not.toContain('SAID');
  });

  test('with content, gzipped, and with a last line that a killed run has left', async () => {
    const { lines, errors } = await decode(gzipSync(`${file}\n{"id":"c`), 'span');
    expect(lines).toEqual([call]);
    expect(errors.join()).toMatch(/line 4 is left out[\s\S]*it is not JSON/);
  });
});
