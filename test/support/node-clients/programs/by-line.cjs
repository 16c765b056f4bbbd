// One answer for each line of stdin, with nothing but Node itself; the end of stdin is the end.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const readline = require('node:readline');

function call(where = 'default', pad = 0) {
  const url = where === 'default' ? `${process.env.PROVIDER_URL}/openai/v1/chat/completions` : where;
  const content = 'x'.repeat(Number(pad)) || 'hi';
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] });
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false };
  return new Promise((resolve, reject) => {
    http
      .request(url, options, response => response.resume().on('end', () => resolve(response.statusCode)))
      .on('error', reject)
      .end(body);
  });
}

/** Calls, one after the other. */
async function calls(count, ...more) {
  let last;
  for (let left = Number(count); left > 0; left -= 1) last = await call(...more);
  return last;
}

/** What a program can see of its own process; the descriptor is what the next `open` gets. */
function state() {
  const descriptor = fs.openSync('/dev/null');
  fs.closeSync(descriptor);
  return JSON.stringify({
    descriptor,
    children: fs.readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8') !== '',
    threads: fs.readdirSync('/proc/self/task').length,
    directory: process.cwd(),
    session: Number(fs.readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[3]),
  });
}

/** The same program in a process of its own makes a call. */
const child = (file, ...words) => String(spawnSync(file, words, { input: 'call\n' }).stdout).trim();

(async () => {
  const answers = { call, calls, child, state };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [word, ...rest] = line.split(' ');
    console.log(await answers[word](...rest));
  }
})();
