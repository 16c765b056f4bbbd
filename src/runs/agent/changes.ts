/** What the agent says while it runs: one line for each thing that changed, and nothing while nothing does. Pure. */
import type { Feature } from '../../agent/observed.js';
import type { WorkloadState } from '../../agent/reconcile.js';
import { longReason } from '../../agent/words.js';

export interface ChangeLine {
  readonly workload: string;
  readonly feature?: Feature;
  readonly state: string;
  readonly code?: string;
  /** For people, without our name in front. */
  readonly text: string;
}

const FEATURES: readonly Feature[] = ['observe', 'inject', 'lifecycle'];

/** Compares two pictures; the first one is compared with nothing. */
export function createChanges(describe: (key: string) => string): (states: readonly WorkloadState[]) => ChangeLine[] {
  const before = new Map<string, string>();
  const seen = new Set<string>();
  return states => {
    const lines: ChangeLine[] = [];
    for (const { key, workload, features } of states) {
      if (workload && !seen.has(key)) lines.push({ workload: key, state: 'found', text: `found ${describe(key)}` });
      if (!workload && seen.has(key)) lines.push({ workload: key, state: 'gone', text: `${key} is gone` });
      if (workload) seen.add(key);
      else seen.delete(key);
      for (const feature of FEATURES) {
        const { state, reason } = features[feature];
        // The same reason with another figure in it (a wait) is no news.
        const now = `${state} ${reason.code}`;
        const last = before.get(`${feature} ${key}`) ?? 'off not-asked';
        before.set(`${feature} ${key}`, now);
        if (now === last || (state === 'gone' && !seen.has(key) && last === 'off not-asked')) continue;
        if (reason.code === 'working') continue; // its beginning and its end are said by themselves
        const text = `${key}: ${feature} is ${state}: ${longReason(reason)}`;
        lines.push({ workload: key, feature, state, code: reason.code, text });
      }
    }
    const named = new Set(states.map(({ key }) => key));
    for (const key of [...seen].filter(key => !named.has(key))) {
      seen.delete(key);
      for (const feature of FEATURES) before.delete(`${feature} ${key}`);
      lines.push({ workload: key, state: 'gone', text: `${key} is gone` });
    }
    return lines;
  };
}
