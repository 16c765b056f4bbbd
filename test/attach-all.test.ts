/**
 * `attach --all` finds real processes, those of now and those of later, and hands them to the observation. The
 * observation is a list here: the real one would put probes into every program of the machine that runs the tests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from '@jest/globals';
import type { Observation } from '../src/attach/observation.js';
import { addNewcomers } from '../src/attach-all.js';
import { createNewcomers } from '../src/discovery/newcomers.js';
import { cleanEnvironment } from './support/launcher.js';

const children: ChildProcess[] = [];
let end = () => {};
afterEach(() => {
  end();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A Node program (OpenSSL inside, so it can be attached to) with a key in its environment. */
async function plant(extra: NodeJS.ProcessEnv = {}): Promise<number> {
  const env = cleanEnvironment({ OPENAI_API_KEY: 'sk-planted-0123456789', ...extra });
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e6)'], { env });
  children.push(child);
  await new Promise(resolve => child.stdout.once('data', resolve));
  return child.pid!;
}

/** An observation that resolves a promise for each process that is handed to it. */
function listening() {
  const observed = new Set<number>();
  const waiting = new Map<number, () => void>();
  const observation: Pick<Observation, 'observed' | 'attach'> = {
    observed,
    attach(pid) {
      observed.add(pid);
      waiting.get(pid)?.();
    },
  };
  const attached = (pid: number) =>
    observed.has(pid) ? Promise.resolve() : new Promise<void>(resolve => waiting.set(pid, resolve));
  return { observation, observed, attached };
}

test('what runs now and what starts later is added; what an SDK observes is left out and said once', async () => {
  const early = await plant();
  const inside = await plant({ NODE_OPTIONS: '--title=/dd-trace/' });
  const said: string[] = [];
  const { observation, observed, attached } = listening();
  end = addNewcomers(createNewcomers(), observation, false, line => said.push(line));
  await attached(early);
  const late = await plant();
  await attached(late);
  expect(observed).not.toContain(inside);
  expect(observed).not.toContain(process.pid);
  expect(said.filter(line => line.startsWith(`process ${inside} is observed from inside by ddtrace`))).toHaveLength(1);
}, 20_000);

test('with force, what an SDK observes is added as well', async () => {
  const inside = await plant({ NODE_OPTIONS: '--title=/dd-trace/' });
  const { observation, attached } = listening();
  end = addNewcomers(createNewcomers(), observation, true, () => {});
  await attached(inside);
}, 20_000);
