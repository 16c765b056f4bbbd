/** No call is lost at the end of a Python program, and the end never waits for a collector. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LAUNCH, type Run, run } from '../support/launcher.js';
import type { Bench } from '../support/observed.js';
import {
  environment,
  type Python,
  pythons,
  pythonWithSdk,
  SDK_CACHE,
  setupSdk,
} from '../support/python-environments.js';
import { BOOTSTRAP, openPythonBench, PROGRAMS } from '../support/python-observed.js';
import { listen } from '../support/servers.js';

let bench: Bench;
let python: string;

beforeAll(async () => {
  python = await pythonWithSdk('clients');
  bench = await openPythonBench();
}, 600_000);
afterAll(() => bench?.close());

/** Ending of `one_call.py` -> [status, signal]. */
const ENDINGS: Record<string, [number | null, string | null]> = {
  natural: [0, null],
  exit: [3, null],
  throw: [1, null],
  interrupt: [null, 'SIGINT'],
  'own-handler': [0, null],
  thread: [0, null],
  atexit: [0, null],
  'os-exit': [4, null],
  term: [null, 'SIGTERM'],
  kill: [null, 'SIGKILL'],
};

test('100 short scripts, one call each, over every ending: 100 spans', async () => {
  bench.receiver.clear();
  const names = Object.keys(ENDINGS);
  const queue = Array.from({ length: 100 }, (_, index) => names[index % names.length]!);
  const wrong: string[] = [];
  async function worker(): Promise<void> {
    for (let ending = queue.pop(); ending !== undefined; ending = queue.pop()) {
      const words = [python, 'one_call.py', ending, '0.2'];
      const { status, signal, stderr } = await run(words, { cwd: PROGRAMS, env: bench.observedEnv() });
      const [wantedStatus, wantedSignal] = ENDINGS[ending]!;
      if (status !== wantedStatus || signal !== wantedSignal) wrong.push(`${ending}: ${status} ${signal} ${stderr}`);
      if (stderr.includes('openlit-instrument')) wrong.push(`${ending}: ${stderr}`);
    }
  }
  await Promise.all([worker(), worker(), worker()]);
  expect(wrong).toEqual([]);
  await bench.settled();
  expect(bench.receiver.spans.length).toBe(100);
}, 600_000);

/** Milliseconds between the program's last word and its end. */
async function ending(endpoint: string): Promise<Run & { late: number }> {
  let last = 0;
  const ended = await run([python, 'one_call.py', 'natural'], {
    cwd: PROGRAMS,
    env: bench.observedEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
    meanwhile: child => {
      child.stdout?.on('data', () => {
        last = performance.now();
      });
    },
  });
  return { ...ended, late: performance.now() - last };
}

describe('a collector that does not work', () => {
  test('dead: the program ends at once, with one line at most', async () => {
    const { late, status, stdout, stderr } = await ending('http://127.0.0.1:9');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'end\n' });
    // The observer knows of it when the program has ended, as a rule; then its log has the line.
    if (stderr !== '')
      expect(stderr).toMatch(/^openlit-instrument: the collector at http:\/\/127\.0\.0\.1:9 cannot be reached .*\n$/);
    expect(late).toBeLessThan(2500);
  }, 60_000);

  test('dead: what a program could not be told any more, the next launch says', async () => {
    const env = bench.env({ OPENLIT_INSTRUMENT_CACHE_DIR: mkdtempSync(path.join(os.tmpdir(), 'openlit-word-')) });
    const launched = () =>
      run([...LAUNCH, '--endpoint', 'http://127.0.0.1:9', '--', python, 'one_call.py', 'natural'], {
        cwd: PROGRAMS,
        env,
      });
    const first = await launched();
    await bench.settled();
    const second = await launched();
    const told = /the collector at http:\/\/127\.0\.0\.1:9 cannot be reached/;
    // Said by the program where it was still there, else by the launch after it.
    expect(first.stderr + second.stderr).toMatch(told);
    if (!told.test(first.stderr))
      expect(second.stderr).toMatch(/^openlit-instrument: an earlier launch: the collector/);
    expect([first.stdout, second.stdout]).toEqual(['end\n', 'end\n']);
    await bench.settled();
  }, 120_000);

  test('hanging: the program ends a second later, silent but for one line', async () => {
    // Accepts connections and never answers.
    const collector = await listen(createServer());
    const { late, status, stderr } = await ending(`http://127.0.0.1:${collector.port}`);
    await collector.close();
    expect(status).toBe(0);
    expect(stderr.split('\n').filter(Boolean).length).toBeLessThanOrEqual(1);
    expect(late).toBeLessThan(2500);
  }, 60_000);
});

describe('what stands in the way', () => {
  const call = 'import one_call; one_call.call(); print("end")';

  test("the program's own sitecustomize runs, and is the one in sys.modules", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'openlit-site-'));
    writeFileSync(path.join(folder, 'sitecustomize.py'), 'MARK = "mine"\n');
    const words = [python, '-c', 'import sitecustomize, sys; print(sitecustomize.MARK, sitecustomize.__file__)'];
    const bare = await bench.bare(words, { env: { PYTHONPATH: folder } });
    const observed = await bench.launched(words, { env: { PYTHONPATH: folder } });
    expect(bare.stdout).toContain('mine');
    expect(observed).toMatchObject({ stdout: bare.stdout, stderr: bare.stderr });
  }, 60_000);

  test('no private folder for a socket: each process has an observer of its own', async () => {
    const { socket, ...rest } = JSON.parse(String(bench.observedEnv()['OPENLIT_INSTRUMENT_TAP'])) as { socket: string };
    expect(socket).toMatch(/\.sock$/);
    const { stdout, stderr, spans } = await bench.observed([python, '-c', call], {
      env: { OPENLIT_INSTRUMENT_TAP: JSON.stringify(rest) },
    });
    expect([stdout, stderr, spans.length]).toEqual(['end\n', '', 1]);
  }, 60_000);

  test('no copy of the SDK: a program that only talks to providers needs none', async () => {
    const { stdout, stderr } = await bench.observed([python, '-c', call], {
      env: { OPENLIT_INSTRUMENT_CACHE_DIR: path.join(os.tmpdir(), 'no-such-cache') },
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'end\n', stderr: '' });
  }, 60_000);

  test('a cache behind a symbolic link', async () => {
    const link = path.join(mkdtempSync(path.join(os.tmpdir(), 'openlit-link-')), 'cache');
    symlinkSync(SDK_CACHE, link);
    const { stderr, spans } = await bench.observed([python, '-c', call], {
      env: { OPENLIT_INSTRUMENT_CACHE_DIR: link },
    });
    expect([stderr, spans.length]).toEqual(['', 1]);
  }, 60_000);

  test('a program that uses openlit itself, before or after: we stand down', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'openlit-own-'));
    execFileSync('mkdir', ['-p', path.join(folder, 'openlit')]);
    writeFileSync(path.join(folder, 'openlit/__init__.py'), 'def init():\n    print("own init", __file__)\n');
    const before = 'import openlit; openlit.init(); import one_call; one_call.call()';
    const after = 'import one_call, openlit; openlit.init(); one_call.call()';
    for (const program of [before, after]) {
      const env = { PYTHONPATH: `${BOOTSTRAP}:${folder}` };
      const { stdout, stderr, spans } = await bench.observed([python, '-c', program], { env });
      expect({ stdout, stderr, spans }).toEqual({
        stdout: `own init ${folder}/openlit/__init__.py\n`,
        stderr: '',
        spans: [],
      });
    }
  }, 60_000);

  test('nothing of ours becomes importable, listed or visible on sys.path', async () => {
    const program = [
      'import openai, sys, importlib.metadata as m',
      'print([p for p in sys.path if "bootstrap" in p], "sitecustomize" in sys.modules)',
      'print(sorted(d.metadata["Name"] for d in m.distributions()), len(m.entry_points()))',
      'import random; random.seed(1); print(random.random())',
      'print([n for n in ("schedule", "xmltodict", "openlit") if __import__("importlib.util").util.find_spec(n)])',
    ].join('\n');
    const words = [python, '-c', program.replace(', "openlit")', ')')];
    const bare = await bench.bare(words);
    const observed = await bench.observed(words);
    expect(observed).toMatchObject({ stdout: bare.stdout, stderr: bare.stderr, status: 0 });
  }, 60_000);

  test('a tool that looks at each file that runs, as coverage.py does, finds none of ours', async () => {
    const program = [
      'import sys',
      'seen = set()',
      'sys.settrace(lambda frame, *_: seen.update((frame.f_code.co_filename, frame.f_globals.get("__file__") or "")))',
      'import one_call; one_call.call()',
      'sys.settrace(None)',
      'print(any(name.endswith("openai/__init__.py") for name in seen))',
      `print([name for name in seen if name.startswith(${JSON.stringify(BOOTSTRAP)})])`,
    ].join('\n');
    const { stdout, spans } = await bench.observed([python, '-c', program]);
    expect([stdout, spans.length]).toEqual(['True\n[]\n', 1]);
    // The one file that must have a name counts nothing where it is measured from the start of a process.
    const lines = readFileSync(path.join(BOOTSTRAP, 'sitecustomize.py'), 'utf8').split('\n');
    const counted = lines.filter(line => /^[a-z]/.test(line) && !line.endsWith('# pragma: no cover'));
    expect(counted).toEqual([]);
  }, 60_000);

  test('no LLM library: no module of the SDK, no thread, no output', async () => {
    const program =
      'import sys, threading, json, email; print(threading.active_count(), [m for m in sys.modules if "openlit" in m or "opentelemetry" in m])';
    const { stdout, stderr } = await bench.observed([python, '-c', program]);
    expect(stdout).toBe('1 []\n');
    expect(stderr).toBe('');
  }, 60_000);
});

describe('Python versions', () => {
  test('below 3.9 the program runs: the hook says nothing, the launcher why it is not observed from inside', async () => {
    for (const { file } of await pythons(['2.7', '3.6', '3.7', '3.8'])) {
      const words = [file, '-c', 'import sys; print("sitecustomize" in sys.modules)'];
      expect(await bench.observed(words)).toMatchObject({ stdout: 'False\n', stderr: '', status: 0 });
      const launched = await bench.bare([...LAUNCH, '--no-attach', '--endpoint', bench.receiver.url, '--', ...words]);
      expect(launched).toMatchObject({ stdout: 'False\n', status: 0 });
      expect(launched.stderr).toMatch(
        /^openlit-instrument: \S+ runs un-instrumented: Python [\d.]+ is older than the hook's 3\.9; .*\n$/,
      );
    }
  }, 60_000);

  test('3.9 to the newest: one right span each', async () => {
    const found = await pythons(['3.9', '3.10', '3.11', '3.12', '3.13', '3.14']);
    const prepare = async (version: Python) => {
      const file = await environment(version.version === '3.9' ? 'openai-3.9' : 'openai-3.10', version);
      await setupSdk(file, 'uv');
      return { version, file };
    };
    for (const { version, file } of await Promise.all(found.map(prepare))) {
      const { stdout, stderr, spans } = await bench.observed([file, 'one_call.py', 'natural']);
      expect([version.version, stdout, stderr]).toEqual([version.version, 'end\n', '']);
      expect(spans.map(span => span.attributes['gen_ai.usage.input_tokens'])).toEqual([11]);
    }
  }, 900_000);
});
