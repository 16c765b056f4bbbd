/**
 * The same promise where the launcher has to stay as the parent: under the local view, because no endpoint is set. What
 * cannot be the same for a child is listed in docs/configuration.md; everything else is compared here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pythonSdkStore } from '../../src/setup/python-store.js';
import { OUTCOME_CASES, outcome, writePrograms } from '../support/cases.js';
import { cleanEnvironment, EXEC_LAUNCH, LAUNCH, PROGRAMS, type RunOptions, run, sees } from '../support/launcher.js';

const VIEW_LAUNCH = [...LAUNCH, '--quiet', '--'];
const SIGNALS = path.join(PROGRAMS, 'signals.py');
const TERMINAL = path.resolve(import.meta.dirname, '../support/terminal.py');

/** Says `ready` and then waits with the default action for every signal. */
const SLEEPER =
  'import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL); print("ready", flush=True); time.sleep(60)';

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'transparency-child-'));
  writePrograms(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The calls that a local view keeps go to a folder of the test; the SDK is the machine's. */
const env = (extra: NodeJS.ProcessEnv = {}) =>
  cleanEnvironment({
    OPENLIT_INSTRUMENT_CACHE_DIR: path.join(folder, 'cache'),
    OPENLIT_INSTRUMENT_PYTHON_SDK: pythonSdkStore(),
    ...extra,
  });

test.each(OUTCOME_CASES)('%s', async (_name, argv, options) => {
  const bare = await run(argv(folder), { env: env(), ...options });
  const launched = await run([...VIEW_LAUNCH, ...argv(folder)], { env: env(), ...options });
  expect(outcome(launched)).toEqual(outcome(bare));
});

test('the program is a child here, with the state of a bare one', async () => {
  const state = async (launcher: string[]) => {
    const ran = await run(
      [
        'bash',
        '-c',
        'ulimit -Sn 512; umask 027; "$@" 3</etc/passwd 9>/dev/null; exit $?',
        'bash',
        ...launcher,
        'python3',
        path.join(PROGRAMS, 'state.py'),
      ],
      { env: env() },
    );
    const { pid, ppid, env: variables, ...rest } = JSON.parse(ran.stdout);
    return { pid, ppid, variables, rest, ran };
  };
  const bare = await state([]);
  const launched = await state(VIEW_LAUNCH);
  expect({ ...launched.rest, pgid: 0, sid: 0 }).toEqual({ ...bare.rest, pgid: 0, sid: 0 });
  expect(launched.pid).not.toBe(launched.ppid);
  expect(
    Object.keys(launched.variables)
      .filter(name => !(name in bare.variables))
      .map(name => Buffer.from(name, 'hex').toString())
      .sort(),
  ).toEqual([
    'OPENLIT_INSTRUMENT_ORIGINAL_PYTHONPATH',
    'OPENLIT_INSTRUMENT_QUIET',
    'OPENLIT_INSTRUMENT_TAP',
    'PYTHONPATH',
  ]);
});

describe('signals', () => {
  test.each<[NodeJS.Signals]>([['SIGTERM'], ['SIGINT'], ['SIGHUP'], ['SIGUSR1'], ['SIGUSR2'], ['SIGQUIT']])(
    '%s to the launcher, with no terminal around, arrives once',
    async signal => {
      const options: RunOptions = {
        env: env(),
        meanwhile: async child => {
          await sees(child.stdout, 'ready');
          child.kill(signal);
        },
      };
      // setsid: no controlling terminal, wherever the tests run.
      const launched = await run(
        ['setsid', '--wait', 'sh', '-c', 'exec "$@"', 'sh', ...VIEW_LAUNCH, 'python3', SIGNALS],
        options,
      );
      const direct = await run([...VIEW_LAUNCH, 'python3', SIGNALS], options);
      expect(direct).toMatchObject({ stdout: `ready\n${signal}\ndone\n`, status: 41, stderr: '' });
      expect(launched.stdout).toContain('ready');
    },
  );

  test('a program without a handler: the launcher dies by the same signal', async () => {
    const options: RunOptions = {
      env: env(),
      meanwhile: async child => {
        await sees(child.stdout, 'ready');
        child.kill('SIGTERM');
      },
    };
    const launched = await run(
      [...VIEW_LAUNCH, 'python3', '-c', 'import time; print("ready", flush=True); time.sleep(60)'],
      options,
    );
    expect(launched).toMatchObject({ status: null, signal: 'SIGTERM', stderr: '' });
  });
});

describe('on a terminal', () => {
  interface OnTerminal {
    readonly output: string;
    readonly status: number;
    readonly timed_out: boolean;
  }

  /** Plays keys against a command on a terminal of its own. */
  async function onTerminal(steps: object[], command: readonly string[]): Promise<OnTerminal> {
    const ran = await run(['python3', TERMINAL, JSON.stringify(steps), ...command], {
      env: env({ PS1: '$ ', HISTFILE: '' }),
    });
    expect(ran.stderr).toBe('');
    const seen = JSON.parse(ran.stdout) as OnTerminal;
    // The terminal's own echo of a key comes before or after what the program prints about it, as the scheduler likes.
    return { ...seen, output: seen.output.replace(/\^[CZ\\]/g, '') };
  }

  const modes = [
    ['exec', EXEC_LAUNCH],
    ['child', VIEW_LAUNCH],
  ] as const;

  describe.each(modes)('%s', (_mode, launcher) => {
    const both = async (steps: object[], program: string[]) => [
      await onTerminal(steps, program),
      await onTerminal(steps, [...launcher, ...program]),
    ];

    test('stdin, stdout and stderr are terminals, of the same size', async () => {
      const program = [
        'python3',
        '-c',
        'import os,sys; print([os.isatty(n) for n in (0,1,2)], os.get_terminal_size(), os.tcgetpgrp(0) == os.getpgrp())',
      ];
      const [bare, launched] = await both([], program);
      expect(bare?.output).toContain('[True, True, True]');
      expect(launched).toEqual(bare);
    });

    test('Ctrl-C once arrives once', async () => {
      const [bare, launched] = await both([{ see: 'ready\r\n', send: '\x03' }], ['python3', SIGNALS]);
      expect(bare?.output).toContain('SIGINT');
      expect(bare?.status).toBe(41);
      expect(launched).toEqual(bare);
    });

    test('Ctrl-C twice arrives twice', async () => {
      const steps = [
        { see: 'ready\r\n', send: '\x03' },
        { see: 'SIGINT\r\n', send: '\x03' },
      ];
      const [bare, launched] = await both(steps, ['python3', SIGNALS, '2']);
      expect(bare?.status).toBe(42);
      expect(launched).toEqual(bare);
    });

    test('Ctrl-C ends a program without a handler, and the launcher by the same signal', async () => {
      const [bare, launched] = await both([{ see: 'ready\r\n', send: '\x03' }], ['python3', '-c', SLEEPER]);
      expect(bare?.status).toBe(-2);
      expect(launched).toEqual(bare);
    });

    test('Ctrl-\\', async () => {
      const [bare, launched] = await both([{ see: 'ready\r\n', send: '\x1c' }], ['python3', SIGNALS]);
      expect(bare?.output).toContain('SIGQUIT');
      expect(launched).toEqual(bare);
    });

    test('a new size of the window', async () => {
      const [bare, launched] = await both([{ see: 'ready\r\n', resize: [40, 100] }], ['python3', SIGNALS]);
      expect(bare?.output).toContain('SIGWINCH');
      expect(launched).toEqual(bare);
    });

    test('typed lines reach the program', async () => {
      const [bare, launched] = await both(
        [{ see: 'name?', send: 'Ada\n' }],
        ['python3', '-c', 'print("hello", input("name? "))'],
      );
      expect(bare?.output).toContain('hello Ada');
      expect(launched).toEqual(bare);
    });

    test('Ctrl-Z stops, fg goes on', async () => {
      const shell = (words: readonly string[]) => [
        'bash',
        '--norc',
        '--noprofile',
        '-i',
        '-c',
        `set -m; ${words.map(word => `'${word}'`).join(' ')}; echo "stopped: $?"; fg >/dev/null; echo "ended: $?"`,
      ];
      const program = [
        'python3',
        '-c',
        'import sys; print("ready", flush=True); print("read", sys.stdin.readline().strip())',
      ];
      const steps = [
        { see: 'ready\r\n', send: '\x1a' },
        { see: 'stopped', send: 'go\n' },
      ];
      const bare = await onTerminal(steps, shell(program));
      const launched = await onTerminal(steps, shell([...launcher, ...program]));
      for (const ran of [bare, launched]) {
        expect(ran.output).toContain('stopped: 148');
        expect(ran.output).toContain('read go');
        expect(ran.output).toContain('ended: 0');
      }
      expect(launched.status).toBe(bare.status);
    });
  });
});

describe('where exec is impossible', () => {
  test('without a binary of ffi-rs the program still runs, with its status and its signal', async () => {
    // The launcher's own files only, as npm leaves them with --omit=optional.
    const copy = path.join(folder, 'no-native');
    const root = path.dirname(path.dirname(LAUNCH[1]!));
    await run(['sh', '-c', `mkdir -p ${copy} && cp -r ${root}/bin ${root}/dist ${root}/package.json ${copy}/`]);
    const launcher = [process.execPath, path.join(copy, 'bin/run.js'), '--quiet', '--endpoint', 'http://127.0.0.1:9'];
    for (const program of [
      ['sh', '-c', 'echo out; exit 5'],
      ['sh', '-c', 'kill -TERM $$'],
      ['python3', '-c', 'print(1)'],
    ]) {
      const bare = await run(program, { env: env() });
      expect(outcome(await run([...launcher, ...program], { env: env() }))).toEqual(outcome(bare));
    }
  });

  test('sockets of a service manager name the pid: the program gets them, without a view', async () => {
    const start = 'import os,sys; os.environ["LISTEN_PID"]=str(os.getpid()); os.execvp(sys.argv[1], sys.argv[1:])';
    const program = ['python3', '-c', 'import os; print(os.environ["LISTEN_PID"] == str(os.getpid()))'];
    const launched = await run(['python3', '-c', start, ...LAUNCH, ...program], { env: env() });
    expect(launched.stdout).toBe('True\n');
    expect(launched.stderr).toMatch(
      /^openlit-instrument: python3 runs un-instrumented: .*service manager.*--endpoint URL\n$/,
    );
  });
});

test('a view that cannot start never keeps the program from running', async () => {
  const file = path.join(folder, 'prices.json');
  writeFileSync(file, 'no prices');
  const launched = await run([...LAUNCH, '--pricing-file', file, 'python3', '-c', 'print("ran")'], { env: env() });
  expect(launched).toMatchObject({ stdout: 'ran\n', status: 0 });
  expect(launched.stderr).toMatch(/^openlit-instrument: /);
});

test("--summary-json is written, and stdout stays the program's", async () => {
  const file = path.join(folder, 'summary.json');
  const launched = await run([...LAUNCH, '--quiet', '--summary-json', file, 'python3', '-c', 'print("ran")'], {
    env: env(),
  });
  expect(launched).toMatchObject({ stdout: 'ran\n', stderr: '', status: 0 });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toBeInstanceOf(Object);
});
