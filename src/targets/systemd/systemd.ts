/**
 * Units of systemd as a target. A drop-in of ours leads to an environment file; the unit is restarted and watched; what does
 * not come up is taken back and started as it was.
 */
import type { Started } from '../../agent/history.js';
import type { Injection } from '../injection.js';
import { payloadFiles, payloadName } from '../payload/payload.js';
import type { DeedResult, SeenWorkload, Target } from '../target.js';
import { type Scope, unitProperties } from './bus.js';
import { mayRestart, planInject, planUndo } from './changes.js';
import { injectUnit, refused, undoUnit } from './deeds.js';
import { type Context, type Look, lookAt } from './look.js';
import { systemctl } from './manager.js';
import { nameRefusal, unitName, unitOfKey } from './names.js';
import { unitRefusal } from './plan-unit.js';
import { seenUnit } from './seen-unit.js';
import { readUnit } from './unit.js';
import { isActive, watch } from './watch.js';

export interface SystemdOptions {
  readonly scope: Scope;
  readonly injection: Injection;
  /** Milliseconds that a unit has to stay well after its start; default 3,000. */
  readonly settle?: number;
}

/** @throws Error where our own build is not whole */
export function createSystemdTarget({ scope, injection, settle = 3_000 }: SystemdOptions): Target {
  const files = payloadFiles(injection.built);
  const context: Context = { scope, injection, settle, files, payload: payloadName(injection.version, files) };
  return {
    kind: 'systemd',
    async look(keys) {
      const looks = await Promise.all(keys.flatMap(key => unitOfKey(key) ?? []).map(name => lookAt(context, name)));
      const now = Date.now();
      return looks.flatMap<SeenWorkload>(seen => seenUnit(seen, now) ?? []);
    },
    async plan(key, deed, { restart } = {}) {
      const name = nameOf(key);
      const because = nameRefusal(name);
      if (because !== undefined) return { possible: false, because };
      const seen = await lookAt(context, name);
      const restarts = mayRestart(seen, restart);
      if (deed === 'inject') return planInject(context, seen, restarts);
      return planUndo(context, seen, restarts && seen.running !== undefined);
    },
    async act(key, deed, { restart } = {}) {
      const name = nameOf(key);
      const because = nameRefusal(name);
      if (because !== undefined) return refused({ possible: false, because });
      try {
        if (deed === 'inject') return await injectUnit(context, name, restart);
        if (deed === 'undo') return await undoUnit(context, name, restart);
        return await lifecycle(context, name, deed);
      } catch (error) {
        return { outcome: 'unclear', reason: (error as Error).message };
      }
    },
    lookBack: async started => becameOf(started, await lookAt(context, nameOf(started.workload))),
  };
}

/** A key, or a unit as people type it. */
const nameOf = (key: string): string => unitOfKey(key) ?? unitName(key);

async function lifecycle(
  { scope, settle }: Context,
  name: string,
  deed: 'stop' | 'start' | 'restart',
): Promise<DeedResult> {
  const because = unitRefusal(readUnit(scope, name, await unitProperties(scope, name)));
  if (because !== undefined) return refused({ possible: false, because });
  const restarted = deed === 'restart';
  const problem =
    (await systemctl(scope, deed, name)) ?? (deed === 'stop' ? undefined : await watch(scope, name, settle));
  return problem === undefined ? { outcome: 'done', restarted } : { outcome: 'failed', restarted, reason: problem };
}

/** What became of a try that a kill cut off. */
export function becameOf(
  { deed, at }: Pick<Started, 'deed' | 'at'>,
  seen: Pick<Look, 'unit' | 'dropIn' | 'running'>,
): DeedResult {
  const { unit, dropIn, running } = seen;
  const restarted = unit.since / 1000 > at;
  const isUp = isActive(unit);
  if (/^(?:de)?activating$/.test(unit.activeState))
    return { outcome: 'unclear', reason: `${unit.name} is ${unit.activeState}` };
  switch (deed) {
    case 'inject':
      if (dropIn && (unit.mainPid === 0 || running === dropIn.injection)) return { outcome: 'done', restarted };
      if (dropIn || running !== undefined) return { outcome: 'half-done', restarted };
      return restarted ? { outcome: 'failed', restarted } : { outcome: 'not-done' };
    case 'undo':
      if (dropIn) return { outcome: 'not-done' };
      return { outcome: running === undefined ? 'done' : 'half-done', restarted };
    case 'stop':
      return { outcome: isUp ? 'not-done' : 'done' };
    case 'start':
      return { outcome: isUp ? 'done' : 'not-done' };
    default:
      return restarted ? { outcome: isUp ? 'done' : 'failed', restarted } : { outcome: 'not-done' };
  }
}
