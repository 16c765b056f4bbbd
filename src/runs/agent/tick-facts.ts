/** What a tick says of the agent. Pure. */
import type { Tick } from './loop.js';

/** Whether a deed sets or takes off probes, which end with the agent. */
export const isProbing = (action: Tick['actions'][number]): boolean =>
  action.kind === 'do' && (action.record.deed === 'attach' || action.record.deed === 'detach');

/** Why the agent is not well; undefined: it is. */
export function unwell(latest: Tick | undefined, interval: number, now: number): string | undefined {
  if (!latest) return 'it has not looked yet';
  const age = now - latest.at;
  return age > 3 * interval + 30_000 ? `its last look was ${Math.round(age / 1000)} s ago` : undefined;
}

/** A duration for people. */
export const took = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
