/** Exchanges for the benchmark of the decoder: calls as JSON and as streams, and what other services say. */

const usage = { prompt_tokens: 400, completion_tokens: 50, total_tokens: 450 };
const text = (sentence, size) => sentence.repeat(Math.ceil(size / sentence.length)).slice(0, size);

function requestOf(size, stream) {
  const messages = [{ role: 'user', content: text('The sea is salty because rivers carry salt into it. ', size) }];
  const body = JSON.stringify({ messages, model: 'gpt-4o', temperature: 0.5, stream });
  return Buffer.from(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: api.openai.com\r\nAccept: application/json\r\nContent-Type: application/json\r\n` +
      `User-Agent: OpenAI/Python 2.3.0\r\nX-Stainless-Lang: python\r\nX-Stainless-Retry-Count: 0\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const HEAD =
  'HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nx-request-id: req_1\r\nopenai-processing-ms: 812\r\n';

function chat(size) {
  const message = { role: 'assistant', content: text('Because rivers carry it there. ', size) };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  const body = JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-4o-2024-11-20',
    choices,
    usage,
  });
  const head = `${HEAD}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return exchange(requestOf(size, false), records(Buffer.from(head + body)));
}

/** What one TLS record holds at most. */
const RECORD = 16 * 1024;

function records(bytes) {
  return Array.from({ length: Math.ceil(bytes.length / RECORD) }, (_, index) =>
    bytes.subarray(index * RECORD, (index + 1) * RECORD),
  );
}

/** Tokens differ from chunk to chunk, and so does the padding of their length. */
const WORDS = ['The', ' sea', ' is', ' salty', ' because', ' rivers', ' carry', ' salt', ' into', ' it', '.'];

function stream(chunks) {
  const event = data => {
    const line = `data: ${data}\n\n`;
    return Buffer.from(`${Buffer.byteLength(line).toString(16)}\r\n${line}\r\n`);
  };
  const chunk = (choices, more) =>
    event(
      JSON.stringify({
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'gpt-4o-2024-11-20',
        service_tier: 'default',
        system_fingerprint: 'fp_1',
        choices,
        ...more,
      }),
    );
  const token = at => ({ index: 0, delta: { content: WORDS[at % WORDS.length] }, logprobs: null, finish_reason: null });
  return exchange(requestOf(2_000, true), [
    Buffer.from(`${HEAD}Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n`),
    ...Array.from({ length: chunks }, (_, at) => chunk([token(at)], { obfuscation: 'abcdefghij'.slice(at % 7) })),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    chunk([], { usage }),
    event('[DONE]'),
    Buffer.from('0\r\n\r\n'),
  ]);
}

function exchange(request, received) {
  const bytes = request.length + received.reduce((sum, record) => sum + record.length, 0);
  return { sent: records(request), received, bytes };
}

/** What is no call: an API's JSON on a host that nobody knows, in words that calls use as well, and one on a host of a provider. */
function other(path, host, size) {
  const body = JSON.stringify({ id: 7, model: 'van', items: [{ name: text('a long description ', size), count: 3 }] });
  const head = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const request = Buffer.from(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\n${head}`);
  return exchange(request, records(Buffer.from(`HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\n${head}`)));
}

/** Name, exchange, whether it is a call. */
export const CASES = [
  ['chat JSON, 2 kB', chat(2_000), true],
  ['chat JSON, 200 kB', chat(200_000), true],
  ['stream of 50 chunks', stream(50), true],
  ['stream of 2,000 chunks', stream(2_000), true],
  ['no call, unknown host', other('/api/v2/orders', 'shop.example', 2_000), false],
  ['no call, provider', other('/v1/vector_stores/v/search', 'api.openai.com', 2_000), false],
];
