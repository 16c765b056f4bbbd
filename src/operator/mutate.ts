/**
 * The operator's one decision: what is added to a pod at its admission, or why nothing is. Pure and total: whoever calls it
 * has looked everything up, and whatever it finds, the pod is admitted. Applied to its own result it adds nothing.
 */
import { limitRangeFault } from './added-containers.js';
import { requestsOf } from './annotations.js';
import { stepInto } from './container-step.js';
import { faultOf, mismatchOf, protocolOf } from './exporter.js';
import {
  allContainers,
  type ClusterResources,
  type NamespaceFacts,
  type OperatorSettings,
  type Owner,
  type Reason,
  reason,
  type Task,
} from './facts.js';
import { refusalOfPod, tooLittleStorage } from './guards.js';
import { addIdentity } from './identity.js';
import { jsonPatch, type PatchOperation } from './json-patch.js';
import type { Pod } from './kubernetes.js';
import { isOwn, tasksOf } from './tasks.js';
import { namesFromElsewhere, type VariableList, variableList } from './variable-list.js';
import { type Done, withEverything } from './with-everything.js';

export interface Mutation {
  /** Absent: the pod stays as it is. */
  readonly patch?: readonly PatchOperation[];
  /** What was not done, and why; empty where nobody asked for anything. */
  readonly reasons: readonly Reason[];
}

export function mutate(
  pod: Pod,
  owner: Owner,
  namespace: NamespaceFacts,
  resources: ClusterResources,
  settings: OperatorSettings,
): Mutation {
  try {
    return decide(pod, owner, namespace, resources, settings);
  } catch (error) {
    // A fault of ours must not keep a pod from starting.
    return {
      reasons: [reason('internal', `nothing is added, because of a fault of ours: ${(error as Error).message}`)],
    };
  }
}

function decide(
  pod: Pod,
  owner: Owner,
  namespace: NamespaceFacts,
  resources: ClusterResources,
  settings: OperatorSettings,
): Mutation {
  const requests = requestsOf(pod, namespace, owner);
  if (requests.wanted.length === 0) return { reasons: requests.reasons };
  const refusal = refusalOfPod(pod, namespace, settings);
  if (refusal !== undefined) return { reasons: [refusal] };
  const { tasks, reasons } = tasksOf(requests.wanted, pod, namespace, resources, settings);
  const found = [...requests.reasons, ...reasons];
  const possible = tasks.filter(task => {
    const fault = faultOfTask(task, pod, namespace, resources, settings);
    const word = fault ?? mismatchOf(task.spec);
    if (word !== undefined) found.push({ ...word, language: task.language });
    return fault === undefined;
  });
  const { done, lists } = stepThrough(possible, pod, resources, settings, found);
  if (done.length === 0) return { reasons: found };
  for (const [name, list] of lists) {
    const container = allContainers(pod.spec).find(one => one.name === name)!;
    const { spec } = done.find(({ containers }) => containers.includes(name))!;
    const kept = addIdentity(list, { pod, owner, namespace, spec, container });
    if (kept !== undefined) found.push(kept);
  }
  const after = withEverything(pod, done, lists, { namespace, settings }, found);
  return { patch: jsonPatch(pod, after), reasons: found };
}

/** Variables alone need no files, no room and no container. */
function faultOfTask(
  { language, spec }: Task,
  pod: Pod,
  namespace: NamespaceFacts,
  resources: ClusterResources,
  settings: OperatorSettings,
): Reason | undefined {
  const fault = faultOf(spec, resources, namespace.name);
  if (fault !== undefined || language === 'sdk') return fault;
  if (isOwn(language) && !settings.nativeSidecars) {
    return reason(
      'old-server',
      'the observer needs native sidecars, which this Kubernetes does not have (1.29 and later)',
    );
  }
  if (!isOwn(language) && !(spec.languages?.[language]?.image || settings.images[language as 'java'])) {
    return reason(
      'no-image',
      `neither the resource nor the operator's settings name an image of the agent for ${language}`,
    );
  }
  if (language === 'ruby' && protocolOf(spec) === 'grpc') {
    return reason('refused', `Ruby's exporter speaks HTTP only, and ${spec.exporter?.endpoint} is for gRPC`);
  }
  return tooLittleStorage(pod, settings.volumeSize) ?? limitRangeFault(namespace, settings);
}

function stepThrough(
  tasks: readonly Task[],
  pod: Pod,
  resources: ClusterResources,
  settings: OperatorSettings,
  found: Reason[],
): { readonly done: readonly Done[]; readonly lists: ReadonlyMap<string, VariableList> } {
  const lists = new Map<string, VariableList>();
  const done: Done[] = [];
  for (const task of tasks) {
    const containers: string[] = [];
    for (const name of task.containers) {
      const container = allContainers(pod.spec).find(one => one.name === name)!;
      const list = lists.get(name) ?? variableList(container.env ?? [], namesFromElsewhere(container, resources));
      const step = stepInto(container, list, task, { pod, resources, settings });
      if ('code' in step) found.push(step);
      else {
        lists.set(name, step.list);
        containers.push(name);
      }
    }
    if (containers.length > 0) done.push({ ...task, containers, own: isOwn(task.language) });
  }
  return { done, lists };
}
