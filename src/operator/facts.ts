/** What the one function is told beside the pod. Whoever asks the API server puts it together; nothing here is looked up. */
import type { Container, EnvVar, ResourceNeeds } from './kubernetes.js';

/** In the order in which they are decided. `sdk`: variables alone, for a program that carries an SDK. */
export const LANGUAGES = ['python', 'nodejs', 'java', 'dotnet', 'ruby', 'sdk'] as const;
export type Language = (typeof LANGUAGES)[number];

/** From the pod's controller upwards: ReplicaSet, then Deployment; Job, then CronJob. Empty for a naked pod. */
export type Owner = readonly OwnerLink[];

export interface OwnerLink {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  /** Of the object itself, not of its pod template. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface NamespaceFacts {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of its LimitRange, for containers. */
  readonly limitRange?: { readonly max?: Record<string, string>; readonly min?: Record<string, string> };
  /** Resources for which a ResourceQuota makes every container say something: `limits.cpu`, `requests.memory`. */
  readonly quota?: readonly string[];
}

export interface Instrumentation {
  readonly namespace: string;
  readonly name: string;
  /** Of the resource's `metadata`: it grows with each change of `spec`. */
  readonly generation?: number;
  readonly spec: InstrumentationSpec;
}

/** `spec` of an OpenlitInstrumentation. */
export interface InstrumentationSpec {
  readonly exporter?: { readonly endpoint?: string; readonly protocol?: string; readonly tls?: Tls };
  readonly env?: readonly EnvVar[];
  readonly propagators?: readonly string[];
  readonly sampler?: { readonly type: string; readonly argument?: string };
  readonly resource?: {
    readonly attributes?: Readonly<Record<string, string>>;
    readonly addUids?: boolean;
    readonly useLabels?: boolean;
  };
  /** Messages of calls; off unless it is asked for. */
  readonly captureContent?: boolean;
  readonly languages?: Partial<Record<Language, LanguageSpec>>;
}

export interface LanguageSpec {
  readonly image?: string;
  readonly env?: readonly EnvVar[];
}

/** Names of a Secret and a ConfigMap in the pod's namespace, and keys in them; a key that begins with `/` is a file. */
export interface Tls {
  readonly secretName?: string;
  readonly configMapName?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Keys of a ConfigMap or Secret; null: there is none of that name; absent from the record: it could not be read. */
export type KeysByName = Readonly<Record<string, readonly string[] | null>>;

export interface ClusterResources {
  readonly instrumentations: readonly Instrumentation[];
  readonly configMaps: KeysByName;
  readonly secrets: KeysByName;
  /** What an image's own configuration says, by the name in the pod; absent: nobody could say. */
  readonly images: Readonly<Record<string, ImageFacts>>;
}

export interface ImageFacts {
  readonly env: Readonly<Record<string, string>>;
  readonly libc?: 'glibc' | 'musl';
}

/** Of the operator itself. */
export interface OperatorSettings {
  /** Where the operator lives: its own pods must start while its webhook is down. */
  readonly ownNamespace: string;
  readonly excludedNamespaces: readonly string[];
  /** Pinned by the release; one of a resource wins. `own` holds the hooks and the observer. */
  readonly images: Readonly<Record<'own' | 'java' | 'dotnet' | 'ruby', string>>;
  readonly imagePullPolicy?: string;
  /** Used where a namespace has no OpenlitInstrumentation. */
  readonly defaults?: InstrumentationSpec;
  /** An image whose ENV nobody knows: its loader variables may be ours, or the container is left alone. */
  readonly unknownImage: 'leave' | 'assume-empty';
  /** Kubernetes 1.29 and later. An older server takes the observer for an init container, which would never end. */
  readonly nativeSidecars: boolean;
  /** Of each container that copies files. */
  readonly copyResources: ResourceNeeds;
  readonly observerResources: ResourceNeeds;
  /** Bytes that our files may take. */
  readonly volumeSize: string;
  /** Where neither the pod nor the namespace says which user. */
  readonly user: number;
}

/** Why something was not done, for a warning, an event and the status of the resource. */
export interface Reason {
  readonly code: ReasonCode;
  /** One sentence for people, without a final stop. */
  readonly text: string;
  readonly container?: string;
  readonly language?: string;
}

export type ReasonCode =
  | 'already-observed'
  | 'by-another'
  | 'excluded-namespace'
  | 'windows'
  | 'annotation-on-owner'
  | 'bad-names'
  | 'no-such-container'
  | 'names-needed'
  | 'no-resource'
  | 'several-resources'
  | 'no-such-resource'
  | 'tls-missing'
  | 'tls-mismatch'
  | 'variable-missing'
  | 'old-server'
  | 'node-agent'
  | 'loader-variable'
  | 'refused'
  | 'little-storage'
  | 'limit-range'
  | 'other-exporter'
  | 'attributes-kept'
  | 'bad-sampler'
  | 'late'
  | 'no-image'
  | 'internal';

/** One language in its containers, by one resource. */
export interface Task {
  readonly language: Language;
  /** `shop/default@3`: the resource and its generation; `default` for the operator's own. */
  readonly by: string;
  readonly spec: InstrumentationSpec;
  readonly containers: readonly string[];
}

export const reason = (
  code: ReasonCode,
  text: string,
  more: { container?: string; language?: string } = {},
): Reason => ({
  code,
  text,
  ...more,
});

/** Init containers included. */
export const allContainers = (spec: {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}): readonly Container[] => [...(spec.initContainers ?? []), ...spec.containers];
