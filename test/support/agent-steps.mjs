/**
 * The agent's core, executor, journal and memory out of dist/, over one workload that is a file. It ends by SIGKILL at step
 * KILL_AT; without it, it runs until nothing is left to do, and prints what the workload is. usage: agent-steps.mjs FOLDER WISH
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { wish } from '../../dist/agent/desired.js';
import { DEFAULT_POLICY } from '../../dist/agent/policy.js';
import { reconcile } from '../../dist/agent/reconcile.js';
import { createExecutor } from '../../dist/runs/agent/executor.js';
import { openJournal } from '../../dist/runs/agent/journal.js';
import { openLock } from '../../dist/runs/agent/lock.js';
import { steadyClock } from '../../dist/runs/agent/loop.js';
import { openMemory } from '../../dist/runs/agent/memory.js';

const [folder, asked] = process.argv.slice(2);
const KEY = 'linux:systemd:app.service';
const killAt = Number(process.env.KILL_AT ?? 0);
let steps = 0;
/** A place at which a kill may come. */
function step() {
  steps++;
  if (steps === killAt) process.kill(process.pid, 'SIGKILL');
}

/** What is really there, over every kill. */
const file = path.join(folder, 'workload.json');
const world = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { restarts: [] };
const save = () => writeFileSync(file, JSON.stringify(world));

const lock = openLock(path.join(folder, 'agent.lock'));
step();
if (!lock.hold().ours) throw new Error('the lock of a killed agent holds');
step();
const memory = openMemory(path.join(folder, 'state'));
step();
const [feature, value] = asked.split(' ');
memory.setDesired(wish(memory.desired, { workload: KEY, feature, value, source: 'file' }, 1));
step();
const journal = openJournal(path.join(folder, 'state', 'history.ndjson'));
step();
const clock = steadyClock(Math.max(0, ...journal.records.map(({ at }) => at)));

const stepped = {
  get records() {
    return journal.records;
  },
  append(record) {
    step();
    journal.append(record);
    step();
  },
};
const restart = serves => {
  step();
  world.running = world.definition;
  world.restarts.push(serves);
  save();
  step();
};
const hands = {
  async act({ deed, serves }) {
    step();
    if (deed === 'inject') world.definition = 'v1';
    else delete world.definition;
    save();
    if (world.running !== world.definition) restart(`${deed} ${serves}`);
    return { outcome: 'done' };
  },
  async look({ deed }) {
    step();
    const wanted = deed === 'inject' ? 'v1' : undefined;
    if (world.definition === wanted)
      return { outcome: world.running === wanted ? 'done' : 'half-done', restarted: false };
    return { outcome: 'not-done' };
  },
};
const executor = createExecutor(
  stepped,
  hands,
  {
    began() {},
    ended() {},
    unwritten(error) {
      throw error;
    },
  },
  clock,
);
// A cut try waits before it is done again; here nobody waits.
const policy = { ...DEFAULT_POLICY, backOff: { first: 0, most: 0, jitter: 0 } };
const yes = { possible: true };
for (let round = 0; round < 20; round++) {
  const at = clock();
  const injected = world.running === undefined ? {} : { injected: world.running };
  const workload = {
    key: KEY, name: 'app', target: 'systemd', incarnation: 'one', asOf: at, lifecycle: 'running', restarts: 'whole',
    replicas: [{ id: 'app', state: 'ready', ...injected }], observed: false, injection: 'v1',
    can: { observe: yes, inject: yes, lifecycle: yes },
    ...(world.definition !== undefined && { injected: world.definition }),
  }; // biome-ignore format: a dense list reads better
  const { actions, states } = reconcile({
    observed: { lock: { ours: true }, workloads: [workload] },
    desired: memory.desired, history: journal.records, running: executor.running, now: clock(), policy, jitter: () => 0,
  }); // biome-ignore format: a dense list reads better
  executor.carryOut(actions);
  await executor.idle();
  if (actions.length === 0) {
    const { state, reason } = states[0].features[feature];
    console.log(JSON.stringify({ ...world, state, code: reason.code, steps }));
    break;
  }
}
lock.release();
