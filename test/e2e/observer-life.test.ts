/**
 * The life of an observer, as a launched program could notice it: begun by the first call, shared, gone soon after the last
 * tap. And whatever becomes of it, the program runs as it would alone; what is lost is counted, and said once.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { BY_LINE, endAll, LANGUAGES } from '../support/by-line.js';
import { LAUNCHER } from '../support/launcher.js';
import { calls, openSessionBench, type SessionBench, sockets, until } from '../support/observed-session.js';
import { listen } from '../support/servers.js';

jest.setTimeout(30_000);

const DEATH = 'openlit-instrument: the observer ended; calls that it had not sent are lost';
const LOST = 'openlit-instrument: some model calls could not be handed over, and are not reported';

let bench: SessionBench;
beforeAll(async () => {
  bench = await openSessionBench();
});
afterEach(() => {
  endAll();
  for (const { pid } of bench.observers()) process.kill(pid, 'SIGKILL');
  bench.receiver.clear();
  for (const file of [log(), ...sockets(bench.runtime)]) rmSync(file, { force: true });
});
afterAll(() => bench?.close());

const log = () => path.join(bench.cache, 'observer.log');
function signal(name: NodeJS.Signals): void {
  for (const { pid } of bench.observers()) process.kill(pid, name);
}
async function gone(): Promise<void> {
  await until('the observer is gone', () => bench.observers().length === 0);
}
/** A process that ends has lost its command line, and its first thread is a zombie, before its sockets are closed. */
async function killObservers(): Promise<void> {
  const killed = bench.observers();
  signal('SIGKILL');
  await until('the observer is dead', () => killed.every(({ pid }) => isDead(pid)));
}
function isDead(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length === 1 && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}

/** Observers that have said in the log that they end. */
function failed(): number[] {
  const text = existsSync(log()) ? readFileSync(log(), 'utf8') : '';
  return [...text.matchAll(/^\S+ (\d+) ended by a fault/gm)].map(([, pid]) => Number(pid));
}

/** Milliseconds of processor time so far. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

describe.each(LANGUAGES)('%s: an observer', language => {
  test('is not there without a call', async () => {
    const { ours } = await bench.both(language, async () => expect(bench.observers()).toEqual([]));
    expect(ours).toEqual([]);
    expect(bench.observers()).toEqual([]);
  });

  test('is begun by the first call, as no child, and the program is in no other state', async () => {
    const states: object[] = [];
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        const before = await program.state();
        await calls(program, 1);
        if (observed) await bench.receiver.waitForSpans(1);
        const after = await program.state();
        expect(after.children).toBe(false);
        // Python gives out the lowest number that is free, and programs that daemonize know their numbers.
        if (language === 'python') expect(after.descriptor).toBe(before.descriptor);
        states.push({ ...after, session: 0, descriptor: 0 });
        await calls(program, 3);
        if (!observed) return;
        const [observer, ...others] = bench.observers();
        expect(others).toEqual([]);
        const own = (file: string) => readFileSync(`/proc/${observer!.pid}/${file}`, 'utf8');
        const [, parent, group, session] = own('stat').split(') ')[1]!.split(' ').map(Number);
        expect([parent, group, session]).not.toContain(program.child.pid);
        expect(session).not.toBe(after.session);
        expect(own('environ')).not.toMatch(/OTEL_|PROVIDER_|NODE_OPTIONS|PYTHONPATH|planted/);
        expect(readdirSync(`/proc/${observer!.pid}/cwd`)).toEqual(readdirSync('/'));
      },
      { env: { OPENAI_API_KEY: 'sk-planted-key' } },
    );
    expect(states[1]).toEqual(states[0]);
    expect(ours).toEqual([]);
  });

  test('is idle without calls, and gone about two seconds after the last tap, with its socket', async () => {
    const program = bench.start(language);
    await calls(program, 1);
    await bench.receiver.waitForSpans(1);
    const { pid } = bench.observers()[0]!;
    expect(sockets(bench.runtime)).toHaveLength(1);
    const used = processorTime(pid);
    await delay(3_000);
    expect(processorTime(pid) - used).toBeLessThan(100);
    await program.end();
    const ended = Date.now();
    await gone();
    expect(Date.now() - ended).toBeGreaterThan(1_500);
    // A machine that is busy is later, but not by so much.
    expect(Date.now() - ended).toBeLessThan(8_000);
    expect(sockets(bench.runtime)).toEqual([]);
  });

  test('is shared with children of either language, and each is told apart', async () => {
    // In a shell the launcher hooks whatever comes; what takes no hook would have an observer of its own.
    const program = bench.start(language, {
      wrapper: ['/bin/sh', '-c', 'exec "$@"', 'sh'],
      env: { OPENLIT_INSTRUMENT_NO_ATTACH: '1' },
    });
    await calls(program, 1);
    // Two that begin at the same moment would each begin one.
    await bench.receiver.waitForSpans(1);
    for (const other of LANGUAGES) expect(await program.say(`child ${BY_LINE[other].join(' ')}`)).toBe('200');
    await calls(program, 1);
    await bench.receiver.waitForSpans(4);
    expect(bench.observers()).toHaveLength(1);
    await program.end();
    const resources = bench.receiver.spans.map(({ resource }) => resource);
    expect(new Set(resources.map(resource => resource['process.pid'])).size).toBe(3);
    expect(new Set(resources.map(resource => resource['process.runtime.name']))).toEqual(
      new Set(['cpython', 'nodejs']),
    );
  });

  test('that is killed is begun again by the next call; the second time it is left, and said once', async () => {
    const { ours } = await bench.both(language, async (program, observed) => {
      for (const life of [1, 2]) {
        await calls(program, 1);
        if (observed) await bench.receiver.waitForSpans(life);
        await killObservers();
      }
      await calls(program, 3);
    });
    expect(ours).toEqual([DEATH, expect.stringContaining('the observer ended twice')]);
    expect(bench.observers()).toEqual([]);
  });

  test('that is killed before it has sent the last call: the end of the program says it', async () => {
    const { ours } = await bench.both(language, async (program, observed) => {
      await calls(program, 1);
      if (!observed) return;
      await until('the observer is there', () => bench.observers().length > 0);
      await killObservers();
    });
    expect(ours).toEqual([DEATH]);
  });

  test('that is killed during a call: the call goes on, and is counted as lost, and said once', async () => {
    const held: http.ServerResponse[] = [];
    const server = await listen(
      http.createServer((request, response) => request.resume().on('end', () => held.push(response))),
    );
    const { ours } = await bench.both(language, async (program, observed) => {
      const answer = program.say(`call http://127.0.0.1:${server.port}/v1/chat/completions`);
      await until('the call is there', () => held.length > 0 && (!observed || bench.observers().length > 0));
      // Its socket is there when it reads.
      if (observed) await until('the observer listens', () => sockets(bench.runtime).length > 0);
      await killObservers();
      held.pop()!.end('{}');
      expect(await answer).toBe('200');
      await calls(program, 1);
      if (observed) await bench.receiver.waitForSpans(1);
    });
    await server.close();
    await bench.settled();
    expect(ours).toEqual([DEATH]);
    expect(readFileSync(log(), 'utf8')).toContain(' 1 calls could not be handed over');
  });

  test('that is stopped: calls go on, the end does not wait, and all arrive when it goes on', async () => {
    const { ours } = await bench.both(language, async (program, observed) => {
      await calls(program, 1);
      if (observed) await bench.receiver.waitForSpans(1);
      signal('SIGSTOP');
      await calls(program, 10);
    });
    expect(ours).toEqual([]);
    expect(bench.receiver.spans).toHaveLength(1);
    signal('SIGCONT');
    await bench.receiver.waitForSpans(11);
  });

  test('that is stopped for long: what does not fit costs nothing, is counted, and said once', async () => {
    const used: number[] = [];
    const { ours } = await bench.both(language, async (program, observed) => {
      await calls(program, 1);
      if (observed) await bench.receiver.waitForSpans(1);
      signal('SIGSTOP');
      // Small calls: thousands wait.
      expect(await program.say('calls 150 default 100000')).toBe('200');
      const before = processorTime(program.child.pid!);
      expect(await program.say('calls 500 default 10')).toBe('200');
      used.push(processorTime(program.child.pid!) - before);
    });
    expect(ours).toEqual([LOST]);
    expect(used[1]).toBeLessThan(used[0]! * 2 + 500);
    signal('SIGCONT');
    await bench.settled();
    // At the end of the program the kernel has a part, and what waits in the program ends with it.
    expect(bench.receiver.spans.length).toBeGreaterThan(1);
    expect(bench.receiver.spans.length).toBeLessThan(651);
  });

  test('that is slow: all of it arrives', async () => {
    const { ours } = await bench.both(language, async (program, observed) => {
      await calls(program, 1);
      if (observed) await bench.receiver.waitForSpans(1);
      let over = false;
      const slowly = (async () => {
        for (; !over; await delay(20)) {
          signal('SIGSTOP');
          await delay(200);
          signal('SIGCONT');
        }
      })();
      for (let count = 0; count < 20; count += 1) expect(await program.say('call default 100000')).toBe('200');
      over = true;
      await slowly;
      if (observed) await bench.receiver.waitForSpans(21);
    });
    expect(ours).toEqual([]);
  });

  test('whose settings are gone: the program runs un-observed, and it is said once', async () => {
    const launches = path.join(bench.cache, 'launches');
    const { ours } = await bench.both(language, async (program, observed) => {
      if (observed) rmSync(launches, { recursive: true });
      await calls(program, 3);
    });
    expect(ours).toEqual([expect.stringMatching(`${launches}.* is not there`)]);
  });

  test('whose settings are no settings: the program runs un-observed, it is said once, and the log says why', async () => {
    const launches = path.join(bench.cache, 'launches');
    const { ours } = await bench.both(language, async (program, observed) => {
      if (observed) for (const name of readdirSync(launches)) writeFileSync(path.join(launches, name), '{');
      for (const life of [1, 2]) {
        await calls(program, 1);
        if (observed) await until('it has failed', () => failed().length === life && failed().every(isDead));
      }
      await calls(program, 2);
    });
    rmSync(launches, { recursive: true });
    expect(ours).toEqual([DEATH, expect.stringContaining('the observer ended twice')]);
    expect(readFileSync(log(), 'utf8')).toContain('JSON');
  });

  test.each([
    ['is gone', (node: string) => rmSync(node)],
    ['is no program any more', (node: string) => writeFileSync(node, '\0', { mode: 0o644 })],
  ])('whose Node %s: the program runs un-observed, and it is said once', async (_name, spoil) => {
    const node = path.join(bench.folder('node'), 'node');
    copyFileSync(process.execPath, node);
    const { ours } = await bench.both(
      language,
      async (program, observed) => {
        if (observed) {
          rmSync(node);
          writeFileSync(node, '');
          spoil(node);
        }
        await calls(program, 3);
      },
      { launcher: [node, LAUNCHER] },
    );
    expect(ours).toEqual([expect.stringContaining(node)]);
    expect(bench.observers()).toEqual([]);
  });
});
