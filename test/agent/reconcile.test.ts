/** What is done, and why not more: the cases of fleets that a pure function decides, by their names in issue 14. */
import { describe, expect, test } from '@jest/globals';
import { request, wish } from '../../src/agent/desired.js';
import type { ObservedWorkload } from '../../src/agent/observed.js';
import { DEFAULT_POLICY } from '../../src/agent/policy.js';
import { asked, decide, failing, KEY, MINUTE, NOW, recordOf, replica, say, stateOf, tried, workload } from './facts.js';

const INJECT = asked({ inject: 'on' });
const INJECTED = { injected: 'v1', replicas: [replica({ injected: 'v1' })] };
const DONE = tried('inject', INJECT, { outcome: 'done' });

describe('one wish, one deed', () => {
  test.each<[string, Parameters<typeof asked>[0], Partial<ObservedWorkload>, string[]]>([
    ['observe on', { observe: 'on' }, {}, ['attach']],
    ['observe on, and it is', { observe: 'on' }, { observed: true }, []],
    ['observe off', { observe: 'off' }, { observed: true }, ['detach']],
    ['inject on', { inject: 'on' }, {}, ['inject']],
    ['inject on, and it is', { inject: 'on' }, INJECTED, []],
    ['inject off', { inject: 'off' }, INJECTED, ['undo']],
    [
      'both: observed from inside, the probes go',
      { observe: 'on', inject: 'on' },
      { ...INJECTED, observed: true },
      ['detach'],
    ],
    ['stopped', { lifecycle: 'stopped' }, {}, ['stop']],
    ['running', { lifecycle: 'running' }, { lifecycle: 'stopped', replicas: [] }, ['start']],
    ['nobody asks', {}, { observed: true, ...INJECTED }, []],
  ])('%s', (_name, wishes, facts, deeds) => {
    const answer = decide({ desired: asked(wishes), workloads: [workload(facts)] });
    expect(say(answer)).toEqual(deeds.map(deed => `${deed} ${KEY}`));
  });

  test('what runs is not done again, and one deed a workload at a time', () => {
    const desired = asked({ inject: 'on', lifecycle: 'running', observe: 'on' });
    const first = decide({ desired });
    expect(say(first)).toEqual([`inject ${KEY}`]);
    expect(stateOf(first, 'observe')).toBe('waiting: one-at-a-time');
    const record = recordOf(first.actions[0]);
    const next = decide({ desired, history: [record], running: new Set([record.id]), now: NOW + 1 });
    expect(next.actions).toEqual([]);
    expect(stateOf(next, 'inject')).toBe('working: working');
  });

  test('facts from before the last deed are no ground for another', () => {
    const history = tried('attach', asked({ observe: 'on' }), { outcome: 'done', at: NOW + 1 });
    expect(decide({ desired: asked({ observe: 'on' }), history, now: NOW + 2 }).actions).toEqual([]);
  });

  test('a restart that was asked for once is done once', () => {
    const desired = request(asked({}), { id: 'a1', workload: KEY, action: 'restart', at: NOW });
    expect(request(desired, { id: 'a1', workload: KEY, action: 'restart', at: NOW })).toBe(desired);
    expect(say(decide({ desired }))).toEqual([`restart ${KEY}`]);
    for (const outcome of ['done', 'failed', 'half-done'] as const) {
      const history = tried('restart', desired, { outcome }, { serves: 'request a1' });
      expect(decide({ desired, history }).actions).toEqual([]);
    }
    const history = tried('restart', desired, { outcome: 'not-done' }, { serves: 'request a1' });
    expect(say(decide({ desired, history }))).toEqual([`restart ${KEY}`]);
  });
});

describe('back-off, own for each workload and deed', () => {
  const fail = (at: number) =>
    tried('inject', INJECT, { outcome: 'failed', restarted: false, reason: 'no space' }, { at });

  test('waits longer with every failure, and says so', () => {
    const once = decide({ desired: INJECT, history: fail(NOW - 2000) });
    expect(once.actions).toEqual([]);
    expect(once.states[0]!.features.inject.reason.text).toBe('failed once, next try in 14 s: no space');
    const twice = decide({ desired: INJECT, history: [...fail(NOW - 60_000), ...fail(NOW - 20_000)] });
    expect(twice.states[0]!.features.inject.reason.text).toContain('failed 2 times');
    expect(say(decide({ desired: INJECT, history: fail(NOW - 16_001) }))).toEqual([`inject ${KEY}`]);
  });

  test('another deed of the same workload does not wait', () => {
    const desired = asked({ observe: 'on' }, KEY, INJECT);
    expect(say(decide({ desired, history: fail(NOW - 2000) }))).toEqual([`attach ${KEY}`]);
  });

  test('jitter shortens it, by the share of the policy', () => {
    const at = NOW - 9000;
    expect(decide({ desired: INJECT, history: fail(at), jitter: () => 0 }).actions).toHaveLength(0);
    expect(decide({ desired: INJECT, history: fail(at), jitter: () => 0.99 }).actions).toHaveLength(1);
  });
});

describe('at most N at once', () => {
  const keys = Array.from({ length: 8 }, (_, index) => `docker:app-${index}`);
  const desired = keys.reduce((state, key) => asked({ inject: 'on' }, key, state), asked({}));
  const workloads = keys.map(key => workload({ key, target: 'docker' }));
  const policy = { ...DEFAULT_POLICY, atOnce: 3 };

  test('G4: the others wait and are told', () => {
    const answer = decide({ desired, workloads, policy });
    expect(answer.actions).toHaveLength(3);
    expect(stateOf(answer, 'inject', keys[7])).toBe('waiting: waiting-in-queue');
  });

  test('one that is not ready yet holds its place, for as long as it may take', () => {
    const history = tried('inject', desired, { outcome: 'done' }, { workload: keys[0]!, at: NOW - 5000 });
    const settling = [
      workload({ key: keys[0]!, injected: 'v1', replicas: [replica({ state: 'starting', injected: 'v1' })] }),
      ...workloads.slice(1),
    ];
    expect(decide({ desired, workloads: settling, policy, history }).actions).toHaveLength(2);
    const later = NOW + policy.settle;
    const seen = settling.map(one => ({ ...one, asOf: later }));
    expect(decide({ desired, workloads: seen, policy, history, now: later }).actions).toHaveLength(3);
  });

  test('one that runs, or that a kill cut off, holds its place', () => {
    const history = tried('inject', desired, undefined, { workload: keys[0]! });
    for (const running of [new Set([history[0]!.kind === 'started' ? history[0].id : '']), new Set<string>()]) {
      const injections = decide({ desired, workloads, policy, history, running }).actions.filter(
        ({ kind }) => kind === 'do',
      );
      expect(injections).toHaveLength(2);
    }
  });

  test('probes disturb nothing and do not queue', () => {
    const observe = keys.reduce((state, key) => asked({ observe: 'on' }, key, state), asked({}));
    expect(decide({ desired: observe, workloads, policy }).actions).toHaveLength(8);
  });

  test('what gets worse goes first', () => {
    const last = keys[7]!;
    const history = tried('inject', desired, { outcome: 'done' }, { workload: last, at: NOW - 20 * MINUTE });
    const sick = workload({ key: last, injected: 'v1', replicas: [failing('failed-start', NOW, { injected: 'v1' })] });
    const answer = decide({
      desired,
      workloads: [...workloads.slice(0, 7), sick],
      policy: { ...policy, atOnce: 1 },
      history,
    });
    expect(say(answer)).toEqual([`undo ${last}`]);
  });
});

describe('canary', () => {
  const facts = { restarts: 'one-by-one' } as const;
  const three = ['a', 'b', 'c'].map(id => replica({ id }));
  const canary = { ...facts, injected: 'v1', replicas: [replica({ id: 'a', injected: 'v1' }), ...three.slice(1)] };
  const history = (at: number) => tried('inject', INJECT, { outcome: 'done' }, { at, replicas: ['a'] });

  test('one of several first', () => {
    const { actions } = decide({ desired: INJECT, workloads: [workload({ ...facts, replicas: three })] });
    expect(recordOf(actions[0]).replicas).toEqual(['a']);
  });

  test('the others when it stayed well', () => {
    const early = decide({ desired: INJECT, workloads: [workload(canary)], history: history(NOW - 30_000) });
    expect(early.actions).toEqual([]);
    expect(stateOf(early, 'inject')).toBe('working: waiting-for-canary');
    const late = decide({ desired: INJECT, workloads: [workload(canary)], history: history(NOW - 2 * MINUTE) });
    expect(recordOf(late.actions[0]).replicas).toEqual(['b', 'c']);
  });

  test('G3: a canary that fails takes no other with it', () => {
    const sick = {
      ...canary,
      replicas: [failing('failed-start', NOW, { id: 'a', injected: 'v1' }), ...three.slice(1)],
    };
    const answer = decide({ desired: INJECT, workloads: [workload(sick)], history: history(NOW - 30_000) });
    expect(say(answer)).toEqual([`undo ${KEY}`]);
  });
});

describe('GitOps and rollout', () => {
  test('G1: a field that another manager owns: one try, and the other road is named', () => {
    const history = tried(
      'inject',
      INJECT,
      {
        outcome: 'failed',
        restarted: false,
        permanent: true,
        owner: 'argocd-controller',
      },
      { at: 0 },
    );
    const answer = decide({ desired: INJECT, history, workloads: [workload({ target: 'kubernetes' })] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('refused: owned-by-other');
    expect(answer.states[0]!.features.inject.reason.text).toContain('annotation');
  });

  test('G1: what somebody took out is not put in again', () => {
    const answer = decide({ desired: INJECT, history: DONE });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('failed: undone-by-other');
  });

  test('G2: deleted and made anew, it is instrumented again; in a loop it is not', () => {
    const anew = workload({ incarnation: 'two' });
    expect(say(decide({ desired: INJECT, history: DONE, workloads: [anew] }))).toEqual([`inject ${KEY}`]);
    const loop = ['a', 'b', 'c'].flatMap((incarnation, index) =>
      tried('inject', INJECT, { outcome: 'done' }, { incarnation, at: NOW - (30 - index) * MINUTE }),
    );
    const answer = decide({ desired: INJECT, history: loop, workloads: [anew] });
    expect(stateOf(answer, 'inject')).toBe('waiting: recreated-too-often');
    const later = NOW + 60 * MINUTE;
    const calm = decide({ desired: INJECT, history: loop, workloads: [{ ...anew, asOf: later }], now: later });
    expect(say(calm)).toEqual([`inject ${KEY}`]);
  });

  test('G2: while it is gone nothing is done, and nothing is forgotten', () => {
    const answer = decide({ desired: INJECT, history: DONE, workloads: [] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('gone: not-seen');
  });

  test('G3: a crash loop before us is not touched', () => {
    const sick = workload({ replicas: [replica({ id: 'b' }), failing('crash-loop', NOW - 1)] });
    for (const wishes of [{ inject: 'on' }, { observe: 'on' }] as const) {
      const answer = decide({ desired: asked(wishes), workloads: [sick] });
      expect(answer.actions).toEqual([]);
      expect(stateOf(answer, 'inject' in wishes ? 'inject' : 'observe')).toBe('refused: crashed-before');
    }
  });

  test.each(['crash-loop', 'failed-start', 'image-pull', 'unhealthy'] as const)(
    'G3: %s after us is taken back, once it lasts, and stays so until a person recovers it',
    trouble => {
      const sick = (since: number) => [
        workload({ injected: 'v1', replicas: [failing(trouble, since, { injected: 'v1' })] }),
      ];
      const grace = DEFAULT_POLICY.grace[trouble];
      if (grace > 0)
        expect(decide({ desired: INJECT, history: DONE, workloads: sick(NOW - grace + 1) }).actions).toEqual([]);
      const answer = decide({ desired: INJECT, history: DONE, workloads: sick(NOW - grace) });
      const record = recordOf(answer.actions[0]);
      expect(record).toMatchObject({ deed: 'undo', rollback: { trouble, replica: 'app-1' } });

      const undone = [...DONE, record, { kind: 'ended', at: NOW + 1000, id: record.id, outcome: 'done' } as const];
      const later = NOW + 300 * MINUTE;
      const well = [workload({ asOf: later })];
      const after = decide({ desired: INJECT, history: undone, workloads: well, now: later });
      expect(after.actions).toEqual([]);
      expect(stateOf(after, 'inject')).toBe('rolled-back: rolled-back');
      expect(after.states[0]!.features.inject.reason).toMatchObject({ fix: `openlit-instrument agent recover ${KEY}` });

      const recovered = [...undone, { kind: 'recovered', at: later - 1, workload: KEY } as const];
      expect(say(decide({ desired: INJECT, history: recovered, workloads: well, now: later }))).toEqual([
        `inject ${KEY}`,
      ]);
      const switched = [
        ['off', 1],
        ['on', 2],
      ].reduce(
        (state, [value, at]) =>
          wish(state, { workload: KEY, feature: 'inject', source: 'ui', value: value as 'on' }, at as number),
        INJECT,
      );
      expect(say(decide({ desired: switched, history: undone, workloads: well, now: later }))).toEqual([
        `inject ${KEY}`,
      ]);
    },
  );

  test('G3: trouble long after the change is not ours', () => {
    const history = tried('inject', INJECT, { outcome: 'done' }, { at: NOW - 2 * DEFAULT_POLICY.stability });
    const sick = workload({ injected: 'v1', replicas: [failing('crash-loop', NOW - 9 * MINUTE, { injected: 'v1' })] });
    expect(decide({ desired: INJECT, history, workloads: [sick] }).actions).toEqual([]);
  });

  test.each([
    ['G4: a rollout that runs', { rollout: 'running' }, 'waiting: rollout-ongoing'],
    ['G4: a paused Deployment', { rollout: 'paused' }, 'waiting: rollout-paused'],
    ['G4: it is not ready', { replicas: [replica({ state: 'starting' })] }, 'waiting: not-ready'],
    ['stopped', { lifecycle: 'stopped' }, 'waiting: waiting-to-run'],
  ] as const)('%s is waited for', (_name, facts, state) => {
    const answer = decide({ desired: INJECT, workloads: [workload({ target: 'kubernetes', ...facts })] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe(state);
  });

  test('G5: OnDelete: written, and takes effect when others restart it', () => {
    const facts = { target: 'kubernetes', restarts: 'by-others' } as const;
    expect(say(decide({ desired: INJECT, workloads: [workload(facts)] }))).toEqual([`inject ${KEY}`]);
    const answer = decide({ desired: INJECT, history: DONE, workloads: [workload({ ...facts, injected: 'v1' })] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('waiting: waiting-for-restart');
  });

  test('G5: taken out and asked for again before the restart, it is written again', () => {
    const facts = { target: 'kubernetes', restarts: 'by-others', replicas: [replica({ injected: 'v1' })] } as const;
    expect(say(decide({ desired: INJECT, workloads: [workload(facts)] }))).toEqual([`inject ${KEY}`]);
  });

  test('G5: a naked pod is refused with the line to type', () => {
    const inject = { possible: false, because: 'a pod without an owner cannot be changed', fix: 'kubectl …' } as const;
    const answer = decide({ desired: INJECT, workloads: [workload({ can: { ...workload().can, inject } })] });
    expect(answer.states[0]!.features.inject).toMatchObject({
      state: 'refused',
      reason: { text: inject.because, fix: 'kubectl …' },
    });
  });

  test('G6: facts of a target that does not answer are no ground to act on', () => {
    const answer = decide({ desired: INJECT, workloads: [workload({ asOf: NOW - 10 * MINUTE })] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('waiting: facts-old');
  });
});

describe('Docker', () => {
  test('D3: the new container failed and the old one runs: not again for this wish', () => {
    const history = tried('inject', INJECT, { outcome: 'failed', restarted: true, reason: 'exited with 1' });
    const answer = decide({ desired: INJECT, history, workloads: [workload({ target: 'docker' })], now: NOW });
    expect(answer.actions).toEqual([]);
    expect(answer.states[0]!.features.inject.reason.text).toContain('exited with 1');
  });

  test('a failure that does not say whether it restarted counts as one', () => {
    const history = tried('inject', INJECT, { outcome: 'failed' }, { at: 0 });
    expect(decide({ desired: INJECT, history }).actions).toEqual([]);
  });

  test('D4: recreated by us it is the same, recreated by compose it is another', () => {
    const history = tried('inject', INJECT, { outcome: 'done', incarnation: 'ours' });
    const at = (incarnation: string, facts = {}) =>
      decide({
        desired: INJECT,
        history,
        workloads: [workload({ target: 'docker', incarnation, ...facts })],
      });
    expect(at('ours', INJECTED).actions).toEqual([]);
    expect(stateOf(at('ours'), 'inject')).toBe('failed: undone-by-other');
    expect(say(at('compose'))).toEqual([`inject ${KEY}`]);
  });

  test('D7: what cannot be kept is refused', () => {
    const inject = { possible: false, because: '--rm: stopped, it would be gone' } as const;
    const answer = decide({
      desired: INJECT,
      workloads: [workload({ target: 'docker', can: { ...workload().can, inject } })],
    });
    expect(stateOf(answer, 'inject')).toBe('refused: cannot-be-done');
  });

  test('D8: after a restart of the host it is as it was, and nothing is done', () => {
    expect(
      decide({ desired: INJECT, history: DONE, workloads: [workload({ target: 'docker', ...INJECTED })] }).actions,
    ).toEqual([]);
  });
});

describe('systemd and bare processes', () => {
  test('S5: a restart that failed is not tried again, so that StartLimitBurst is not used up', () => {
    const history = tried('inject', INJECT, { outcome: 'failed', restarted: true, reason: 'exit code 203' }, { at: 0 });
    for (const now of [NOW, NOW + 600 * MINUTE]) {
      const answer = decide({ desired: INJECT, history, now, workloads: [workload({ asOf: now })] });
      expect(answer.actions).toEqual([]);
      expect(stateOf(answer, 'inject')).toBe('failed: not-restarted-twice');
    }
  });

  test('S7: a drop-in in /run is gone after a reboot, and is put in again', () => {
    expect(say(decide({ desired: INJECT, history: DONE, workloads: [workload({ incarnation: 'boot-2' })] }))).toEqual([
      `inject ${KEY}`,
    ]);
  });

  test('S9: a bare process is never started again, whatever the target says it could', () => {
    const answer = decide({ desired: INJECT, workloads: [workload({ target: 'process' })] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('refused: bare-process');
    expect(answer.states[0]!.features.inject.reason.text).toContain('attach');
  });

  test('a stopped process that is gone is started from its snapshot', () => {
    const desired = asked({ lifecycle: 'stopped' });
    const history = tried('stop', desired, { outcome: 'done', snapshot: '{"exe_path":"/x"}' });
    expect(stateOf(decide({ desired, history, workloads: [] }), 'lifecycle')).toBe('on: as-asked');
    const start = decide({ desired: asked({ lifecycle: 'running' }, KEY, desired), history, workloads: [] });
    expect(start.actions[0]).toMatchObject({ snapshot: '{"exe_path":"/x"}', record: { deed: 'start' } });
  });
});

describe('others', () => {
  const conflict = (by: string) => workload({ conflict: { by, evidence: 'NODE_OPTIONS' } });

  test('another agent in the program is a conflict, for both ways', () => {
    const answer = decide({ desired: asked({ inject: 'on', observe: 'on' }), workloads: [conflict('ddtrace')] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('refused: conflict');
    expect(stateOf(answer, 'observe')).toBe('refused: conflict');
  });

  test('OpenLIT or we ourselves are adopted', () => {
    const answer = decide({ desired: INJECT, workloads: [conflict('openlit')] });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('adopted: adopted-from');
  });

  test('P5: without the lock of the machine nothing is done, and it is said who has it', () => {
    const observed = { lock: { ours: false, heldBy: 'pid 7' }, workloads: [workload()] } as const;
    const cut = tried('undo', INJECT, undefined);
    for (const history of [[], cut]) expect(decide({ observed, desired: INJECT, history }).actions).toEqual([]);
    const answer = decide({ observed, desired: INJECT });
    expect(answer.states[0]!.features.inject.reason.text).toContain('pid 7');
  });
});

describe('a kill at any step', () => {
  test('an action without an end is looked at, not done again', () => {
    for (const deed of ['attach', 'inject', 'undo', 'stop', 'start', 'restart'] as const) {
      const history = tried(deed, INJECT, undefined);
      const answer = decide({ desired: asked({ observe: 'on', lifecycle: 'stopped' }, KEY, INJECT), history });
      expect(say(answer)).toEqual([`look ${deed} ${KEY}`]);
    }
  });

  test('nothing had happened: it is done', () => {
    const history = tried('inject', INJECT, { outcome: 'not-done' });
    expect(say(decide({ desired: INJECT, history }))).toEqual([`inject ${KEY}`]);
  });

  test('half of it had happened: taken back first, then done, if there was no restart', () => {
    const half = tried('inject', INJECT, { outcome: 'half-done', restarted: false }, { at: NOW - 20 * MINUTE });
    const first = decide({ desired: INJECT, history: half });
    expect(recordOf(first.actions[0])).toMatchObject({ deed: 'undo', rollback: { trouble: 'half-done' } });
    const undone = [...half, ...tried('undo', INJECT, { outcome: 'done' }, { rollback: { trouble: 'half-done' } })];
    expect(say(decide({ desired: INJECT, history: undone }))).toEqual([`inject ${KEY}`]);
  });

  test('half of it with a restart: taken back, and not tried again', () => {
    const half = tried('inject', INJECT, { outcome: 'half-done' }, { at: NOW - 20 * MINUTE });
    const undone = [...half, ...tried('undo', INJECT, { outcome: 'done' }, { rollback: { trouble: 'half-done' } })];
    expect(stateOf(decide({ desired: INJECT, history: undone }), 'inject')).toBe('failed: not-restarted-twice');
  });

  test('a rest that was cut off after its canary: both are taken back, and the canary is not restarted again', () => {
    const at = (minutes: number, replicas: string[]) => ({ at: NOW - minutes * MINUTE, replicas });
    const history = [
      ...tried('inject', INJECT, { outcome: 'done' }, at(40, ['a'])),
      ...tried('inject', INJECT, { outcome: 'half-done', restarted: false }, at(30, ['b', 'c'])),
      ...tried('undo', INJECT, { outcome: 'done' }, { at: NOW - 20 * MINUTE, rollback: { trouble: 'half-done' } }),
    ];
    const replicas = ['a', 'b', 'c'].map(id => replica({ id }));
    const answer = decide({ desired: INJECT, history, workloads: [workload({ restarts: 'one-by-one', replicas })] });
    expect(stateOf(answer, 'inject')).toBe('failed: not-restarted-twice');
  });

  test('what cannot be told is looked at again later, holds no place, and a person ends it', () => {
    const history = tried('inject', INJECT, { outcome: 'unclear' }, { at: NOW - 2000 });
    const answer = decide({ desired: INJECT, history, policy: { ...DEFAULT_POLICY, atOnce: 1 } });
    expect(answer.actions).toEqual([]);
    expect(stateOf(answer, 'inject')).toBe('unclear: outcome-unclear');
    const later = NOW + MINUTE;
    const workloads = [workload({ asOf: later })];
    expect(say(decide({ desired: INJECT, history, workloads, now: later }))).toEqual([`look inject ${KEY}`]);
    const recovered = [...history, { kind: 'recovered', at: NOW, workload: KEY } as const];
    expect(say(decide({ desired: INJECT, history: recovered, workloads, now: later }))).toEqual([`inject ${KEY}`]);
  });
});
