/**
 * What a call costs a Collector and its store: bytes of OTLP for each call, as our exporter sends them, without messages and
 * with them. A Python program makes 200 chat calls with a prompt of 2 kB and an answer of 1 kB to a server on loopback.
 *
 *   npm run bench -- span-size
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import zlib from 'node:zlib';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const CALLS = 200;
const words = (count, seed) =>
  Array.from(
    { length: count },
    (_, at) => ['the', 'invoice', 'of', 'March', 'was', `${(at * seed) % 977}`, 'paid'][(at * seed) % 7],
  ).join(' ');

const listen = server => new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
const read = async request => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const provider = createServer(async (request, response) => {
  await read(request);
  const message = { role: 'assistant', content: words(190, 5) };
  const body = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-4o-2024-08-06',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 412, completion_tokens: 203, total_tokens: 615 },
  };
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
});
let received = {};
const collector = createServer(async (request, response) => {
  const body = await read(request);
  const plain = request.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(body) : body;
  const signal = request.url.split('/').at(-1);
  received[signal] ??= { requests: 0, plain: 0, gzip: 0, all: [] };
  received[signal].requests++;
  received[signal].plain += plain.length;
  received[signal].gzip += zlib.gzipSync(plain).length;
  received[signal].all.push(plain);
  response.setHeader('content-type', 'application/x-protobuf').end();
});
const [at, to] = [await listen(provider), await listen(collector)];
const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-span-size-'));
const script = path.join(folder, 'app.py');
writeFileSync(
  script,
  `import json, urllib.request
for number in range(${CALLS}):
    body = json.dumps({"model": "gpt-4o", "temperature": 0.2, "max_tokens": 500, "messages": [
        {"role": "system", "content": "You answer questions about invoices."},
        {"role": "user", "content": ${JSON.stringify(words(400, 3))} + str(number)}]}).encode()
    request = urllib.request.Request("http://127.0.0.1:${at}/v1/chat/completions", body, {"content-type": "application/json"})
    urllib.request.urlopen(request).read()
`,
);
for (const content of [false, true]) {
  received = {};
  const flags = ['--endpoint', `http://127.0.0.1:${to}`, '--quiet', ...(content ? ['--capture-content'] : [])];
  const child = spawn(process.execPath, [path.join(root, 'bin/run.js'), ...flags, 'python3', script], {
    env: { PATH: process.env.PATH, HOME: folder, OPENLIT_NO_KEEP: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await new Promise(resolve => child.on('close', resolve));
  // The observer sends after the program's end.
  for (let before = -1, now = 0; before !== now || now === 0; ) {
    before = now;
    await new Promise(resolve => setTimeout(resolve, 2_000));
    now = Object.values(received).reduce((sum, { plain }) => sum + plain, 0);
  }
  console.log(content ? 'with messages' : 'without messages');
  for (const [signal, { requests, plain, gzip, all }] of Object.entries(received)) {
    const zstd = zlib.zstdCompressSync ? zlib.zstdCompressSync(Buffer.concat(all)).length : undefined;
    const each = bytes => `${Math.round(bytes / CALLS)} B`;
    console.log(
      `  ${signal}: ${each(plain)} a call, ${each(gzip)} in gzip as sent${zstd === undefined ? '' : `, ${each(zstd)} in zstd as a store keeps it`}, ${requests} requests`,
    );
  }
}
provider.close();
collector.close();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
