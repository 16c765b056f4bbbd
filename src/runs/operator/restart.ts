/**
 * Restarts workloads whose pods are older than their resource: only where it asks for that, one after the other, each once for
 * each state of the resource, and none that is not healthy. By server-side apply of one annotation of the pod template: what
 * others own is not touched, and whoever forces it back is not fought.
 */
import { createHash } from 'node:crypto';
import type { ApiError, KubernetesClient } from '../../kubernetes/client.js';
import { resourcePath } from '../../kubernetes/paths.js';
import { OURS } from '../../operator/annotations.js';
import type { OperatorSettings } from '../../operator/facts.js';
import { keyOfResource } from '../../operator/standing.js';
import type { InstrumentationObject } from './cluster-facts.js';
import type { RestartState, WorkloadStanding } from './status.js';

export const RESTARTED_FOR = `${OURS}restarted-for`;

interface Workload {
  readonly metadata: { readonly generation?: number };
  readonly spec: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly updateStrategy?: { readonly type?: string };
    readonly template: { readonly metadata?: { readonly annotations?: Record<string, string> } };
  };
  readonly status?: Readonly<Record<string, number | undefined>>;
}

const PLURALS: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

/** At most one restart. Never throws; @returns what happened, for the status */
export async function restartOnce(
  client: KubernetesClient,
  resource: InstrumentationObject,
  settings: OperatorSettings,
  workloads: readonly WorkloadStanding[],
): Promise<RestartState> {
  const mark = markOf(resource, settings);
  const problems: string[] = [];
  for (const workload of workloads) {
    const { kind, name, namespace, state } = workload;
    const plural = PLURALS[kind];
    if (state === 'Refused') continue;
    const title = `${kind} ${namespace}/${name}`;
    if (plural === undefined) {
      problems.push(`${title} cannot be restarted by us`);
      continue;
    }
    try {
      const path = resourcePath('apps/v1', plural, namespace, name);
      const found = await client.request<Workload>(path);
      if (isRolling(kind, found)) {
        return {
          active: true,
          reason: 'Waiting',
          message: `${title} is being rolled out, or has pods that are not ready`,
          workload,
        };
      }
      const strategy = found.spec.updateStrategy?.type;
      if (found.spec.paused || strategy === 'OnDelete') {
        problems.push(`${title} is ${found.spec.paused ? 'paused' : 'updated when its pods are deleted'}`);
      } else if (found.spec.template.metadata?.annotations?.[RESTARTED_FOR] === mark) {
        problems.push(`${title} was restarted for this, and its pods are old still`);
      } else {
        await client.apply(path, {
          apiVersion: 'apps/v1',
          kind,
          metadata: { name, namespace },
          spec: { template: { metadata: { annotations: { [RESTARTED_FOR]: mark } } } },
        });
        return { active: true, reason: 'Started', message: `${title} is restarted`, workload };
      }
    } catch (error) {
      const { status, message } = error as ApiError;
      problems.push(`${title}: ${status === 409 ? 'somebody else owns that annotation' : message}`);
    }
  }
  if (problems.length === 0) return { active: false, reason: 'Done', message: '' };
  return { active: false, reason: 'Refused', message: problems.join('; ') };
}

/** The resource as it is now, and the images that it leaves to the release. */
function markOf(resource: InstrumentationObject, { images }: OperatorSettings): string {
  const hash = createHash('sha256').update(JSON.stringify(images)).digest('hex').slice(0, 8);
  return `${keyOfResource(resource)}@${resource.generation ?? 0}.${hash}`;
}

function isRolling(kind: string, { metadata, spec, status = {} }: Workload): boolean {
  if ((status['observedGeneration'] ?? 0) < (metadata.generation ?? 0)) return true;
  if (kind === 'DaemonSet') {
    const wanted = status['desiredNumberScheduled'] ?? 0;
    return (status['updatedNumberScheduled'] ?? 0) < wanted || (status['numberAvailable'] ?? 0) < wanted;
  }
  const wanted = spec.replicas ?? 1;
  return (
    (status['updatedReplicas'] ?? 0) < wanted ||
    (status['availableReplicas'] ?? 0) < wanted ||
    (status['replicas'] ?? 0) > wanted
  );
}
