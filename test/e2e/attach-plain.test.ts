/** Plain HTTP, as Ollama, vLLM and everything behind a TLS proxy speak it: both ends, byte for byte. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { PROGRAMS } from '../attach/attached.js';
import { attachBench, exchangesOf, real } from '../support/attach-bench.js';

const bench = attachBench();

interface Told {
  readonly path: string;
  readonly request_size: number;
  readonly request_sha256: string;
  readonly response_size: number;
  readonly response_sha256: string;
}

const PLAN: readonly (readonly [path: string, size: number])[] = [
  ['/v1/chat/completions?size=32', 20],
  ['/v1/chat/completions?size=64000', 100_000],
  ['/api/chat?stream=300', 200],
  ['/v1/chat/completions?size=1600000', 3_000_000],
  ['/v1/chat/completions?size=16', 1],
];

const facts = ({ path: where, request_size, request_sha256, response_size, response_sha256 }: Told) => ({
  where,
  request: [request_size, request_sha256],
  response: [response_size, response_sha256],
});

real.each(['client', 'server'] as const)('the %s’s end: every exchange complete, correct and once', async role => {
  const program = path.join(PROGRAMS, 'plain.py');
  const server = bench.start('python3', [program, 'server']);
  const port = await server.line(line => /^\d+$/.test(line));
  const plan = path.join(bench.folder, `plain-${role}.json`);
  writeFileSync(plan, JSON.stringify(PLAN));
  const client = bench.start('python3', [program, 'client', port, plan]);
  const observer = await bench.observe([role === 'client' ? client : server.process.pid!]);
  client.say('go');
  await client.line(line => line === 'done');
  await server.line(line => line.includes('"/v1/chat/completions?size=16"'));
  const truth = server.seen.filter(line => line.startsWith('{')).map(line => facts(JSON.parse(line) as Told));
  await client.end();
  if (role === 'server') await server.kill('SIGTERM');
  expect(await observer.exited).toBe(0);
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
  const seen = exchangesOf(observer);
  expect(seen.map(({ role: end, status, partial }) => [end, status, partial])).toEqual(PLAN.map(() => [role, 200, []]));
  expect(seen.map(facts)).toEqual(truth);
});

real('a stream that the program leaves is told from one that the server ends, or resets', async () => {
  const program = path.join(PROGRAMS, 'left.py');
  const server = bench.start('python3', [program, 'server']);
  const port = await server.line(line => /^\d+$/.test(line));
  const client = bench.start('python3', [program, 'client', port]);
  const observer = await bench.observe([client]);
  client.say('go');
  await client.line(line => line === 'done');
  await client.end();
  expect(await observer.exited).toBe(0);
  const ends = exchangesOf(observer).map(({ path: where, partial }) => [where, partial]);
  expect(ends).toEqual([
    ['/left', ['aborted', 'cancelled']],
    ['/closed', ['aborted']],
    ['/reset', ['aborted']],
  ]);
});
