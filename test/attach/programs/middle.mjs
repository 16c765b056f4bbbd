// As middle.py, for Node: middle.mjs https|h2 PORT PLAN answer|upload|both
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import readline from 'node:readline';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const [, , way, port, planFile, what] = process.argv;
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
const base = `https://127.0.0.1:${port}`;
const [ANSWER, UPLOAD, HALF] = [
  '/held?chunks=16&hold=8',
  '/upload?size=5000',
  Buffer.alloc(32_000, '0123456789abcdef'),
];
const bodyOf = size => (size > 0 ? Buffer.alloc(size, '0123456789abcdef') : undefined);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ready = async () => {
  process.stdout.write(`${JSON.stringify({ ready: process.pid })}\n`);
  await lines.next();
};
const ended = readable => once(readable.resume(), 'end');

async function overHttps() {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const begin = (method, path, headers = {}) => https.request(base + path, { method, agent, headers });
  if (what === 'answer') {
    const [answer] = await once(begin('GET', ANSWER).end(), 'response');
    await once(answer, 'data');
    const over = ended(answer);
    await ready();
    await over;
  } else {
    const request = begin('POST', UPLOAD, { 'content-length': 2 * HALF.length });
    await new Promise(resolve => request.write(HALF, resolve));
    await ready();
    const [answer] = await once(request.end(HALF), 'response');
    await ended(answer);
  }
  for (const [method, path, size] of plan) {
    const [answer] = await once(begin(method, path).end(bodyOf(size)), 'response');
    await ended(answer);
  }
}

async function overHttp2() {
  const session = http2.connect(base);
  const begin = (method, path, headers = {}) =>
    session.request({ ':method': method, ':path': path, 'x-before': 'said before', ...headers });
  await ended(begin('GET', '/warm').end());
  const answer = begin('GET', ANSWER).end();
  await once(answer, 'data');
  const over = [ended(answer)];
  const upload = begin('POST', UPLOAD);
  await new Promise(resolve => upload.write(HALF, resolve));
  await ready();
  const send = ([method, path, size]) => ended(begin(method, path, { 'x-path': path }).end(bodyOf(size)));
  // The plan begins while both are still open.
  await send(plan[0]);
  over.push(ended(upload.end(HALF)));
  await Promise.all(over);
  await Promise.all(plan.slice(1).map(send));
}

await (way === 'h2' ? overHttp2 : overHttps)();
process.stdout.write('done\n');
await lines.next();
process.exit(0);
