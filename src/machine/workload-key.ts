/**
 * A name for what runs that survives restarts: the workload, not the process. One shape for the agent, the dashboard and
 * `ps`:
 *
 * - `k8s:NAMESPACE:DEPLOYMENT, POD or POD UID:CONTAINER`
 * - `docker:NAME or ID`, for Podman too
 * - `linux:systemd:UNIT`
 * - `linux:exe:SIX HEX DIGITS`, a hash of executable and command line
 * - `linux:proc:NAME`, where even these may not be read
 *
 * Pure. `OTEL_SERVICE_NAME` plays no part: two workloads may share it, and one may change it.
 */
import { createHash } from 'node:crypto';
import type { Placement } from './cgroup.js';
import { DOWNWARD_API, IN_A_POD, podHostName } from './downward-api.js';

export interface WorkloadFacts {
  readonly placement: Placement;
  readonly name: string;
  readonly executable?: string;
  readonly commandLine?: readonly string[];
  /** The variables that a pod's own author put in by the downward API; they stand for the API server where nobody asked it. */
  readonly environment?: ReadonlyMap<string, string>;
  /** What only the API server or the container engine knows; wins over the environment. */
  readonly known?: {
    readonly namespace?: string;
    readonly deployment?: string;
    readonly pod?: string;
    readonly container?: string;
  };
}

export function workloadKey(facts: WorkloadFacts): string {
  const { placement, known } = facts;
  if (isPod(facts)) return kubernetesKey(facts);
  if (placement.container !== undefined) return key('docker', known?.container ?? placement.container);
  if (placement.systemdUnit !== undefined) return key('linux', 'systemd', placement.systemdUnit);
  const { executable, commandLine = [] } = facts;
  if (executable === undefined) return key('linux', 'proc', facts.name);
  const hash = createHash('sha1')
    .update(`${executable}|${commandLine.join(' ')}`)
    .digest('hex');
  return key('linux', 'exe', hash.slice(0, 6));
}

/** A cgroup namespace of its own hides the pod's uid; the variable stays. */
function isPod({ placement, environment }: WorkloadFacts): boolean {
  return placement.podUid !== undefined || environment?.get(IN_A_POD) !== undefined;
}

function kubernetesKey({ placement, environment, known }: WorkloadFacts): string {
  const say = (names: readonly string[]) => names.map(name => environment?.get(name)?.trim()).find(Boolean);
  const pod = known?.pod ?? say(DOWNWARD_API.podName) ?? podHostName(environment?.get('HOSTNAME'));
  const uid = placement.podUid ?? say(DOWNWARD_API.podUid);
  const deployment = known?.deployment ?? say(DOWNWARD_API.deployment) ?? (pod && deploymentOf(pod));
  const container = known?.container ?? say(DOWNWARD_API.container) ?? placement.container?.slice(0, 12);
  const namespace = known?.namespace ?? say(DOWNWARD_API.namespace) ?? 'default';
  return key('k8s', namespace, deployment ?? pod ?? uid ?? 'unknown', container ?? 'default');
}

/**
 * `web-7c9d8f6b5-x2x4z` -> `web`: ReplicaSet and pod suffixes are written in Kubernetes' alphabet without vowels and 0, 1, 3
 * (k8s.io/apimachinery, util/rand). A pod of another kind keeps its name.
 */
function deploymentOf(pod: string): string | undefined {
  return /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/.exec(pod)?.[1];
}

/** A colon inside a part would make two keys one. */
const key = (...parts: readonly string[]): string => parts.map(part => part.replaceAll(':', '_')).join(':');
