/** Servers, workers, gevent and other telemetry: the ways in which Python programs really run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, watch } from 'node:fs';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sees } from '../support/launcher.js';
import type { Bench } from '../support/observed.js';
import { anyPython, environment, environmentWithoutPip, pythonWithSdk } from '../support/python-environments.js';
import { openPythonBench, PROGRAMS } from '../support/python-observed.js';

let bench: Bench;
let python: string;

beforeAll(async () => {
  python = await pythonWithSdk('servers');
  bench = await openPythonBench();
}, 600_000);
afterAll(() => bench?.close());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether somebody listens on the port. */
function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Starts a server, makes seven requests, stops it by SIGTERM and returns the spans that arrived. */
async function serve(words: (port: number) => string[], ready: string): Promise<number> {
  bench.receiver.clear();
  const port = await freePort();
  const argv = words(port);
  const child = spawn(argv[0]!, argv.slice(1), {
    cwd: PROGRAMS,
    env: bench.observedEnv({ PATH: `${path.dirname(python)}:${process.env['PATH']}` }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors: Buffer[] = [];
  child.stderr.on('data', (data: Buffer) => errors.push(data));
  child.stdout.resume();
  await sees(child.stderr, ready);
  // A worker of uvicorn says so before its socket listens.
  while (!(await accepts(port)));
  for (let count = 0; count < 7; count += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toBe('Hello there.');
  }
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  expect(Buffer.concat(errors).toString()).not.toContain('openlit-instrument');
  await bench.settled();
  return bench.receiver.spans.length;
}

const bin = (name: string) => path.join(path.dirname(python), name);

describe('servers stopped by SIGTERM lose nothing', () => {
  const uvicorn =
    (...more: string[]) =>
    (port: number) => [...[bin('uvicorn'), 'web:asgi', '--port', String(port), ...more]];
  const gunicorn =
    (...more: string[]) =>
    (port: number) => [...[bin('gunicorn'), 'web:wsgi', '-b', `127.0.0.1:${port}`, '-w', '2', ...more]];
  const cases: [string, (port: number) => string[], string][] = [
    ['uvicorn', uvicorn(), 'Uvicorn running'],
    ['uvicorn --workers 2', uvicorn('--workers', '2'), 'Application startup complete'],
    ['uvicorn --reload', uvicorn('--reload'), 'Application startup complete'],
    ['gunicorn -w 2', gunicorn(), 'Booting worker'],
    ['gunicorn --preload', gunicorn('--preload'), 'Booting worker'],
  ];
  test.each(cases)('%s', async (_, words, ready) => expect(await serve(words, ready)).toBe(7), 120_000);
});

test('celery prefork', async () => {
  bench.receiver.clear();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'openlit-celery-'));
  mkdirSync(path.join(folder, 'control'));
  const env = bench.observedEnv({ BROKER_FOLDER: folder });
  const queue = await bench.bare([python, '-c', 'import tasks; [tasks.call.delay() for _ in range(4)]'], {
    env: { BROKER_FOLDER: folder },
  });
  expect(queue.status).toBe(0);
  const words = ['-A', 'tasks', 'worker', '-c', '2', '-P', 'prefork', '--without-gossip', '--without-mingle'];
  const worker = spawn(bin('celery'), words, { cwd: PROGRAMS, env, stdio: ['ignore', 'ignore', 'pipe'] });
  worker.stderr.resume();
  const done = path.join(folder, 'done');
  await new Promise<void>(resolve => {
    const watcher = watch(folder, () => {
      if (!existsSync(done) || readFileSync(done, 'utf8').split('\n').length < 5) return;
      watcher.close();
      resolve();
    });
  });
  const ended = once(worker, 'close');
  worker.kill('SIGTERM');
  await ended;
  await bench.settled();
  expect(bench.receiver.spans.length).toBe(4);
}, 120_000);

describe('multiprocessing', () => {
  const forms = ['process', 'executor', 'pool', 'armed-first'];
  const cases = ['fork', 'spawn', 'forkserver'].flatMap(method => forms.map(form => [method, form] as const));
  test.each(cases)(
    '%s, %s',
    async (method, form) => {
      const words = [python, 'workers.py', method, form];
      const { stdout, stderr, status, spans } = await bench.observed(words);
      // A bare run says the same; it would double the longest test here.
      const said = /process|first/.test(form) ? '[0, 0]' : `[${Array(4).fill("'Hello there.'").join(', ')}]`;
      expect({ stdout, stderr, status }).toEqual({ stdout: `${said}\n`, stderr: '', status: 0 });
      expect(spans.length).toBe({ process: 2, executor: 4, pool: 4, 'armed-first': 3 }[form]);
    },
    120_000,
  );
});

test.each(['early', 'late'])(
  'gevent, patched %s',
  async when => {
    const { stdout, spans } = await bench.observed([python, 'gevent_app.py', when]);
    expect(stdout).toBe("['Hello there.', 'Hello there.', 'Hello there.']\n");
    expect(spans.length).toBe(3);
  },
  60_000,
);

describe('other telemetry in the program', () => {
  test.each(['before', 'after'])(
    'its own OpenTelemetry, set up %s the import, stays its own; our span is a child of its',
    async when => {
      const words = [python, 'own_otel.py', when];
      const [bare, { stdout, stderr, spans }] = await Promise.all([bench.bare(words), bench.observed(words)]);
      expect(stdout).toBe(bare.stdout);
      expect(stdout).toContain("['work']");
      expect(spans.length).toBe(1);
      expect(`${spans[0]?.traceId} ${spans[0]?.parentSpanId}\n`).toBe(stderr);
    },
    60_000,
  );
});

test('below opentelemetry-instrument, whose sitecustomize would hide ours', async () => {
  const other = await environment('openlit', await anyPython());
  const script = path.join(path.dirname(other), 'opentelemetry-instrument');
  const none = ['traces', 'metrics', 'logs'].flatMap(signal => [`--${signal}_exporter`, 'none']);
  const { spans, stderr, status } = await bench.launched([other, script, ...none, other, 'one_call.py', 'natural']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(spans.length).toBe(1);
}, 300_000);

describe('ways to start', () => {
  const call = 'import workers; print(workers.call())';
  const ways: [string, () => string[]][] = [
    ['a script', () => [python, 'one_call.py', 'natural']],
    ['-m', () => [python, '-m', 'one_call', 'natural']],
    ['-c', () => [python, '-c', call]],
  ];
  test.each(ways)(
    '%s',
    async (_, words) => {
      const { spans, status } = await bench.launched(words());
      expect([status, spans.length]).toEqual([0, 1]);
    },
    60_000,
  );

  test('a virtual environment without pip', async () => {
    const without = await environmentWithoutPip(await anyPython(), python);
    const { spans, stdout } = await bench.launched([without, '-c', call]);
    expect([stdout, spans.length]).toEqual(['Hello there.\n', 1]);
  }, 60_000);
});
