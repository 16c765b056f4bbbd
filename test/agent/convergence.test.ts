/**
 * Random worlds over hundreds of ticks, with failures and kills: whatever happens, nothing is restarted twice for one wish,
 * no more is disturbed at once than allowed, nothing half done stays, and all of it comes to rest.
 */
import { describe, expect, test } from '@jest/globals';
import { desireOf } from '../../src/agent/desired.js';
import type { Feature } from '../../src/agent/observed.js';
import { type Restart, randomOf, type SimWorkload, World } from './world.js';

const FEATURES: readonly Feature[] = ['observe', 'inject', 'lifecycle'];
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);

/** Ten minutes to two hours of trouble, then a day of calm. */
function run(seed: number): World {
  const world = new World(randomOf(seed));
  for (let index = 0; index < 12; index++) world.add();
  // All at once at first, as after a click on "all".
  for (const key of world.workloads.keys()) world.ask(key, 'inject', 'on');
  for (let tick = 0; tick < 250; tick++) {
    trouble(world);
    world.tick(5000 + Math.floor(world.pick([0, 1, 5]) * 5000));
  }
  world.calm = true;
  for (let tick = 0; tick < 300; tick++) world.tick(5 * 60_000);
  return world;
}

function trouble(world: World): void {
  const keys = [...world.workloads.keys()];
  if (world.chance(0.15)) world.ask(world.pick(keys), 'observe', world.pick(['on', 'off']));
  if (world.chance(0.15)) world.ask(world.pick(keys), 'inject', world.pick(['on', 'on', 'off']));
  if (world.chance(0.04)) world.ask(world.pick(keys), 'lifecycle', world.pick(['running', 'stopped']));
  if (world.chance(0.03)) world.kill();
  if (world.chance(0.02)) {
    // Deleted and made anew by somebody.
    const key = world.pick(keys);
    world.workloads.delete(key);
    world.add(key);
  }
}

const name = ({ deed, serves, workload, incarnation, replica }: Restart): string =>
  [deed, serves, workload, incarnation, replica].join(' ');

/** As asked, or there is a reason that a person can read and that no time changes. */
function settled(world: World, workload: SimWorkload, feature: Feature): string | undefined {
  const desire = desireOf(world.desired, workload.key, feature);
  const { state, reason } = world.last.states.find(({ key }) => key === workload.key)!.features[feature];
  if (['refused', 'failed', 'rolled-back', 'adopted'].includes(state)) return undefined;
  if (['waiting-to-run', 'waiting-for-restart'].includes(reason.code)) return undefined;
  if (desire === undefined) return state === 'off' || reason.code === 'not-asked' ? undefined : `${state} unasked`;
  const hooked = workload.replicas.every(({ injected }) => injected !== undefined) && !workload.stopped;
  const is = {
    observe: workload.observed || hooked ? 'on' : 'off',
    inject: workload.definition === undefined ? 'off' : 'on',
    lifecycle: workload.stopped ? 'stopped' : 'running',
  }[feature];
  if (feature === 'observe' && desire.value === 'off' && hooked && !workload.observed) return undefined;
  return is === desire.value && ['on', 'off'].includes(state)
    ? undefined
    : `${is}, asked ${desire.value}, ${state} ${reason.code}`;
}

describe('random worlds', () => {
  const worlds = SEEDS.map(seed => [seed, run(seed)] as const);

  test('are worth it: kills, restarts, rollbacks and failures happen in them', () => {
    const all = worlds.map(([, world]) => world);
    const records = all.flatMap(({ history }) => history);
    const count = (what: (record: (typeof records)[number]) => boolean) => records.filter(what).length;
    expect(all.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(100);
    expect(all.reduce((sum, { restarts }) => sum + restarts.length, 0)).toBeGreaterThan(500);
    expect(count(one => one.kind === 'started' && one.rollback?.trouble === 'crash-loop')).toBeGreaterThan(20);
    expect(count(one => one.kind === 'started' && one.rollback?.trouble === 'half-done')).toBeGreaterThan(5);
    for (const outcome of ['done', 'failed', 'not-done', 'half-done', 'unclear'])
      expect(count(one => one.kind === 'ended' && one.outcome === outcome)).toBeGreaterThan(10);
  });

  test.each(worlds)('%i: nothing is restarted twice for one desired state', (_seed, world) => {
    const names = world.restarts.map(name);
    expect(names.filter((one, index) => names.indexOf(one) !== index)).toEqual([]);
  });

  test.each(worlds)('%i: no more than N at once', (_seed, { mostAtOnce, policy }) => {
    expect(mostAtOnce).toBeGreaterThan(0);
    expect(mostAtOnce).toBeLessThanOrEqual(policy.atOnce);
  });

  test.each(worlds)('%i: it comes to rest, as asked or with a reason, and nothing half done stays', (_seed, world) => {
    const workloads = [...world.workloads.values()];
    const wrong = workloads.flatMap(workload =>
      FEATURES.flatMap(feature => {
        const what = settled(world, workload, feature);
        return what === undefined ? [] : [`${workload.key} ${feature}: ${what}`];
      }),
    );
    expect(wrong).toEqual([]);
    expect(world.last.actions).toEqual([]);
    expect(workloads.filter(({ leftover }) => leftover).map(({ key }) => key)).toEqual([]);
  });

  test.each(worlds)('%i: what was sick before us was never restarted by an injection', (_seed, world) => {
    const sick = new Set([...world.workloads.values()].filter(one => one.sick).map(({ incarnation }) => incarnation));
    const touched = world.restarts.filter(one => one.deed === 'inject' && sick.has(one.incarnation));
    expect(touched).toEqual([]);
  });
});
