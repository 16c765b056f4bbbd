/**
 * A night of the agent in minutes: 50 workloads that come, go, crash, and are switched on and off by a desired-state file, which
 * is broken and mended now and then. For each change it is measured how long it takes until the agent's own status says that
 * it is so; what is still not so after half a minute is missed. At the end each workload makes one call: those that are asked for
 * have to be counted, and no other. Printed over time: the agent's memory, CPU and descriptors.
 *
 *   npm run bench -- night [minutes]        default 30
 *
 * Needs root and BTF.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { workloadKey } from '../dist/machine/workload-key.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const MINUTES = Number(process.argv[2] ?? 30);
const WORKLOADS = 50;
const SAMPLES = 20;
/** ms between two things that happen. */
const PACE = 1_500;
/** ms after which a change that is not in the status is missed. */
const PATIENCE = 30_000;

if (process.getuid?.() !== 0 || !existsSync('/sys/kernel/btf/vmlinux')) {
  console.log('left out: the agent needs root and a kernel with BTF to observe');
  process.exit(0);
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-night-'));
const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Asks at `ask`, ends with an error at `crash`, and asks by itself every few seconds. */
const CLIENT = `
import http.client, json, select, ssl, sys
body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]})
headers = {"host": "api.openai.com", "content-type": "application/json"}
c = http.client.HTTPSConnection("127.0.0.1", int(sys.argv[2]), context=ssl._create_unverified_context())
def ask():
    c.request("POST", "/v1/chat/completions", body, headers)
    c.getresponse().read()
ask()
print("up", flush=True)
quiet = False
while True:
    ready = select.select([sys.stdin], [], [], None if quiet else 5)[0]
    word = sys.stdin.readline().strip() if ready else "ask"
    if ready and not word or word == "crash":
        sys.exit(3)
    if word == "quiet":
        quiet = True
    else:
        ask()
    if ready:
        print("done", flush=True)
`;
const script = path.join(folder, 'night.py');
writeFileSync(script, CLIENT);

const ANSWER = JSON.stringify({
  id: '1',
  object: 'chat.completion',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});
const fixtures = path.join(root, 'test/fixtures/tls');
const server = https.createServer(
  { key: readFileSync(path.join(fixtures, 'server.key')), cert: readFileSync(path.join(fixtures, 'server.pem')) },
  (request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(ANSWER));
  },
);
server.keepAliveTimeout = 0;
const port = await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/** What a child says on stdout, line by line; undefined when it has ended. */
function lines(child) {
  const waiting = [];
  const said = [];
  let rest = '';
  let ended = false;
  child.stdout.on('data', data => {
    const parts = (rest + data).split('\n');
    rest = parts.pop();
    for (const line of parts)
      if (waiting.length > 0) waiting.shift()(line);
      else said.push(line);
  });
  child.on('close', () => {
    ended = true;
    for (const resolve of waiting.splice(0)) resolve(undefined);
  });
  return () =>
    new Promise(resolve => {
      if (said.length > 0) resolve(said.shift());
      else if (ended) resolve(undefined);
      else waiting.push(resolve);
    });
}

const environment = { PATH: process.env.PATH, HOME: folder, OPENAI_API_KEY: 'sk-of-a-bench', OPENLIT_NO_KEEP: '1' };

class Workload {
  child;
  wish = 'off';
  constructor(number) {
    this.name = `w${number}`;
  }
  async come() {
    const child = spawn('python3', [script, this.name, String(port)], {
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.on('error', () => {});
    children.add(child);
    child.on('close', () => children.delete(child));
    this.next = lines(child);
    await this.next();
    this.child = child;
    // What started it may have put other words in front, as pyenv does.
    const commandLine = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const executable = readlinkSync(`/proc/${child.pid}/exe`);
    this.key = workloadKey({ placement: {}, name: 'python3', executable, commandLine });
  }
  async go(how) {
    const { child } = this;
    this.child = undefined;
    const ended = new Promise(resolve => child.once('close', resolve));
    if (how === 'crash') child.stdin.write('crash\n');
    else child.kill(how);
    await ended;
  }
  async say(word) {
    this.child.stdin.write(`${word}\n`);
    await this.next();
  }
}

const workloads = Array.from({ length: WORKLOADS }, (_, number) => new Workload(number));
const desired = path.join(folder, 'fleet.yml');
function writeWishes() {
  const entries = workloads
    .filter(({ key }) => key !== undefined)
    .map(({ key, wish }) => `  - key: ${key}\n    observe: ${wish}\n`);
  writeFileSync(desired, `workloads:\n${entries.join('')}`);
}

for (const one of workloads) await one.come();
writeWishes();
mkdirSync(path.join(folder, 'kept'));
const agent = spawn(
  process.execPath,
  [
    path.join(root, 'bin/run.js'),
    'agent',
    ...['--desired', desired, '--port', '0', '--interval', '2', '--json', '--no-keep'],
    ...['--state-dir', path.join(folder, 'state'), '--run-dir', path.join(folder, 'run')],
  ],
  { env: { PATH: process.env.PATH, HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] },
);
children.add(agent);
const said = [];
const deeds = [];
const address = await new Promise((resolve, reject) => {
  agent.on('close', code => reject(new Error(`the agent ended with ${code}: ${said.slice(-20).join('')}`)));
  agent.stderr.on('data', data => {
    said.push(String(data));
    if (said.length > 200) said.shift();
    const found = /listening on (http:\S+)/.exec(said.join(''));
    if (found) resolve(found[1]);
  });
  agent.stdout.on('data', data => {
    for (const line of String(data).split('\n')) if (line.includes('"event":"deed"')) deeds.push(line);
  });
});

/** A kept connection may be closed at the moment in which it is used again. */
const ALONE = { headers: { connection: 'close' } };

async function status() {
  const response = await fetch(`${address}/status`, ALONE);
  const document = await response.json();
  return new Map((document.workloads ?? []).map(workload => [workload.key, workload]));
}
async function metric(name) {
  const text = await (await fetch(`${address}/metrics`, ALONE)).text();
  return text.split('\n').filter(line => line.startsWith(name));
}
const numberOf = line => Number(line?.split(' ').at(-1));

/** What the status has to say, and since when: a change takes the place of the one before. */
const expected = new Map();
const delays = [];
const missed = [];
function expect(one) {
  const { key, wish, child } = one;
  expected.set(key, {
    at: performance.now(),
    is: workload => isSo(workload, wish, child?.pid),
    what: `${one.name} ${wish} ${child ? 'up' : 'down'}`,
  });
}
function isSo(workload, wish, pid) {
  if (pid === undefined) return workload === undefined || workload.pids.length === 0;
  return workload?.pids.includes(pid) === true && workload.observed === (wish === 'on');
}
async function check() {
  const seen = await status();
  for (const [key, { at, is, what }] of expected) {
    const after = performance.now() - at;
    if (is(seen.get(key))) delays.push(after);
    else if (after < PATIENCE) continue;
    else missed.push(`${what}: ${JSON.stringify(seen.get(key)?.features?.observe)}`);
    expected.delete(key);
  }
}

const random = values => values[Math.floor(Math.random() * values.length)];
const counts = { switched: 0, came: 0, ended: 0, crashed: 0, killed: 0, broken: 0 };
async function happen() {
  const one = random(workloads);
  if (one.child === undefined) {
    await one.come();
    counts.came++;
    return expect(one);
  }
  const what = random(['switch', 'switch', 'switch', 'SIGTERM', 'SIGKILL', 'crash', 'broken']);
  if (what === 'broken') {
    writeFileSync(desired, 'workloads:\n  - key: 3\n   observe: maybe\n');
    counts.broken++;
    await pause(700);
    return writeWishes();
  }
  if (what === 'switch') {
    one.wish = one.wish === 'on' ? 'off' : 'on';
    counts.switched++;
    writeWishes();
  } else {
    await one.go(what);
    counts[{ SIGTERM: 'ended', SIGKILL: 'killed', crash: 'crashed' }[what]]++;
  }
  expect(one);
}

const descriptors = () => readdirSync(`/proc/${agent.pid}/fd`).length;
async function sample(minute) {
  const [cpu, memory] = [
    numberOf((await metric('process_cpu_seconds_total'))[0]),
    numberOf((await metric('process_resident_memory_bytes'))[0]),
  ];
  const on = workloads.filter(({ wish, child }) => child && wish === 'on').length;
  console.log(
    `${minute.toFixed(1).padStart(5)} min  ${(memory / 2 ** 20).toFixed(0).padStart(4)} MiB  ${cpu.toFixed(1).padStart(6)} s CPU  ${String(descriptors()).padStart(4)} descriptors  ${String(on).padStart(2)} on  ${deeds.length} deeds  ${missed.length} missed`,
  );
  return { minute, cpu, memory };
}

console.log(`${WORKLOADS} workloads, ${MINUTES} minutes, one event in ${PACE / 1000} s`);
const began = performance.now();
const samples = [await sample(0)];
const every = (MINUTES * 60_000) / SAMPLES;
while (performance.now() - began < MINUTES * 60_000) {
  await happen();
  await check();
  if (performance.now() - began > samples.length * every)
    samples.push(await sample((performance.now() - began) / 60_000));
  await pause(PACE);
}
while (expected.size > 0) {
  await pause(500);
  await check();
}
samples.push(await sample((performance.now() - began) / 60_000));

// One call each, and nothing besides.
const up = workloads.filter(({ child }) => child !== undefined);
for (const one of up) await one.say('quiet');
const callsOf = async () => {
  const seen = new Map();
  for (const line of await metric('gen_ai_client_operation_duration_seconds_count')) {
    const key = /workload="([^"]+)"/.exec(line)?.[1];
    seen.set(key, (seen.get(key) ?? 0) + numberOf(line));
  }
  return seen;
};
await pause(2_000);
const before = await callsOf();
for (const one of up) await one.say('ask');
const wrong = [];
for (let tries = 0; tries < 20; tries++) {
  const after = await callsOf();
  wrong.splice(0);
  for (const { key, name, wish } of up) {
    const calls = (after.get(key) ?? 0) - (before.get(key) ?? 0);
    if (calls !== (wish === 'on' ? 1 : 0)) wrong.push(`${name} (${wish}): ${calls} calls`);
  }
  if (wrong.length === 0) break;
  await pause(500);
}

delays.sort((a, b) => a - b);
const at = share => (delays[Math.floor(share * (delays.length - 1))] / 1000).toFixed(1);
const [first, last] = [samples[Math.min(3, samples.length - 1)], samples.at(-1)];
console.log(
  `events: ${Object.entries(counts)
    .map(entry => entry.join(' '))
    .join(', ')}`,
);
console.log(
  `a change is so after (s): median ${at(0.5)}, 95 % ${at(0.95)}, longest ${at(1)}; of ${delays.length}, missed ${missed.length}`,
);
console.log(
  `memory: ${(first.memory / 2 ** 20).toFixed(0)} MiB after ${first.minute.toFixed(0)} min, ${(last.memory / 2 ** 20).toFixed(0)} MiB at the end; CPU ${((100 * (last.cpu - samples[0].cpu)) / (60 * (last.minute - samples[0].minute))).toFixed(1)} % of a core`,
);
console.log(
  `last calls: ${up.length} workloads, ${up.filter(({ wish }) => wish === 'on').length} asked for, ${wrong.length} wrong`,
);
for (const line of [...missed, ...wrong]) console.log(`  ${line}`);
agent.removeAllListeners('close');
agent.kill('SIGTERM');
const code = await new Promise(resolve => agent.on('close', resolve));
console.log(`the agent ended with ${code}`);
process.exit(missed.length + wrong.length === 0 && code === 0 ? 0 : 1);
