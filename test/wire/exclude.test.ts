import { expect, test } from '@jest/globals';
import type { ConnectionFacts, ExchangeListener, OpenExchange } from '../../src/wire/exchange.js';
import { hostFilter } from '../../src/wire/exclude.js';

const listener = {} as ExchangeListener;
const open: OpenExchange = () => listener;
const facts: ConnectionFacts = { role: 'client', protocol: 'http/1.1' };
const head = (host?: string) => ({ method: 'POST', path: '/', headers: {}, ...(host && { host }) });

test('without patterns nothing stands between', () => {
  expect(hostFilter([])(open)).toBe(open);
  expect(hostFilter(['', ' '])(open)).toBe(open);
});

test.each<[string[], string, boolean]>([
  [['*.internal.example'], 'llm.internal.example', true],
  [['*.internal.example'], 'LLM.INTERNAL.EXAMPLE:8000', true],
  [['*.internal.example'], 'internal.example', false],
  [['*.internal.example'], 'llm.internal.example.com', false],
  [['api.openai.com', 'localhost'], 'localhost:11434', true],
  [['api.openai.com'], 'apixopenai.com', false],
  [['10.0.*'], '10.0.7.1:80', true],
  [['[::1]'], '[::1]:80', true],
])('%j leaves out %s: %p', (patterns, host, excluded) => {
  expect(hostFilter(patterns)(open)(head(host), facts, 0n)).toBe(excluded ? undefined : listener);
});

test('where the request names no host, the connection does', () => {
  const closed = hostFilter(['api.openai.com'])(open);
  expect(closed(head(), { ...facts, serverAddress: 'api.openai.com' }, 0n)).toBeUndefined();
  expect(closed(head(), facts, 0n)).toBe(listener);
});
