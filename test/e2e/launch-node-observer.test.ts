/** The program and its observer: started unseen, whatever was mocked. Its life in both languages: `observer-life.test.ts`. */
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../support/launcher.js';
import { openNodeBench, PROGRAMS } from '../support/node-observed.js';
import { nodeClients, nodeVersions } from '../support/node-versions.js';
import type { Bench } from '../support/observed.js';
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

test('one that is not installed any more is named in one line', async () => {
  for (const observer of [
    [node, '/nowhere/observer.cjs'],
    [node, `${cwd}/endings.cjs`, '--settings', '/nowhere/settings'],
  ]) {
    const { stdout, stderr, status } = await run([node, 'endings.cjs', 'natural'], { cwd, env: tap({ observer }) });
    expect([stdout, status]).toEqual(['called main\n', 0]);
    expect(ours(stderr)).toEqual([
      `openlit-instrument: this program's model calls are not observed: the observer could not be started: ${observer.find(file => file.startsWith('/nowhere'))} is not there, or not for this user. Type: openlit-instrument doctor`,
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
