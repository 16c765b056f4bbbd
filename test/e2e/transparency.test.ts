/**
 * The program behaves as without us: every case runs bare and through the launcher (which becomes the program, because an
 * endpoint is set), and the two must agree. The list follows the ways in which launchers are known to break programs.
 * Documented differences: the variables in `DOCUMENTED`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { OUTCOME_CASES, outcome, writePrograms } from '../support/cases.js';
import {
  cleanEnvironment,
  EXEC_LAUNCH,
  LAUNCH,
  PROGRAMS,
  type Run,
  type RunOptions,
  run,
  sees,
} from '../support/launcher.js';

/** What a hooked program finds in its environment besides its own. */
const DOCUMENTED = new Set([
  'PYTHONPATH',
  'NODE_OPTIONS',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
  'OPENLIT_INSTRUMENT_ORIGINAL_PYTHONPATH',
  'OPENLIT_INSTRUMENT_ORIGINAL_NODE_OPTIONS',
  'OPENLIT_INSTRUMENT_TAP',
  'OPENLIT_INSTRUMENT_ATTACHED',
  'OPENLIT_INSTRUMENT_PYTHON_SDK',
  'OPENLIT_INSTRUMENT_QUIET',
]);

// Real programs on a machine that may be busy.
jest.setTimeout(60_000);

let folder: string;
const at = (...parts: string[]) => path.join(folder, ...parts);
const STATE_PY = path.join(PROGRAMS, 'state.py');
const STATE_JS = path.join(PROGRAMS, 'state.cjs');
const SIGNALS = path.join(PROGRAMS, 'signals.py');

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'transparency-'));
  writePrograms(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function both(
  argv: readonly string[],
  options: RunOptions = {},
  prefix: readonly string[] = [],
): Promise<[Run, Run]> {
  const bare = await run([...prefix, ...argv], options);
  const wrapped = await run([...prefix, ...EXEC_LAUNCH, ...argv], options);
  return [bare, wrapped];
}

describe('output, status and signal', () => {
  test.each(OUTCOME_CASES)('%s', async (_name, argv, options) => {
    const [bare, wrapped] = await both(argv(folder), options);
    expect(outcome(wrapped)).toEqual(outcome(bare));
  });

  test('a pipe that nobody reads any more', async () => {
    const command = (launcher: readonly string[]) =>
      `${launcher.map(word => `'${word}'`).join(' ')} yes | head -1; echo "\${PIPESTATUS[0]}"`;
    const bare = await run(['bash', '-c', command([])]);
    const wrapped = await run(['bash', '-c', command(EXEC_LAUNCH)]);
    expect(bare.stdout).toBe('y\n141\n');
    expect(outcome(wrapped)).toEqual(outcome(bare));
  });

  test('words that are no UTF-8', async () => {
    const dump = 'for w; do printf "%s" "$w" | od -An -tx1; done';
    const shell = (launcher: readonly string[]) => {
      const words = [...launcher, 'sh', '-c', dump, 'sh'].map(word => `'${word}'`).join(' ');
      return ['bash', '-c', `${words} $'\\xff\\xfe' $'a\\x80b' ok`];
    };
    const [bare, wrapped] = [await run(shell([])), await run(shell(EXEC_LAUNCH))];
    expect(bare.stdout).toContain('ff fe');
    expect(outcome(wrapped)).toEqual(outcome(bare));
  });
});

describe('what cannot be started has the status that shells and env use, and says why', () => {
  test.each<[string, () => string, number, string]>([
    ['not found', () => 'no-such-program', 127, 'program not found'],
    ['no such path', () => at('none'), 127, 'there is no such file'],
    ['not executable', () => at('not-executable'), 126, 'may not be executed'],
    ['a directory', () => at('dir'), 126, 'is a directory'],
    ['a bad shebang', () => at('bad-shebang'), 127, 'interpreter'],
  ])('%s', async (_name, file, status, words) => {
    const wrapped = await run([...EXEC_LAUNCH, file()]);
    expect(wrapped).toMatchObject({ status, stdout: '' });
    expect(wrapped.stderr).toContain(words);
    expect(wrapped.stderr.split('\n').length).toBeLessThan(5);
    // GNU env is the convention: 126 and 127.
    expect((await run(['env', file()])).status).toBe(status);
  });

  test('words that are too long for the kernel', async () => {
    const wrapped = await run([
      'sh',
      '-c',
      `exec "$@" $(head -c 20000000 /dev/zero | tr '\\0' ' ' )`,
      'sh',
      ...EXEC_LAUNCH,
      'true',
    ]);
    expect(wrapped.status).toBe(0);
  });
});

describe('the state of the process', () => {
  type State = Record<string, unknown> & {
    pid: number;
    env: Record<string, string>;
    descriptors: Record<string, unknown>;
  };

  const fromHex = (env: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        Buffer.from(name, 'hex').toString(),
        Buffer.from(value, 'hex').toString(),
      ]),
    );

  function compare(bare: Run, wrapped: Run, decode: (env: Record<string, string>) => Record<string, string>): void {
    expect(outcome({ ...wrapped, stdout: '' })).toEqual(outcome({ ...bare, stdout: '' }));
    const [a, b] = [JSON.parse(bare.stdout) as State, JSON.parse(wrapped.stdout) as State];
    // The launcher became the program: same pid as the process that was started.
    expect(b.pid).toBe(wrapped.pid);
    const { pid: _a, env: before, ...stateBefore } = a;
    const { pid: _b, env: after, ...stateAfter } = b;
    expect(stateAfter).toEqual({ ...stateBefore, ...sameKindOfIdentity(stateBefore, stateAfter) });
    expect(difference(decode(before), decode(after))).toEqual([]);
  }

  /** Under setsid the group and the session are the process's own number. */
  function sameKindOfIdentity(before: Record<string, unknown>, after: Record<string, unknown>) {
    return before['pgid'] === before['sid'] && before['pgid'] !== after['pgid']
      ? { pgid: after['pgid'], sid: after['sid'] }
      : {};
  }

  function difference(before: Record<string, string>, after: Record<string, string>): string[] {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter(name => before[name] !== after[name] && !DOCUMENTED.has(name));
  }

  const prefixes: [name: string, prefix: string[], options?: RunOptions][] = [
    ['plain', []],
    [
      'a soft limit of open files that is lower than the hard one',
      ['bash', '-c', 'ulimit -Sn 512; "$@"; exit $?', 'bash'],
    ],
    ['a hard limit of open files', ['bash', '-c', 'ulimit -n 256; exec "$@"', 'bash']],
    [
      'no core files, another umask, another nice',
      ['bash', '-c', 'ulimit -c 0; umask 077; exec nice -n 3 "$@"', 'bash'],
    ],
    ['another session', ['setsid', '--wait']],
    [
      'variables with odd names and values',
      ['env', 'a.b=1', 'c-d=2', 'E=', 'F=x=y', 'G=a b\nc', 'PWD=/elsewhere', '_=x'],
    ],
    ['an empty environment but for PATH', ['env', '-i', `PATH=${process.env['PATH']}`]],
    ['stdin is /dev/null', ['bash', '-c', 'exec "$@" </dev/null', 'bash']],
    ['open files', ['bash', '-c', 'exec "$@" 3</etc/passwd 5<>/dev/null 9>/dev/null 30</etc/passwd', 'bash']],
    [
      'a pipe as the job server of make has it',
      [
        'python3',
        '-c',
        'import os,sys; r,w=os.pipe(); os.set_inheritable(r,True); os.set_inheritable(w,True); os.execvp(sys.argv[1],sys.argv[1:])',
      ],
    ],
    [
      'sockets of a service manager',
      [
        'python3',
        '-c',
        'import os,sys,socket; s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(); os.dup2(s.fileno(),3); s2=socket.socket(); os.dup2(s2.fileno(),4); os.environ.update(LISTEN_FDS="2", LISTEN_PID=str(os.getpid())); os.execvp(sys.argv[1],sys.argv[1:])',
      ],
    ],
    ['nohup without a terminal on stdout', ['bash', '-c', 'exec nohup "$@" 0>/dev/null 2>&1', 'bash']],
    ['a shell under nohup', ['bash', '-c', 'trap "" HUP; "$@"; exit $?', 'bash']],
  ];

  test.each(prefixes.map(([name, prefix, options]) => [name, prefix, options ?? {}] as const))(
    'Python: %s',
    async (_name, prefix, options) => {
      const [bare, wrapped] = await both(['python3', STATE_PY, 'a', '', '--x'], options, prefix);
      const viaShell = prefix.join(' ').includes('"$@"; exit') || prefix[0] === 'setsid';
      const strip = (text: string, is: Run) => {
        const { ppid, ...state } = JSON.parse(text) as State & { ppid: number };
        // The parent is this test, or the shell that stays.
        if (!viaShell) expect(ppid).toBe(process.pid);
        const env = Object.fromEntries(
          Object.entries(state.env).filter(([name]) => Buffer.from(name, 'hex').toString() !== 'LISTEN_PID'),
        );
        return { ...is, stdout: JSON.stringify({ ...state, env }) };
      };
      // Behind a shell that stays, the pid is not that of what was started here.
      const { pid } = viaShell ? (JSON.parse(wrapped.stdout) as State) : wrapped;
      compare(strip(bare.stdout, bare), { ...strip(wrapped.stdout, wrapped), pid }, fromHex);
    },
  );

  test('Node', async () => {
    const [bare, wrapped] = await both(['node', '--no-warnings', STATE_JS, 'a', '', '--x'], { cwd: os.tmpdir() });
    compare(bare, wrapped, env => env);
  });

  test('descriptors that were closed stay without a trace of ours', async () => {
    const [bare, wrapped] = await both(['sh', '-c', 'ls /proc/self/fd | wc -l'], {}, [
      'bash',
      '-c',
      'exec "$@" 2>&-',
      'bash',
    ]);
    // Node itself opens /dev/null for a closed 0, 1 or 2, before any code of ours: one more, never a file of ours.
    expect(Number(wrapped.stdout) - Number(bare.stdout)).toBeLessThanOrEqual(1);
    expect(wrapped.status).toBe(bare.status);
  });

  test('stdin, stdout and stderr stay blocking, also when the launcher had to start something first', async () => {
    // A store that cannot be written: the interpreter is asked, the set-up fails, the program starts all the same.
    const env = cleanEnvironment({ OPENLIT_INSTRUMENT_PYTHON_SDK: '/dev/null/store' });
    const program = ['python3', '-c', 'import os; print([os.get_blocking(number) for number in (0, 1, 2)])'];
    expect(await run([...EXEC_LAUNCH, ...program], { env })).toMatchObject({
      stdout: '[True, True, True]\n',
      stderr: '',
      status: 0,
    });
  });

  test('argv[0] stays as it was typed', async () => {
    const [bare, wrapped] = await both(['sh', '-c', 'tr "\\0" " " </proc/$$/cmdline']);
    expect(wrapped.stdout).toBe(bare.stdout);
    expect(wrapped.stdout.startsWith('sh -c')).toBe(true);
  });

  test('a working directory that was deleted', async () => {
    const inDeleted = ['bash', '-c', 'mkdir "$0.gone" && cd "$0.gone" && rmdir "$0.gone" && exec "$@"', at('x')];
    const [bare, wrapped] = await both(['python3', '-c', 'print("ran")'], {}, inDeleted);
    expect(outcome(wrapped)).toEqual(outcome(bare));
  });
});

describe('signals while it runs', () => {
  test.each<[NodeJS.Signals]>([['SIGTERM'], ['SIGINT'], ['SIGHUP'], ['SIGUSR1'], ['SIGUSR2'], ['SIGQUIT']])(
    '%s arrives once',
    async signal => {
      const options: RunOptions = {
        meanwhile: async child => {
          await sees(child.stdout, 'ready');
          child.kill(signal);
        },
      };
      const [bare, wrapped] = await both(['python3', SIGNALS], options);
      expect(bare).toMatchObject({ stdout: `ready\n${signal}\ndone\n`, status: 41 });
      expect(outcome(wrapped)).toEqual(outcome(bare));
    },
  );

  test('SIGTERM during our own start ends it', async () => {
    const wrapped = await run([...EXEC_LAUNCH, 'sleep', '30'], { meanwhile: child => void child.kill('SIGTERM') });
    expect(wrapped).toMatchObject({ status: null, signal: 'SIGTERM' });
  });
});

describe('a program under systemd-like and container-like conditions', () => {
  test('pid 1 of a pid namespace: SIGTERM reaches the program at once', async () => {
    const unshare = ['unshare', '--pid', '--fork', '--kill-child'];
    const script = 'trap "exit 7" TERM; echo ready $$; while :; do sleep 0.05; done';
    const options: RunOptions = {
      meanwhile: async child => {
        await sees(child.stdout, 'ready');
        const { stdout } = await run(['ps', '-o', 'pid=', '--ppid', String(child.pid)]);
        process.kill(Number(stdout.trim()), 'SIGTERM');
      },
    };
    const probe = await run([...unshare, 'true']);
    if (probe.status !== 0) {
      process.stderr.write(`skipped: a pid namespace cannot be made here (${probe.stderr.trim()})\n`);
      return;
    }
    const [bare, wrapped] = await both(['sh', '-c', script], options, unshare);
    expect(bare).toMatchObject({ stdout: 'ready 1\n', status: 7 });
    expect(outcome(wrapped)).toEqual(outcome(bare));
  });

  test('an IPC channel of a Node parent stays with the program', async () => {
    const messages: unknown[] = [];
    const options: RunOptions = {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      meanwhile: async child => {
        child.on('message', message => messages.push(message));
      },
    };
    const [bare, wrapped] = await both(
      ['node', '-e', 'process.send({hello: process.connected}, () => process.disconnect())'],
      options,
    );
    expect(outcome(wrapped)).toEqual(outcome(bare));
    expect(messages).toEqual([{ hello: true }, { hello: true }]);
  });
});

describe('switches', () => {
  test('OPENLIT_INSTRUMENT_DISABLED=1: nothing at all is set, no word of ours', async () => {
    const env = cleanEnvironment({ OPENLIT_INSTRUMENT_DISABLED: '1' });
    const bare = await run(['env'], { env });
    const wrapped = await run([...LAUNCH, '--endpoint', 'http://127.0.0.1:9', 'env'], { env });
    expect(outcome(wrapped)).toEqual(outcome(bare));
  });

  test('a launcher inside a launcher changes nothing more', async () => {
    const once = await run([...EXEC_LAUNCH, 'python3', '-c', 'import os; print(sorted(os.environ.items()))']);
    const twice = await run([
      ...EXEC_LAUNCH,
      ...EXEC_LAUNCH,
      'python3',
      '-c',
      'import os; print(sorted(os.environ.items()))',
    ]);
    const without = (text: string) =>
      text.replace(
        /\('(NODE_OPTIONS|OPENLIT_INSTRUMENT_ORIGINAL_NODE_OPTIONS|OPENLIT_INSTRUMENT_TAP)', '[^']*'\),? ?/g,
        '',
      );
    expect(without(twice.stdout)).toBe(without(once.stdout));
    expect(twice.stderr).toBe('');
  });

  test('a program of no known runtime: one line, and its environment is untouched', async () => {
    const wrapped = await run([
      ...LAUNCH,
      '--no-attach',
      '--endpoint',
      'http://127.0.0.1:9',
      'cat',
      '/proc/self/environ',
    ]);
    const bare = await run(['cat', '/proc/self/environ']);
    expect(wrapped.stdout).toBe(bare.stdout);
    expect(wrapped.stderr).toMatch(/^openlit-instrument: cat runs un-instrumented: .*attach --pid PID\n$/);
  });
});
