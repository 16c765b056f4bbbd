// Keep-alive calls for two seconds: prints [calls a second, CPU microseconds a call].
// node-loop.cjs PORT chat|stream|other [AT ONCE] [SERVER'S THINKING, ms]
const http = require('node:http');

const [port, mode, atOnce = '1', think = '0'] = process.argv.slice(2);
const path = mode === 'other' ? '/v1/orders' : '/v1/chat/completions';
const content = 'Explain the tides to a child of eight years, in four short sentences. '.repeat(10);
const body = JSON.stringify({ model: 'gpt-4o-mini', stream: mode === 'stream', messages: [{ role: 'user', content }] });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
if (mode === 'stream') headers['x-stream'] = '1';
if (think !== '0') headers['x-think'] = think;
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(atOnce) });
const options = { host: '127.0.0.1', port, path, method: 'POST', headers, agent };

function call() {
  return new Promise((resolve, reject) => {
    http
      .request(options, response => response.resume().on('end', resolve))
      .on('error', reject)
      .end(body);
  });
}

async function measure(milliseconds) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  let count = 0;
  const caller = async () => {
    for (; performance.now() < start + milliseconds; count += 1) await call();
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, caller));
  const { user, system } = process.cpuUsage(cpu);
  return [(count * 1000) / (performance.now() - start), (user + system) / count];
}

(async () => {
  await measure(1500);
  console.log(JSON.stringify(await measure(2000)));
  process.exit(0);
})();
