// Keep-alive calls for two seconds, after four in which V8 compiles what runs often. Prints { rate, main, others, delay, memory }:
// calls a second, CPU microseconds a call of this thread and of all others of the process (Linux), and by how many
// milliseconds one of a hundred timers is late, and how many MB are resident.
// node-loop.cjs PORT chat|stream|other [AT ONCE] [SERVER'S THINKING, ms]
const fs = require('node:fs');
const http = require('node:http');
const { monitorEventLoopDelay } = require('node:perf_hooks');

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

/** Microseconds that the main thread has run. */
function ownCpu() {
  if (process.platform !== 'linux') return Number.NaN;
  const [nanoseconds] = fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1_000;
}

async function measure(milliseconds) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  const own = ownCpu();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let count = 0;
  const caller = async () => {
    for (; performance.now() < start + milliseconds; count += 1) await call();
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, caller));
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const main = ownCpu() - own;
  return {
    rate: (count * 1000) / (performance.now() - start),
    main: main / count,
    others: (user + system - main) / count,
    delay: delay.percentile(99) / 1e6,
    memory: process.memoryUsage().rss / 1024 / 1024,
  };
}

(async () => {
  await measure(4000);
  console.log(JSON.stringify(await measure(2000)));
  process.exit(0);
})();
