/** From what is asked to what will be done: which resource, which containers. One language's fault never ends another's. */

import type { Request } from './annotations.js';
import {
  allContainers,
  type ClusterResources,
  type Instrumentation,
  type InstrumentationSpec,
  type NamespaceFacts,
  type OperatorSettings,
  type Reason,
  reason,
  type Task,
} from './facts.js';
import type { Container, Pod } from './kubernetes.js';

/** Sidecars that others put in, perhaps in front of the program. */
const KNOWN_SIDECARS =
  /^(istio-proxy|istio-validation|linkerd-proxy|envoy|envoy-sidecar|consul-dataplane|cilium-envoy|vault-agent|daprd|cloud-sql-proxy|kuma-sidecar|opentelemetry-auto-instrumentation|otc-container)$/;

export interface Tasks {
  readonly tasks: readonly Task[];
  readonly reasons: readonly Reason[];
}

export function tasksOf(
  wanted: readonly Request[],
  pod: Pod,
  namespace: NamespaceFacts,
  resources: ClusterResources,
  settings: OperatorSettings,
): Tasks {
  const tasks: Task[] = [];
  const reasons: Reason[] = [];
  const taken = new Map<string, string>();
  for (const { language, value, names } of wanted) {
    const found = resolve(value, namespace.name, resources.instrumentations, settings.defaults);
    if ('code' in found) {
      reasons.push({ ...found, language });
      continue;
    }
    if (names === undefined && !mayShare(language, wanted)) {
      const text = 'several languages are asked for, so each needs its container names';
      reasons.push(reason('names-needed', text, { language }));
      continue;
    }
    const containers: string[] = [];
    for (const name of names ?? [programOf(pod).name]) {
      const other = taken.get(name);
      if (!allContainers(pod.spec).some(container => container.name === name)) {
        reasons.push(reason('no-such-container', `the pod has no container ${name}`, { language, container: name }));
      } else if (other !== undefined && !(isOwn(language) && isOwn(other))) {
        reasons.push(reason('bad-names', `the container is named for ${other} already`, { language, container: name }));
      } else {
        taken.set(name, other ?? language);
        containers.push(name);
      }
    }
    if (containers.length > 0) tasks.push({ language, spec: found.spec, by: nameOf(found), containers });
  }
  return { tasks, reasons };
}

/** The hooks of Python and Node lie in one volume, and each variable is read by its own runtime alone. */
export const isOwn = (language: string): boolean => language === 'python' || language === 'nodejs';

function mayShare(language: string, wanted: readonly Request[]): boolean {
  return wanted.every(other => other.language === language || (isOwn(other.language) && isOwn(language)));
}

/** The container that a person means who names none: the pod's default one, else the first that is no known sidecar. */
export function programOf(pod: Pod): Container {
  const { containers } = pod.spec;
  const chosen = pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  return (
    containers.find(({ name }) => name === chosen) ??
    containers.find(({ name }) => !KNOWN_SIDECARS.test(name)) ??
    containers[0]!
  );
}

/** Of the resource that a request names; undefined: there is none, or only the operator's own settings. */
export function resourceAsked(
  { value }: Pick<Request, 'value'>,
  namespace: string,
  all: readonly Instrumentation[],
): Instrumentation | undefined {
  const found = resolve(value, namespace, all, undefined);
  return 'code' in found || !('name' in found) ? undefined : found;
}

interface OfTheOperator {
  readonly spec: InstrumentationSpec;
}

function nameOf(found: Instrumentation | OfTheOperator): string {
  if (!('name' in found)) return 'default';
  const { namespace, name, generation } = found;
  return `${namespace}/${name}${generation === undefined ? '' : `@${generation}`}`;
}

function resolve(
  value: string,
  namespace: string,
  all: readonly Instrumentation[],
  defaults: InstrumentationSpec | undefined,
): Instrumentation | OfTheOperator | Reason {
  if (value.toLowerCase() !== 'true') {
    const [outer, inner] = value.includes('/') ? value.split('/', 2) : [namespace, value];
    const found = all.find(one => one.namespace === outer && one.name === inner);
    return found ?? reason('no-such-resource', `there is no OpenlitInstrumentation ${inner} in namespace ${outer}`);
  }
  const here = all.filter(one => one.namespace === namespace);
  if (here.length === 1) return here[0]!;
  if (here.length > 1) {
    const names = here.map(({ name }) => name).join(', ');
    return reason(
      'several-resources',
      `namespace ${namespace} has several OpenlitInstrumentations: name one of ${names}`,
    );
  }
  if (defaults !== undefined) return { spec: defaults };
  return reason('no-resource', `namespace ${namespace} has no OpenlitInstrumentation`);
}
