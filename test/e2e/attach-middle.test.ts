/**
 * Attach comes in the middle of an exchange, to both ends at once: what was under way is nobody's, and everything that
 * begins afterwards on the same connection is exact, with its own answer.
 */
import path from 'node:path';
import { beforeAll, describe, expect } from '@jest/globals';
import { type Lines, PROGRAMS, pidOf, type Server, type Truth } from '../attach/attached.js';
import {
  attachBench,
  type ExchangeLine,
  essence,
  exchangesOf,
  goAndEnd,
  real,
  reason,
  type Step,
} from '../support/attach-bench.js';
import { anyPython, environment } from '../support/python-environments.js';

const bench = attachBench();
let python: string;
beforeAll(async () => {
  if (!reason) python = await environment('attach', await anyPython());
}, 120_000);

const PLAN: readonly Step[] = [
  ['POST', '/first?size=70000', 20],
  ['GET', '/empty?size=0', 0],
  ['POST', '/big?size=300000', 400_000],
  ['POST', '/stream?chunks=20&gap=1', 3],
  ['GET', '/warm', 0],
  ['GET', '/last?size=20', 0],
];

interface Middle {
  readonly name: string;
  readonly client: (port: number, plan: string) => [string, string[]];
  readonly server: () => readonly string[];
}
const over = (way: string, what: string) => ({
  python: (port: number, plan: string): [string, string[]] => [
    python,
    [path.join(PROGRAMS, 'middle.py'), way, `${port}`, plan, what],
  ],
  node: (port: number, plan: string): [string, string[]] => [
    process.execPath,
    [path.join(PROGRAMS, 'middle.mjs'), way, `${port}`, plan, what],
  ],
});
const NODE = () => [process.execPath, 'server.mjs', 'headers'];
const PYTHON = () => [python, 'server.py'];

/** Runs the client up to its middle, attaches to both, and lets all go on. */
async function observed({ client, server }: Middle): Promise<{ seen: ExchangeLine[]; truth: Truth[]; pids: number[] }> {
  const serving: Server = await bench.startServer(server());
  const program: Lines = bench.start(...client(serving.port, bench.plan(PLAN)));
  const isBegun = (line: string) => line.startsWith('{"holding"') || line.startsWith('{"receiving"');
  await serving.lines.line(isBegun);
  const observer = await bench.observe([program, serving.pid]);
  serving.take();
  serving.lines.say('go on');
  await goAndEnd(program);
  void serving.lines.kill();
  await serving.lines.exited;
  expect(await observer.exited).toBe(0);
  return { seen: exchangesOf(observer), truth: serving.take(), pids: [program.process.pid!, serving.pid] };
}

describe('HTTP/1.1', () => {
  const cases: Middle[] = [
    {
      name: 'an answer, from Node to Python',
      client: (...to) => over('http.client', 'answer').python(...to),
      server: NODE,
    },
    { name: 'an answer, from Python to Node', client: (...to) => over('https', 'answer').node(...to), server: PYTHON },
    {
      name: 'a body in chunks, from Python to Node',
      client: (...to) => over('http.client', 'upload').python(...to),
      server: NODE,
    },
    {
      name: 'a body of known length, from Node to Python',
      client: (...to) => over('https', 'upload').node(...to),
      server: PYTHON,
    },
  ];
  real.each(cases)('$name', async middle => {
    const { seen, truth, pids } = await observed(middle);
    const isHeld = ({ path: where }: Truth) => /held|upload/.test(where);
    expect(truth.filter(isHeld)).toHaveLength(1);
    for (const [index, role] of (['client', 'server'] as const).entries()) {
      const own = seen.filter(each => each.role === role);
      expect(essence(own)).toEqual(essence(truth.filter(each => !isHeld(each))));
      for (const exchange of own) {
        expect(exchange).toMatchObject({ pid: pids[index], status: 200, protocol: 'http/1.1', partial: [] });
        expect(exchange.response_headers['x-answer-to']).toBe(exchange.path);
      }
    }
  });
});

describe('HTTP/2, an answer and a body open', () => {
  /** What both said before us is known to them by its place in a table that we have not seen. */
  const cases: Middle[] = [
    { name: 'Python', client: (...to) => over('h2', 'both').python(...to), server: NODE },
    { name: 'Node', client: (...to) => over('h2', 'both').node(...to), server: NODE },
    { name: 'curl', client: (port, plan) => curl(port, plan), server: NODE },
  ];
  const curl = (port: number, plan: string): [string, string[]] => [
    process.execPath,
    [path.join(PROGRAMS, 'client-curl.mjs'), '2-middle', `${port}`, plan],
  ];
  const text = (headers: object) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`]));
  real.each(cases)('$name: bodies and statuses exact, headers true or unknown', async middle => {
    const { seen, truth } = await observed(middle);
    const next = truth.filter(({ path: where }) => !/held|upload/.test(where));
    expect(next).toHaveLength(PLAN.length);
    for (const role of ['client', 'server'] as const) {
      const own = seen.filter(each => each.role === role);
      expect(bodies(own)).toEqual(bodies(next));
      for (const exchange of own) {
        const was = next.find(each => bodies([each])[0] === bodies([exchange])[0])!;
        expect(exchange).toMatchObject({ protocol: 'h2', status: 200, method: was.method });
        expect([was.path, '']).toContain(exchange.path);
        expect(text(was.request_headers!)).toMatchObject(exchange.request_headers);
        expect(text(was.response_headers!)).toMatchObject(exchange.response_headers);
        expect(exchange.request_headers['x-path']).toBe(was.path);
        // By names that every HTTP/2 peer knows from the start.
        expect(exchange.response_headers['content-length']).toBe(was.response_headers?.['content-length']?.toString());
        expect(exchange.request_headers).not.toHaveProperty('x-before');
        expect(exchange.partial).toEqual(['headers', 'joined']);
      }
    }
  });
});

const bodies = (lines: readonly (Truth | ExchangeLine)[]) =>
  lines.map(line => `${line.request_size} ${line.request_sha256} ${line.response_size} ${line.response_sha256}`).sort();

describe('while its program is busy', () => {
  const plan: Step[] = Array.from({ length: 50_000 }, (_, i) => [
    'POST',
    `/n${i}?size=${20 + 13 * (i % 5000)}`,
    20 + i,
  ]);
  const cases = [
    {
      name: 'Node, on 32 connections',
      way: 'https-together',
      open: 32,
      command: () => [process.execPath, 'client.mjs'],
    },
    {
      name: 'Node, on one of HTTP/2',
      way: 'http2-together',
      open: 64,
      command: () => [process.execPath, 'client.mjs'],
    },
    {
      name: 'Python, on one of HTTP/2',
      way: 'httpx async h2, together',
      open: 64,
      command: () => [python, 'client.py'],
    },
  ];
  real.each(cases)(
    '$name: nothing invented, nothing left out but what was under way',
    async ({ way, open, command }) => {
      const server = await bench.startServer();
      const [executable, program] = command() as [string, string];
      const busy = bench.start(executable, [path.join(PROGRAMS, program), way, `${server.port}`, bench.plan(plan)]);
      await pidOf(busy);
      busy.say('go');
      const observer = await bench.observe([busy]);
      const before = server.take();
      const enough = server.lines.seen.length + 500;
      await server.lines.line(() => server.lines.seen.length >= enough);
      busy.say('stop');
      await busy.line(line => line === 'done');
      await busy.end();
      expect(await observer.exited).toBe(0);
      const after = server.take();
      const seen = exchangesOf(observer);
      const known = new Set(bodies([...before, ...after]));
      const shown = new Set(bodies(seen));
      expect(before.length).toBeGreaterThan(0);
      expect(shown.size).toBe(seen.length);
      expect([...shown].filter(each => !known.has(each))).toEqual([]);
      expect(bodies(after).filter(each => !shown.has(each)).length).toBeLessThanOrEqual(open);
      const whole = new Set(essence([...before, ...after]));
      expect(essence(seen.filter(each => each.path !== '')).filter(each => !whole.has(each))).toEqual([]);
      for (const { status = 200, partial } of seen) {
        expect(status).toBe(200);
        expect(partial.filter(each => each !== 'headers' && each !== 'joined')).toEqual([]);
      }
    },
  );
});
