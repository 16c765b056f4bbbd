/**
 * What attaching costs the observed process, and us. Nobody, empty probes at our places, empty probes at the exported names,
 * a peer where the shared bench has it, and attach take turns on each load, forwards and backwards, so that what else runs
 * on the machine weighs on all of them; rates are compared within a round. Then our own cost at fixed rates, and the speed
 * of each stage behind the kernel.
 *
 *   node bench/attach.mjs [--rounds 3] [--seconds 1] [--loads REGEX] [--only REGEX] [--sources REGEX] [--link perf]
 *
 * Needs root, BTF, Linux 6.12 for the floors, nginx and wrk; a peer needs what its own README says.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cpuSeconds, endAll, has, megabytes } from './attach/children.mjs';
import { startLoads } from './attach/loads.mjs';
import { attach, captured, detach, OURS, observers } from './attach/observers.mjs';
import { printSources } from './attach/sources.mjs';
import { printStages } from './attach/stages.mjs';
import { median } from './paired.mjs';

const flag = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const ROUNDS = Number(flag('rounds', 3));
const SECONDS = Number(flag('seconds', 1));
const LINK = flag('link');
const BPF_STATS = '/proc/sys/kernel/bpf_stats_enabled';

const unable =
  process.getuid?.() !== 0 || !existsSync('/sys/kernel/btf/vmlinux')
    ? 'attach needs root and a kernel with BTF'
    : !has('nginx') || !has('wrk')
      ? 'nginx or wrk is not installed (apt-get install nginx-light wrk)'
      : undefined;
if (unable) {
  console.log(`left out: ${unable}`);
  process.exit(0);
}

const folder = mkdtempSync(path.join(tmpdir(), 'bench-attach-'));
const chosen = (table, name) =>
  Object.fromEntries(Object.entries(table).filter(([key]) => new RegExp(flag(name, '')).test(key)));
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

/** One load under one observer. */
async function measure({ pid, run }, observer) {
  const child = observer && (await attach(observer, pid, folder));
  await pause(100);
  const before = { target: cpuSeconds(pid), own: child ? cpuSeconds(child.pid) : 0 };
  const { count, seconds } = await run(SECONDS);
  const target = ((cpuSeconds(pid) - before.target) / count) * 1e6;
  const row = { rate: count / seconds, target };
  if (!child) return row;
  const own = ((cpuSeconds(child.pid) - before.own) / count) * 1000;
  await pause(200); // the last records are under way for one look at the ring
  const memory = megabytes(child.pid, 'VmHWM');
  const took = await detach(child);
  const seen = captured(folder);
  return {
    ...row,
    own,
    memory,
    detach: took,
    seen: seen.exchanges / count,
    whole: seen.whole / count,
    dropped: seen.dropped,
  };
}

/** How many TLS reads and writes an exchange takes: the kernel counts the runs of an empty program, for this once. */
async function callsPerExchange({ pid, run }, floor) {
  const was = readFileSync(BPF_STATS, 'utf8');
  writeFileSync(BPF_STATS, '1');
  try {
    const child = await attach(floor, pid, folder);
    const { count } = await run(SECONDS);
    await detach(child);
    return Number(/calls (\d+)/.exec(readFileSync(path.join(folder, 'out'), 'utf8'))[1]) / count;
  } finally {
    writeFileSync(BPF_STATS, was);
  }
}

const isOnSockets = key => key.endsWith('sockets');

async function compare(name, load, table, floor) {
  const names = Object.keys(table).filter(
    key => !key.startsWith('floor') || isOnSockets(key) === (load.plain ?? false),
  );
  const rows = Object.fromEntries(names.map(key => [key, []]));
  const left = new Map();
  const calls = load.plain ? undefined : await callsPerExchange(load, floor).catch(() => undefined);
  for (let round = 0; round < ROUNDS; round++)
    for (const key of round % 2 ? [...names].reverse() : names) {
      if (left.has(key)) continue;
      try {
        rows[key].push({ round, ...(await measure(load, table[key])) });
      } catch (error) {
        left.set(key, error.message.split('\n')[0]);
      }
    }
  console.log(`\n${name}${calls === undefined ? '' : `: ${calls.toFixed(1)} TLS calls an exchange`}`);
  console.log(`  ${''.padEnd(28)}      rate  ratio   µs CPU an exchange   more a call`);
  const bare = rows.bare;
  const base = median(bare.map(({ target }) => target));
  for (const key of names) {
    if (left.has(key)) console.log(`  ${key.padEnd(28)}  left out: ${left.get(key)}`);
    if (left.has(key) || rows[key].length === 0) continue;
    const ratio = median(rows[key].map(row => row.rate / bare.find(({ round }) => round === row.round).rate));
    const target = median(rows[key].map(row => row.target));
    const each = key === 'bare' || calls === undefined ? '' : `${((target - base) / calls).toFixed(1).padStart(11)} µs`;
    console.log(
      `  ${key.padEnd(28)}${median(rows[key].map(row => row.rate))
        .toFixed(0)
        .padStart(10)}${ratio.toFixed(2).padStart(7)}${target.toFixed(1).padStart(21)}${each}`,
    );
  }
  const ours = rows[OURS];
  if (!ours?.length) return;
  const of = key => median(ours.map(row => row[key]));
  console.log(
    `  of ours: ${of('own').toFixed(3)} CPU s per 1,000 exchanges, peak ${of('memory').toFixed(0)} MB, detached in ${of('detach').toFixed(0)} ms (longest ${Math.max(...ours.map(row => row.detach)).toFixed(0)})`,
  );
  console.log(
    `  captured ${(100 * of('seen')).toFixed(1)} % of the exchanges, ${(100 * of('whole')).toFixed(1)} % whole; its account of the last round: dropped ${ours.at(-1).dropped}`,
  );
}

/** The first second holds what a compiler does once; the rest is what an hour would cost. */
async function ownCost(load, observer) {
  console.log('\nour own cost, Python client at fixed rates');
  for (const rate of [0, 100, 1000]) {
    const child = await attach(observer, load.pid, folder);
    const second = async seconds => {
      const before = cpuSeconds(child.pid);
      const { count } = rate === 0 ? { count: 0, _: await pause(seconds * 1000) } : await load.run(seconds, rate);
      return { cpu: ((cpuSeconds(child.pid) - before) * 1000) / seconds, rate: count / seconds };
    };
    const first = await second(1);
    await second(2);
    const steady = await second(4);
    console.log(
      `  ${`${rate}`.padStart(5)}/s (was ${steady.rate.toFixed(0)}): ${first.cpu.toFixed(0).padStart(4)} ms CPU in the first second, ${steady.cpu.toFixed(0).padStart(4)} ms a second after three; ${megabytes(child.pid, 'VmRSS').toFixed(0)} MB resident`,
    );
    await detach(child);
  }
}

async function record(load, observer, file) {
  const { command, ready } = observer;
  const child = await attach({ command: pid => [...command(pid), '--record', file], ready }, load.pid, folder);
  await load.run(1);
  await detach(child);
}

try {
  const { loads, ports } = await startLoads(folder);
  const every = observers(LINK ? ['--link', LINK] : []);
  const table = { bare: undefined, ...chosen(every, 'only') };
  for (const load of Object.values(loads)) await load.run(0.5); // caches and compilers
  for (const [name, load] of Object.entries(chosen(loads, 'loads')))
    await compare(name, load, table, every['floor: empty, our places']);
  await printSources({ folder, ports, observers: every, rounds: ROUNDS, only: new RegExp(flag('sources', '')) });
  if (OURS in table) {
    await ownCost(loads['Python client, 1 kB, loop'], table[OURS]);
    for (const name of Object.keys(loads).slice(0, 2)) {
      const file = path.join(folder, 'records');
      await record(loads[name], table[OURS], file);
      printStages(name, file);
    }
  }
} finally {
  endAll();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
