/**
 * How far the times that attach says of a streamed call are from the server's own clock: duration, and time to the first
 * chunk. One Python and one Node client, one call after the other, 30 chunks 5 ms apart behind 20 ms of waiting. The aim is
 * 5 ms on a machine that does nothing else; on a busy one, waiting for a processor is in the figures.
 *
 *   node bench/latency.mjs [--calls 100]
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const tls = path.join(root, 'test/fixtures/tls');
const at = process.argv.indexOf('--calls');
const CALLS = at < 0 ? 100 : Number(process.argv[at + 1]);

if (process.getuid?.() !== 0 || !existsSync('/sys/kernel/btf/vmlinux')) {
  console.log('left out: attach needs root and a kernel with BTF');
  process.exit(0);
}

/** Each line of stdin is one call; the answer is read chunk by chunk and thrown away. */
const PYTHON = `
import http.client, json, ssl, sys
c = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=ssl._create_unverified_context())
c.connect()
print('ready', flush=True)
for line in sys.stdin:
    c.request('POST', '/v1/chat/completions', json.dumps({'model': 'gpt-4o', 'stream': True, 'messages': []}),
        {'Host': 'api.openai.com', 'content-type': 'application/json'})
    answer = c.getresponse()
    while answer.read1(65536): pass
    print('done', flush=True)
`;
const NODE = `
const https = require('https');
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
console.log('ready');
require('readline').createInterface({ input: process.stdin }).on('line', () => {
  const request = https.request({ host: '127.0.0.1', port: process.argv[1], agent, method: 'POST', path: '/v1/chat/completions',
    headers: { host: 'api.openai.com', 'content-type': 'application/json' } }, answer => answer.resume().on('end', () => console.log('done')));
  request.end(JSON.stringify({ model: 'gpt-4o', stream: true, messages: [] }));
});
`;

const event = value => Buffer.from(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
const chunk = (delta, finish_reason = null) =>
  event({ id: 'c', object: 'chat.completion.chunk', model: 'gpt-4o', choices: [{ index: 0, delta, finish_reason }] });
const ANSWER = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  chunks: [
    { after_ms: 20, data: chunk({ content: 'word ' }) },
    ...Array.from({ length: 28 }, () => ({ after_ms: 5, data: chunk({ content: 'word ' }) })),
    { after_ms: 5, data: Buffer.concat([chunk({}, 'stop'), event('[DONE]')]) },
  ].map(({ after_ms, data }) => ({ after_ms, data: data.toString('base64') })),
};

function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const lines = [];
  const waiting = [];
  const take = line => {
    const waiter = waiting.findIndex(({ test }) => test(line));
    if (waiter < 0) lines.push(line);
    else waiting.splice(waiter, 1)[0].resolve(line);
  };
  for (const stream of [child.stdout, child.stderr]) readline.createInterface({ input: stream }).on('line', take);
  const ended = new Promise(resolve => child.on('close', resolve));
  return {
    child,
    ended,
    say: line => child.stdin.write(`${line}\n`),
    line(test) {
      const found = lines.findIndex(test);
      if (found >= 0) return Promise.resolve(lines.splice(found, 1)[0]);
      return new Promise((resolve, reject) => {
        waiting.push({ test, resolve });
        ended.then(() => reject(new Error(`${command} ended: ${lines.slice(-5).join('\n')}`)));
      });
    },
  };
}

async function measure(name, command, argv) {
  const server = start(process.execPath, [
    path.join(root, 'test/support/replay/server.mjs'),
    '127.0.0.1',
    path.join(tls, 'server.pem'),
    path.join(tls, 'server.key'),
  ]);
  const { port } = JSON.parse(await server.line(line => line.startsWith('{"port"')));
  const client = start(command, [...argv, String(port)]);
  await client.line(line => line === 'ready');
  const observer = start(process.execPath, [
    path.join(root, 'bin/run.js'),
    ...['attach', '--pid', String(client.child.pid), '--format', 'json', '--quiet'],
  ]);
  await observer.line(line => line.startsWith('attached'));
  const duration = [];
  const first = [];
  for (let call = 0; call < CALLS; call++) {
    server.say(JSON.stringify({ id: call, ...ANSWER }));
    await server.line(line => line.startsWith('{"armed"'));
    client.say('go');
    await client.line(line => line === 'done');
    const told = JSON.parse(await server.line(line => line.startsWith('{"id"')));
    const seen = JSON.parse(await observer.line(line => line.startsWith('{')));
    const since = moment => Number(BigInt(moment) - BigInt(told.received)) / 1e6;
    const own = moment => Number(BigInt(moment) - BigInt(seen.start)) / 1e6;
    duration.push(own(seen.end) - since(told.ended));
    first.push(own(seen.first_chunk) - since(told.written[0]));
  }
  client.child.stdin.end();
  await observer.ended;
  server.child.stdin.end();
  await server.ended;
  console.log(`${name.padEnd(8)} duration ${spread(duration)}   time to first chunk ${spread(first)}`);
}

function spread(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const of = share => sorted[Math.floor((sorted.length - 1) * share)].toFixed(2);
  const within = values.filter(value => Math.abs(value) <= 5).length;
  return `median ${of(0.5)}, 95 % ${of(0.95)}, largest ${of(1)} ms; within 5 ms: ${within} of ${values.length}`;
}

console.log(`attach minus the server's clock, ${CALLS} calls each`);
await measure('Python', 'python3', ['-c', PYTHON]);
await measure('Node', process.execPath, ['-e', NODE]);
