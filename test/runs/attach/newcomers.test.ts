/**
 * `attach --all` and `--name` find real processes, those of now and those of later, and hand them to the observation. The
 * observation is a list here: the real one would put probes into every program of the machine that runs the tests.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Observation } from '../../../src/attach/observation.js';
import { namedNewcomers, relevantNewcomers } from '../../../src/discovery/newcomers.js';
import { Problem } from '../../../src/errors.js';
import { addNewcomers } from '../../../src/runs/attach/newcomers.js';
import { cleanEnvironment } from '../../support/launcher.js';

const children: ChildProcess[] = [];
let end = () => {};
let folder: string;
/** What stands in NODE_OPTIONS of a process that another tool observes from inside. */
let tracer: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'attach-all-'));
  tracer = path.join(folder, 'dd-trace', 'init.cjs');
  mkdirSync(path.dirname(tracer));
  writeFileSync(tracer, '');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  end();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A Node program (OpenSSL inside, so it can be attached to) with a key in its environment; by its place an agent, or not. */
async function plant(place: '@openai/codex' | 'app', extra: NodeJS.ProcessEnv = {}): Promise<number> {
  const env = cleanEnvironment({ OPENAI_API_KEY: 'sk-planted-0123456789', ...extra });
  const script = path.join(folder, place, 'main.cjs');
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, 'console.log(1); setInterval(() => {}, 1e6)');
  const child = spawn(process.execPath, [script], { env });
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
  const early = await plant('@openai/codex');
  const possible = await plant('app');
  const inside = await plant('@openai/codex', { NODE_OPTIONS: `--require ${tracer}` });
  const said: string[] = [];
  const { observation, observed, attached } = listening();
  end = addNewcomers(relevantNewcomers(false), observation, line => said.push(line));
  await attached(early);
  const late = await plant('@openai/codex');
  await attached(late);
  expect(observed).not.toContain(inside);
  expect(observed).not.toContain(possible);
  expect(observed).not.toContain(process.pid);
  expect(said.filter(line => /idle candidate/.test(line))).toHaveLength(1);
  expect(
    said.filter(line => line.startsWith(`process ${inside} is already observed from inside by ddtrace`)),
  ).toHaveLength(1);
}, 20_000);

test('with force, what an SDK observes is added as well', async () => {
  const inside = await plant('@openai/codex', { NODE_OPTIONS: `--require ${tracer}` });
  const { observation, attached } = listening();
  end = addNewcomers(relevantNewcomers(true), observation, () => {});
  await attached(inside);
}, 20_000);

test('by name: of now and of later, others not; what cannot be observed is said once', async () => {
  const early = await plant('app');
  const said: string[] = [];
  const { observation, observed, attached } = listening();
  const refusing = {
    ...observation,
    attach(pid: number, named?: boolean) {
      if (pid === early) throw new Problem({ code: 'NO_PRIVILEGE', message: `no right to ${pid}`, reason: 'planted' });
      expect(named).toBe(true);
      observation.attach(pid);
    },
  };
  end = addNewcomers(namedNewcomers(['no-such-name', 'n?d*'], false), refusing, line => said.push(line));
  const late = await plant('app');
  await attached(late);
  expect(observed).not.toContain(process.pid);
  expect(said.filter(line => line.includes(`no right to ${early}: planted`))).toHaveLength(1);
}, 20_000);

test('a name that nobody has is said, and looked for', async () => {
  const said: string[] = [];
  const { observation } = listening();
  await new Promise<void>(resolve => {
    end = addNewcomers(namedNewcomers(['no-such-name'], false), observation, line => {
      said.push(line);
      resolve();
    });
  });
  expect(said).toEqual(['no process has the name no-such-name now; waiting for one (Ctrl-C to stop)']);
}, 20_000);
