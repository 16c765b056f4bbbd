/**
 * Where the pods of a cluster stand towards each resource: observed as it says now, as it said before, or asking and not
 * observed, because they are older than the resource, or because something was in the way at their admission. Pure.
 */
import { credentialNames } from '../discovery/credentials.js';
import { OURS, type Requests, requestsOf, THEIRS } from './annotations.js';
import { type Instrumentation, LANGUAGES, type Language, type OperatorSettings } from './facts.js';
import type { Pod } from './kubernetes.js';
import { COPY, copyOf, INJECTED, INJECTED_BY } from './names.js';
import { isOwn, resourceAsked } from './tasks.js';

/** What is kept of a pod that runs. */
export interface SeenPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string };
  /** Ours and their aliases. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Of our init containers, by name. */
  readonly images: Readonly<Record<string, string>>;
  /** Why it seems to talk to a model: names of variables, never a value. */
  readonly signs: readonly string[];
  /** It has ended, or is about to. */
  readonly over: boolean;
}

interface PodObject extends Pod {
  readonly metadata: NonNullable<Pod['metadata']> & {
    readonly namespace?: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly (NonNullable<SeenPod['owner']> & { readonly controller?: boolean })[];
  };
  readonly status?: { readonly phase?: string };
}

export function seenPod({ metadata, spec, status }: PodObject): SeenPod {
  const annotations = Object.entries(metadata.annotations ?? {});
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  const copies = (spec.initContainers ?? []).filter(({ name }) => name.startsWith(COPY));
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    ...(owner && { owner: { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid } }),
    annotations: Object.fromEntries(annotations.filter(([name]) => name.startsWith(OURS) || name.startsWith(THEIRS))),
    images: Object.fromEntries(copies.map(({ name, image = '' }) => [name, image])),
    signs: signsOf(spec),
    over: metadata.deletionTimestamp !== undefined || status?.phase === 'Succeeded' || status?.phase === 'Failed',
  };
}

/** Where a client library is led to a model that is not its provider's own. */
const ADDRESSES = /^(OPENAI|ANTHROPIC|OLLAMA|LITELLM|AZURE_OPENAI)_(BASE_URL|API_BASE|HOST|ENDPOINT)$/;

function signsOf({ containers }: Pod['spec']): string[] {
  const names = new Set(containers.flatMap(({ env = [] }) => env.map(({ name }) => name)));
  const keys = credentialNames(new Map([...names].map(name => [name, 'set'])));
  return [...keys, ...[...names].filter(name => ADDRESSES.test(name)).sort()];
}

export interface Standing {
  readonly observed: SeenPod[];
  readonly old: SeenPod[];
  readonly waiting: SeenPod[];
}

export const keyOfResource = ({ namespace, name }: Pick<Instrumentation, 'namespace' | 'name'>): string =>
  `${namespace}/${name}`;

/** @param namespaces annotations by the namespace's name */
export function standings(
  pods: readonly SeenPod[],
  all: readonly Instrumentation[],
  namespaces: (name: string) => Readonly<Record<string, string>> | undefined,
  settings: OperatorSettings,
): ReadonlyMap<string, Standing> {
  const found = new Map<string, Standing>(
    all.map(one => [keyOfResource(one), { observed: [], old: [], waiting: [] } as Standing]),
  );
  for (const pod of pods) {
    const { namespace, annotations } = pod;
    if (pod.over || settings.excludedNamespaces.includes(namespace) || namespace === settings.ownNamespace) continue;
    if (annotations[INJECTED] !== undefined) {
      for (const resource of all) {
        const by = generationIn(annotations[INJECTED_BY], resource);
        if (by === undefined) continue;
        const now = by === resource.generation && hasImages(pod, resource, settings);
        found.get(keyOfResource(resource))![now ? 'observed' : 'old'].push(pod);
      }
      continue;
    }
    const wanted = requestsOfSeen(pod, namespaces(namespace));
    for (const key of new Set(wanted.flatMap(one => resourceAsked(one, namespace, all) ?? []).map(keyOfResource))) {
      found.get(key)!.waiting.push(pod);
    }
  }
  return found;
}

export function requestsOfSeen(
  { namespace, annotations }: SeenPod,
  outer: Readonly<Record<string, string>> | undefined,
): Requests['wanted'] {
  const pod = { metadata: { annotations }, spec: { containers: [] } };
  return requestsOf(pod, { name: namespace, ...(outer && { annotations: outer }) }, []).wanted;
}

/** Of `shop/default@3,shop/other@1`; undefined: it was not by this one. */
function generationIn(by: string | undefined, resource: Instrumentation): number | undefined {
  const prefix = `${keyOfResource(resource)}@`;
  const part = by?.split(',').find(one => one.startsWith(prefix));
  return part === undefined ? undefined : Number(part.slice(prefix.length));
}

/** A release moves the images that nobody chose; pods that have the one before are old, and work on. */
function hasImages({ images }: SeenPod, { spec }: Instrumentation, settings: OperatorSettings): boolean {
  return Object.entries(images).every(([container, image]) => {
    const languages: readonly Language[] =
      container === COPY ? LANGUAGES.filter(isOwn) : LANGUAGES.filter(language => copyOf(language) === container);
    const chosen = languages.flatMap(language => spec.languages?.[language]?.image ?? []);
    const [language = 'sdk'] = languages;
    const pinned = container === COPY ? settings.images.own : settings.images[language as 'java'];
    return chosen.includes(image) || image === pinned;
  });
}
