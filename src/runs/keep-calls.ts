/** The calls of a run or of attach on this machine, for `runs`, `show` and `ui`. */
import type { Consumer } from '../calls/recorded-call.js';
import type { Settings } from '../config/settings.js';
import { openCallStore, type RunFacts } from '../store/call-store.js';
import { DEFAULT_RETENTION } from '../store/retention.js';
import { keptCalls } from './call-consumers.js';

/** Milliseconds. */
const GATHER = 100;

/**
 * None where nothing is to be kept (`--no-keep`).
 * @param notice told once where the folder cannot be written; everything else goes on
 */
export function keepingCalls({ store }: Settings, run: RunFacts, notice: (line: string) => void): Consumer[] {
  if (!store.keep) return [];
  const retention = {
    runs: store.maxRuns ?? DEFAULT_RETENTION.runs,
    size: store.maxSize ?? DEFAULT_RETENTION.size,
    age: store.maxAge ?? DEFAULT_RETENTION.age,
  };
  // A launcher may be killed together with its program at any time; an observer of others is not, and may see thousands.
  const gather = run.way === 'attach' ? GATHER : 0;
  return [keptCalls(openCallStore(run, notice, { retention, gather }))];
}
