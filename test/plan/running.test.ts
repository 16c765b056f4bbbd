/** What can be done about a process that already runs: from outside now, from inside after its next start. Pure. */
import { describe, expect, test } from '@jest/globals';
import { mergeSettings } from '../../src/config/load.js';
import { attaches, injects } from '../../src/plan/answer.js';
import { planFor } from '../../src/plan/plan-for.js';
import { isHooked, type RunningTarget, tookHook } from '../../src/plan/running.js';

const OPENSSL = { library: 'OpenSSL in node', attachable: true };
const process = (words: string[], env: Record<string, string> = {}) => ({
  pid: 42,
  commandLine: words,
  environment: new Map(Object.entries(env)),
});
const plan = (target: Partial<RunningTarget>) => planFor({ kind: 'running', process: process(['app']), ...target });

describe('the way', () => {
  test.each<[string, Partial<RunningTarget>, string]>([
    ['Node: both are open', { process: process(['node', 'a.js']), runtime: 'node', tls: OPENSSL }, 'both'],
    ['Python before its first connection', { process: process(['python3', 'a.py']), runtime: 'python' }, 'inject'],
    [
      'python -I takes no hook',
      { process: process(['python3', '-I', 'a.py']), runtime: 'python', tls: OPENSSL },
      'attach',
    ],
    [
      '-I of the script is none of Python',
      { process: process(['python3', 'a.py', '-I']), runtime: 'python' },
      'inject',
    ],
    [
      'permission model',
      { process: process(['node', 'a.js'], { NODE_OPTIONS: '--permission' }), runtime: 'node' },
      'none',
    ],
    ['a native program with OpenSSL', { tls: { library: 'libssl.so.3', attachable: true } }, 'attach'],
    ['a native program without', {}, 'none'],
    [
      'TLS code that cannot be probed',
      { tls: { library: 'libssl.so.1', attachable: false, reason: 'stripped' } },
      'none',
    ],
    ['Bun', { runtime: 'bun', process: process(['bun', 'x.ts']) }, 'none'],
    ['Java has no hook', { runtime: 'java', tls: { library: 'libssl.so.3', attachable: true } }, 'attach'],
  ])('%s', (_name, target, way) => {
    const answer = plan(target);
    expect(answer.way).toBe(way);
    expect(answer.why.length).toBeGreaterThan(0);
    expect(answer.env).toEqual({});
    expect(attaches(answer)).toBe(way === 'attach' || way === 'both');
    expect(injects(answer)).toBe(way === 'inject' || way === 'both');
    // Hooks are named exactly where one would be set.
    expect(answer.runtimes.length > 0).toBe(injects(answer));
  });
});

describe('who observes it already', () => {
  const observed = process(['node', 'a.js'], { NODE_OPTIONS: '--require /x/dd-trace/init' });

  test('is named, and nothing is done', () => {
    expect(plan({ process: observed, runtime: 'node', tls: OPENSSL })).toMatchObject({
      way: 'none',
      observedBy: { by: 'ddtrace', evidence: 'NODE_OPTIONS' },
      why: ['it is observed from inside by ddtrace (NODE_OPTIONS)'],
    });
  });

  test('unless a person insists', () => {
    const answer = plan({ process: observed, runtime: 'node', tls: OPENSSL, force: true });
    expect(answer.way).toBe('both');
    expect(answer.observedBy).toBeUndefined();
  });
});

describe('rights', () => {
  const target = { process: process(['node', 'a.js']), runtime: 'node', tls: OPENSSL } as const;

  test('what sudo would give is a note', () => {
    const answer = plan({ ...target, rights: { missing: ['CAP_BPF'] } });
    expect(answer).toMatchObject({ way: 'both', note: 'sudo openlit-instrument attach --pid 42   (CAP_BPF missing)' });
    expect(plan({ ...target, rights: { missing: [] } })).not.toHaveProperty('note');
  });

  test('what no right would give closes the way', () => {
    const rights = { missing: [], impossible: 'the kernel 4.18 is too old for attach' };
    expect(plan({ ...target, rights })).toMatchObject({
      way: 'inject',
      why: [`attach: ${rights.impossible}`, expect.stringContaining('hook')],
    });
    expect(plan({ rights })).not.toHaveProperty('note');
  });
});

test.each<[string, string[], string | undefined, boolean]>([
  ['with our hook', ['python3', 'a.py'], '/x/dist/bootstrap/python', true],
  ['that looks at no variables', ['python3', '-I', 'a.py'], '/x/dist/bootstrap/python', false],
  ['without a hook', ['python3', 'a.py'], undefined, false],
])('a Python %s is told at its start', (_name, words, path, hooked) => {
  expect(isHooked(process(words, path === undefined ? {} : { PYTHONPATH: path }), 'python')).toBe(hooked);
});

test('the environment of its next start, where the settings are known', () => {
  const { settings, sources } = mergeSettings([], {}, undefined);
  const injection = { settings, sources, hooks: { python: '/p', node: '/h.cjs' }, readable: () => true };
  const answer = plan({ process: process(['python3', 'a.py'], { PYTHONPATH: '/a' }), runtime: 'python', injection });
  expect(answer.env).toMatchObject({ PYTHONPATH: '/p:/a' });
  const broken = plan({
    process: process(['python3']),
    runtime: 'python',
    injection: { ...injection, readable: () => false },
  });
  expect(broken).toMatchObject({
    way: 'none',
    env: {},
    why: [expect.anything(), expect.stringContaining('is missing')],
  });
});

test.each<[string, string[], boolean]>([
  ['its words', ['python3', 'a.py'], true],
  ['a flag that keeps the hook out', ['python3', '-I', 'a.py'], false],
  ['no words, since they are too long', [], true],
])('a Python that has ended is known by %s', (_name, words, took) => {
  expect(tookHook('python', words, ['python', 'node'])).toBe(took);
  expect(tookHook('python', words, ['node'])).toBe(false);
});
