/** A look at a workload of Kubernetes as the agent's core takes it. Pure. */
import type { Ability, Refusal } from '../../agent/observed.js';
import { FIELD_MANAGER } from '../../kubernetes/client.js';
import type { SeenWorkload } from '../target.js';
import { type Found, no } from './find.js';
import type { Owner } from './owner.js';
import { ownerRefusal } from './owner.js';
import { counts, type Pod, replicaOf } from './pods.js';
import {
  INSTRUMENT,
  idOf,
  injectedOf,
  othersAsk,
  referenceOf,
  restartsOf,
  rolloutOf,
  TAKEN_BACK,
  takenBack,
} from './workload.js';

export function seenWorkload(
  key: string,
  { kind, workload, reference }: Found,
  pods: readonly Pod[],
  refusal: Refusal | undefined,
  now: number,
): SeenWorkload {
  const { metadata } = workload;
  const { container } = reference;
  const injected = injectedOf(workload, FIELD_MANAGER, container);
  const conflict = othersAsk(workload, FIELD_MANAGER);
  const rolls = rolloutOf(workload);
  return {
    key,
    name: metadata.name,
    target: 'kubernetes',
    incarnation: metadata.uid,
    asOf: now,
    lifecycle: workload.spec.replicas === 0 ? 'stopped' : 'running',
    replicas: pods.filter(counts).map(pod => replicaOf(pod, now, conflict === undefined, container)),
    restarts: restartsOf(workload),
    ...(injected !== undefined && { injected }),
    injection: idOf(container),
    ...((rolls === 'running' || rolls === 'paused') && { rollout: rolls }),
    ...(conflict && { conflict }),
    can: { inject: injectAbility(key, { kind, workload }, refusal), lifecycle: lifecycleOf(kind) },
    facts: factsOf(metadata.namespace, kind, metadata.name),
  };
}

function injectAbility(
  key: string,
  { kind, workload }: Pick<Found, 'kind' | 'workload'>,
  refusal: Refusal | undefined,
): Ability {
  if (refusal) return refusal;
  const why = takenBack(workload);
  if (why === undefined) return { possible: true };
  const { namespace, name } = workload.metadata;
  return no(
    `it was taken back in this cluster: ${why}`,
    `kubectl annotate ${kind.toLowerCase()} ${name} -n ${namespace} ${TAKEN_BACK}- && openlit-instrument agent recover ${key}`,
  );
}

const lifecycleOf = (kind: Found['kind']): Ability =>
  kind === 'DaemonSet' ? no('a DaemonSet has a pod on every node, and cannot be stopped') : { possible: true };

/** Pods that nothing of ours changes: of a Job, of a Rollout, of nobody. They can be observed. */
export function seenPods(key: string, owner: Owner, now: number): SeenWorkload | undefined {
  const because = ownerRefusal(owner);
  const reference = referenceOf(key);
  if (because === undefined || 'because' in reference) return undefined;
  const { namespace } = reference;
  return {
    ...onlySeen(key, owner.name, now),
    can: {
      inject: no(because, `kubectl annotate namespace ${namespace} ${INSTRUMENT}=true`),
      lifecycle: no(`${owner.kind} ${owner.name} is started and stopped by whoever made it`),
    },
    facts: factsOf(namespace, owner.kind, owner.name),
  };
}

/** A workload that we may not read. */
export function seenForbidden(key: string, message: string, now: number): SeenWorkload {
  const [, , name = key] = key.split(':');
  const why = no(message, 'docs/agent.md#kubernetes has the ClusterRole');
  return { ...onlySeen(key, name, now), can: { inject: why, lifecycle: why }, facts: {} };
}

/** @returns what runs, of which the processes alone are known */
const onlySeen = (key: string, name: string, now: number) =>
  ({
    key,
    name,
    target: 'kubernetes',
    incarnation: key,
    asOf: now,
    lifecycle: 'running',
    replicas: [{ id: name, state: 'ready' }],
    restarts: 'by-others',
    injection: '',
  }) as const;

const factsOf = (namespace: string, kind: string, name: string): Record<string, string> => ({
  'k8s.workload.kind': kind,
  'k8s.namespace.name': namespace,
  ...(kind === 'Deployment' && { 'k8s.deployment.name': name }),
});
