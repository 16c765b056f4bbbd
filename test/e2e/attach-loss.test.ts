/**
 * Loss with exact accounting: the ring is tiny and its reader stands still while a program that counts its own bytes
 * exchanges more than fits. Every byte is either captured or counted as dropped, and what is not marked is exact.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';
import { PROGRAMS, ROOT, type Truth } from '../attach/attached.js';
import { attachBench, type ExchangeLine, essence, exchangesOf, real, type Step } from '../support/attach-bench.js';

const { readRecording } = (await import(
  path.join(ROOT, 'dist/attach/kernel/recording.js')
)) as typeof import('../../src/attach/kernel/recording.js');

const bench = attachBench();

const RING = '256KiB';
/** Exchanges while the reader stands still, in each of two rounds: 40 times the ring. */
const FLOOD = 150;
/** Step i of the plan goes over connection i modulo this. */
const CONNECTIONS = 4;
/** Small ones when it reads again. */
const CALM = 25;
/** Requests of at most one record, so that a call is a record. */
const PLAN: readonly Step[] = Array.from({ length: 20_000 }, (_, i) =>
  i < 2 * FLOOD
    ? ['POST', `/flood${i}?size=${20 + ((i * 7919) % 100_000)}`, 1 + ((i * 104_729) % 60_000)]
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
  const wholePaths = () => exchangesOf(observer).flatMap(each => (each.partial.length === 0 ? [each.path] : []));
  const calm: string[] = [];
  let next = 2 * FLOOD;
  let counted: Counted = { calls: 0, bytes: 0 };
  for (let round = 0; round < 2; round++) {
    observer.process.kill('SIGSTOP');
    await send(round * FLOOD, (round + 1) * FLOOD);
    observer.process.kill('SIGCONT');
    // One by one until one of each connection is seen whole: then everything that waited has been read.
    const first = next;
    const connections = () => {
      const whole = new Set(wholePaths());
      return new Set(
        [...PLAN.keys()]
          .slice(first, next)
          .filter(i => whole.has(PLAN[i]![1]))
          .map(i => i % CONNECTIONS),
      );
    };
    while (connections().size < CONNECTIONS) await send(next, ++next);
    const from = next;
    while (next < from + CALM) counted = await send(next, ++next);
    calm.push(...PLAN.slice(from, next).map(step => step[1]));
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
