/** Who does a deed: probes are ours, everything else is done by the manager of the workload. */
import type { Rollback, Started } from '../../agent/history.js';
import type { TargetDeed } from '../../targets/target.js';
import type { Hands, Result } from './executor.js';
import type { Targets } from './observed-picture.js';
import type { Probes } from './probes.js';
import { targetOf } from './process-target.js';
import type { Sighting } from './sightings.js';

export interface HandsOptions {
  readonly probes: Probes;
  readonly targets: Targets;
  readonly sightings: () => ReadonlyMap<string, Sighting>;
}

export function createHands({ probes, targets, sightings }: HandsOptions): Hands {
  const unmanaged = (workload: string): Result => ({
    outcome: 'failed',
    restarted: false,
    reason: `nothing here manages ${workload}`,
  });
  return {
    async act(record, snapshot) {
      const { deed, workload, replicas, rollback } = record;
      if (deed === 'attach') {
        const processes = sightings().get(workload)?.processes ?? [];
        return probes.attach(
          workload,
          processes.map(({ pid }) => pid),
        );
      }
      if (deed === 'detach') return probes.detach(workload);
      const target = targets[targetOf(workload)];
      if (!target) return unmanaged(workload);
      return target.act(workload, deed satisfies TargetDeed, {
        ...(replicas && { replicas }),
        ...(snapshot !== undefined && { snapshot }),
        ...(rollback && rollback.trouble !== 'half-done' && { rollback: inWords(rollback) }),
      });
    },
    async look(record: Started) {
      const { deed, workload } = record;
      // Probes end with the agent that set them: of an attach nothing is left, of a detach nothing is left to do.
      if (deed === 'attach') return { outcome: 'not-done' };
      if (deed === 'detach') return { outcome: 'done' };
      const target = targets[targetOf(workload)];
      return target ? target.lookBack(record) : { outcome: 'unclear', reason: `nothing here manages ${workload}` };
    },
  };
}

const inWords = ({ trouble, replica }: Rollback): string =>
  `${replica ?? 'it'} got into trouble (${trouble}) after the change`;
