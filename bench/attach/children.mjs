/** Children of the benchmark: started, listened to, measured, and all ended at the end. */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus } from 'node:os';
import readline from 'node:readline';

const children = new Set();

/** A child whose lines, of both streams, are waited for by `line(test)`. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  children.add(child);
  const waiting = [];
  child.lines = [];
  for (const stream of [child.stdout, child.stderr])
    if (stream)
      readline.createInterface({ input: stream }).on('line', line => {
        child.lines.push(line);
        const at = waiting.findIndex(({ test }) => test.test(line));
        if (at >= 0) waiting.splice(at, 1)[0].resolve(line);
      });
  child.ended = new Promise(resolve => {
    child.on('exit', resolve);
    child.on('error', resolve);
  });
  child.ended.then(() => {
    children.delete(child);
    for (const { reject } of waiting) reject(new Error(`${command} ended: ${child.lines.slice(-3).join(' / ')}`));
  });
  child.line = test => new Promise((resolve, reject) => waiting.push({ test, resolve, reject }));
  return child;
}

export function endAll() {
  for (const child of children) child.kill('SIGTERM');
}

export const has = program => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

export const freePort = () =>
  new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** The observed program on the first CPU, the other end of its connections on the second: fewer accidents in a figure. */
export function pin(pid, cpu) {
  if (cpus().length > 1) spawnSync('taskset', ['-acp', `${cpu}`, `${pid}`]);
}

/** Seconds on a CPU of all threads of a process and its children, to the nanosecond. */
export function cpuSeconds(pid) {
  let total = 0;
  for (const task of list(`/proc/${pid}/task`)) {
    total += Number(text(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]) / 1e9;
    for (const child of text(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean))
      total += cpuSeconds(child);
  }
  return total;
}

/** `VmHWM` (peak) or `VmRSS` (now) in MB. */
export const megabytes = (pid, field) =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function text(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
