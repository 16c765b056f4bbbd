/**
 * What attaching costs the observed process, and us. Loads: nginx under wrk (small and 64 kB answers), a Python and a Node
 * client in a keep-alive loop, a Python client at 1,000 exchanges/s. Each load runs bare and attached in turns: rate and CPU
 * of the target per exchange are paired, so what else runs on the machine weighs on both. Then what we captured of it, and
 * our own CPU and memory.
 *
 *   node bench/attach.mjs [--rounds 5] [--seconds 2] [--link perf]
 *
 * Needs root and BTF; nginx and wrk for their loads, curl for nothing. What is missing is named and left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const tls = path.join(root, 'test/fixtures/tls');
const flag = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const ROUNDS = Number(flag('rounds', 3));
const SECONDS = Number(flag('seconds', 2));
const LINK = flag('link');

if (process.getuid?.() !== 0 || !existsSync('/sys/kernel/btf/vmlinux')) {
  console.log('left out: attach needs root and a kernel with BTF');
  process.exit(0);
}
const has = program => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const folder = mkdtempSync(path.join(tmpdir(), 'bench-attach-'));
const children = [];

function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  children.push(child);
  const waiting = [];
  for (const stream of [child.stdout, child.stderr])
    readline.createInterface({ input: stream }).on('line', line => {
      const at = waiting.findIndex(({ test }) => test(line));
      if (at >= 0) waiting.splice(at, 1)[0].resolve(line);
    });
  child.on('error', () => {});
  child.line = test => new Promise(resolve => waiting.push({ test, resolve }));
  child.ended = new Promise(resolve => child.on('exit', resolve));
  return child;
}

const freePort = () =>
  new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Seconds on a CPU of all threads, to the nanosecond. */
function cpuSeconds(pid) {
  let total = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      total += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch {}
  }
  return total / 1e9;
}
const peakMegabytes = pid => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const CLIENT_PY = `import http.client, json, ssl, sys, time
c = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=ssl._create_unverified_context())
body = json.dumps({'model': 'gpt-4o', 'messages': [{'role': 'user', 'content': 'x' * 900}]})
def one():
    c.request('POST', '/v1/chat/completions', body, {'content-type': 'application/json'})
    c.getresponse().read()
one()
print('ready', flush=True)
for line in sys.stdin:
    seconds, rate = map(float, line.split())
    n, begin = 0, time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        if rate and n / rate > now - begin:
            time.sleep(n / rate - (now - begin))
        one()
        n += 1
    print('done', n, time.monotonic() - begin, flush=True)
`;
const CLIENT_MJS = `import https from 'node:https';
import readline from 'node:readline';
const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'x'.repeat(900) }] });
const one = () => new Promise((resolve, reject) => {
  const request = https.request({ host: '127.0.0.1', port: process.argv[2], path: '/v1/chat/completions', method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } }, response => response.resume().on('end', resolve));
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
`;

async function startNginx() {
  const [small, large] = [await freePort(), await freePort()];
  const answer = size =>
    JSON.stringify({
      id: 'x',
      object: 'chat.completion',
      model: 'gpt-4o',
      choices: [{ index: 0, message: { role: 'assistant', content: 'y'.repeat(size) }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 9, total_tokens: 21 },
    });
  writeFileSync(path.join(folder, 'answer.json'), answer(65_000));
  writeFileSync(
    path.join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; user root; events { worker_connections 512; }
http { access_log off; keepalive_requests 100000000; ssl_certificate ${tls}/server.pem; ssl_certificate_key ${tls}/server.key; default_type application/json;
 server { listen 127.0.0.1:${small} ssl; location / { return 200 '${answer(800)}'; } }
 server { listen 127.0.0.1:${large} ssl; location / { root ${folder}; error_page 405 =200 /answer.json; try_files /answer.json =404; } } }`,
  );
  const nginx = start('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf')]);
  await new Promise(resolve => setTimeout(resolve, 500)); // nginx says nothing when it is up
  const worker = Number(readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, 'utf8').split(' ')[0]);
  return { worker, small, large };
}

const POST_LUA = `wrk.method = 'POST'
wrk.headers['content-type'] = 'application/json'
wrk.body = '{"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}'
done = function(summary) io.write('requests ', summary.requests, ' ', summary.duration / 1e6, '\\n') end
`;

async function wrk(port, connections) {
  const tool = start('wrk', [
    '-t1',
    `-c${connections}`,
    `-d${Math.max(1, Math.round(SECONDS))}s`,
    '-s',
    path.join(folder, 'post.lua'),
    `https://127.0.0.1:${port}/v1/chat/completions`,
  ]);
  const [, count, seconds] = (await tool.line(line => line.startsWith('requests'))).split(' ');
  await tool.ended;
  return { count: Number(count), seconds: Number(seconds) };
}

async function client(command, file, port) {
  const child = start(command, [file, `${port}`]);
  await child.line(line => line === 'ready');
  return {
    pid: child.pid,
    load: async rate => {
      child.stdin.write(`${SECONDS} ${rate}\n`);
      const [, count, seconds] = (await child.line(line => line.startsWith('done'))).split(' ');
      return { count: Number(count), seconds: Number(seconds) };
    },
  };
}

/** Runs the load once, bare or attached. */
async function measure({ pid, load }, attached) {
  let observer;
  let lines = 0;
  if (attached) {
    observer = start(process.execPath, [
      path.join(root, 'bin/run.js'),
      'attach',
      '--pid',
      `${pid}`,
      '--format',
      'exchanges',
      ...(LINK ? ['--link', LINK] : []),
    ]);
    const ready = observer.line(line => line.startsWith('attached'));
    observer.stdout.on('data', chunk => {
      for (const byte of chunk) if (byte === 10) lines++;
    });
    await ready;
  }
  const before = cpuSeconds(pid);
  const ours = observer ? cpuSeconds(observer.pid) : 0;
  const { count, seconds } = await load();
  const row = { rate: count / seconds, target: ((cpuSeconds(pid) - before) / count) * 1e6, count };
  if (observer) {
    // The last records are under way for one look at the ring.
    await new Promise(resolve => setTimeout(resolve, 200));
    Object.assign(row, {
      cpu: ((cpuSeconds(observer.pid) - ours) / count) * 1000,
      memory: peakMegabytes(observer.pid),
    });
    const began = performance.now();
    observer.kill('SIGINT');
    await observer.ended;
    Object.assign(row, { detach: performance.now() - began, captured: lines / count });
  }
  return row;
}

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

try {
  for (const [name, text] of Object.entries({ 'client.py': CLIENT_PY, 'client.mjs': CLIENT_MJS, 'post.lua': POST_LUA }))
    writeFileSync(path.join(folder, name), text);
  if (!has('nginx') || !has('wrk')) {
    console.log('left out: nginx or wrk is not installed (apt-get install nginx-light wrk)');
    process.exit(0);
  }
  const nginx = await startNginx();
  const python = await client('python3', path.join(folder, 'client.py'), nginx.small);
  const node = await client(process.execPath, path.join(folder, 'client.mjs'), nginx.small);
  const loads = {
    'nginx, small answers, 16 connections': { pid: nginx.worker, load: () => wrk(nginx.small, 16) },
    'nginx, 64 kB answers, 4 connections': { pid: nginx.worker, load: () => wrk(nginx.large, 4) },
    'Python client, 1 kB, loop': { pid: python.pid, load: () => python.load(0) },
    'Node client, 1 kB, loop': { pid: node.pid, load: () => node.load(0) },
    'Python client, 1,000/s': { pid: python.pid, load: () => python.load(1000) },
  };
  for (const [name, load] of Object.entries(loads)) {
    const rounds = { bare: [], attached: [] };
    for (let round = 0; round < ROUNDS; round++)
      for (const variant of round % 2 ? ['attached', 'bare'] : ['bare', 'attached'])
        rounds[variant].push(await measure(load, variant === 'attached'));
    const of = (variant, key) => rounds[variant].map(row => row[key]);
    const ratio = key => median(rounds.attached.map((row, i) => row[key] / rounds.bare[i][key]));
    console.log(name);
    console.log(
      `  exchanges/s      ${median(of('bare', 'rate')).toFixed(0)} bare, ${median(of('attached', 'rate')).toFixed(0)} attached, ratio ${ratio('rate').toFixed(2)}`,
    );
    console.log(
      `  target CPU       ${median(of('bare', 'target')).toFixed(1)} µs an exchange bare, ${median(of('attached', 'target')).toFixed(1)} attached`,
    );
    console.log(`  captured         ${(100 * median(of('attached', 'captured'))).toFixed(1)} %`);
    console.log(
      `  ours             ${median(of('attached', 'cpu')).toFixed(3)} CPU s per 1,000 exchanges, peak ${median(of('attached', 'memory')).toFixed(0)} MB, detached in ${median(of('attached', 'detach')).toFixed(0)} ms`,
    );
  }
} finally {
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
