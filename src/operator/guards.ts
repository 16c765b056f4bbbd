/** Facts of a pod that end everything before anything is looked at. */
import { VARIABLES } from '../config/variables.js';
import { allContainers, type NamespaceFacts, type OperatorSettings, type Reason, reason } from './facts.js';
import type { Pod } from './kubernetes.js';
import { INJECTED, isOurVolume } from './names.js';
import { bytesOf } from './quantities.js';

/** The first reason to leave the pod alone; undefined: go on. */
export function refusalOfPod(pod: Pod, namespace: NamespaceFacts, settings: OperatorSettings): Reason | undefined {
  const outer = namespace.name;
  if (outer === settings.ownNamespace || settings.excludedNamespaces.includes(outer)) {
    return reason('excluded-namespace', `pods of namespace ${outer} are never changed`);
  }
  const { spec, metadata } = pod;
  // Admission may call twice, after others changed the pod, and a second volume of one name is refused by the API server.
  if (metadata?.annotations?.[INJECTED] !== undefined || spec.volumes?.some(({ name }) => isOurVolume(name))) {
    return reason('already-observed', 'the pod carries our marks already');
  }
  if (byOpenTelemetry(pod)) return reason('by-another', 'the OpenTelemetry operator instruments this pod already');
  if (spec.os?.name === 'windows' || spec.nodeSelector?.['kubernetes.io/os'] === 'windows') {
    return reason('windows', 'our hooks are for Linux, and this pod goes to Windows nodes');
  }
  return undefined;
}

function byOpenTelemetry({ spec }: Pod): boolean {
  return allContainers(spec).some(
    ({ name, env = [] }) =>
      name.startsWith('opentelemetry-auto-instrumentation') ||
      env.some(variable => variable.name === VARIABLES.attributeNodeName),
  );
}

/**
 * A pod whose containers all have a limit of ephemeral storage is evicted when logs, layers and our files pass their sum, and
 * its successor as well.
 */
export function tooLittleStorage({ spec }: Pod, size: string): Reason | undefined {
  const limits = spec.containers.map(({ resources }) => bytesOf(resources?.limits?.['ephemeral-storage']));
  if (limits.some(limit => limit === undefined)) return undefined;
  const sum = limits.reduce<number>((total, limit) => total + limit!, 0);
  if (sum >= 2 * bytesOf(size)!) return undefined;
  return reason(
    'little-storage',
    `the pod's limit of ephemeral storage is less than twice our ${size}: it could be evicted for it`,
  );
}
