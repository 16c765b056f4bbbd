/** Whether a unit is well, and stays so. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Trouble } from '../../agent/observed.js';
import { type Scope, unitProperties } from './bus.js';
import { systemctl } from './manager.js';
import { readUnit, type Unit } from './unit.js';

const INTERVAL = 200;

export const isActive = ({ activeState }: Unit): boolean =>
  activeState === 'active' || activeState === 'reloading' || activeState === 'activating';

export function troubleOf({ activeState, subState }: Unit): Trouble | undefined {
  if (subState === 'auto-restart') return 'crash-loop';
  return activeState === 'failed' ? 'failed-start' : undefined;
}

/**
 * Looks at it until it was well for this long without a break.
 * @param settle milliseconds
 * @returns what went wrong
 */
export async function watch(scope: Scope, name: string, settle: number): Promise<string | undefined> {
  const look = async () => readUnit(scope, name, await unitProperties(scope, name));
  const first = await look();
  for (let now = first, since = Date.now(); ; now = await look()) {
    const trouble = troubleOf(now);
    if (trouble !== undefined) return `${name} ends after its start (${now.result})`;
    if (now.restarts > first.restarts || now.invocation !== first.invocation)
      return `${name} was started again by systemd`;
    if (!isActive(now)) return now.result === 'success' ? undefined : `${name} ends after its start (${now.result})`;
    if (Date.now() - since >= settle) return undefined;
    await wait(INTERVAL);
  }
}

/** After a failure of ours: its limit of starts is not to be used up by us. */
export async function startAgain(scope: Scope, name: string, settle: number): Promise<string | undefined> {
  await systemctl(scope, 'reset-failed', name);
  return (await systemctl(scope, 'restart', name)) ?? (await watch(scope, name, settle));
}
