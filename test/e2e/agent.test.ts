/** The agent with real probes on real programs: on and off while they run, over its own kill, and never twice. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest } from '@jest/globals';
import type { Lines } from '../attach/attached.js';
import { type AgentBench, agentBench, type Client } from '../support/agent.js';
import { real } from '../support/attach-bench.js';
import { type ChatServer, startChatServer } from '../support/chat-server.js';
import { run } from '../support/launcher.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';

// An agent starts in two seconds, on a busy machine in ten; the longest test starts five.
jest.setTimeout(180_000);

let chat: ChatServer;
let receiver: OtlpReceiver;
let bench: AgentBench;
beforeAll(async () => {
  chat = await startChatServer();
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await chat.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.clear();
  bench = agentBench();
});
afterEach(() => bench.close());

const says = (agent: Lines, text: string) => agent.line(line => line.includes(text));
const observe = (key: string, value: string) => `workloads:\n  - key: ${key}\n    observe: ${value}\n`;
const startAgent = (...words: string[]) =>
  bench.agent('--desired', bench.desired, '--endpoint', receiver.url, ...words);
const pidsOf = () => receiver.spans.map(({ resource }) => resource['process.pid']);

/** How often a line with this text was said. */
const count = (agent: Lines, text: string) => agent.errors.filter(line => line.includes(text)).length;

async function attached(agent: Lines, key: string, times = 1): Promise<void> {
  await agent.line(() => count(agent, `attach ${key}: done`) >= times);
}

real('observed while it is asked for, under the name that is reported; others are not', async () => {
  const python = await bench.client('python', 'shop', chat.port);
  const node = await bench.client('node', 'bot', chat.port, { OTEL_SERVICE_NAME: 'the-bot' });
  const [shop, bot] = [await bench.workloadOf(python), await bench.workloadOf(node)];
  expect(shop).toMatchObject({ service_name: 'shop', runtime: 'python', observed: false });
  expect(bot).toMatchObject({ service_name: 'the-bot', runtime: 'node' });

  bench.wish(observe(shop.key, 'on'));
  const agent = startAgent();
  await attached(agent, shop.key);
  await python.ask();
  await node.ask();
  await receiver.waitForSpans(1);
  const [span] = receiver.spans;
  expect(span!.resource).toMatchObject({
    'service.name': shop.service_name,
    'service.workload.key': shop.key,
    'process.pid': python.pid,
  });

  bench.wish(`${observe(shop.key, 'off')}  - key: ${bot.key}\n    observe: on\n`);
  await says(agent, `detach ${shop.key}: done`);
  await attached(agent, bot.key);
  await python.ask();
  await node.ask();
  await receiver.waitForSpans(2);
  expect(receiver.spans[1]!.resource['service.name']).toBe('the-bot');

  bench.wish(observe(shop.key, 'on'));
  await attached(agent, shop.key, 2);
  await says(agent, `detach ${bot.key}: done`);
  await python.ask();
  await node.ask();
  await receiver.waitForSpans(3);
  expect(await agent.kill('SIGTERM')).toBe(0);
  expect(pidsOf()).toEqual([python.pid, node.pid, python.pid]);
  expect(receiver.spans[2]!.attributes['openlit.partial'] ?? []).toEqual([]);
  expect(agent.errors.join('\n')).not.toMatch(/planted|secret/);
});

real('kill -9 of the agent: the next one observes again, and each call once', async () => {
  const client = await bench.client('python', 'app', chat.port);
  const { key } = await bench.workloadOf(client);
  bench.wish(observe(key, 'on'));
  for (let round = 1; round <= 2; round++) {
    const agent = startAgent();
    await attached(agent, key);
    await client.ask();
    await receiver.waitForSpans(round);
    await agent.kill('SIGKILL');
  }
  await client.ask(); // nobody looks
  const agent = startAgent();
  await attached(agent, key);
  await client.ask();
  await receiver.waitForSpans(3);
  await agent.kill('SIGTERM');
  expect(pidsOf()).toEqual(Array(3).fill(client.pid));
});

real('a program that is started again is observed again, and its children with it', async () => {
  const first = await bench.client('python', 'app', chat.port);
  const { key } = await bench.workloadOf(first);
  bench.wish(observe(key, 'on'));
  const agent = startAgent();
  await attached(agent, key);
  await first.kill();
  const second = await bench.client('python', 'app', chat.port);
  await attached(agent, key, 2);
  await second.ask();
  await receiver.waitForSpans(1);
  expect(pidsOf()).toEqual([second.pid]);
  expect(await agent.kill('SIGTERM')).toBe(0);
});

real('a broken file, and one that is gone, withdraw nothing; the error names file, line and key', async () => {
  const client = await bench.client('python', 'app', chat.port);
  const { key } = await bench.workloadOf(client);
  bench.wish(observe(key, 'on'));
  const agent = startAgent();
  await attached(agent, key);
  bench.wish(observe(key, 'maybe'));
  await says(agent, `${bench.desired}:3: workloads.0.observe is "maybe": allowed: on or off`);
  await run(['rm', bench.desired]);
  await says(agent, `${bench.desired} cannot be read: no such file`);
  await client.ask();
  await receiver.waitForSpans(1);
  expect(count(agent, 'detach')).toBe(0);
  // An empty file is a file: it asks for nothing.
  bench.wish('');
  await says(agent, `detach ${key}: done`);
  expect(await agent.kill('SIGTERM')).toBe(0);
});

real('of two agents one acts; it takes over when the other is killed', async () => {
  const client: Client = await bench.client('python', 'app', chat.port);
  const { key } = await bench.workloadOf(client);
  bench.wish(observe(key, 'on'));
  const first = startAgent();
  await attached(first, key);
  const second = startAgent();
  await says(second, `another agent on this machine acts (process ${first.process.pid})`);
  expect(count(second, `attach ${key}`)).toBe(0);
  await first.kill('SIGKILL');
  await attached(second, key);
  await client.ask();
  await receiver.waitForSpans(1);
  expect(pidsOf()).toEqual([client.pid]);
  expect(await second.kill('SIGTERM')).toBe(0);
});

real('what it says of itself: /healthz, /metrics by workload and model, agent status', async () => {
  const client = await bench.client('python', 'shop', chat.port);
  const { key } = await bench.workloadOf(client);
  bench.wish(observe(key, 'on'));
  const agent = startAgent('--port', '0');
  const line = await says(agent, 'listening on http://127.0.0.1:');
  const address = /http:\/\/[\d.:]+/.exec(line)![0];
  await attached(agent, key);
  await client.ask();
  await receiver.waitForSpans(1);
  expect(await (await fetch(`${address}/healthz`)).text()).toBe('ok\n');
  const page = await (await fetch(`${address}/metrics`)).text();
  expect(page).toContain('openlit_agent_lock 1\n');
  expect(page).toContain('openlit_agent_workloads{feature="observe",state="on",reason="as-asked"} 1\n');
  expect(page).toContain('openlit_agent_deeds_total{deed="attach",outcome="done"} 1\n');
  const tokens = page.split('\n').filter(each => each.startsWith('gen_ai_client_token_usage_sum'));
  expect(tokens.find(each => each.includes('token_type="input"'))).toMatch(/ 9$/);
  for (const each of tokens) {
    expect(each).toContain(`workload="${key}"`);
    expect(each).toContain('job="shop"');
    expect(each).toContain('gen_ai_request_model="gpt-4o"');
  }
  expect(page).toMatch(/gen_ai_client_operation_duration_seconds_count\{[^}]*\} 1\n/);
  const rebound = await run(['curl', '-s', '-H', 'host: evil.example', `${address}/status`]);
  expect(rebound.stdout).toBe('This address answers to localhost alone.\n');
  const runDir = path.join(bench.folder, 'run');
  const status = await run([
    process.execPath,
    path.resolve('bin/run.js'),
    'agent',
    'status',
    '--json',
    '--run-dir',
    runDir,
  ]);
  const document = JSON.parse(status.stdout);
  expect(document.workloads.find((one: { key: string }) => one.key === key)).toMatchObject({ observed: true });
  expect(await agent.kill('SIGTERM')).toBe(0);
});

real('--dry-run and --once touch nothing', async () => {
  const client = await bench.client('python', 'shop', chat.port);
  const { key } = await bench.workloadOf(client);
  bench.wish(`${observe(key, 'on')}    inject: on\n`);
  const dry = startAgent('--dry-run');
  await says(dry, `would attach ${key}`);
  expect(await dry.kill('SIGTERM')).toBe(0);
  const { document, status } = await bench.once('--desired', bench.desired);
  expect(status).toBe(0);
  const found = document.workloads.find(one => one.key === key)!;
  expect(found.observed).toBe(false);
  expect(found.features.inject).toMatchObject({ state: 'refused', code: 'bare-process' });
  writeFileSync(bench.desired, 'workloads:\n  - ky: x\n');
  const wrong = await bench.once('--desired', bench.desired);
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain(`${bench.desired}:2: unknown key workloads.0.ky: did you mean key?`);
});
