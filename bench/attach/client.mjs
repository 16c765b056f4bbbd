// client.py on Node's https, as fast as it goes. usage: client.mjs PORT
import https from 'node:https';
import readline from 'node:readline';

const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x'.repeat(900) }] });
const options = {
  host: '127.0.0.1',
  port: process.argv[2],
  path: '/v1/chat/completions',
  method: 'POST',
  agent,
  headers: { 'content-type': 'application/json', 'content-length': body.length },
};
const one = () =>
  new Promise((resolve, reject) => {
    const request = https.request(options, response => response.resume().on('end', resolve));
    request.on('error', reject);
    request.end(body);
  });

await one();
console.log('ready');
for await (const line of readline.createInterface({ input: process.stdin })) {
  const seconds = Number(line.split(' ')[0]);
  const begin = performance.now();
  let n = 0;
  for (; performance.now() < begin + seconds * 1000; n++) await one();
  console.log('done', n, (performance.now() - begin) / 1000);
}
