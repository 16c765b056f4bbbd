// Chat completions in every content encoding, over TLS, and a client for them. `encodings.mjs serve` says its port; answers to
// POST /v1/chat/completions?enc=br&stream=1 are whole or pieces that are flushed one by one. `encodings.mjs PORT ENCODINGS` is
// as encodings.py.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import readline from 'node:readline';
import zlib from 'node:zlib';

const [, , first, list] = process.argv;
const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = zlib.constants;
const ENCODERS = {
  gzip: () => zlib.createGzip({ flush: Z_SYNC_FLUSH }),
  deflate: () => zlib.createDeflate({ flush: Z_SYNC_FLUSH }),
  br: () => zlib.createBrotliCompress({ flush: BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdCompress({ flush: ZSTD_e_flush }),
};
const DECODERS = {
  gzip: () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
  zstd: () => zlib.createZstdDecompress(),
};
/** Text that differs with the encoding, and in which no piece is a letter alone. */
const wordsOf = enc => Array.from({ length: 2_000 }, (_, i) => `${enc} ${i * 7919} größer — 世界 `);

function serve() {
  const tls = path.resolve(import.meta.dirname, '../../fixtures/tls');
  const options = { key: readFileSync(`${tls}/server.key`), cert: readFileSync(`${tls}/server.pem`) };
  const server = https.createServer(options, async (request, response) => {
    const query = new URL(request.url, 'https://localhost').searchParams;
    const [enc, stream] = [query.get('enc'), query.has('stream')];
    for await (const _ of request);
    response.setHeader('content-encoding', enc);
    response.setHeader('content-type', stream ? 'text/event-stream' : 'application/json');
    const encoder = ENCODERS[enc]();
    encoder.pipe(response);
    const id = `${enc} ${stream}`;
    const usage = { prompt_tokens: 5, completion_tokens: 2_000, total_tokens: 2_005 };
    const model = 'gpt-4o-2024-08-06';
    if (!stream) {
      const message = { role: 'assistant', content: wordsOf(enc).join('') };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      return encoder.end(JSON.stringify({ id, object: 'chat.completion', model, choices, usage }));
    }
    const chunk = (choices, more = {}) =>
      `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', model, choices, ...more })}\n\n`;
    for (const content of wordsOf(enc)) {
      const done = encoder.write(chunk([{ index: 0, delta: { content }, finish_reason: null }]));
      if (!done) await once(encoder, 'drain');
    }
    encoder.end(`${chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])}${chunk([], { usage })}data: [DONE]\n\n`);
  });
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
}

/** What the decoded answer says, as encodings.py reads it. */
function textOf(body) {
  if (!body.startsWith('data:')) return JSON.parse(body).choices[0].message.content;
  const events = body.split('\n\n').flatMap(event => (event.startsWith('data: {') ? [JSON.parse(event.slice(6))] : []));
  return events.map(({ choices: [choice] }) => choice?.delta.content ?? '').join('');
}

async function ask() {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  process.stdout.write(`${JSON.stringify({ ready: process.pid })}\n`);
  await lines.next();
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  for (const enc of list.split(','))
    for (const stream of ['', '&stream=1']) {
      const where = `https://127.0.0.1:${first}/v1/chat/completions?enc=${enc}${stream}`;
      const headers = { host: 'api.openai.com', 'content-type': 'application/json' };
      const request = https.request(where, { agent, method: 'POST', headers });
      const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...(stream && { stream: true }) };
      const [answer] = await once(request.end(JSON.stringify(body)), 'response');
      const parts = [];
      for await (const part of answer.pipe(DECODERS[enc]())) parts.push(part);
      const text = textOf(Buffer.concat(parts).toString());
      process.stdout.write(`${JSON.stringify({ id: `${enc} ${stream !== ''}`, text })}\n`);
    }
  process.stdout.write('done\n');
  await lines.next();
  process.exit(0);
}

if (first === 'serve') serve();
else await ask();
