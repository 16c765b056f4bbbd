/** What is put into a unit, and when nothing is, told of what systemd says of it: nothing is started here. */
import { describe, expect, test } from '@jest/globals';
import type { Injection } from '../../src/targets/injection.js';
import { payloadAt } from '../../src/targets/payload/payload.js';
import { busLabel } from '../../src/targets/systemd/bus.js';
import { formatEnvFile, parseEnvFile } from '../../src/targets/systemd/env-file.js';
import {
  dropInText,
  keyOfUnit,
  nameRefusal,
  readDropIn,
  unitName,
  unitOfKey,
} from '../../src/targets/systemd/names.js';
import { planUnit, type UnitFacts } from '../../src/targets/systemd/plan-unit.js';
import { hookRefusal, observerRefusal } from '../../src/targets/systemd/sandbox.js';
import { becameOf } from '../../src/targets/systemd/systemd.js';
import { environmentOf, readUnit } from '../../src/targets/systemd/unit.js';

const injection: Injection = {
  version: '0.1.0',
  built: '/nowhere',
  settings: {
    resourceAttributes: {},
    otlp: { signalEndpoints: {}, headers: {}, signalHeaders: {} },
    captureContent: 'off',
    redactPatterns: [],
    disabledInstrumentors: [],
    excludeEndpoints: [],
    noAttach: false,
    store: { keep: true },
    disabled: false,
    quiet: false,
    passthrough: {},
  },
  sources: new Map(),
  forHooks: { content: false },
  document: attributes => JSON.stringify(attributes),
  observer: { node: '/usr/bin/node', flags: [] },
  holdsCredentials: true,
  agentSocket: '/run/openlit-instrument/tap.sock',
};

const unitOf = (more: Record<string, unknown> = {}) =>
  readUnit('system', 'app.service', {
    LoadState: 'loaded',
    ActiveState: 'active',
    Type: 'simple',
    ExecStart: [['/usr/bin/python3', ['/usr/bin/python3', '/srv/app.py']]],
    ...more,
  });

const factsOf = (more: Record<string, unknown> = {}, facts: Partial<UnitFacts> = {}): UnitFacts => ({
  unit: unitOf(more),
  environment: {},
  payload: payloadAt('/var/lib/openlit-instrument/payload/0.1.0-abc'),
  ownFolder: '/var/lib/openlit-instrument/workloads/x',
  executable: () => true,
  agentListens: false,
  ...facts,
});

describe('environment files', () => {
  test.each([
    ['A=1\n# B=2\n; C=3\nD = four \n', { A: '1', D: 'four' }],
    [`A="two words"\nB='$x "y"'\nC=a\\ b\n`, { A: 'two words', B: '$x "y"', C: 'a b' }],
    ['A="line\nand line"\nB=x\\\ny\n', { A: 'line\nand line', B: 'xy' }],
    ['A="q\\" b\\\\ d\\$ n\\n"\n', { A: 'q" b\\ d$ n\\n' }],
    ['A=1\nA=2\nnonsense\n1B=x\n', { A: '2' }],
    ['# a \\\nB=1\nC=2', { C: '2' }],
  ])('%j is read as systemd reads it', (text, wanted) => expect(parseEnvFile(text)).toEqual(wanted));

  test('S1 whatever a value holds comes out as it went in, and adds no line of its own', () => {
    const env = { A: '%n 100%', B: `"'\\`, C: '$(x) `y` $Z', D: 'x"\nEVIL=1\n"', E: ' spaces ', F: '', G: 'ü\t#;=' };
    expect(parseEnvFile(formatEnvFile(env))).toEqual(env);
  });

  test('what such a file cannot hold is refused', () => {
    expect(() => formatEnvFile({ A: 'x\u0000' })).toThrow('no environment file can hold');
    expect(() => formatEnvFile({ 'A B': 'x' })).toThrow('no name of a variable');
  });
});

describe('names', () => {
  test('a key is a unit and back; a label is as systemd escapes it', () => {
    expect(unitOfKey(keyOfUnit(unitName('app')))).toBe('app.service');
    expect(unitOfKey('docker:app')).toBeUndefined();
    expect(busLabel('app@1-x.service')).toBe('app_401_2dx_2eservice');
    expect(busLabel('1a.service')).toBe('_31a_2eservice');
  });
  test.each(['app@.service', 'app.timer', 'app.socket', '../x.service', 'a b.service'])('S4 %s: no hook', unit =>
    expect(nameRefusal(unit)).toEqual(expect.any(String)),
  );
  test('a drop-in says what it is, and another’s is none of ours', () => {
    const facts = {
      version: '0.1.0',
      injection: '0123456789ab',
      unit: 'a.service',
      scope: 'system',
      madeFolder: true,
    } as const;
    const text = dropInText({ ...facts, environmentFile: '/x/y.env' });
    expect(readDropIn(text)).toEqual({ injection: '0123456789ab', madeFolder: true, environmentFile: '/x/y.env' });
    expect(readDropIn('[Service]\nEnvironmentFile=-/x\n')).toBeUndefined();
    // S6: a path that is not there any more is no fault for systemd.
    expect(text).toContain('\nEnvironmentFile=-/');
  });
});

test('S1 what a process gets: the manager’s where it is passed, the unit’s, its files’; not ours', () => {
  const unit = unitOf({
    Environment: ['A=unit', 'B=unit', 'GONE=1'],
    EnvironmentFiles: [
      ['/theirs', false],
      ['/ours', true],
    ],
    PassEnvironment: ['P', 'A'],
    UnsetEnvironment: ['GONE', 'B=other'],
  });
  const env = environmentOf(
    unit,
    ['P=passed', 'A=manager', 'Q=kept'],
    file => (file === '/theirs' ? { B: 'file' } : { X: '1' }),
    file => file === '/ours',
  );
  expect(env).toEqual({ P: 'passed', A: 'unit', B: 'file' });
});

describe('the plan', () => {
  test('S1 and S2: PYTHONPATH is composed, resource attributes are not ours to write', () => {
    const environment = { PYTHONPATH: '/theirs', OTEL_RESOURCE_ATTRIBUTES: 'team=blue' };
    const plan = planUnit(factsOf({}, { environment }), injection);
    if (!plan.possible) throw new Error(plan.because);
    expect(plan.env['PYTHONPATH']).toBe('/var/lib/openlit-instrument/payload/0.1.0-abc/bootstrap/python:/theirs');
    expect(Object.keys(plan.env)).not.toContain('OTEL_RESOURCE_ATTRIBUTES');
    expect(JSON.parse(plan.document ?? '')).toMatchObject({
      'service.name': 'app',
      'service.workload.key': 'linux:systemd:app.service',
    });
  });
  test('its own name for itself stays its name', () => {
    const plan = planUnit(factsOf({}, { environment: { OTEL_SERVICE_NAME: 'shop' } }), injection);
    expect(plan.possible && JSON.parse(plan.document ?? '')).not.toHaveProperty('service.name');
  });
  test.each<[string, UnitFacts, RegExp]>([
    [
      'of another tool',
      factsOf({}, { environment: { PYTHONPATH: '/x/ddtrace/bootstrap' } }),
      /ddtrace observes it already/,
    ],
    ['python -I', factsOf({ ExecStart: [['/usr/bin/python3', ['python3', '-I', 'x.py']]] }), /isolated mode/],
    ['transient', factsOf({ Transient: true }), /was made by a command/],
    ['masked', factsOf({ LoadState: 'masked' }), /masked/],
    ['S3 DynamicUser', factsOf({ DynamicUser: true }), /has no user yet/],
    ['S3 RootDirectory', factsOf({ RootDirectory: '/srv/root' }), /RootDirectory=\/srv\/root hides/],
  ])('%s: refused with the reason', (_name, facts, words) => {
    const plan = planUnit(facts, injection);
    expect(plan.possible ? '' : plan.because).toMatch(words);
  });
  test('where an agent listens, what no observer of its own can run in is observed all the same, and that is said', () => {
    const plan = planUnit(factsOf({ MemoryDenyWriteExecute: true }, { agentListens: true }), injection);
    expect(plan).toMatchObject({ possible: true, notes: [expect.stringContaining('only while the agent runs')] });
    expect(plan.possible && plan.document).toBeFalsy();
  });
  test('the same is written again under the same name, and another endpoint is another injection', () => {
    const id = (more: Partial<Injection>) => {
      const plan = planUnit(factsOf(), { ...injection, ...more });
      return plan.possible ? plan.injection : plan.because;
    };
    expect(id({})).toBe(id({}));
    expect(id({ document: () => 'other' })).not.toBe(id({}));
  });
});

describe('S3 sandboxes', () => {
  const PAYLOAD = '/var/lib/openlit-instrument/payload/x';
  test.each([
    [{ InaccessiblePaths: ['-/var/lib'] }, /InaccessiblePaths=/],
    [{ TemporaryFileSystem: [['/', 'ro']] }, /TemporaryFileSystem=/],
    [{ RootImage: '/x.raw' }, /RootImage=/],
    [{ RestrictAddressFamilies: [true, ['AF_INET']] }, /AF_UNIX/],
    [{ RestrictAddressFamilies: [false, ['AF_UNIX']] }, /AF_UNIX/],
  ])('%j hides the hook', (more, words) => expect(hookRefusal(unitOf(more), PAYLOAD)).toMatch(words));
  test.each([
    [{ ProtectHome: 'yes' }],
    [{ RestrictAddressFamilies: [false, []] }],
    [{ RestrictAddressFamilies: [true, ['AF_UNIX', 'AF_INET']] }],
    [{ InaccessiblePaths: ['/var/library'] }],
    [{ NoExecPaths: ['/'], ExecPaths: ['/usr'] }],
  ])('%j hides nothing', more => {
    expect(hookRefusal(unitOf(more), PAYLOAD)).toBeUndefined();
    expect(observerRefusal(unitOf(more), '/usr/bin/node')).toBeUndefined();
  });
  test.each([
    [{ MemoryDenyWriteExecute: true }, '/usr/bin/node', /MemoryDenyWriteExecute/],
    [{ PrivateNetwork: true }, '/usr/bin/node', /PrivateNetwork/],
    [{ ProtectHome: 'yes' }, '/root/.nvm/node', /ProtectHome/],
    [{ NoExecPaths: ['/usr'] }, '/usr/bin/node', /NoExecPaths/],
    [{ SystemCallFilter: [false, ['setpriority']] }, '/usr/bin/node', /forbids setpriority/],
    [{ RestrictAddressFamilies: [true, ['AF_UNIX']] }, '/usr/bin/node', /no way to the endpoint/],
  ])('%j lets no observer of %s run', (more, node, words) =>
    expect(observerRefusal(unitOf(more), node)).toMatch(words),
  );
});

describe('after a kill', () => {
  const running = { dropIn: { injection: 'a', madeFolder: false, file: '', text: '' }, running: 'a' };
  const seen = (state: string, since = 0, more: object = {}) => ({
    unit: unitOf({ ActiveState: state, StateChangeTimestamp: since * 1000, MainPID: 7 }),
    dropIn: undefined,
    running: undefined,
    ...more,
  });
  test.each([
    ['inject', seen('active', 0), 'not-done'],
    ['inject', seen('active', 200), 'failed'],
    ['inject', seen('active', 200, running), 'done'],
    ['inject', seen('active', 0, { dropIn: running.dropIn }), 'half-done'],
    ['inject', seen('activating', 200, running), 'unclear'],
    ['undo', seen('active', 0, running), 'not-done'],
    ['undo', seen('active', 0, { running: 'a' }), 'half-done'],
    ['undo', seen('active', 200), 'done'],
    ['stop', seen('inactive'), 'done'],
    ['start', seen('active'), 'done'],
    ['restart', seen('active', 200), 'done'],
    ['restart', seen('active', 50), 'not-done'],
  ] as const)('%s: %#', (deed, look, outcome) =>
    expect(becameOf({ deed, at: 100 }, look as never)).toMatchObject({ outcome }),
  );
});
