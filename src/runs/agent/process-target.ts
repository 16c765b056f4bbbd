/**
 * Bare processes, and whatever no manager of ours starts: attach only. A process that no manager starts is never started
 * again by us: its terminal, its input and its limits would be lost with it.
 */
import type { Conflict, Target } from '../../agent/observed.js';
import type { SeenWorkload } from '../../targets/target.js';
import type { Sighting } from './sightings.js';

/** @param because why a target that could do more does not answer for it */
export function seenProcesses(sighting: Sighting, asOf: number, because?: string): SeenWorkload {
  const { key, name, processes } = sighting;
  const [first] = processes;
  const conflict = conflictOf(sighting);
  const no = (what: string) => ({
    possible: false as const,
    because: because ?? `a process that no manager starts is not ${what}`,
  });
  return {
    key,
    name,
    target: targetOf(key),
    // Its key is made of what it is: nobody can make another of the same.
    incarnation: key,
    asOf,
    lifecycle: 'running',
    replicas: processes.map(({ pid }) => ({ id: String(pid), state: 'ready' as const })),
    restarts: 'whole',
    injection: 'none',
    ...(conflict && { conflict }),
    can: { inject: no('started again by us; attach sees it as it runs'), lifecycle: no('stopped or started by us') },
    facts: first ? factsOf(first) : {},
  };
}

export function targetOf(key: string): Target {
  if (key.startsWith('k8s:')) return 'kubernetes';
  if (key.startsWith('docker:')) return 'docker';
  return key.startsWith('linux:systemd:') ? 'systemd' : 'process';
}

/** Who observes one of its processes from inside. */
export function conflictOf({ processes }: Sighting): Conflict | undefined {
  const found = processes.find(({ instrumentation }) => instrumentation)?.instrumentation;
  return found && { by: found.by, evidence: found.evidence };
}

function factsOf({ placement }: Sighting['processes'][number]): Record<string, string> {
  const { container, podUid, systemdUnit, systemdScope } = placement;
  return {
    ...(container !== undefined && { 'container.id': container }),
    ...(podUid !== undefined && { 'k8s.pod.uid': podUid }),
    ...(systemdUnit !== undefined && { 'systemd.unit': systemdUnit }),
    ...(systemdScope !== undefined && { 'systemd.scope': systemdScope }),
  };
}
