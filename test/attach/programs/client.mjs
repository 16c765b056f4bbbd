// As client.py, for Node: client.mjs https|fetch|undici|http2 PORT PLAN; `-together`: 64 at once, over HTTP/1.1 on 32
// connections; `-paced`: 2,000 a second on 32, and {"seconds"} that it took. `undici` is the package, from the folder in UNDICI.
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { createRequire } from 'node:module';
import readline from 'node:readline';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const [, , way, port, planFile] = process.argv;
const plan = JSON.parse(readFileSync(planFile, 'utf8'));
const base = `https://127.0.0.1:${port}`;
const bodyOf = size => (size > 0 ? Buffer.alloc(size, '0123456789abcdef') : undefined);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const agent = new https.Agent({ keepAlive: true, maxSockets: way.includes('-') ? 32 : 1 });
const ways = {
  https: () => (method, path, body) =>
    new Promise((resolve, reject) => {
      const request = https.request(base + path, { method, agent }, response => {
        response
          .on('data', () => {})
          .on('end', resolve)
          .on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    }),
  fetch: () => async (method, path, body) => {
    await (await fetch(base + path, { method, body })).arrayBuffer();
  },
  undici: () => {
    const { Pool } = createRequire(`${process.env.UNDICI}/`)('undici');
    const pool = new Pool(base, { connections: 1, connect: { rejectUnauthorized: false } });
    return async (method, path, body) => {
      const { body: answer } = await pool.request({ method, path, body });
      await answer.arrayBuffer();
    };
  },
  http2: () => {
    const session = http2.connect(base);
    return (method, path, body) =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':method': method, ':path': path });
        stream
          .on('data', () => {})
          .on('end', resolve)
          .on('error', reject);
        stream.end(body);
      });
  },
};
const [name, mode] = way.split('-');
const send = ways[name]();
await send('GET', '/warm');
process.stdout.write(`${JSON.stringify({ ready: process.pid })}\n`);
await lines.next();
let stopped = false;
const stop = lines.next().then(() => {
  stopped = true;
});
const steps = plan.values();
const work = async () => {
  for (const [method, path, size] of steps) {
    await send(method, path, bodyOf(size));
    if (stopped) return;
  }
};
if (mode === 'paced') {
  const began = performance.now();
  const sent = [];
  while (sent.length < plan.length) {
    const due = Math.min(plan.length, Math.ceil((performance.now() - began) * 2));
    for (const [method, path, size] of plan.slice(sent.length, due)) sent.push(send(method, path, bodyOf(size)));
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  await Promise.all(sent);
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - began) / 1000 })}\n`);
} else await Promise.all(Array.from({ length: mode === 'together' ? 64 : 1 }, work));
process.stdout.write('done\n');
await stop;
process.exit(0);
