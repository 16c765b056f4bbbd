/**
 * gRPC: messages as the real SDKs write them (test/fixtures/grpc) tell the same call as the JSON of the same API.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { HeaderFields } from '../../../src/wire/exchange.js';
import type { LlmCall } from '../../../src/wire/llm-call.js';
import { readMessage } from '../../../src/wire/providers/grpc/protobuf.js';
import { createCallDecoder } from '../../../src/wire/providers/index.js';
import { lookAhead } from '../../../src/wire/providers/recognize/look-ahead.js';

const FILE = path.resolve(import.meta.dirname, '../../fixtures/grpc/messages.json');
const MESSAGES = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, string> & Record<`${string}Chunks`, string[]>;
const bytes = (name: string) => Buffer.from(MESSAGES[name]!, 'hex');

const GEMINI = '/google.ai.generativelanguage.v1beta.GenerativeService';
const VERTEX = '/google.cloud.aiplatform.v1.PredictionService';

interface Given {
  readonly path: string;
  readonly request?: Buffer;
  readonly answers?: readonly Buffer[];
  readonly head?: HeaderFields;
  readonly trailers?: HeaderFields;
  readonly host?: string;
  /** Bytes that come at once. */
  readonly piece?: number;
  readonly left?: boolean;
}

const OK = { 'grpc-status': '0' };

function told({
  path: where,
  request,
  answers = [],
  head = {},
  trailers = OK,
  host = 'localhost:50051',
  piece,
  left,
}: Given) {
  const calls: LlmCall[] = [];
  const open = createCallDecoder({ content: true, newId: () => 'id', onCall: call => calls.push(call as LlmCall) });
  const headers = { 'content-type': 'application/grpc', te: 'trailers', ...head };
  const asked = { method: 'POST', path: where, host, headers };
  const listener = open(asked, { role: 'client', protocol: 'h2' }, 1n);
  if (listener === undefined) return calls;
  const each = (whole: Buffer, take: (part: Buffer) => void) => {
    const size = piece ?? whole.length;
    for (let at = 0; at < whole.length; at += size) take(Buffer.from(whole.subarray(at, at + size)));
  };
  listener.requestHead(asked, 1n);
  if (request !== undefined) each(request, part => listener.requestBody(part, 2n));
  listener.requestEnd(3n);
  listener.responseHead({ status: 200, headers: { 'content-type': 'application/grpc', ...head } }, 4n);
  for (const [index, answer] of answers.entries()) each(answer, part => listener.responseBody(part, BigInt(5 + index)));
  if (left) for (const reason of ['aborted', 'cancelled'] as const) listener.partial(reason);
  else listener.responseTrailers?.(trailers);
  listener.end(9n);
  return calls;
}

const ASKED_XAI = { path: '/xai_api.Chat/GetCompletion', request: bytes('xaiRequest') };

describe('xAI', () => {
  test('a chat', () => {
    expect(told({ ...ASKED_XAI, answers: [bytes('xaiAnswer')] })).toEqual([
      expect.objectContaining({
        provider: 'x_ai',
        operation: 'chat',
        protocol: 'h2',
        httpStatus: 200,
        partial: [],
        request: expect.objectContaining({
          model: 'grok-4',
          maxTokens: 64,
          temperature: 0.7,
          topP: 0.9,
          seed: 7,
          stopSequences: ['END'],
        }),
        response: expect.objectContaining({ id: 'r-1', model: 'grok-4-0709', finishReasons: ['stop'] }),
        usage: expect.objectContaining({
          inputTokens: 21,
          outputTokens: 35,
          cacheReadInputTokens: 4,
          reasoningOutputTokens: 30,
        }),
      }),
    ]);
  });

  test.each([undefined, 1, 7])('a stream, in pieces of %s bytes', piece => {
    const answers = MESSAGES['xaiChunks']!.map((hex: string) => Buffer.from(hex, 'hex'));
    const [call] = told({
      ...ASKED_XAI,
      path: '/xai_api.Chat/GetCompletionChunk',
      answers,
      ...(piece === undefined ? {} : { piece }),
    });
    expect(call).toMatchObject({
      request: { stream: true },
      response: { finishReasons: ['stop'] },
      usage: { inputTokens: 21, outputTokens: 35 },
      partial: [],
    });
    expect(JSON.stringify(call!.content)).toContain('Rain.');
  });

  test('a tool', () => {
    const [call] = told({ ...ASKED_XAI, answers: [bytes('xaiTool')] });
    expect(call!.response.finishReasons).toEqual(['tool_calls']);
    expect(JSON.stringify(call!.content)).toContain('"arguments":{"city":"Oslo"}');
  });

  test('a stream that is left is cancelled', () => {
    const [first] = MESSAGES['xaiChunks']!.map((hex: string) => Buffer.from(hex, 'hex'));
    const [call] = told({ ...ASKED_XAI, path: '/xai_api.Chat/GetCompletionChunk', answers: [first!], left: true });
    expect(call).toMatchObject({ partial: ['aborted', 'cancelled'], response: { finishReasons: ['cancelled'] } });
    expect(call).not.toHaveProperty('error');
  });
});

describe('Google', () => {
  test('Gemini: an answer', () => {
    const given = { request: bytes('geminiRequest'), answers: [bytes('geminiAnswer')] };
    expect(told({ path: `${GEMINI}/GenerateContent`, ...given })).toEqual([
      expect.objectContaining({
        provider: 'gcp.gemini',
        operation: 'generate_content',
        request: expect.objectContaining({
          model: 'gemini-2.5-flash',
          temperature: 0.2,
          topK: 40,
          maxTokens: 100,
          stopSequences: ['END'],
        }),
        response: expect.objectContaining({ id: 'g-1', model: 'gemini-2.5-flash', finishReasons: ['STOP'] }),
        usage: expect.objectContaining({ inputTokens: 10, outputTokens: 25, reasoningOutputTokens: 20 }),
      }),
    ]);
  });

  test('Gemini: a stream, and a tool with all kinds of values', () => {
    const answers = MESSAGES['geminiChunks']!.map((hex: string) => Buffer.from(hex, 'hex'));
    const [stream] = told({ path: `${GEMINI}/StreamGenerateContent`, request: bytes('geminiRequest'), answers });
    expect(stream).toMatchObject({ request: { stream: true }, usage: { outputTokens: 25 }, partial: [] });
    const [tool] = told({
      path: `${GEMINI}/GenerateContent`,
      request: bytes('geminiRequest'),
      answers: [bytes('geminiTool')],
    });
    const said = JSON.stringify(tool!.content);
    for (const member of ['"city":"Oslo"', '"days":2', '"exact":true', '"more":[1,"a",null]', '"at":{"x":1.5}'])
      expect(said).toContain(member);
    expect(JSON.stringify(tool!.content)).toContain('"properties":{"city":{"type":"STRING"}}');
  });

  test('Vertex AI counts its fields apart', () => {
    const given = { request: bytes('vertexRequest'), answers: [bytes('vertexAnswer')] };
    expect(told({ path: `${VERTEX}/GenerateContent`, ...given })).toEqual([
      expect.objectContaining({
        provider: 'gcp.vertex_ai',
        request: expect.objectContaining({ model: 'gemini-2.5-pro', temperature: 0.2, topK: 40, maxTokens: 100 }),
        response: expect.objectContaining({ finishReasons: ['MAX_TOKENS'] }),
        usage: expect.objectContaining({ inputTokens: 10, outputTokens: 25, cacheReadInputTokens: 3 }),
      }),
    ]);
  });
});

describe('what gRPC says of an end', () => {
  const refused = { 'grpc-status': '8', 'grpc-message': 'Quota%20is%20used%20up' };

  test.each(['trailers', 'head'] as const)('a status in the %s is the error', where => {
    const status = where === 'head' ? { head: refused, trailers: {} } : { trailers: refused };
    const [call] = told({ ...ASKED_XAI, ...status });
    expect(call).toMatchObject({ error: { type: 'RESOURCE_EXHAUSTED', message: 'Quota is used up' }, httpStatus: 200 });
    expect(call!.usage).toEqual({});
  });

  test('a stream that fails in the middle', () => {
    const answers = MESSAGES['xaiChunks']!.slice(0, 1).map((hex: string) => Buffer.from(hex, 'hex'));
    const trailers = { 'grpc-status': '14' };
    const [call] = told({ ...ASKED_XAI, path: '/xai_api.Chat/GetCompletionChunk', answers, trailers });
    expect(call).toMatchObject({ error: { type: 'UNAVAILABLE' } });
  });

  test('a stream without a status is whole where its last message says so', () => {
    const answers = MESSAGES['xaiChunks']!.map((hex: string) => Buffer.from(hex, 'hex'));
    const given = { ...ASKED_XAI, path: '/xai_api.Chat/GetCompletionChunk', trailers: {} };
    expect(told({ ...given, answers })[0]).toMatchObject({ response: { finishReasons: ['stop'] }, partial: [] });
    expect(told({ ...given, answers })[0]).not.toHaveProperty('error');
    expect(told({ ...given, answers: answers.slice(0, 1) })[0]).toMatchObject({
      error: { type: 'stream_interrupted' },
    });
  });

  test('a call without an answer and without a status has failed in a way that is not known', () => {
    expect(told({ ...ASKED_XAI, trailers: {} })[0]).toMatchObject({ error: { type: 'UNKNOWN' } });
  });
});

describe('what the wire may do', () => {
  test('compressed messages', () => {
    const plain = bytes('xaiAnswer').subarray(5);
    const packed = gzipSync(plain);
    const prefix = Buffer.from([1, 0, 0, 0, packed.length]);
    const [call] = told({
      ...ASKED_XAI,
      request: Buffer.alloc(0),
      head: { 'grpc-encoding': 'gzip' },
      answers: [Buffer.concat([prefix, packed])],
    });
    expect(call).toMatchObject({ response: { model: 'grok-4-0709' }, usage: { inputTokens: 21 } });
  });

  test('a message of no bytes, and one that is too long to be kept', () => {
    const empty = Buffer.alloc(5);
    const long = Buffer.alloc(5 + 5 * 1024 * 1024);
    long.writeUInt32BE(long.length - 5, 1);
    const [call] = told({ ...ASKED_XAI, request: empty, answers: [long], piece: 16_384 });
    expect(call).toMatchObject({ partial: ['truncated'] });
  });

  test('what is no message is damaged, and nothing is invented', () => {
    const wrong = Buffer.from('0000000004ffffffff', 'hex');
    const [call] = told({ ...ASKED_XAI, answers: [wrong] });
    expect(call).toMatchObject({ partial: ['encoding'], usage: {} });
  });

  test('any bytes end', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % 256;
    };
    for (let round = 0; round < 2_000; round += 1) {
      const noise = Buffer.from(Array.from({ length: 1 + (round % 40) }, random));
      expect(() =>
        readMessage(noise, { 1: { name: 'a', is: 'text' }, 2: { name: 'b', is: 'int', many: true } }),
      ).not.toThrow();
    }
  });

  test.each(['/shop.Cart/Add', `${GEMINI}/CountTokens`, '/xai_api.Models/ListLanguageModels'])(
    '%s is no call',
    where => {
      expect(told({ path: where, request: bytes('xaiRequest'), answers: [bytes('xaiAnswer')] })).toEqual([]);
      expect(new RegExp(lookAhead().path, 'i').test(where)).toBe(false);
    },
  );

  test('a head without its type is enough, another type is not', () => {
    const given = { ...ASKED_XAI, answers: [bytes('xaiAnswer')] };
    expect(told({ ...given, head: { 'content-type': undefined as unknown as string } })).toHaveLength(1);
    expect(told({ ...given, head: { 'content-type': 'application/json' } })).toEqual([]);
  });

  test('the taps look for its paths', () => {
    for (const where of [ASKED_XAI.path, `${GEMINI}/StreamGenerateContent`, `${VERTEX}/GenerateContent`])
      expect(new RegExp(lookAhead().path, 'i').test(where)).toBe(true);
  });
});
