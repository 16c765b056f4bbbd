/**
 * The observers that the programs of a test have started: detached, so nobody waits for them. A test that wants to see what
 * they export asks them to leave, which they do when they have read and sent everything.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT } from './launcher.js';

const OBSERVER = path.join(ROOT, 'dist/observer.cjs');
/** What the launcher leaves for the observer of the environment. */
const TOLD = /^(?:OTEL_|OPENLIT_(?!INSTRUMENT_)|NODE_EXTRA_CA_CERTS$)/;

/** The variable that leads a hook to an observer of its own, as the launcher sets it. `folder` is the test's. */
export function tapVariable(folder: string, env: NodeJS.ProcessEnv, more: object = {}): string {
  const name = randomBytes(6).toString('hex');
  const settings = path.join(folder, `${name}.json`);
  const told = Object.fromEntries(Object.entries(env).filter(([key]) => TOLD.test(key)));
  writeFileSync(settings, JSON.stringify({ version: 1, env: told, named: { resourceAttributes: {} } }));
  const socket = path.join(folder, `${name}.sock`);
  const observer = [process.execPath, OBSERVER, '--settings', settings, '--socket', socket];
  return JSON.stringify({ v: 1, socket, observer, wait: false, ...more });
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
    for (const { pid, words } of observers) {
      // Before it listens it would die of the signal.
      const socket = words[words.indexOf('--socket') + 1];
      if (words[0] !== '/bin/sh' && socket !== undefined && existsSync(socket)) end(pid, 'SIGTERM');
    }
    await delay(10);
  }
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
