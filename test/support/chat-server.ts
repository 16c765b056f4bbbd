/** A TLS server that answers chat completions, for `chat.py`: whole, or as 32 events where `stream` is asked for. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const TLS = path.resolve(import.meta.dirname, '../fixtures/tls');
const MODEL = 'gpt-4o-2024-08-06';
const USAGE = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };

/** What it says: the whole answer, and the words of the streamed one. */
export const CHAT = {
  model: MODEL,
  input: 9,
  whole: { text: 'secret answer', output: 3 },
  stream: { words: Array.from({ length: 32 }, (_, i) => `word${i} `), output: 32 },
} as const;

const WHOLE = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: MODEL,
  choices: [{ index: 0, message: { role: 'assistant', content: CHAT.whole.text }, finish_reason: 'stop' }],
  usage: USAGE,
});

function* events(): Generator<string> {
  const event = (choices: unknown[], more = {}) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-2', object: 'chat.completion.chunk', model: MODEL, choices, ...more })}\n\n`;
  const { words, output } = CHAT.stream;
  for (const [i, content] of words.entries())
    yield event([{ index: 0, delta: { content }, finish_reason: i === words.length - 1 ? 'stop' : null }]);
  yield event([], { usage: { ...USAGE, completion_tokens: output, total_tokens: CHAT.input + output } });
  yield 'data: [DONE]\n\n';
}

export interface ChatServer {
  readonly port: number;
  close(): Promise<void>;
}

export async function startChatServer(): Promise<ChatServer> {
  const options = { key: readFileSync(`${TLS}/server.key`), cert: readFileSync(`${TLS}/server.pem`) };
  const server = createServer(options, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (!body.includes('"stream"')) return response.setHeader('content-type', 'application/json').end(WHOLE);
    response.setHeader('content-type', 'text/event-stream');
    for (const event of events()) response.write(event);
    response.end();
  });
  // A program that is asked now and then keeps its connection, however slow the machine is.
  server.keepAliveTimeout = 0;
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}
