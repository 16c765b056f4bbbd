/** The program and its observer: started unseen, whatever was mocked; and when it dies, stands still or cannot be started. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run, sees } from '../support/launcher.js';
import { openNodeBench, PROGRAMS } from '../support/node-observed.js';
import { nodeClients, nodeVersions } from '../support/node-versions.js';
import type { Bench } from '../support/observed.js';
import { findObservers } from '../support/observers.js';
import { listen } from '../support/servers.js';

const runtimes = await nodeVersions();
const node = process.execPath;
const cwd = PROGRAMS;
let bench: Bench;
beforeAll(async () => {
  await nodeClients();
  bench = await openNodeBench({ tls: false });
}, 240_000);
afterAll(() => bench?.close());

/** The tap's variable with something else in it. */
function tap(change: object): NodeJS.ProcessEnv {
  const env = bench.observedEnv();
  return {
    ...env,
    OPENLIT_INSTRUMENT_TAP: JSON.stringify({ ...JSON.parse(env['OPENLIT_INSTRUMENT_TAP']!), ...change }),
  };
}
const ours = (text: string) => text.split('\n').filter(line => line.startsWith('openlit-instrument'));

for (const { name, binary, missing } of runtimes) {
  if (missing) console.log(`skipped: ${name} could not be installed: ${missing}`);
  (binary ? describe : describe.skip)(`${name}: a program that mocks`, () => {
    test.each([
      ['functions', 'answered, the mocks saw:  \n'],
      ['sockets', 'answered, the mocks saw:  \n'],
      ['files', 'answered, the mocks saw:  only\n'],
    ])(
      '%s is observed and does not see us',
      async (what, stderr) => {
        const bare = await bench.bare([binary!, 'mocked.cjs', what], { cwd });
        if (what === 'files' && bare.status !== 0) return console.log(`skipped: mock-fs does not run on ${name}`);
        const observed = await bench.observed([binary!, 'mocked.cjs', what], { cwd });
        expect(bare.stderr).toBe(stderr);
        expect([observed.stderr, observed.status]).toEqual([stderr, 0]);
        expect(observed.spans).toHaveLength(1);
      },
      30_000,
    );
  });
}

/** Writes a line, which is a call, and waits for its answer. */
async function call(child: ChildProcess): Promise<void> {
  const answer = once(child.stdout!, 'data');
  child.stdin!.write('\n');
  expect(String((await answer)[0])).toBe('200\n');
}

/** Runs `twice.cjs`, whose stdin stays open until `meanwhile` is over. */
async function interactive(
  env: NodeJS.ProcessEnv,
  meanwhile: (child: ChildProcess) => Promise<void>,
  words: readonly string[] = ['twice.cjs'],
) {
  const child = spawn(node, words, { cwd, env, stdio: 'pipe' });
  let stderr = '';
  child.stderr.on('data', part => {
    stderr += part;
  });
  const ended = once(child, 'close');
  try {
    await meanwhile(child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  child.stdin.end();
  const [status] = await ended;
  return { status, stderr };
}

const socketOf = (env: NodeJS.ProcessEnv): string => JSON.parse(env['OPENLIT_INSTRUMENT_TAP']!).socket;
const observersOf = (env: NodeJS.ProcessEnv) =>
  findObservers(socketOf(env)).filter(({ words }) => !words[0]!.endsWith('/sh'));

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 20_000) throw new Error('it did not happen');
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

test('the observer is no child of the program, and has nothing of it', async () => {
  const env = bench.observedEnv({ OPENAI_API_KEY: 'sk-planted-key' });
  bench.receiver.clear();
  await interactive(env, async child => {
    await call(child);
    await bench.receiver.waitForSpans(1);
    const [observer, ...others] = observersOf(env);
    expect(others).toEqual([]);
    const facts = readFileSync(`/proc/${observer!.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    const [, parent, , session] = facts.map(Number);
    expect(parent).not.toBe(child.pid);
    expect(session).not.toBe(Number(readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[3]));
    expect(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).toBe('');
    const environment = readFileSync(`/proc/${observer!.pid}/environ`, 'utf8');
    expect(environment).toContain('OPENLIT_INSTRUMENT_DISABLED=1');
    expect(environment).not.toMatch(/planted|NODE_OPTIONS|OTEL_/);
  });
  await bench.settled();
}, 60_000);

test('one that dies is started again for the next call; the second death is the last, and said once', async () => {
  const env = bench.observedEnv();
  bench.receiver.clear();
  const { status, stderr } = await interactive(env, async child => {
    for (const life of [1, 2]) {
      await call(child);
      await bench.receiver.waitForSpans(life);
      for (const { pid } of observersOf(env)) process.kill(pid, 'SIGKILL');
      await until(() => observersOf(env).length === 0);
    }
    for (let more = 0; more < 3; more += 1) await call(child);
  });
  expect(bench.receiver.spans).toHaveLength(2);
  expect([status, ours(stderr)]).toEqual([
    0,
    ["openlit-instrument: this program's model calls are not observed: the observer ended twice"],
  ]);
}, 60_000);

test('one that stands still stops neither the program nor its end, and what does not fit is said', async () => {
  const env = bench.observedEnv();
  bench.receiver.clear();
  const answer = Buffer.alloc(1024 * 1024, 'x');
  const server = await listen(
    http.createServer((request, response) => request.resume().on('end', () => response.end(answer))),
  );
  const program = `
    const http = require('node:http');
    const post = url => new Promise(done => http.request(url, { method: 'POST' }, response =>
      response.resume().on('end', () => { console.log('200'); done(); })).end('{}'));
    post(process.env.PROVIDER_URL + '/openai/v1/chat/completions');
    process.stdin.on('data', async () => {
      for (let count = 0; count < 20; count += 1) {
        await post('http://127.0.0.1:${server.port}/v1/chat/completions');
      }
      console.log('done');
    });`;
  const observers: number[] = [];
  let left = 0;
  const { status, stderr } = await interactive(
    env,
    async child => {
      await until(() => observersOf(env).length > 0 && existsSync(socketOf(env)));
      for (const { pid } of observersOf(env)) {
        observers.push(pid);
        process.kill(pid, 'SIGSTOP');
      }
      child.stdin!.write('\n');
      await sees(child.stdout, 'done');
      left = performance.now();
    },
    ['-e', program],
  );
  // What waits is waited for, a second at most.
  expect(performance.now() - left).toBeLessThan(4_000);
  expect(status).toBe(0);
  expect(ours(stderr)).toEqual([
    'openlit-instrument: some model calls could not be handed over, and are not reported',
  ]);
  for (const pid of observers) process.kill(pid, 'SIGCONT');
  await server.close();
  await bench.settled();
}, 60_000);

test('one that is not installed any more is named in one line', async () => {
  for (const observer of [
    ['/nowhere/node', '/x.cjs'],
    [node, '/nowhere/observer.cjs'],
  ]) {
    const { stdout, stderr, status } = await run([node, 'endings.cjs', 'natural'], { cwd, env: tap({ observer }) });
    expect([stdout, status]).toEqual(['called main\n', 0]);
    expect(ours(stderr)).toEqual([
      `openlit-instrument: this program's model calls are not observed: the observer could not be started: there is no ${observer.find(file => file.startsWith('/nowhere'))}`,
    ]);
  }
}, 60_000);

test('where a local view is gone, nothing is said', async () => {
  const env = tap({ observer: undefined });
  const { stdout, stderr, status } = await run([node, 'endings.cjs', 'natural'], { cwd, env });
  expect([stdout, stderr, status]).toEqual(['called main\n', '', 0]);
}, 60_000);

test('where the end of the program is the end of all, it waits for the word of the observer', async () => {
  bench.receiver.clear();
  const { status } = await run([node, 'endings.cjs', 'exit'], { cwd, env: tap({ wait: true }) });
  expect([status, bench.receiver.spans.length]).toEqual([3, 1]);
  await bench.settled();
}, 60_000);

test('a call to a path that nobody knows is told by its body, as one write or in parts; others are not', async () => {
  const answer = {
    id: 'c',
    object: 'chat.completion',
    model: 'm-1',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1 },
  };
  const server = await listen(
    http.createServer((request, response) =>
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(answer));
      }),
    ),
  );
  const program = `
    const http = require('node:http');
    const send = (path, parts) => new Promise(done => {
      const headers = { 'content-type': 'application/json' };
      const request = http.request({ port: ${server.port}, path, method: 'POST', headers }, response =>
        response.resume().on('end', done));
      const next = () => parts.length > 1 ? (request.write(parts.shift()), setTimeout(next, 20)) : request.end(parts[0]);
      next();
    });
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
    (async () => {
      await send('/unheard/of', [body]);
      await send('/unheard/of', [body.slice(0, 5), body.slice(5, 20), body.slice(20)]);
      await send('/orders', [JSON.stringify({ order: 1, lines: ['a'.repeat(9000)] })]);
    })();`;
  const { spans, stderr, status } = await bench.observed([node, '-e', program]);
  await server.close();
  expect([stderr, status]).toEqual(['', 0]);
  expect(spans.map(span => span.name)).toEqual(['chat m', 'chat m']);
}, 60_000);
