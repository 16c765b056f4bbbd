/** Workloads of Kubernetes that we may change: what they are called, what they say of themselves, and which are refused. Pure. */
import type { Conflict, Refusal, Restarts } from '../../agent/observed.js';

/** Kinds whose pods follow a template that can be changed, with the names that people type. */
export const KINDS = {
  Deployment: { plural: 'deployments', names: ['deploy', 'deployment', 'deployments'] },
  StatefulSet: { plural: 'statefulsets', names: ['sts', 'statefulset', 'statefulsets'] },
  DaemonSet: { plural: 'daemonsets', names: ['ds', 'daemonset', 'daemonsets'] },
} as const;

export type Kind = keyof typeof KINDS;

export interface Reference {
  /** Absent: any of them. */
  readonly kind?: Kind;
  readonly namespace: string;
  readonly name: string;
  /** Absent: all that the operator finds a hook for. */
  readonly container?: string;
}

export interface Workload {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly controller?: boolean;
    }[];
    readonly managedFields?: readonly { readonly manager?: string; readonly fieldsV1?: object }[];
  };
  readonly spec: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly strategy?: { readonly type?: string };
    readonly updateStrategy?: { readonly type?: string };
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** By which the operator puts the hook into new pods. */
export const INSTRUMENT = 'openlit.io/instrument';
export const CONTAINERS = 'openlit.io/container-names';
/** Of the workload itself, so that writing it makes no new pods. */
export const TAKEN_BACK = 'openlit.io/taken-back';

/** Of what people type: `deploy/app`, and the namespace beside it. */
export const keyOfWorkload = (typedName: string, namespace: string): string => `k8s:${namespace}:${typedName}:default`;

/** `k8s:NAMESPACE:NAME:CONTAINER`, where the name may have its kind in front. */
export function referenceOf(key: string): Reference | Refusal {
  const [, namespace = '', text = '', container = 'default'] = /^k8s:([^:]*):([^:]*):([^:]*)$/.exec(key) ?? [];
  if (namespace === '' || text === '') return { possible: false, because: `${key} names no workload of Kubernetes` };
  const given = typed(text);
  return 'because' in given ? given : { ...given, namespace, ...(container !== 'default' && { container }) };
}

function typed(text: string): Omit<Reference, 'namespace'> | Refusal {
  const [first, second] = text.split('/');
  if (second === undefined) return { name: text };
  const kind = (Object.keys(KINDS) as Kind[]).find(each =>
    (KINDS[each].names as readonly string[]).includes(first!.toLowerCase()),
  );
  if (kind !== undefined) return { kind, name: second };
  return {
    possible: false,
    because: `${text}: its pods cannot be made anew by a change of it`,
    fix: `kubectl annotate namespace NAMESPACE ${INSTRUMENT}=true    # and let what makes the pods make them again`,
  };
}

/** Why it is left as it is. */
export function workloadRefusal(kind: Kind, { metadata, spec }: Workload): Refusal | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner)
    return {
      possible: false,
      because: `${owner.kind} ${owner.name} owns it and would undo the change; annotate that one`,
    };
  if (spec.updateStrategy?.type === 'OnDelete')
    return {
      possible: false,
      because: `the ${kind} replaces its pods only when somebody deletes them (OnDelete)`,
      fix: `kubectl annotate namespace ${metadata.namespace} ${INSTRUMENT}=true && kubectl delete pod NAME    # one after the other`,
    };
  return undefined;
}

export const restartsOf = ({ spec }: Workload): Restarts =>
  spec.updateStrategy?.type === 'OnDelete' ? 'by-others' : spec.strategy?.type === 'Recreate' ? 'whole' : 'rolling';

/** Is all of it new, and available? */
export function rolloutOf({ metadata, spec, status = {} }: Workload): 'done' | 'running' | 'paused' | 'failed' {
  if (spec.paused) return 'paused';
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return 'running';
  const wanted = status.desiredNumberScheduled ?? spec.replicas ?? 1;
  const updated = status.updatedNumberScheduled ?? status.updatedReplicas ?? 0;
  const available = status.numberAvailable ?? status.availableReplicas ?? 0;
  if (updated >= wanted && available >= wanted && (status.replicas ?? wanted) <= wanted) return 'done';
  return status.conditions?.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded')
    ? 'failed'
    : 'running';
}

/** What the annotation names: `all`, or containers; undefined: it is not there, or says no. */
export function namedBy(annotations: Readonly<Record<string, string>> = {}): 'all' | readonly string[] | undefined {
  const value = annotations[INSTRUMENT];
  if (value === undefined || value === 'false') return undefined;
  const names = (annotations[CONTAINERS] ?? '').split(',').flatMap(name => name.trim() || []);
  return names.length === 0 ? 'all' : names;
}

/** What we asked for in it; annotations that others put there are theirs. */
export function askedByUs({ metadata, spec }: Workload, manager: string): 'all' | readonly string[] | undefined {
  const ours = metadata.managedFields?.some(
    field => field.manager === manager && JSON.stringify(field.fieldsV1 ?? {}).includes(INSTRUMENT),
  );
  return ours ? namedBy(spec.template.metadata?.annotations) : undefined;
}

/** The injection of this container, or of the whole workload, where ours is in it. */
export function injectedOf(workload: Workload, manager: string, container?: string): string | undefined {
  return injectionIn(askedByUs(workload, manager), container);
}

/** As `injectedOf`, of what an annotation names. */
export function injectionIn(named: 'all' | readonly string[] | undefined, container?: string): string | undefined {
  if (named === undefined) return undefined;
  if (container === undefined) return idOf(named === 'all' ? undefined : named.join(','));
  return named === 'all' || named.includes(container) ? idOf(container) : undefined;
}

/** Somebody else asks for the hook already. */
export function othersAsk(workload: Workload, manager: string): Conflict | undefined {
  const { annotations } = workload.spec.template.metadata ?? {};
  if (namedBy(annotations) === undefined || askedByUs(workload, manager) !== undefined) return undefined;
  return { by: 'openlit-instrument', evidence: `${INSTRUMENT}=${annotations?.[INSTRUMENT]} in its template` };
}

/** Why the hook was taken back, as whoever did it wrote down: agents of other nodes do not put it in again. */
export function takenBack({ metadata }: Workload): string | undefined {
  return metadata.annotations?.[TAKEN_BACK];
}

/** What an injection is called: the containers that it names. */
export const idOf = (containers: string | undefined): string => `annotation ${containers ?? 'all'}`;
