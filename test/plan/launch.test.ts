/** The injectors and the plan: what each runtime's environment gets, and why one is left alone. Pure. */
import { describe, expect, test } from '@jest/globals';
import { mergeSettings } from '../../src/config/load.js';
import type { InjectorInput, Program } from '../../src/injectors/injector.js';
import { quoteForNodeOptions } from '../../src/injectors/node.js';
import { blockingFlag } from '../../src/injectors/python.js';
import type { AttachRights } from '../../src/plan/answer.js';
import { describeLaunch, formatLaunch, MASK } from '../../src/plan/describe.js';
import { planFor } from '../../src/plan/plan-for.js';
import { isHooked, tookHook } from '../../src/plan/running.js';

const HOOKS = { python: '/o p/python', node: '/o p/hook.cjs' };
const OURS = `--require "${HOOKS.node}"`;

function input(
  program: Partial<Program>,
  env: NodeJS.ProcessEnv = {},
  more: Partial<InjectorInput> = {},
): InjectorInput {
  const { settings, sources } = mergeSettings([], env, undefined);
  return {
    program: {
      argv: ['p'],
      path: '/bin/p',
      runtimes: [],
      wrapper: false,
      runtimeFlags: [],
      why: [],
      caveats: [],
      ...program,
    },
    settings,
    sources,
    env,
    hooks: HOOKS,
    readable: () => true,
    ...more,
  };
}

const planLaunch = (target: InjectorInput) => planFor({ kind: 'launch', ...target });
const python = (env: NodeJS.ProcessEnv = {}, flags: string[] = []) =>
  planLaunch(input({ runtimes: ['python'], runtimeFlags: flags }, env));
const node = (env: NodeJS.ProcessEnv = {}, flags: string[] = []) =>
  planLaunch(input({ runtimes: ['node'], runtimeFlags: flags }, env));

describe('Python', () => {
  test.each(['2.7', '3.8'])('%s is too old for the hook, which is said', version => {
    const plan = planLaunch(input({ runtimes: ['python'], pythonVersion: version }));
    expect(plan).toMatchObject({ way: 'none', env: {} });
    expect(plan.note).toContain(`Python ${version} is older than the hook's 3.9`);
    expect(planLaunch(input({ runtimes: ['python'], path: `/usr/bin/python${version}` })).way).toBe('none');
    expect(planLaunch(input({ runtimes: ['python'], pythonVersion: version, wrapper: true })).way).toBe('inject');
  });

  test.each(['3.9', '3.14', undefined])('%s is not', version => {
    const plan = planLaunch(input({ runtimes: ['python'], ...(version !== undefined && { pythonVersion: version }) }));
    expect(plan.way).toBe('inject');
  });

  test.each<[string | undefined, string]>([
    [undefined, '/o p/python'],
    ['', '/o p/python'],
    ['/a', '/o p/python:/a'],
    ['/a:', '/o p/python:/a:'],
    [':/a', '/o p/python::/a'],
    ['/a:/b', '/o p/python:/a:/b'],
  ])('PYTHONPATH %j', (before, after) => {
    const env = before === undefined ? {} : { PYTHONPATH: before };
    expect(python(env).env).toMatchObject({ PYTHONPATH: after, OPENLIT_INSTRUMENT_ORIGINAL_PYTHONPATH: before ?? '' });
    // A second launcher inside the first changes nothing.
    const nested = python({ ...env, ...python(env).env });
    expect(nested.env.PYTHONPATH).toBe(after);
    expect(nested.env).not.toHaveProperty('OPENLIT_INSTRUMENT_ORIGINAL_PYTHONPATH');
  });

  test('ours is moved to the front when it stands further back, also with a slash at its end', () => {
    expect(python({ PYTHONPATH: '/a:/o p/python/:/b' }).env.PYTHONPATH).toBe('/o p/python:/a:/b');
  });

  test('the working directory is never added', () => {
    expect(python().env.PYTHONPATH!.split(':')).toEqual(['/o p/python']);
  });

  test.each<[string[], string | undefined]>([
    [['-I', 'x'], 'I'],
    [['-E', '-m', 'x'], 'E'],
    [['-uS', 'x'], 'S'],
    [['-X', '-I', 'x'], undefined],
    [['-W', 'ignore', '-E', 'x'], 'E'],
    [['-Wignore', '-I'], 'I'],
    [['-s', '-P', '-u', 'x', '-I'], undefined],
    [['-m', 'x', '-I'], undefined],
    [['-c', 'x', '-E'], undefined],
    [['-cE'], undefined],
    [['-um', 'IES'], undefined],
    [['--check-hash-based-pycs', 'never', '-I'], 'I'],
    [['--', '-I'], undefined],
    [['x', '-I'], undefined],
    [[], undefined],
  ])('%j -> %s', (words, flag) => {
    expect(blockingFlag(words)).toBe(flag);
  });

  test('an option that switches the hook off is said, and nothing is set', () => {
    const plan = python({}, ['-I', 'app.py']);
    expect(plan).toMatchObject({ way: 'none', runtimes: [], env: {} });
    expect(plan.note).toContain('python -I: isolated mode ignores PYTHONPATH');
    expect(plan.note).toContain('attach --pid');
  });
});

describe('Node', () => {
  test.each<[string | undefined, string]>([
    [undefined, OURS],
    ['--max-old-space-size=99', `${OURS} --max-old-space-size=99`],
    ['--require /x.cjs --inspect', `${OURS} --require /x.cjs --inspect`],
    ['--require /a/.pnp.cjs --inspect', `--require /a/.pnp.cjs ${OURS} --inspect`],
    ['--require "/a b/.pnp.cjs"', `--require "/a b/.pnp.cjs" ${OURS}`],
    ['-r /a/.pnp.cjs --experimental-loader x', `-r /a/.pnp.cjs ${OURS} --experimental-loader x`],
  ])('NODE_OPTIONS %j', (before, after) => {
    const env = before === undefined ? {} : { NODE_OPTIONS: before };
    expect(node(env).env).toMatchObject({
      NODE_OPTIONS: after,
      OPENLIT_INSTRUMENT_ORIGINAL_NODE_OPTIONS: before ?? '',
    });
    expect(node({ ...env, ...node(env).env }).env).not.toHaveProperty('NODE_OPTIONS');
  });

  test('quotes and backslashes in our path', () => {
    expect(quoteForNodeOptions('/a"b\\c d')).toBe('"/a\\"b\\\\c d"');
  });

  test("with Node's permission model a preload that may not be read would end the program: left alone", () => {
    expect(node({}, ['--permission', 'x.js'])).toMatchObject({ way: 'none', runtimes: [], env: {} });
    expect(node({ NODE_OPTIONS: '--experimental-permission' })).toMatchObject({ way: 'none', runtimes: [] });
    expect(node({}, ['x.js', '--permission']).runtimes).toEqual(['node']);
  });
});

test('Bun is left alone, and that is said with what could be tried instead', () => {
  const plan = planLaunch(input({ argv: ['bun', 'x.ts'], runtimes: ['bun'] }));
  expect(plan).toMatchObject({ way: 'none', runtimes: [], env: {} });
  expect(plan.note).toMatch(/^bun runs un-instrumented: .*native code.* attach --pid PID$/);
});

test.each(['java', 'go', 'ruby'] as const)('%s has no hook, and attach is named', runtime => {
  const plan = planLaunch(input({ argv: ['shop'], runtimes: [runtime] }));
  expect(plan).toMatchObject({ way: 'none', runtimes: [], env: {} });
  expect(plan.note).toMatch(/^shop runs un-instrumented: there is no hook for .* attach --pid PID$/);
});

describe('Deno, whose own fetch no hook sees', () => {
  const deno = (rights?: AttachRights, more: Partial<Program> = {}, env: NodeJS.ProcessEnv = {}) =>
    planFor({ kind: 'launch', ...input({ runtimes: ['deno'], ...more }, env), ...(rights && { rights }) });

  test('it honours NODE_OPTIONS, which is all there is where nobody asks for probes', () => {
    expect(deno()).toMatchObject({ way: 'inject', env: { NODE_OPTIONS: OURS } });
  });

  test('probes in place of the hook, never both', () => {
    const plan = deno({ missing: [] });
    expect(plan).toMatchObject({ way: 'attach', runtimes: [], env: {} });
    expect(plan).not.toHaveProperty('note');
    expect(deno(undefined, {}, { OPENLIT_INSTRUMENT_ATTACHED: '7.1' })).toMatchObject({ runtimes: [], env: {} });
  });

  test('without the rights the hook, and what it does not see is said', () => {
    const plan = deno({ missing: ['CAP_BPF'] });
    expect(plan).toMatchObject({ way: 'inject', runtimes: ['deno'] });
    expect(plan.note).toMatch(/^p: its own fetch is not seen by the hook; probes see it: sudo -E .*cap_bpf\+ep/);
    expect(deno({ impossible: 'no BTF', missing: [] }).note).toBe(
      'p: its own fetch is not seen by the hook, nor by probes: no BTF',
    );
  });

  test('what may start it gets the hooks for others', () => {
    expect(deno({ missing: [] }, { wrapper: true }).way).toBe('both');
  });

  test('a child of a launch that is observed from outside is left to the probes', () => {
    const environment = new Map([
      ['NODE_OPTIONS', '--require "/usr/lib/node_modules/openlit-instrument/dist/bootstrap/node/hook.cjs"'],
    ]);
    const child = { pid: 1, commandLine: ['deno', 'run', 'a.ts'], environment };
    expect(isHooked(child, 'deno')).toBe(true);
    environment.set('OPENLIT_INSTRUMENT_ATTACHED', '7.1');
    expect(isHooked(child, 'deno')).toBe(false);
    expect(isHooked(child, 'node')).toBe(true);
    expect(tookHook('deno', ['deno'], ['node', 'deno'])).toBe(false);
  });
});

describe('the plan', () => {
  test('only what the runtime needs', () => {
    expect(python().env).not.toHaveProperty('NODE_OPTIONS');
    expect(node().env).not.toHaveProperty('PYTHONPATH');
  });

  test('a wrapper gets both hooks, because it may start either', () => {
    const plan = planLaunch(input({ runtimes: ['python', 'node'], wrapper: true, runtimeFlags: [] }));
    expect(plan.way).toBe('inject');
    expect(plan.runtimes).toEqual(['python', 'node']);
    expect(plan.env).toMatchObject({ NODE_OPTIONS: OURS, PYTHONPATH: HOOKS.python });
  });

  test('an unknown program: nothing is set, one line says so and what would work', () => {
    const plan = planLaunch(input({ why: ['/bin/p is a binary'] }));
    expect(plan).toMatchObject({ way: 'none', runtimes: [], env: {} });
    expect(plan.note).toBe(
      'p runs un-instrumented: /bin/p is a binary; to observe it from outside while it runs: openlit-instrument attach --pid PID',
    );
  });

  test('a missing file of ours never keeps the program from running', () => {
    for (const runtime of ['python', 'node', 'deno'] as const) {
      const plan = planLaunch(input({ runtimes: [runtime] }, {}, { readable: () => false }));
      expect(plan).toMatchObject({ way: 'none', runtimes: [], env: {} });
      expect(plan.note).toContain('is missing; install the package again');
    }
  });

  test('the words of the program are never changed', () => {
    const argv = ['python', '', 'a b', '--'];
    expect(planLaunch(input({ runtimes: ['python'], argv })).program.argv).toBe(argv);
  });
});

describe('from outside', () => {
  const all = { missing: [] };
  const outside = (program: Partial<Program>, more: object) =>
    planFor({ kind: 'launch', ...input({ argv: ['shop'], ...program }), ...more });
  const wrapper = { runtimes: ['python', 'node'], wrapper: true } as const;

  test.each<[string, Partial<Program>, string]>([
    ['an unknown binary', {}, 'attach'],
    ['Go', { runtimes: ['go'] }, 'attach'],
    ['Bun', { runtimes: ['bun'] }, 'attach'],
    ['Java', { runtimes: ['java'] }, 'attach'],
    ['python -I', { runtimes: ['python'], runtimeFlags: ['-I'] }, 'attach'],
    ['what starts others', wrapper, 'both'],
    ['Python', { runtimes: ['python'] }, 'inject'],
    ['Node', { runtimes: ['node'] }, 'inject'],
  ])('%s', (_name, program, way) => {
    const plan = outside(program, { rights: all });
    expect(plan.way).toBe(way);
    expect(plan).not.toHaveProperty('note');
    expect(plan.why.some(line => line.startsWith('attach: '))).toBe(way !== 'inject');
  });

  test('without the rights: what is missing and what to type, where no hook helps either', () => {
    const plan = outside({ runtimes: ['go'] }, { rights: { missing: ['CAP_BPF', 'CAP_PERFMON'] } });
    expect(plan.way).toBe('none');
    expect(plan.note).toMatch(
      /^shop runs un-instrumented: there is no hook for Go; attach needs CAP_BPF, CAP_PERFMON: sudo -E /,
    );
    expect(plan.note).toContain('setcap cap_bpf,cap_perfmon+ep');
    const hooked = outside(wrapper, { rights: { missing: ['CAP_BPF'] } });
    expect(hooked).toMatchObject({ way: 'inject', why: expect.arrayContaining([expect.stringContaining('CAP_BPF')]) });
    expect(hooked).not.toHaveProperty('note');
  });

  test('where no right would help, that is the reason', () => {
    const plan = outside({}, { rights: { missing: [], impossible: 'not on this kernel' } });
    expect(plan).toMatchObject({ way: 'none', note: expect.stringContaining('not on this kernel') });
  });

  test('inside of a launch that does it already', () => {
    const plan = outside({}, { rights: all, attached: true });
    expect(plan.way).toBe('none');
    expect(plan).not.toHaveProperty('note');
    expect(outside(wrapper, { rights: all, attached: true }).way).toBe('inject');
  });
});

describe('--dry-run', () => {
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'k=OLDSECRET', OPENLIT_API_KEY: 'OLDKEY', PYTHONPATH: '/a' };
  const plan = () => {
    const made = python(env);
    const secrets = {
      OTEL_EXPORTER_OTLP_HEADERS: 'k=NEWSECRET',
      OPENLIT_API_KEY: 'NEWKEY',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:PASS@h',
    };
    return { ...made, env: { ...made.env, ...secrets } };
  };

  const facts = {
    start: 'exec',
    configuration: undefined,
    settings: mergeSettings([], { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://u:PASS@h' }, undefined).settings,
  } as const;

  test('the difference, and what the observer is told, with secrets masked on all sides', () => {
    const described = describeLaunch(plan(), env, facts);
    expect(described.environment).toMatchObject({
      OTEL_EXPORTER_OTLP_HEADERS: { from: MASK, to: MASK },
      OPENLIT_API_KEY: { from: MASK, to: MASK },
      OTEL_EXPORTER_OTLP_ENDPOINT: { from: null, to: `http://${MASK}@h` },
      PYTHONPATH: { from: '/a', to: '/o p/python:/a' },
      OPENLIT_INSTRUMENT_TAP: { from: null, to: expect.any(String) },
    });
    expect(described.observer).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${MASK}@h`,
      OTEL_EXPORTER_OTLP_HEADERS: MASK,
      OPENLIT_API_KEY: MASK,
    });
    expect(JSON.stringify(described) + formatLaunch(described)).not.toMatch(/SECRET|OLDKEY|NEWKEY|:PASS/);
  });

  test('variables that stay as they are do not appear', () => {
    const same = describeLaunch({ ...plan(), env: { PYTHONPATH: '/a' }, runtimes: [] }, env, facts);
    expect([same.environment, same.observer]).toEqual([{}, {}]);
    expect(formatLaunch(same)).toContain('unchanged');
  });
});
