/**
 * The observers that the programs of a test have started: detached, so nobody waits for them. A test that wants to see what
 * they export asks them to leave, which they do when they have read and sent everything.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from './launcher.js';

const OBSERVER = path.join(ROOT, 'dist/observer.cjs');
const START = path.join(ROOT, 'dist/bootstrap/start-observer.sh');
/** What the launcher leaves for the observer of the environment. */
const TOLD = /^(?:OTEL_|OPENLIT_(?!INSTRUMENT_)|NODE_EXTRA_CA_CERTS$)/;

/** The variable that leads a hook to an observer of its own, as the launcher sets it. `folder` is the test's. */
export function tapVariable(folder: string, env: NodeJS.ProcessEnv, more: object = {}): string {
  const name = randomBytes(6).toString('hex');
  const settings = path.join(folder, `${name}.json`);
  const told = Object.fromEntries(Object.entries(env).filter(([key]) => TOLD.test(key)));
  writeFileSync(settings, JSON.stringify({ version: 1, env: told, named: { resourceAttributes: {} } }));
  const socket = path.join(folder, `${name}.sock`);
  const flags = ['--v8-pool-size=1', '--single-threaded-gc', '--max-semi-space-size=2'];
  const observer = [process.execPath, ...flags, OBSERVER, '--settings', settings, '--socket', socket];
  return JSON.stringify({ v: 1, socket, observer, start: START, wait: false, ...more });
}

interface Found {
  readonly pid: number;
  readonly words: readonly string[];
}

/** Processes that have `mark` in their command line: observers, and shells that are about to start one. */
export function findObservers(mark: string): Found[] {
  const found: Found[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (words.includes('--settings') && words.some(word => word.includes(mark))) found.push({ pid, words });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** Returns when all observers with `mark` in their command line have exported what they were given and are gone. */
export async function observersLeave(mark: string, milliseconds = 30_000): Promise<void> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const observers = findObservers(mark);
    if (observers.length === 0) return;
    if (Date.now() > until) {
      for (const { pid } of observers) end(pid, 'SIGKILL');
      throw new Error(`an observer did not leave: ${observers.map(({ words }) => words.join(' ')).join('; ')}`);
    }
    for (const { pid } of observers) if (isReady(pid)) end(pid, 'SIGTERM');
    await delay(10);
  }
}

/** Whether it is so far that it does not die of SIGTERM: Node catches that one itself from the start, and SIGHUP for nobody. */
function isReady(pid: number): boolean {
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${mask}`) & (1n << BigInt(os.constants.signals.SIGHUP - 1))) !== 0n;
  } catch {
    return false;
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
