/**
 * `attach --all` for real, with real probes. It runs in a mount namespace whose /proc is an empty folder, into which only
 * the planted processes are bound: to it, no other program of this machine exists, and none is probed.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { attachedTo, Lines } from '../attach/attached.js';
import { real, reason } from '../support/attach-bench.js';
import { cleanEnvironment, LAUNCH, run } from '../support/launcher.js';
import { onlyPlanted, withHosts } from '../support/only-planted.js';
import { type Provider, startProvider } from '../support/provider.js';

jest.setTimeout(60_000);

/** An address of this machine that the planted processes know as a provider, through a hosts table of their own. */
const ADDRESS = '127.0.7.1';

/** Connects to the provider when its stdin says so, and asks one question each time that it says so again. */
const CLIENT = `
const https = require('node:https');
const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
const body = JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 50, temperature: 0.2,
  messages: [{ role: 'user', content: 'Name the largest moon of Saturn.' }] });
require('node:readline').createInterface({ input: process.stdin }).on('line', () => {
  const request = https.request({ agent, host: 'api.openai.com', port: process.env.PORT, method: 'POST',
    path: '/v1/chat/completions', headers: { 'content-type': 'application/json', 'content-length': body.length } },
    response => response.resume().on('end', () => console.log('asked')));
  request.end(body);
});
console.log('up');
`;

let folder: string;
let provider: Provider;
const running: Lines[] = [];
beforeAll(async () => {
  if (reason) return;
  folder = mkdtempSync(path.join(tmpdir(), 'attach-all-'));
  writeFileSync(path.join(folder, 'hosts'), `127.0.0.1 localhost\n${ADDRESS} api.openai.com\n`);
  provider = await startProvider({ tls: true, host: ADDRESS });
});
afterAll(async () => {
  for (const lines of running) await lines.kill();
  await provider?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A program on this file, in a mount namespace with the hosts table above. `unshare` and `sh` become it: one pid. */
async function plant(file: string, text: string, env: NodeJS.ProcessEnv = {}): Promise<Lines & { pid: number }> {
  const script = path.join(folder, file);
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, text);
  const [first, ...words] = [...withHosts(path.join(folder, 'hosts')), process.execPath, script];
  const child = spawn(first!, words, {
    cwd: folder,
    env: cleanEnvironment({ PORT: String(provider.port), OPENAI_API_KEY: undefined, ...env }),
  });
  const lines = new Lines(child, file);
  running.push(lines);
  await lines.line(line => line === 'up');
  return Object.assign(lines, { pid: child.pid! });
}

/** Asks once more, and waits for the answer. */
async function asked(client: Lines, number: number): Promise<void> {
  client.say('ask');
  await client.line(() => client.seen.filter(line => line === 'asked').length >= number);
}

real('what talks to a provider is observed, now and later; what only could is left alone until it does', async () => {
  const talking = await plant('talking.cjs', CLIENT);
  await asked(talking, 1);
  const possible = await plant('possible.cjs', CLIENT, { OPENAI_API_KEY: 'sk-planted-0123456789' });
  const agent = await plant('@openai/codex/cli.cjs', CLIENT);
  const idle = await plant('idle.cjs', CLIENT, { OPENAI_API_KEY: 'sk-planted-0123456789' });
  const ordinary = await plant('ordinary.cjs', CLIENT);

  const planted = [talking, possible, agent, idle, ordinary].map(({ pid }) => pid);
  const namespace = onlyPlanted(folder, planted);
  const [first, ...words] = [...namespace.words, ...LAUNCH, 'attach', '--all', '--format', 'json'];
  const all = new Lines(spawn(first!, words, { env: cleanEnvironment(namespace.env) }), 'attach');
  running.push(all);
  const attached = (pid: number) => attachedTo(all, pid);
  await Promise.all([attached(talking.pid), attached(agent.pid)]);
  const waiting = await all.line(line => line.includes('idle candidate'));
  expect(waiting).toMatch(/^openlit-instrument: 2 idle candidates/);

  // Its first connection is what shows it: the next question is observed.
  await asked(possible, 1);
  await attached(possible.pid);
  await asked(possible, 2);

  // A process that starts later: bound into the namespace, as a birth on a machine of its own would show it.
  const late = await plant('late.cjs', CLIENT);
  await asked(late, 1);
  const enter = ['nsenter', '-t', String(all.process.pid), '-m', 'sh', '-c', namespace.bind(late.pid)];
  const { status, stderr } = await run(enter);
  expect([status, stderr]).toEqual([0, '']);
  await attached(late.pid);
  await asked(late, 2);

  const pidOf = (line: string) => (JSON.parse(line) as { pid: number }).pid;
  for (const { pid } of [possible, late]) await all.line(line => line.startsWith('{') && pidOf(line) === pid);
  expect(await all.kill('SIGINT')).toBe(0);
  const observed = all.errors.flatMap(line => /^attached to .* \(pid (\d+)\)/.exec(line)?.[1] ?? []).map(Number);
  expect(observed.sort()).toEqual([talking, possible, agent, late].map(({ pid }) => pid).sort());
});
