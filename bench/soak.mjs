/**
 * A long observation of mixed traffic with processes that come and go: what it misses, and what it leaks. Clients of every
 * source (Python and Node with OpenSSL, PHP, Ruby, curl; BoringSSL in Bun and curl_cffi, rustls, Go, GnuTLS, plain HTTP) are
 * started again and again, nginx replaces its workers, and two clients stay; all of them are found by one `attach --name`.
 * Every exchange is compared with what the server knows of it, every status with the one that it has without us. Printed over
 * time: exchanges, our memory (resident, and PSS without what others share), CPU and descriptors, and what the kernel holds of
 * ours (`bpftool`); at the end what is left.
 *
 *   npm run bench -- soak [minutes]        default 30
 *
 * Needs root and BTF. Programs that are not installed are named and left out.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BUN, clientsPython, goClient } from './attach/clients.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const programs = path.join(root, 'test/attach/programs');
const tls = path.join(root, 'test/fixtures/tls');
const MINUTES = Number(process.argv[2] ?? 30);
const SAMPLES = 30;
/** Programs at once, beside the two that stay. */
const ACTORS = 3;
/** Milliseconds between two programs of an actor: the load is long, not heavy. */
const PACE = 400;

if (process.getuid?.() !== 0 || !existsSync('/sys/kernel/btf/vmlinux')) {
  console.log('left out: attach needs root and a kernel with BTF');
  process.exit(0);
}
const folder = mkdtempSync(path.join(tmpdir(), 'bench-soak-'));
const children = new Set();
/** No other process of the machine is called so, not even those of another soak. */
const NAME = `soak-${process.pid.toString(36)}`;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const waiting = new Set();
  const last = [];
  children.add(child);
  child.ended = new Promise(resolve => child.on('close', resolve)).then(status => {
    children.delete(child);
    const how = `${child.spawnargs.join(' ')} ended with ${status ?? child.signalCode}: ${last.join(' / ')}`;
    for (const { reject } of waiting) reject(new Error(how));
    return status;
  });
  for (const stream of [child.stdout, child.stderr])
    readline.createInterface({ input: stream }).on('line', line => {
      options.each?.(line);
      last.push(line.slice(0, 200));
      if (last.length > 5) last.shift();
      for (const waiter of waiting) {
        if (!waiter.test(line)) continue;
        waiting.delete(waiter);
        waiter.resolve(line);
      }
    });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.line = test => new Promise((resolve, reject) => waiting.add({ test, resolve, reject }));
  return child;
}

/** The program under a name of ours, so that `--name` finds it and nothing else of the machine. */
function alias(program) {
  const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
  if (found === '') return console.log(`left out: ${program} is not installed`);
  // A version manager's shim is a script.
  const real = ['-c', 'import os, sys; print(os.path.realpath(sys.executable))'];
  const target = program === 'python3' ? spawnSync(program, real, { encoding: 'utf8' }).stdout.trim() : found;
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  const link = path.join(folder, 'bin', `${NAME}-${path.basename(program)}`);
  symlinkSync(target, link);
  return link;
}

// What was sent and what was seen, until both have said it.
const open = new Map();
const totals = { sent: 0, seen: 0, partial: 0, ended: 0, badly: 0 };
const reasons = new Map();
function note(key, sign) {
  const left = (open.get(key) ?? 0) + sign;
  if (left === 0) open.delete(key);
  else open.set(key, left);
}
const keyOf = line =>
  [line.method, line.path, line.request_size, line.request_sha256, line.response_size, line.response_sha256].join(' ');
const counted = ({ path: where }) => where.startsWith('/soak');

async function serverPort(...words) {
  const server = start(process.execPath, [path.join(programs, 'server.mjs'), ...words], {
    each: text => {
      const line = text.startsWith('{') ? JSON.parse(text) : undefined;
      if (!line || !counted(line)) return;
      totals.sent++;
      note(keyOf(line), 1);
    },
  });
  return Number(await server.line(line => /^\d+$/.test(line)));
}
const port = await serverPort();
const plainPort = await serverPort('plain');

/** `PID STATE` -> when attach said so, on our clock. Numbers of processes come again within minutes. */
const states = new Map();
const watchers = new Set();
/** All files of the observer: what is there at the end is left behind. */
const own = { tmp: path.join(folder, 'own-tmp'), cache: path.join(folder, 'own-cache') };
for (const each of Object.values(own)) mkdirSync(each);
const observer = start(
  process.execPath,
  [path.join(root, 'bin/run.js'), 'attach', '--name', `${NAME}*`, '--format', 'exchanges'],
  {
    env: { ...process.env, TMPDIR: own.tmp, OPENLIT_INSTRUMENT_CACHE_DIR: own.cache },
    each: text => {
      const [, without, pid] = /^(?:attached to|(.*?:)) .*\(pid (\d+)\)(?:: | has no supported TLS)/.exec(text) ?? [];
      if (pid) {
        states.set(`${pid} ${without ? 'waiting' : 'attached'}`, performance.now());
        for (const [, file] of text.matchAll(/ in (?:\/\S*)?\/([^/\s,]+)/g))
          states.set(`${pid} ${file}`, performance.now());
        for (const check of watchers) check();
      }
      if (!text.startsWith('{')) return pid ? undefined : console.log(text);
      const line = JSON.parse(text);
      if (!counted(line)) return;
      totals.seen++;
      if (line.partial.length > 0) {
        totals.partial++;
        const reason = line.partial.join('+');
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      if (line.role === 'client') note(keyOf(line), -1);
      else note(`nginx ${line.path}`, -1);
    },
  },
);
/**
 * Resolves when attach has said, later than `since`, that it observes the process; `waiting`: one without a TLS library; the
 * name of a file: this one of its libraries.
 */
const observed = (pid, since, state = 'attached') =>
  new Promise(resolve => {
    const check = () => {
      if (!(states.get(`${pid} ${state}`) > since)) return;
      watchers.delete(check);
      resolve();
    };
    watchers.add(check);
    check();
  });

/** `[method, path, body size]` of one program's life, all different from those of every other. */
let lives = 0;
function plan() {
  const life = ++lives;
  const steps = [
    ['POST', 'size=20', 20],
    ['POST', 'size=1000', 900],
    ['POST', 'size=5000&enc=gzip', 16_384],
    ['GET', 'size=70000&enc=br', 0],
    ['POST', 'chunks=100&gap=2', 2000],
    ['POST', `size=${life % 10 === 0 ? 5_000_000 : 300_000}`, life % 10 === 5 ? 5_000_000 : 300_000],
    ['GET', 'size=3', 0],
  ];
  const file = path.join(folder, `plan-${life % 64}.json`);
  writeFileSync(
    file,
    JSON.stringify(steps.map(([method, query, size], i) => [method, `/soak/${life}/${i}?${query}`, size])),
  );
  return { file, life };
}

/** Starts a program of test/attach/programs, lets it go when it is observed, and waits for its end. */
async function drive(command, args, options) {
  const began = performance.now();
  const child = start(command, args(plan().file), options);
  const ready = child.line(line => line.startsWith('{"ready"'));
  const done = child.line(line => line === 'done');
  await Promise.all([ready, observed(child.pid, began, options?.library)]);
  child.stdin.write('go\n');
  await done;
  child.stdin.end();
  await settle(child);
}

/** Without us each of these programs ends with 0. */
async function settle(child) {
  totals.ended++;
  const status = await child.ended;
  if (status === 0) return;
  totals.badly++;
  console.log(`${child.spawnargs.join(' ')} ended with ${status ?? child.signalCode}`);
}
const python = alias('python3');
const node = alias(process.execPath);
const bun = existsSync(BUN) ? alias(BUN) : console.log('left out: Bun is not in .cache/runtimes');
const go = spawnSync('go', ['version']).error ? console.log('left out: Go is not installed') : alias(goClient(folder));
const [php, ruby, sh, nginx] = ['php', 'ruby', 'sh', 'nginx'].map(alias);
/** The clients' environment, where test/e2e/attach-clients.test.ts has made it. */
const packages = clientsPython() && path.resolve(clientsPython(), '../../lib');
const site = packages && path.join(packages, readdirSync(packages)[0], 'site-packages');
const more = ['requests', 'httpx h2', 'httpx async', 'aiohttp', 'curl_cffi', 'curl_cffi h2', 'httpr', 'httpr h2'];
const libraries = ['http.client', ...(site ? more : [])];
if (!site) console.log(`left out: ${more.join(', ')}: npm run test:e2e -- e2e/attach-clients makes their environment`);
/** Loaded after Python's own: their first calls come at once. */
const LATER = { curl_cffi: '_wrapper.abi3.so', httpr: 'httpr.abi3.so' };
const withSite = { env: { ...process.env, ...(site ? { PYTHONPATH: site } : {}) } };

/**
 * A child of an observed shell. curl reads its body from stdin before it connects, so that it can be observed before its
 * first byte. The shell gives what runs in its background /dev/null as stdin, unless it is told otherwise.
 */
async function curl(version) {
  const began = performance.now();
  const { life } = plan();
  const url = i => `https://127.0.0.1:${port}/soak/${life}/curl${i}?size=${1000 * i}`;
  const words = ['curl', '-sk', `--http${version}`, '-o', '/dev/null', '-o', '/dev/null', '-d', '@-', url(1), url(2)];
  await below(words, 'question', began);
}

/** The same of wget, whose addresses come from a pipe: GnuTLS. */
async function wget() {
  const { life } = plan();
  const began = performance.now();
  const urls = [1, 2, 70].map(i => `https://127.0.0.1:${port}/soak/${life}/wget${i}?size=${1000 * i}\n`);
  await below(
    ['wget', '-q', '--no-check-certificate', '--no-config', '-O', '/dev/null', '-i', '-'],
    urls.join(''),
    began,
  );
}

async function below(words, said, began) {
  const child = start(sh, [
    '-c',
    'exec 3<&0; read go; "$@" <&3 & echo $!; wait $!; s=$?; echo done; exit $s',
    'sh',
    ...words,
  ]);
  const pid = child.line(line => /^\d+$/.test(line));
  const done = child.line(line => line === 'done');
  await observed(child.pid, began, 'waiting');
  child.stdin.write('go\n');
  await observed(Number(await pid), began);
  child.stdin.end(said);
  await done;
  await settle(child);
}

const kinds = [
  ...libraries.map(library => () => {
    const words = plan => [path.join(programs, 'client.py'), library, `${port}`, plan];
    return drive(python, words, { ...withSite, library: LATER[library.split(' ')[0]] });
  }),
  ...['https', 'fetch', 'http2', 'http2-together'].map(
    way => () => drive(node, plan => [path.join(programs, 'client.mjs'), way, `${port}`, plan]),
  ),
  ...(php ? [() => drive(php, plan => [path.join(programs, 'client.php'), `${port}`, plan])] : []),
  ...(ruby ? [() => drive(ruby, plan => [path.join(programs, 'client.rb'), `${port}`, plan])] : []),
  ...(spawnSync('curl', ['-V']).error ? [] : [() => curl('1.1'), () => curl('2')]),
  ...(alias('wget') ? [wget] : []),
  () => drive(python, plan => [path.join(programs, 'client.py'), 'plain', `${plainPort}`, plan]),
  ...(bun
    ? [
        () =>
          drive(bun, plan => [path.join(programs, 'client.mjs'), 'https', `${port}`, plan], {
            env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
          }),
      ]
    : []),
  ...(go
    ? ['0', '1'].map(two => () => drive(go, plan => [`${port}`, plan], { env: { ...process.env, H2: two } }))
    : []),
];

const STAYS = `import http.client, json, os, ssl, sys, time
c = http.client.HTTPSConnection('127.0.0.1', int(sys.argv[1]), context=ssl._create_unverified_context())
def one(path):
    c.request('POST', path, b'x' * 900)
    c.getresponse().read()
one('/warm')
print(json.dumps({'ready': os.getpid()}), flush=True)
sys.stdin.readline()
end = time.monotonic() + float(sys.argv[2])
n = 0
while time.monotonic() < end:
    one(f'/soak/{sys.argv[3]}/{n}?size=1000')
    n += 1
    time.sleep(0.05)
print('done', flush=True)
`;
async function stay(name) {
  const began = performance.now();
  const child = start(python, ['-c', STAYS, `${port}`, `${MINUTES * 60}`, name]);
  const ready = child.line(line => line.startsWith('{"ready"'));
  const done = child.line(line => line === 'done');
  await Promise.all([ready, observed(child.pid, began)]);
  child.stdin.write('go\n');
  await done;
  await child.ended;
}

/** nginx, whose worker is replaced before each round of requests. */
async function serve(until) {
  const own = 1024 + Math.floor(Math.random() * 30_000);
  writeFileSync(
    path.join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; user root; events { worker_connections 64; }
http { access_log off; server { listen 127.0.0.1:${own} ssl; ssl_certificate ${tls}/server.pem; ssl_certificate_key ${tls}/server.key; location / { return 200 'answer'; } } }`,
  );
  let began = performance.now();
  const master = start(nginx, ['-p', folder, '-c', path.join(folder, 'nginx.conf')]);
  const workers = () => {
    const pids = readFileSync(`/proc/${master.pid}/task/${master.pid}/children`, 'utf8').split(' ').filter(Boolean);
    return pids.map(Number);
  };
  let last;
  for (let n = 0; Date.now() < until; ) {
    let [fresh, ...old] = workers();
    // Only the new one: the old one may still take a connection and close it.
    while (fresh === undefined || old.length > 0 || fresh === last) {
      await pause(50);
      [fresh, ...old] = workers();
    }
    last = fresh;
    await observed(fresh, began);
    const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 1 });
    for (let i = 0; i < 20; i++, n++) {
      const where = `/soak-nginx/${n}`;
      await new Promise((resolve, reject) => {
        const request = https.get({ host: '127.0.0.1', port: own, path: where, agent }, response => {
          response.resume().on('end', resolve);
        });
        request.on('error', reject);
      });
      totals.sent++;
      note(`nginx ${where}`, 1);
    }
    agent.destroy();
    await pause(2000);
    began = performance.now();
    master.kill('SIGHUP');
  }
  master.kill('SIGTERM');
  await master.ended;
}

/** Ids of what a process holds in the kernel: `prog_id` or `link_id`, as its descriptors say. */
function held(pid, what) {
  const ids = new Set();
  for (const descriptor of readdirSync(`/proc/${pid}/fdinfo`)) {
    try {
      const text = readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8');
      const id = new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(text)?.[1];
      if (id && !(what === 'prog_id' && text.includes('link_id'))) ids.add(Number(id));
    } catch {} // closed meanwhile
  }
  return ids;
}
/** Of the ids that this observation ever held: how many the kernel still has. Undefined without bpftool. */
function left(kind, ids) {
  try {
    const all = JSON.parse(spawnSync('bpftool', ['-j', kind, 'show'], { encoding: 'utf8' }).stdout);
    return all.filter(({ id }) => ids.has(id)).length;
  } catch {
    return undefined;
  }
}
const ever = { prog: new Set(), link: new Set(), map: new Set() };
/** Living processes under our names: the number of links has to follow it. */
const attachedNow = () =>
  readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith(NAME);
    } catch {
      return false;
    }
  }).length;
/** Our share of memory, in MB. */
const pss = () => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${observer.pid}/smaps_rollup`, 'utf8'))[1]) / 1024;
const started = performance.now();
const memory = [];
function sample() {
  const status = readFileSync(`/proc/${observer.pid}/status`, 'utf8');
  const [, ticks] = readFileSync(`/proc/${observer.pid}/stat`, 'utf8').split(') ');
  const [user, system] = ticks.split(' ').slice(11, 13).map(Number);
  const rss = Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
  memory.push(rss);
  const now = {
    prog: held(observer.pid, 'prog_id'),
    link: held(observer.pid, 'link_id'),
    map: held(observer.pid, 'map_id'),
  };
  for (const kind of ['prog', 'link', 'map']) for (const id of now[kind]) ever[kind].add(id);
  const cells = [
    ((performance.now() - started) / 60_000).toFixed(1),
    lives,
    totals.sent,
    totals.seen,
    totals.partial,
    rss.toFixed(1),
    pss().toFixed(1),
    ((user + system) / 100).toFixed(1),
    readdirSync(`/proc/${observer.pid}/fd`).length,
    `${now.prog.size}/${now.link.size}`,
    attachedNow(),
  ];
  console.log(cells.map((cell, i) => String(cell).padStart(WIDTHS[i])).join(''));
}
const HEADS = [
  'minutes',
  'lives',
  'sent',
  'seen',
  'partial',
  'RSS MB',
  'PSS MB',
  'CPU s',
  'descriptors',
  'programs/links',
  'processes',
];
const WIDTHS = HEADS.map(head => head.length + 3);

await observer.line(line => line.includes('waiting for one'));
console.log(HEADS.map((head, i) => head.padStart(WIDTHS[i])).join(''));
const until = Date.now() + MINUTES * 60_000;
const staying = [stay('stays-a'), stay('stays-b')];
const sampler = setInterval(sample, (MINUTES * 60_000) / SAMPLES);
let next = 0;
const act = async () => {
  while (Date.now() < until) {
    await kinds[next++ % kinds.length]();
    await pause(PACE);
  }
};
await Promise.all([...staying, ...(nginx ? [serve(until)] : []), ...Array.from({ length: ACTORS }, act)]);
clearInterval(sampler);
// The last records are under way; what is not here after many looks at the ring never comes.
for (let waited = 0; open.size > 0 && waited < 5000; waited += 100) await pause(100);
sample();
const began = performance.now();
observer.kill('SIGINT');
await observer.ended;
const lost = [...open].filter(([, left]) => left > 0);
const strange = [...open].filter(([, left]) => left < 0);
const third = Math.floor(memory.length / 3);
const median = values => [...values].sort((a, b) => a - b)[values.length >> 1];
console.log(`detached in ${(performance.now() - began).toFixed(0)} ms`);
// Programs are freed when the last processor has left them; links, and with them the probes, at once.
for (let waited = 0; left('prog', ever.prog) > 0 && waited < 5000; waited += 100) await pause(100);
for (const [kind, ids] of Object.entries(ever))
  console.log(`of ${ids.size} ${kind}s the kernel still has ${left(kind, ids) ?? 'we do not know how many (bpftool)'}`);
const files = Object.values(own).flatMap(each => readdirSync(each, { recursive: true }));
console.log(`files of ours that are left: ${files.join(', ') || 'none'}`);
console.log(`${totals.ended} programs ended, ${totals.badly} of them with another status than without us`);
console.log(
  `RSS, median of the second and the last third: ${median(memory.slice(third, 2 * third)).toFixed(1)} and ${median(memory.slice(2 * third)).toFixed(1)} MB`,
);
console.log(
  `${totals.sent} exchanges sent, ${lost.length} not seen as they were, ${strange.length} seen that were not sent, ${totals.partial} marked partial: ${[...reasons].map(entry => entry.join(' ')).join(', ')}`,
);
for (const [key, left] of [...lost, ...strange].slice(0, 10)) console.log(`  ${left > 0 ? 'lost' : 'strange'} ${key}`);
process.exit(lost.length + strange.length + totals.badly > 0 ? 1 : 0);
