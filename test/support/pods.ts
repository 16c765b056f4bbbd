/** Pods, what stands beside them, and an API server's part: applying a patch. For the tests of the operator. */
import type {
  ClusterResources,
  Instrumentation,
  InstrumentationSpec,
  NamespaceFacts,
  OperatorSettings,
  Owner,
} from '../../src/operator/facts.js';
import type { PatchOperation } from '../../src/operator/json-patch.js';
import type { Container, Pod } from '../../src/operator/kubernetes.js';
import { type Mutation, mutate } from '../../src/operator/mutate.js';

export const SETTINGS: OperatorSettings = {
  ownNamespace: 'openlit-system',
  excludedNamespaces: ['kube-system', 'kube-node-lease'],
  images: { own: 'own:1', java: 'java:1', dotnet: 'dotnet:1', ruby: 'ruby:1' },
  unknownImage: 'leave',
  nativeSidecars: true,
  copyResources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } },
  observerResources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '256Mi' } },
  volumeSize: '50Mi',
  user: 65532,
};

export const NAMESPACE: NamespaceFacts = { name: 'shop' };
export const ENDPOINT = 'http://collector:4318';
export const OWNER: Owner = [
  { kind: 'ReplicaSet', name: 'web-6f7', uid: 'rs-uid' },
  { kind: 'Deployment', name: 'web', uid: 'dep-uid' },
];

export const instrumentation = (
  spec: InstrumentationSpec = {},
  name = 'default',
  namespace = 'shop',
): Instrumentation => ({
  namespace,
  name,
  spec: { exporter: { endpoint: ENDPOINT }, ...spec },
});

export const resources = (more: Partial<ClusterResources> = {}): ClusterResources => ({
  instrumentations: [instrumentation()],
  configMaps: {},
  secrets: {},
  images: { 'app:1': { env: {} } },
  ...more,
});

export function pod(
  annotations: Record<string, string>,
  containers: Partial<Container>[] = [{}],
  more: { metadata?: Partial<Pod['metadata']>; spec?: Partial<Pod['spec']> } = {},
): Pod {
  const named = containers.map((container, at) => ({
    name: at === 0 ? 'app' : `app${at + 1}`,
    image: 'app:1',
    ...container,
  }));
  return {
    metadata: { generateName: 'web-6f7-', annotations, ...more.metadata },
    spec: { containers: named, ...more.spec },
  };
}

export interface Asked {
  readonly owner?: Owner;
  readonly namespace?: NamespaceFacts;
  readonly resources?: Partial<ClusterResources>;
  readonly settings?: Partial<OperatorSettings>;
}

export interface Answer {
  /** Undefined: nothing is changed. */
  readonly patch: Mutation['patch'] | undefined;
  readonly reasons: Mutation['reasons'];
  /** As the API server would store it. */
  readonly after: Pod;
  readonly codes: readonly string[];
  readonly container: (name?: string) => Container;
  /** Variables of a container; an entry by field or key shows its source. */
  readonly env: (name?: string) => Record<string, string>;
}

export function admit(given: Pod, asked: Asked = {}): Answer {
  const answer = mutate(given, asked.owner ?? OWNER, asked.namespace ?? NAMESPACE, resources(asked.resources), {
    ...SETTINGS,
    ...asked.settings,
  });
  const after = applied(given, answer.patch ?? []) as Pod;
  const container = (name = 'app') =>
    [...after.spec.containers, ...(after.spec.initContainers ?? [])].find(one => one.name === name)!;
  return {
    patch: answer.patch,
    reasons: answer.reasons,
    after,
    codes: answer.reasons.map(({ code }) => code),
    container,
    env: name =>
      Object.fromEntries(
        (container(name).env ?? []).map(({ name: key, value, valueFrom }) => [key, value ?? JSON.stringify(valueFrom)]),
      ),
  };
}

/** RFC 6902, as strict as an API server: a path has to be there. */
export function applied(document: unknown, patch: readonly PatchOperation[]): unknown {
  const root = { top: structuredClone(document) };
  for (const { op, path, value } of patch) {
    const parts = `/top${path}`
      .split('/')
      .slice(1)
      .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = parts.pop()!;
    const parent = parts.reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], root);
    if (typeof parent !== 'object' || parent === null) throw new Error(`${op} ${path}: there is no such place`);
    const slots = parent as Record<string, unknown>;
    if (op !== 'add' && !(last in slots)) throw new Error(`${op} ${path}: nothing is there`);
    if (Array.isArray(parent)) {
      const at = last === '-' ? parent.length : Number(last);
      parent.splice(at, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [structuredClone(value)]));
    } else if (op === 'remove') delete slots[last];
    else slots[last] = structuredClone(value);
  }
  return root.top;
}
