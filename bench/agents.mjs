/**
 * A thousand agents and one dashboard, in virtual time: the agent's own client, whose clock and whose server are here. It starts
 * everywhere at once, answers, is away, and is back: how many polls come in the busiest second, and how long until all agents are
 * back. Beside it the pure core: how long one decision takes over 500 workloads.
 *
 *   npm run bench -- agents
 */
import { setImmediate as turn } from 'node:timers/promises';
import { hashedJitter } from '../dist/agent/back-off.js';
import { NOTHING_DESIRED, wish } from '../dist/agent/desired.js';
import { DEFAULT_POLICY } from '../dist/agent/policy.js';
import { reconcile } from '../dist/agent/reconcile.js';
import { startDashboard } from '../dist/runs/agent/dashboard.js';

const AGENTS = 1_000;
const WORKLOADS = 500;

const services = Array.from({ length: 5 }, (_, number) => ({
  service_name: `service-${number}`,
  workload_key: `linux:systemd:service-${number}.service`,
  language_runtime: 'python',
  llm_providers: ['openai'],
  instrumentation_status: 'discovered',
  resource_attributes: { 'openlit.observability.reason': 'nobody asks for it' },
}));

/** Virtual time: what is due runs in its order, and nobody waits. */
let clock = 0;
const due = new Map();
let timers = 0;
/** Polls that were sent and have not asked for their next one yet. */
let open = 0;
globalThis.setTimeout = (run, delay) => {
  const id = ++timers;
  due.set(id, { at: clock + delay, run });
  open = Math.max(0, open - 1);
  return { id, unref() {} };
};
globalThis.clearTimeout = timer => due.delete(timer?.id);
performance.now = () => clock;

let away = false;
const seconds = new Map();
const back = new Set();
const bytes = { sent: 0 };
globalThis.fetch = async (_address, { body }) => {
  open++;
  const second = Math.floor(clock / 1000);
  seconds.set(second, (seconds.get(second) ?? 0) + 1);
  bytes.sent += body.length;
  if (!away) back.add(JSON.parse(body).instance_id);
  return away ? new Response('', { status: 503 }) : new Response('{"config_hash":"1","actions":[]}');
};

async function until(end, isOver = () => false) {
  while (!isOver()) {
    let next;
    for (const [id, { at }] of due) if (next === undefined || at < due.get(next).at) next = id;
    if (next === undefined || due.get(next).at > end) break;
    const { at, run } = due.get(next);
    due.delete(next);
    clock = at;
    run();
    while (open > 0) await turn();
  }
  if (!isOver()) clock = end;
}

for (let number = 0; number < AGENTS; number++)
  startDashboard({
    url: 'http://dashboard.example',
    jitter: hashedJitter(`agent-${number}`),
    body: config_hash => ({ instance_id: `agent-${number}`, config_hash, services, action_results: [] }),
    answered: () => {},
    note: () => {},
  });

async function phase(name, minutes) {
  seconds.clear();
  bytes.sent = 0;
  await until(clock + minutes * 60_000);
  const all = [...seconds.values()];
  const total = all.reduce((sum, one) => sum + one, 0);
  console.log(
    `${name}: ${minutes} min, ${total} polls, ${(total / (minutes * 60)).toFixed(1)}/s on average, ${Math.max(...all)} in the busiest second, ${(bytes.sent / total / 1000).toFixed(1)} kB each`,
  );
}

console.log(`${AGENTS} agents, ${services.length} services each`);
await phase('all start at once', 1);
await phase('it answers', 10);
await phase('it answers', 50);
away = true;
back.clear();
await phase('it is away (503)', 30);
away = false;
seconds.clear();
const returned = clock;
await until(clock + 3_600_000, () => back.size === AGENTS);
console.log(
  `it is back: all ${back.size} agents after ${((clock - returned) / 1000).toFixed(0)} s, at most ${Math.max(...seconds.values())} polls in one second`,
);

const can = { inject: { possible: true }, lifecycle: { possible: true }, observe: { possible: true } };
const workloads = Array.from({ length: WORKLOADS }, (_, number) => ({
  key: `linux:systemd:w${number}.service`,
  name: `w${number}`,
  target: 'systemd',
  incarnation: `w${number}`,
  asOf: 10_000_000,
  lifecycle: 'running',
  replicas: [{ id: `w${number}`, state: 'ready' }],
  restarts: 'whole',
  observed: number % 2 === 0,
  injection: 'i1',
  can,
}));
let desired = NOTHING_DESIRED;
for (const { key } of workloads)
  for (const feature of ['observe', 'inject'])
    desired = wish(desired, { workload: key, feature, value: 'on', source: 'file' }, 1_000_000);
/** Two tries of each, the second one in the middle of its settling. */
const history = workloads.flatMap(({ key, incarnation }, number) =>
  [1, 2].flatMap(round => {
    const id = `${round} inject ${key}`;
    const at = 1_000_000 * round + number;
    return [
      { kind: 'started', at, id, workload: key, deed: 'inject', incarnation, serves: `inject ${round}` },
      { kind: 'ended', at: at + 1, id, outcome: 'failed', restarted: false, reason: 'of a bench' },
    ];
  }),
);
const situation = {
  observed: { lock: { ours: true }, workloads },
  desired,
  history,
  running: new Set(),
  now: 10_000_000,
  policy: DEFAULT_POLICY,
  jitter: hashedJitter('bench'),
};
const times = Array.from({ length: 50 }, () => {
  const start = process.cpuUsage();
  reconcile(situation);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}).sort((a, b) => a - b);
console.log(
  `one decision over ${WORKLOADS} workloads, ${history.length} records: median ${times[25].toFixed(1)} ms of CPU, 95 % ${times[47].toFixed(1)}`,
);
