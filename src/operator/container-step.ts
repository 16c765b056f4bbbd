/** One language in one container: its variables as they will be, or why the container is left as it is. */
import { VARIABLES } from '../config/variables.js';
import { OURS, wordFrom } from './annotations.js';
import { exporterVariables, samplerVariables } from './exporter.js';
import type { ClusterResources, InstrumentationSpec, OperatorSettings, Reason, Task } from './facts.js';
import { reason } from './facts.js';
import { fieldRef } from './identity.js';
import type { Container, EnvVar, Pod } from './kubernetes.js';
import { LOADER_VARIABLES, loaderOf } from './loaders.js';
import { SOCKET } from './names.js';
import { isOwn } from './tasks.js';
import {
  existingValue,
  type ImageEnvironment,
  namesFromElsewhere,
  type VariableList,
  variableList,
} from './variable-list.js';

/** A team that knows better than the operator: loader variables do not come by `envFrom`; the image's ENV has none. */
const NOT_BY_ENV_FROM = 'ignore-env-from';
const IMAGE_WITHOUT = 'ignore-image-env';

/** What the observer is told, and the program's own exporters are not: they go where the program sends them. */
const FOR_THE_OBSERVER = /^(OPENLIT_|OTEL_(EXPORTER|TRACES|METRICS|METRIC|LOGS|BSP|INSTRUMENTATION_GENAI|SEMCONV)_)/;

export interface Surroundings {
  readonly pod: Pod;
  readonly resources: ClusterResources;
  readonly settings: OperatorSettings;
}

/** @param list the container's variables so far; it is not changed */
export function stepInto(
  container: Container,
  list: VariableList,
  { language, spec }: Task,
  around: Surroundings,
): { readonly list: VariableList } | Reason {
  const { pod, resources } = around;
  const draft = variableList(list.list(), namesFromElsewhere(container, resources));
  for (const [name, field] of ADDRESSES) draft.putFirst({ name, valueFrom: fieldRef(field) });
  for (const entry of wordsOf(spec, language)) {
    if (!isOwn(language) || !FOR_THE_OBSERVER.test(entry.name)) draft.addDefault(entry);
  }
  const values: Record<string, string | undefined> = {};
  const facts = { ignoreEnvFrom: asks(pod, NOT_BY_ENV_FROM), imageEnv: imageEnvironment(container, around) };
  for (const name of LOADER_VARIABLES[language]) {
    const existing = existingValue(name, draft, container, resources, facts);
    if (!existing.known) {
      return reason('loader-variable', `${existing.why}; the container is left as it is`, {
        language,
        container: container.name,
      });
    }
    values[name] = existing.value;
  }
  const platform = platformOf(pod, container, resources);
  const loader = loaderOf(language, values, container, platform);
  if (!loader.mine) return reason('refused', loader.because, { language, container: container.name });
  for (const [name, value] of Object.entries(loader.env)) draft.set(name, value);
  if (isOwn(language)) draft.addDefault({ name: VARIABLES.tap, value: tapOf(spec) });
  else addExporter(draft, spec);
  return { list: draft };
}

const ADDRESSES = [
  [VARIABLES.podIp, 'status.podIP'],
  [VARIABLES.nodeIp, 'status.hostIP'],
] as const;

const wordsOf = (spec: InstrumentationSpec, language: Task['language']): readonly EnvVar[] => [
  ...(spec.languages?.[language]?.env ?? []),
  ...(spec.env ?? []),
];

const asks = (pod: Pod, name: string): boolean => pod.metadata?.annotations?.[OURS + name] === 'true';

function imageEnvironment({ image = '' }: Container, { pod, resources, settings }: Surroundings): ImageEnvironment {
  const facts = resources.images[image];
  if (facts !== undefined) return facts.env;
  return settings.unknownImage === 'assume-empty' || asks(pod, IMAGE_WITHOUT) ? {} : 'unknown';
}

/** The word of the pod, else the image's C library; none of ours has native code, .NET's agent does. */
function platformOf(pod: Pod, { image = '' }: Container, resources: ClusterResources): string {
  const asked = wordFrom(pod.metadata?.annotations, 'otel-dotnet-auto-runtime');
  if (asked === 'linux-x64' || asked === 'linux-musl-x64') return asked;
  return resources.images[image]?.libc === 'musl' ? 'linux-musl-x64' : 'linux-x64';
}

/** The taps find the observer of the pod, or nobody: then the program runs as if we were not there. */
function tapOf({ captureContent }: InstrumentationSpec): string {
  return JSON.stringify({
    v: 1,
    socket: SOCKET,
    view: true,
    retry: true,
    wait: false,
    content: captureContent === true,
  });
}

function addExporter(list: VariableList, spec: InstrumentationSpec): void {
  for (const entry of exporterVariables(spec)) list.addDefault(entry);
  const sampled = list.has(VARIABLES.tracesSampler) || list.has(VARIABLES.tracesSamplerArg);
  if (!sampled) for (const entry of samplerVariables(spec)) list.addDefault(entry);
}

/** The observer's variables: the container's own words, then those of the resource, then what we derive of it. */
export function observerVariables(container: Container, { language, spec }: Task): readonly EnvVar[] {
  // A word with `$(…)` refers to variables that the observer has not.
  const own = (container.env ?? []).filter(({ name, value }) => FOR_THE_OBSERVER.test(name) && !value?.includes('$('));
  const list = variableList(own, new Set());
  for (const [name, field] of ADDRESSES) list.putFirst({ name, valueFrom: fieldRef(field) });
  for (const entry of wordsOf(spec, language)) if (FOR_THE_OBSERVER.test(entry.name)) list.addDefault(entry);
  addExporter(list, { ...spec, propagators: [] });
  if (spec.captureContent) list.addDefault({ name: VARIABLES.captureContent, value: 'true' });
  return list.list();
}
