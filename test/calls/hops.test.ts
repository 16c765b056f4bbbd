/** One call at several places counts once, and two calls never for one. */
import { describe, expect, test } from '@jest/globals';
import { createBodyPrint, createHops } from '../../src/calls/hops.js';
import type { LlmCall } from '../../src/wire/llm-call.js';
import { chatCall, mcpCall } from '../telemetry/support/calls.js';

const GATEWAY = 100;
const APP = 200;

/** Times in ms; whose it is in words. */
function call(pid: number, role: 'client' | 'server', from: number, to: number, over: Partial<LlmCall> = {}): LlmCall {
  const server = {
    serverAddress: role === 'client' && pid === GATEWAY ? 'api.openai.com' : 'gateway.local',
    serverPort: 443,
  };
  const id = `${pid} ${role} ${from}`;
  return chatCall({ id, pid, role, start: BigInt(from), end: BigInt(to), ...server, ...over });
}

/** Ids of the calls that the given ones are, in their order. */
function told(calls: readonly LlmCall[], bodies?: readonly (string | undefined)[], most?: number) {
  const hops = createHops(most);
  return calls.map((one, i) => hops.sameAs(one, `span ${i}`, bodies?.[i])?.id);
}

const noId = { response: {}, usage: {} };
const UNIQUE = { response: { id: 'chatcmpl-CPq2Z8hX0y1vW3uT4sR5qP6oN7mL' } };

test('what a process answers and asks for is one call, named by the first that was told', () => {
  const hops = createHops();
  expect(hops.sameAs(call(GATEWAY, 'client', 2, 8), 'span-1', undefined)).toBeUndefined();
  expect(hops.sameAs(call(GATEWAY, 'server', 1, 9), 'span-2', undefined)).toEqual({
    id: `${GATEWAY} client 2`,
    spanId: 'span-1',
  });
});

test('so is the one of a program that asks a gateway, which is observed as well', () => {
  const chain = [
    call(GATEWAY, 'client', 3, 7, UNIQUE),
    call(GATEWAY, 'server', 2, 8, UNIQUE),
    call(APP, 'client', 1, 9, UNIQUE),
  ];
  expect(told(chain)).toEqual([undefined, `${GATEWAY} client 3`, `${GATEWAY} client 3`]);
});

test('a stand-in that gives one id to all: as many calls as were made', () => {
  const clients = [1, 2, 3].map(i => call(GATEWAY, 'client', 10 + i, 20 + i));
  const servers = [1, 2, 3].map(i => call(GATEWAY, 'server', i, 30 + i));
  expect(told([...clients, ...servers]).filter(id => id === undefined)).toHaveLength(3);
});

test('of very many with one id, the latest is found: only the oldest are forgotten', () => {
  const clients = Array.from({ length: 500 }, (_, i) => call(GATEWAY, 'client', 10 * i + 2, 10 * i + 8, UNIQUE));
  const last = call(GATEWAY, 'server', 4_991, 4_999, UNIQUE);
  expect(told([...clients, last]).at(-1)).toBe(`${GATEWAY} client 4992`);
});

describe('two different calls', () => {
  const pairs: [string, LlmCall, LlmCall, bodies?: [string, string]][] = [
    ['of one place', call(APP, 'client', 1, 9, UNIQUE), call(APP, 'client', 2, 8, UNIQUE)],
    ['one after the other', call(GATEWAY, 'server', 1, 4, UNIQUE), call(GATEWAY, 'client', 5, 9, UNIQUE)],
    ['with two ids', call(GATEWAY, 'server', 1, 9, UNIQUE), call(GATEWAY, 'client', 2, 8)],
    ['asked before it was asked', call(GATEWAY, 'client', 1, 9), call(GATEWAY, 'server', 2, 8)],
    ['with other tokens', call(GATEWAY, 'server', 1, 9), call(GATEWAY, 'client', 2, 8, { usage: { inputTokens: 1 } })],
    ['of two programs that ask one server', call(APP, 'client', 1, 9, UNIQUE), call(300, 'client', 2, 8, UNIQUE)],
    ['of two programs, with an id that may come twice', call(APP, 'client', 1, 9), call(GATEWAY, 'client', 2, 8)],
    ['without an id', call(GATEWAY, 'server', 1, 9, noId), call(GATEWAY, 'client', 2, 8, noId)],
    [
      'without an id, with other bodies',
      call(GATEWAY, 'server', 1, 9, noId),
      call(GATEWAY, 'client', 2, 8, noId),
      ['a', 'b'],
    ],
    [
      'without a time',
      call(GATEWAY, 'server', 1, 9),
      { ...call(GATEWAY, 'client', 2, 8), end: undefined } as unknown as LlmCall,
    ],
  ];
  test.each(pairs.map(pair => [pair[0], pair] as const))('%s', (_, [, first, second, bodies]) => {
    expect(told([first, second], bodies)).toEqual([undefined, undefined]);
    expect(told([second, first], bodies && [bodies[1], bodies[0]])).toEqual([undefined, undefined]);
  });
});

test('without an id the bodies tell it: embeddings, errors, servers whose id is empty', () => {
  for (const facts of [noId, { response: { id: '' }, usage: {} }]) {
    const chain = [
      call(GATEWAY, 'client', 3, 7, facts),
      call(GATEWAY, 'server', 2, 8, facts),
      call(APP, 'client', 1, 9, facts),
    ];
    expect(told(chain, ['x', 'x', 'x'])).toEqual([undefined, `${GATEWAY} client 3`, `${GATEWAY} client 3`]);
  }
});

test('calls of MCP are left alone', () => {
  const hops = createHops();
  for (const role of ['client', 'server'] as const)
    expect(hops.sameAs(mcpCall({ role, pid: GATEWAY }), 'span', 'x')).toBeUndefined();
});

test('only so many are remembered', () => {
  const first = call(GATEWAY, 'client', 2, 8);
  const other = call(APP, 'client', 2, 8, UNIQUE);
  expect(told([first, call(GATEWAY, 'server', 1, 9)], undefined, 1)).toEqual([undefined, first.id]);
  expect(told([first, other, call(GATEWAY, 'server', 1, 9)], undefined, 1)).toEqual([undefined, undefined, undefined]);
});

describe('the print of bodies', () => {
  const print = (request: string[], response: string[]) => {
    const made = createBodyPrint();
    const seen: string[] = [];
    const skip = () => {};
    const listener = made.follow({
      requestHead: skip,
      requestBody: chunk => seen.push(Buffer.from(chunk).toString()),
      requestEnd: skip,
      responseHead: skip,
      responseBody: chunk => seen.push(Buffer.from(chunk).toString()),
      message: skip,
      partial: skip,
      end: skip,
    });
    for (const piece of request) listener.requestBody(Buffer.from(piece), 1n);
    for (const piece of response) listener.responseBody(Buffer.from(piece), 1n);
    expect(seen).toEqual([...request, ...response]);
    return made.text();
  };
  test('is the same in any cut, and another for another text on either side', () => {
    expect(print(['as', 'k'], ['answer'])).toBe(print(['ask'], ['ans', '', 'wer']));
    expect(new Set([print(['ask'], ['answer']), print(['asK'], ['answer']), print(['ask'], ['answeR'])]).size).toBe(3);
  });
  test('is none where one of them is empty', () => {
    expect(print([], ['answer'])).toBeUndefined();
    expect(print(['ask'], [])).toBeUndefined();
  });
});
