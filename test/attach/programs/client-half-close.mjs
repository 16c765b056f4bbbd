// As client.py, on one connection for each request, of which it closes its side before it reads the answer: client-half-close.mjs PORT PLAN
import { readFileSync } from 'node:fs';
import readline from 'node:readline';
import tls from 'node:tls';

const [, , port, planFile] = process.argv;
const send = (method, path, size) =>
  new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: Number(port), rejectUnauthorized: false, allowHalfOpen: true };
    const socket = tls.connect(options, () => {
      const head = `${method} ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${size}\r\n\r\n`;
      socket.end(Buffer.concat([Buffer.from(head), Buffer.alloc(size, '0123456789abcdef')]));
    });
    let got = 0;
    socket.on('data', bytes => {
      got += bytes.length;
    });
    socket.on('end', () => {
      socket.destroy();
      resolve(got);
    });
    socket.on('error', reject);
  });

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
process.stdout.write(`${JSON.stringify({ ready: process.pid })}\n`);
await lines.next();
for (const [method, path, size] of JSON.parse(readFileSync(planFile, 'utf8'))) await send(method, path, size);
process.stdout.write('done\n');
await lines.next();
