/** Who belongs to an observation: here, a program that was replaced before the kernel could tell of it. */
import { expect, test } from '@jest/globals';
import { createFamily, type FamilyTools } from '../../src/attach/family.js';
import type { ObservedProcess } from '../../src/attach/observed-process.js';
import { identify } from '../../src/machine/identity.js';

function familyOf(isHooked: boolean) {
  const { pid } = process;
  const replaced: string[] = [];
  const closed: string[] = [];
  const observed = {
    facts: { ...identify(pid), name: 'launcher' },
    replaced: ({ name }: { name: string }) => replaced.push(name),
  };
  const processes = new Map([[pid, observed as unknown as ObservedProcess]]);
  const close = ({ facts }: ObservedProcess) => void closed.push(facts.name);
  const family = createFamily({ hooked: () => isHooked }, { processes, close } as unknown as FamilyTools);
  return { family, pid, replaced, closed, known: () => processes.get(pid)?.facts.name };
}

const own = identify(process.pid).name;

test('it has its hook by now: it is only followed, and its probes go', () => {
  const { family, pid, replaced, closed, known } = familyOf(true);
  family.catchUp(pid);
  expect([family.isAside(pid), closed, replaced, known()]).toEqual([true, ['launcher'], [], own]);
});

test('it takes no hook: it is observed as what it is now', () => {
  const { family, pid, replaced, closed } = familyOf(false);
  family.catchUp(pid);
  expect([family.isAside(pid), closed, replaced]).toEqual([false, [], [own]]);
});

test('one that nobody observes is left alone', () => {
  const { family, replaced } = familyOf(false);
  family.catchUp(1);
  expect([family.isAside(1), replaced]).toEqual([false, []]);
});
