// `calls.cjs MILLISECONDS ENDING`: the same as calls.py, with node:http.
const http = require('node:http');
const { writeSync } = require('node:fs');

const [milliseconds, ending] = process.argv.slice(2);
const until = Date.now() + Number(milliseconds);
const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const agent = new http.Agent({ keepAlive: true });
const nanoseconds = () => Math.round((performance.timeOrigin + performance.now()) * 1e6);

function call() {
  const url = `${process.env.OPENAI_BASE_URL}/chat/completions`;
  const request = http.request(url, { method: 'POST', headers, agent }, response => {
    response.resume().on('end', () => {
      writeSync(1, `${nanoseconds()}\n`);
      if (Date.now() < until) setTimeout(call, 5);
      else end();
    });
  });
  request.end(body);
}

function end() {
  if (ending === 'wait') return setTimeout(() => {}, 60_000);
  writeSync(1, `end ${nanoseconds()}\n`);
  if (ending === 'abort') process.abort();
  process.kill(process.pid, ending);
}

call();
