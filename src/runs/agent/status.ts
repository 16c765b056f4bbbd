/** What the agent knows, for `agent status`, `/status` and `--json`: a document that programs may read. */

import type { FeatureState } from '../../agent/reconcile.js';
import type { Status, StatusFeature, StatusWorkload } from '../../agent/status.js';
import type { Tick } from './loop.js';
import type { KnownWorkload } from './memory.js';

export interface StatusFacts {
  readonly version: string;
  readonly instance: string;
  readonly known: ReadonlyMap<string, KnownWorkload>;
  readonly dashboard?: { readonly url: string; readonly lastOk: number | undefined };
}

export function statusOf(tick: Tick, { version, instance, known, dashboard }: StatusFacts): Status {
  const { lock, at, states, sightings, fileErrors } = tick;
  return {
    version,
    pid: process.pid,
    at: new Date(at).toISOString(),
    instance,
    ...(!lock.ours && { lock_held_by: lock.heldBy }),
    file_errors: fileErrors,
    ...(dashboard && {
      dashboard: {
        url: dashboard.url,
        ...(dashboard.lastOk !== undefined && { last_answer: new Date(dashboard.lastOk).toISOString() }),
      },
    }),
    workloads: states.map(({ key, workload, features }): StatusWorkload => {
      const facts = known.get(key);
      return {
        key,
        ...(facts && { name: facts.name, service_name: facts.serviceName }),
        ...(workload && { target: workload.target }),
        ...(facts?.runtime !== undefined && { runtime: facts.runtime }),
        providers: facts?.providers ?? [],
        pids: sightings.get(key)?.processes.map(({ pid }) => pid) ?? [],
        ...(workload?.lifecycle && { lifecycle: workload.lifecycle }),
        observed: workload?.observed ?? false,
        injected: workload?.injected !== undefined,
        features: {
          observe: featureOf(features.observe),
          inject: featureOf(features.inject),
          lifecycle: featureOf(features.lifecycle),
        },
      };
    }),
  };
}

const featureOf = ({ state, reason: { code, text, fix } }: FeatureState): StatusFeature => ({
  state,
  code,
  reason: text,
  ...(fix !== undefined && { fix }),
});
