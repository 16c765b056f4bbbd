/** Three sources, one answer: who wins, what counts as a change, and what is withdrawn. */
import { describe, expect, test } from '@jest/globals';
import {
  type Desired,
  desiredWorkloads,
  desireOf,
  NOTHING_DESIRED,
  replaceSource,
  type Source,
  type Wish,
  wish,
  withdraw,
} from '../../src/agent/desired.js';

const ask = (value: Wish['value'], source: Source, feature: Wish['feature'] = 'inject'): Wish => ({
  workload: 'docker:a',
  feature,
  value,
  source,
});
const following = (...wishes: Wish[]): Desired =>
  wishes.reduce((state, one, at) => wish(state, one, at + 1), NOTHING_DESIRED);
const settled = (desired: Desired, feature: Wish['feature'] = 'inject') => desireOf(desired, 'docker:a', feature);

describe('who wins', () => {
  test.each<[Source, Source]>([
    ['file', 'ui'],
    ['ui', 'dashboard'],
    ['file', 'dashboard'],
  ])('%s before %s', (winner, loser) => {
    for (const wishes of [
      [ask('on', winner), ask('off', loser)],
      [ask('off', loser), ask('on', winner)],
    ])
      expect(settled(following(...wishes))).toMatchObject({ value: 'on', source: winner, overruled: [loser] });
  });

  test('of one source, the last word', () => {
    expect(settled(following(ask('on', 'ui'), ask('off', 'ui')))).toMatchObject({ value: 'off', overruled: [] });
  });

  test('features are apart', () => {
    const desired = following(ask('on', 'ui'), ask('off', 'file', 'observe'));
    expect(settled(desired)!.value).toBe('on');
    expect(settled(desired, 'observe')!.value).toBe('off');
    expect(settled(desired, 'lifecycle')).toBeUndefined();
    expect(desiredWorkloads(desired)).toEqual(['docker:a']);
  });
});

describe('revisions', () => {
  test('the same word again, and another source with it, change nothing', () => {
    const desired = following(ask('on', 'dashboard'), ask('on', 'dashboard'), ask('on', 'file'));
    expect(settled(desired)).toMatchObject({ revision: 1, since: 1, source: 'file' });
  });

  test('off and on again is a new desired state', () => {
    expect(settled(following(ask('on', 'ui'), ask('off', 'ui'), ask('on', 'ui')))).toMatchObject({
      revision: 3,
      since: 3,
    });
  });

  test('a loser that changes its mind changes nothing', () => {
    expect(settled(following(ask('on', 'file'), ask('off', 'ui'), ask('on', 'ui'), ask('off', 'ui')))!.revision).toBe(
      1,
    );
  });

  test('they survive the disk', () => {
    const desired = following(ask('on', 'ui'), ask('off', 'file'));
    expect(wish(JSON.parse(JSON.stringify(desired)) as Desired, ask('off', 'file'), 9)).toEqual(desired);
  });
});

describe('withdrawn', () => {
  test('the next source decides', () => {
    expect(
      settled(withdraw(following(ask('off', 'dashboard'), ask('on', 'file')), ask('on', 'file'), 9)),
    ).toMatchObject({
      value: 'off',
      source: 'dashboard',
      since: 9,
    });
  });

  test('nobody is left: off; what ran keeps running', () => {
    expect(settled(withdraw(following(ask('on', 'file')), ask('on', 'file'), 9))).toMatchObject({
      value: 'off',
      since: 9,
    });
    const stopped = ask('stopped', 'file', 'lifecycle');
    expect(settled(withdraw(following(stopped), stopped, 9), 'lifecycle')).toBeUndefined();
  });

  test('asked for again it is a new desired state: revisions never count back', () => {
    const stopped = ask('stopped', 'file', 'lifecycle');
    const again = wish(withdraw(following(stopped), stopped, 9), stopped, 10);
    expect(settled(again, 'lifecycle')).toMatchObject({ value: 'stopped', revision: 2, since: 10 });
  });

  test('who never asked withdraws nothing', () => {
    const desired = following(ask('on', 'file'));
    expect(withdraw(desired, ask('on', 'ui'), 9)).toBe(desired);
  });

  test('a source as a whole: what it no longer names goes, what it still names stays as it is', () => {
    const desired = following(ask('on', 'file'), ask('on', 'file', 'observe'), ask('on', 'ui', 'observe'));
    const next = replaceSource(desired, 'file', [ask('on', 'file')], 9);
    expect(settled(next)).toEqual(settled(desired));
    expect(settled(next, 'observe')).toMatchObject({ value: 'on', source: 'ui', revision: 1 });
    expect(settled(replaceSource(desired, 'file', [], 9))).toMatchObject({ value: 'off' });
  });
});
