/**
 * The variables of one container while they are put together. A name that is there is never set again: the container's own
 * words come first, then the resource's for the language, then the resource's for all, then what we derive.
 */

import type { ClusterResources } from './facts.js';
import type { Container, EnvVar } from './kubernetes.js';

export interface VariableList {
  readonly has: (name: string) => boolean;
  /** The entry that the kubelet would use: the last of that name. */
  readonly entry: (name: string) => EnvVar | undefined;
  /** Only where the container does not have it. */
  readonly addDefault: (entry: EnvVar) => void;
  /** Before everything: what `$(…)` of later entries refers to. */
  readonly putFirst: (entry: EnvVar) => void;
  /** In its place, or at the end. */
  readonly set: (name: string, value: string) => void;
  /** At the end, where every `$(…)` in it has been said before. */
  readonly setLast: (name: string, value: string) => void;
  readonly list: () => readonly EnvVar[];
}

/** @param comesFromElsewhere names that the container gets by `envFrom`: an entry of ours would hide them */
export function variableList(before: readonly EnvVar[], comesFromElsewhere: ReadonlySet<string>): VariableList {
  let entries = [...before];
  const entry = (name: string) => entries.findLast(one => one.name === name);
  const has = (name: string) => entry(name) !== undefined || comesFromElsewhere.has(name);
  return {
    has,
    entry,
    addDefault(one) {
      if (!has(one.name)) entries.push(one);
    },
    putFirst(one) {
      if (!has(one.name)) entries.unshift(one);
    },
    set(name, value) {
      const at = entries.findLastIndex(one => one.name === name);
      if (at < 0) entries.push({ name, value });
      else entries[at] = { name, value };
    },
    setLast(name, value) {
      entries = [...entries.filter(one => one.name !== name), { name, value }];
    },
    list: () => entries,
  };
}

/** Names that `envFrom` gives for sure; what could not be read is not among them. */
export function namesFromElsewhere(container: Container, resources: ClusterResources): Set<string> {
  const names = new Set<string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const keys = configMapRef ? resources.configMaps[configMapRef.name] : resources.secrets[secretRef?.name ?? ''];
    for (const key of keys ?? []) names.add(prefix + key);
  }
  return names;
}

/** The kubelet replaces `$(NAME)` in a value; a text that comes from elsewhere must stay as it is. */
export const literally = (text: string): string => text.replaceAll('$(', '$$$$(');

export type Existing =
  | { readonly known: true; readonly value: string | undefined }
  | { readonly known: false; readonly why: string };

/**
 * What the container would have in this variable without us. An entry of ours hides all other sources, so one that cannot be
 * read is a reason to leave it alone: a lost `PYTHONPATH` breaks the program's imports.
 * @param ignore the team says that no source holds loader variables
 */
export function existingValue(
  name: string,
  list: VariableList,
  container: Container,
  resources: ClusterResources,
  { ignoreEnvFrom, imageEnv }: { readonly ignoreEnvFrom: boolean; readonly imageEnv: ImageEnvironment },
): Existing {
  const entry = list.entry(name);
  if (entry?.valueFrom !== undefined) return { known: false, why: `${name} comes by valueFrom` };
  if (entry !== undefined) return { known: true, value: entry.value ?? '' };
  for (const { prefix = '', configMapRef, secretRef } of ignoreEnvFrom ? [] : (container.envFrom ?? [])) {
    const source = configMapRef ? `ConfigMap ${configMapRef.name}` : `Secret ${secretRef?.name}`;
    const keys = configMapRef ? resources.configMaps[configMapRef.name] : resources.secrets[secretRef?.name ?? ''];
    if (keys === undefined) return { known: false, why: `${name} may come by envFrom: ${source} could not be read` };
    if (keys?.some(key => prefix + key === name))
      return { known: false, why: `${name} comes by envFrom from ${source}` };
  }
  if (imageEnv === 'unknown')
    return {
      known: false,
      why: `the image may set ${name}, and its registry could not be asked (if it does not: openlit.io/ignore-image-env: "true")`,
    };
  const value = imageEnv[name];
  return { known: true, value: value === undefined ? undefined : literally(value) };
}

export type ImageEnvironment = Readonly<Record<string, string>> | 'unknown';
