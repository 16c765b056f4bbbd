/**
 * Loss with exact accounting: the ring is tiny and its reader stands still while a program that counts its own bytes
 * exchanges more than fits. Every byte is either captured or counted as dropped, and what is not marked is exact.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { type Lines, PROGRAMS, ROOT, type Truth } from '../attach/attached.js';
import { attachBench, type ExchangeLine, essence, exchangesOf, go, real, type Step } from '../support/attach-bench.js';

const { readRecording } = (await import(
  path.join(ROOT, 'dist/wire/transport/recording.js')
)) as typeof import('../../src/wire/transport/recording.js');

const bench = attachBench();

const RING = '256KiB';
/** Exchanges while the reader stands still, in each of two rounds: 40 times the ring. */
const FLOOD = 150;
/** Step i of the plan goes over connection i modulo this. */
const CONNECTIONS = 4;
/** Small ones when it reads again. */
const CALM = 25;
/** An answer that cannot fit: it begins when the ring is empty, and is torn. */
const TOO_LARGE = 600_000;
/** Requests of at most one record, so that a call is a record. */
const PLAN: readonly Step[] = Array.from({ length: 2 * (FLOOD + CONNECTIONS + CALM) }, (_, i) =>
  i < 2 * FLOOD
    ? [
        'POST',
        `/flood${i}?size=${i % FLOOD === 0 ? TOO_LARGE : 20 + ((i * 7919) % 100_000)}`,
        1 + ((i * 104_729) % 60_000),
      ]
    : ['POST', `/calm${i}?size=${20 + i}`, 1 + (i % 300)],
);

interface Counted {
  readonly calls: number;
  readonly bytes: number;
}

/** A program whose plan is sent piece by piece. */
function counting() {
  const program = bench.start('python3', [
    path.join(PROGRAMS, 'counting.py'),
    `${bench.server.port}`,
    bench.plan(PLAN),
  ]);
  let answers = 0;
  const send = async (from: number, to: number): Promise<Counted> => {
    program.say(`${from} ${to}`);
    const wanted = ++answers;
    const said = () => program.seen.filter(line => line.startsWith('{"calls"'));
    await program.line(() => said().length >= wanted);
    return JSON.parse(said()[wanted - 1]!) as Counted;
  };
  return { program, send };
}

/** Waits until the observer has seen or given up as many records as the program has made calls. */
async function haveAccounted(observer: Lines, { calls }: Counted): Promise<void> {
  const of = (what: string) => observer.errors.filter(line => line.startsWith(`  ${what} `));
  const records = (line = '') => Number(/ (\d+) records?/.exec(line)?.[1] ?? 0);
  for (;;) {
    const known = of('our cost').length;
    observer.process.kill('SIGUSR1');
    await observer.line(() => of('our cost').length > known);
    if (records(of('seen').at(-1)) + records(of('dropped').at(-1)) >= calls) return;
  }
}

/** What a recording holds, and what it says is missing. */
function account(file: string) {
  const next = new Map<string, number>();
  const found = { records: 0, bytes: 0, gaps: 0, lostRecords: 0, lostBytes: 0 };
  const arrive = (key: string, offset: number, end: number) => {
    found.gaps += offset - (next.get(key) ?? 0);
    next.set(key, end);
  };
  for (const block of readRecording(readFileSync(file))) {
    if (block.type === 'counters') {
      const sum = (what: RegExp) =>
        Object.entries(block.counters).reduce((all, [name, value]) => all + (what.test(name) ? value : 0), 0);
      Object.assign(found, { lostRecords: sum(/Records$/), lostBytes: sum(/Bytes$/) });
    }
    if (block.type !== 'record') continue;
    const { kind, connection, epoch, flow, offset, payload } = block.record;
    const key = (which: string) => `${connection} ${epoch} ${which}`;
    if (kind === 'data') {
      found.records++;
      found.bytes += payload.length;
      arrive(key(flow), offset, offset + payload.length);
    } else if (kind === 'close') {
      const totals = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      for (const [at, which] of ['sent', 'received'].entries()) {
        const total = Number(totals.getBigUint64(8 * at, true));
        arrive(key(which), total, total);
      }
    }
  }
  return found;
}

real('every byte is captured or counted, every exchange exact or marked, none has the answer of another', async () => {
  const { program, send } = counting();
  const file = path.join(bench.folder, 'records');
  const flags = ['--format', 'exchanges', '--ring-size', RING, '--record', file];
  const observer = await bench.observe([program], flags);
  bench.server.take();
  const calm: string[] = [];
  let next = 2 * FLOOD;
  let counted: Counted = { calls: 0, bytes: 0 };
  for (let round = 0; round < 2; round++) {
    observer.process.kill('SIGSTOP');
    counted = await send(round * FLOOD, (round + 1) * FLOOD);
    observer.process.kill('SIGCONT');
    await haveAccounted(observer, counted);
    // The first of each connection may be touched by what was lost before it.
    for (let i = 0; i < CONNECTIONS; i++) counted = await send(next, ++next);
    await haveAccounted(observer, counted);
    calm.push(...PLAN.slice(next, next + CALM).map(step => step[1]));
    for (let i = 0; i < CALM; i++) counted = await send(next, ++next);
    await haveAccounted(observer, counted);
  }
  await program.end();
  expect(await observer.exited).toBe(0);

  const truth = bench.server.take();
  expect(truth).toHaveLength(next);
  const { records, bytes, gaps, lostRecords, lostBytes } = account(file);
  expect({ calls: records + lostRecords, bytes: bytes + lostBytes }).toEqual(counted);
  expect(gaps).toBe(lostBytes);
  expect(lostBytes).toBeGreaterThan(counted.bytes / 2);
  const said = observer.errors.join('\n');
  expect(said).toMatch(/lost \d+ bytes in \d+ records/);

  const seen = exchangesOf(observer);
  const whole = seen.filter(({ partial }) => partial.length === 0);
  const known = new Map(truth.map(each => [each.path, each]));
  expect(new Set(seen.map(each => each.path)).size).toBe(seen.length);
  expect(essence(whole)).toEqual(essence(whole.map(each => known.get(each.path)!)));
  expect(whole.map(each => each.path)).toEqual(expect.arrayContaining(calm));
  expect(seen.length).toBeGreaterThan(whole.length);
  for (const exchange of seen) {
    const was = known.get(exchange.path)!;
    expect([exchange.path, undefined]).toContain(exchange.response_headers['x-answer-to']);
    expect(exchange.request_size).toBeLessThanOrEqual(was.request_size);
    expect(exchange.response_size ?? 0).toBeLessThanOrEqual(was.response_size);
    expect(['', 'gap']).toContain(exchange.partial.join());
  }
  // What the exchanges have and what was dropped is at most what passed; what they lack is explained by the drops.
  const bodies = (lines: readonly (Truth | ExchangeLine)[]) =>
    lines.reduce((all, { request_size, response_size = 0 }) => all + request_size + response_size, 0);
  const heads = counted.bytes - bodies(truth);
  expect(bodies(seen) + lostBytes).toBeLessThanOrEqual(counted.bytes);
  expect(lostBytes).toBeLessThanOrEqual(bodies(truth) - bodies(seen) + heads);
  process.stderr.write(`${truth.length} exchanges: ${whole.length} whole, ${seen.length - whole.length} marked\n`);
});

real('an HTTP/2 connection has the whole ring: a reader that stands still loses nothing of what fits', async () => {
  const steps: Step[] = [
    ['POST', '/up?size=20', 300_000],
    ['GET', '/down?size=240000', 0],
    ['POST', '/next?size=3', 4],
  ];
  const words = [path.join(PROGRAMS, 'client.mjs'), 'http2', `${bench.server.port}`, bench.plan(steps)];
  const program = bench.start(process.execPath, words);
  const observer = await bench.observe([program], ['--format', 'exchanges', '--ring-size', '1MiB']);
  bench.server.take();
  observer.process.kill('SIGSTOP');
  await go(program);
  observer.process.kill('SIGCONT');
  await program.end();
  expect(await observer.exited).toBe(0);
  expect(essence(exchangesOf(observer))).toEqual(essence(bench.server.take()));
  expect(observer.errors.join('\n')).toMatch(/dropped +nothing/);
});
