/**
 * What the one decision is told, looked up: small kinds are mirrored, so that an admission seldom asks the API server; what
 * a pod refers to is asked for when it comes. Of Secrets and ConfigMaps the names of their keys are kept, never a value.
 */
import { type ApiError, type KubernetesClient, METADATA_ONLY } from '../../kubernetes/client.js';
import { createMirror } from '../../kubernetes/mirror.js';
import { GROUP_VERSION, INSTRUMENTATIONS, resourcePath } from '../../kubernetes/paths.js';
import {
  allContainers,
  type ClusterResources,
  type ImageFacts,
  type Instrumentation,
  type InstrumentationSpec,
  type NamespaceFacts,
  type Owner,
  type OwnerLink,
} from '../../operator/facts.js';
import type { Pod } from '../../operator/kubernetes.js';
import type { SeenPod } from '../../operator/standing.js';
import { createShortMemory } from './short-memory.js';

export interface ClusterFacts {
  readonly ready: Promise<void>;
  readonly namespace: (name: string) => Promise<NamespaceFacts>;
  /** Of a namespace that is known; nobody is asked. */
  readonly annotationsOf: (namespace: string) => Readonly<Record<string, string>> | undefined;
  readonly owner: (pod: Pod, namespace: string) => Promise<Owner>;
  /** The same from the reference that was kept of a pod. */
  readonly ownerOfSeen: (owner: SeenPod['owner'], namespace: string) => Promise<Owner>;
  readonly resources: (pod: Pod, namespace: string) => Promise<ClusterResources>;
  readonly instrumentations: () => readonly InstrumentationObject[];
  /** Milliseconds since the API server was last heard of. */
  readonly age: () => number | undefined;
  close(): void;
}

export interface InstrumentationObject extends Instrumentation {
  readonly restart: 'Never' | 'WhenChanged';
  readonly status?: unknown;
}

interface ObjectWith<S = unknown> {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly annotations?: Record<string, string>;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly spec?: S;
  readonly data?: Record<string, unknown> | null;
  readonly binaryData?: Record<string, unknown> | null;
  readonly status?: unknown;
}

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

interface Limits {
  readonly limits?: readonly { type: string; max?: Record<string, string>; min?: Record<string, string> }[];
}

export interface FactsOptions {
  readonly client: KubernetesClient;
  /** What the image's registry says; undefined: nobody could say. */
  readonly imageFacts: (image: string, pod: Pod, namespace: string) => Promise<ImageFacts | undefined>;
  readonly changed?: () => void;
  readonly notice: (line: string) => void;
}

export function watchCluster({ client, imageFacts, changed = () => {}, notice }: FactsOptions): ClusterFacts {
  const follow = <S, K>(group: string, plural: string, keep: (object: ObjectWith<S>) => K) =>
    createMirror({ client, path: resourcePath(group, plural), keep, notice, changed });
  const namespaces = follow('', 'namespaces', ({ metadata }) => metadata.annotations ?? {});
  const limitRanges = follow<Limits, { namespace: string; spec: Limits }>('', 'limitranges', object => ({
    namespace: object.metadata.namespace ?? '',
    spec: object.spec ?? {},
  }));
  const quotas = follow<{ hard?: object }, { namespace: string; counted: string[] }>('', 'resourcequotas', object => ({
    namespace: object.metadata.namespace ?? '',
    counted: Object.keys(object.spec?.hard ?? {}),
  }));
  const instrumentations = follow<InstrumentationSpec & { restart?: 'Never' | 'WhenChanged' }, InstrumentationObject>(
    GROUP_VERSION,
    INSTRUMENTATIONS,
    ({ metadata, spec = {}, status }) => ({
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      spec,
      restart: spec.restart ?? 'Never',
      status,
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation }),
    }),
  );
  const mirrors = [namespaces, limitRanges, quotas, instrumentations];
  const owners = createShortMemory<Promise<ObjectWith>>();
  const keys = createShortMemory<Promise<readonly string[] | null | undefined>>(5_000);

  /** Above the pod, each controller of the one before. */
  async function above(first: OwnerReference | undefined, namespace: string): Promise<Owner> {
    const links: OwnerLink[] = [];
    let reference = first;
    while (reference !== undefined && links.length < 3) {
      const { apiVersion, kind, name, uid } = reference;
      const path = KNOWN_OWNERS.has(kind)
        ? resourcePath(apiVersion === 'v1' ? '' : apiVersion, `${kind.toLowerCase()}s`, namespace, name)
        : undefined;
      if (path === undefined) return [...links, { kind, name, uid }];
      try {
        const { metadata } = await owners.take(uid, () => client.request<ObjectWith>(path, { accept: METADATA_ONLY }));
        links.push({ kind, name, uid, annotations: metadata.annotations ?? {} });
        reference = controllerOf(metadata);
      } catch {
        // Just deleted, or not for us to read: what the pod itself says is enough to go on.
        return [...links, { kind, name, uid }];
      }
    }
    return links;
  }

  /** `null`: there is none of that name; `undefined`: it could not be read. */
  async function keysOf(
    plural: string,
    namespace: string,
    name: string,
  ): Promise<readonly string[] | null | undefined> {
    return await keys.take(`${plural}/${namespace}/${name}`, async () => {
      try {
        const { data, binaryData } = await client.request<ObjectWith>(resourcePath('', plural, namespace, name));
        return [...Object.keys(data ?? {}), ...Object.keys(binaryData ?? {})];
      } catch (error) {
        return (error as ApiError).status === 404 ? null : undefined;
      }
    });
  }

  async function keysByName(plural: string, namespace: string, names: readonly string[]) {
    const found = await Promise.all(
      [...new Set(names)].map(async name => [name, await keysOf(plural, namespace, name)] as const),
    );
    return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<
      string,
      readonly string[] | null
    >;
  }

  return {
    ready: Promise.all(mirrors.map(({ ready }) => ready)).then(() => {}),
    async namespace(name) {
      const read = async () =>
        (await client.request<ObjectWith>(resourcePath('', 'namespaces', undefined, name))).metadata.annotations ?? {};
      // It may be younger than what the watch has said.
      const annotations = namespaces.get(name) ?? (await read());
      const range = limitRanges.all().filter(one => one.namespace === name);
      const container = range.flatMap(({ spec }) => spec.limits ?? []).find(({ type }) => type === 'Container');
      const quota = quotas.all().flatMap(one => (one.namespace === name ? one.counted : []));
      return {
        name,
        annotations,
        ...(container === undefined
          ? {}
          : {
              limitRange: {
                ...(container.max && { max: container.max }),
                ...(container.min && { min: container.min }),
              },
            }),
        ...(quota.length === 0 ? {} : { quota }),
      };
    },
    annotationsOf: name => namespaces.get(name),
    owner: (pod, namespace) => above(controllerOf(pod.metadata), namespace),
    ownerOfSeen: above,
    async resources(pod, namespace) {
      const all = instrumentations.all();
      const named = referredTo(pod, all);
      const images = [...new Set(allContainers(pod.spec).flatMap(({ image }) => image ?? []))];
      const [configMaps, secrets, facts] = await Promise.all([
        keysByName('configmaps', namespace, named.configMaps),
        keysByName('secrets', namespace, named.secrets),
        Promise.all(images.map(async image => [image, await imageFacts(image, pod, namespace)] as const)),
      ]);
      const known = facts.filter((pair): pair is [string, ImageFacts] => pair[1] !== undefined);
      return { instrumentations: all, configMaps, secrets, images: Object.fromEntries(known) };
    },
    instrumentations: instrumentations.all,
    age() {
      const ages = mirrors.map(mirror => mirror.age());
      return ages.some(age => age === undefined) ? undefined : Math.max(...(ages as number[]));
    },
    close() {
      for (const mirror of mirrors) mirror.close();
    },
  };
}

/** Kinds of Kubernetes' own that make pods, and those above them; of others the name is enough. */
const KNOWN_OWNERS = new Set(['ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

const controllerOf = (metadata: object | undefined): OwnerReference | undefined =>
  (metadata as { ownerReferences?: readonly OwnerReference[] } | undefined)?.ownerReferences?.find(
    ({ controller }) => controller === true,
  );

/** By `envFrom` of the pod, by files and variables of the resources. */
function referredTo(pod: Pod, all: readonly Instrumentation[]) {
  const sources = allContainers(pod.spec).flatMap(({ envFrom = [] }) => envFrom);
  const variables = all.flatMap(({ spec }) => [
    ...(spec.env ?? []),
    ...Object.values(spec.languages ?? {}).flatMap(one => one?.env ?? []),
  ]);
  const byVariable = (kind: string) =>
    variables.flatMap(({ valueFrom }) => (valueFrom?.[kind] as { name?: string } | undefined)?.name ?? []);
  const tls = all.flatMap(({ spec }) => spec.exporter?.tls ?? []);
  return {
    configMaps: [
      ...sources.flatMap(({ configMapRef }) => configMapRef?.name ?? []),
      ...byVariable('configMapKeyRef'),
      ...tls.flatMap(({ configMapName }) => configMapName ?? []),
    ],
    secrets: [
      ...sources.flatMap(({ secretRef }) => secretRef?.name ?? []),
      ...byVariable('secretKeyRef'),
      ...tls.flatMap(({ secretName }) => secretName ?? []),
    ],
  };
}
