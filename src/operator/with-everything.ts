/** The pod as it will be: variables, volumes, mounts, containers of ours, and the two annotations that say so. */
import { type OwnContainer, ownContainer } from './added-containers.js';
import { observerVariables } from './container-step.js';
import { type Mounted, tlsVolumes } from './exporter.js';
import { allContainers, type NamespaceFacts, type OperatorSettings, type Reason, reason, type Task } from './facts.js';
import type { Container, Pod, Volume, VolumeMount } from './kubernetes.js';
import {
  COPY,
  copyOf,
  INJECTED,
  INJECTED_BY,
  MOUNT,
  mountOf,
  OBSERVER,
  PAYLOAD,
  SOCKET,
  VOLUME,
  volumeOf,
} from './names.js';
import type { VariableList } from './variable-list.js';

/** A task, with the containers in which it is done. */
export interface Done extends Task {
  /** By a hook of ours, which needs the observer. */
  readonly own: boolean;
}

/** Without it, an autoscaler does not move a pod with a local volume (cluster-autoscaler's FAQ). */
const MOVABLE = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';

export function withEverything(
  pod: Pod,
  done: readonly Done[],
  lists: ReadonlyMap<string, VariableList>,
  { namespace, settings }: { readonly namespace: NamespaceFacts; readonly settings: OperatorSettings },
  found: Reason[],
): Pod {
  const { spec } = pod;
  const named = (name: string) => allContainers(spec).find(one => one.name === name)!;
  const first = allContainers(spec).find(({ name }) => done.some(({ containers }) => containers.includes(name)))!;
  const around = { pod, namespace, settings, first };
  const added = ownContainers(done, named, settings, found).map(own => ownContainer(own, around));
  const volumes = volumesOf(done, settings);
  const change = (container: Container): Container => changed(container, done, lists);
  const init = (spec.initContainers ?? []).map(change);
  const before = init.findIndex(({ name }) => done.some(({ containers }) => containers.includes(name)));
  const at = before < 0 ? init.length : before;
  const initContainers = [...init.slice(0, at), ...added, ...init.slice(at)];
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: annotationsOf(pod, done, added.length > 0 ? volumes : []) },
    spec: {
      ...spec,
      containers: spec.containers.map(change),
      ...(initContainers.length === 0 ? {} : { initContainers }),
      ...(volumes.length === 0 ? {} : { volumes: [...(spec.volumes ?? []), ...volumes] }),
    },
  };
}

/** Seconds that a program waits for the observer; its start takes a half. */
const PATIENCE = '5';
const OWN_MOUNT: VolumeMount = { name: VOLUME, mountPath: MOUNT };

function ownContainers(
  done: readonly Done[],
  named: (name: string) => Container,
  settings: OperatorSettings,
  found: Reason[],
): OwnContainer[] {
  const added: OwnContainer[] = [];
  const own = done.filter(task => task.own);
  if (own.length > 0) {
    const image =
      own.map(({ spec, language }) => spec.languages?.[language]?.image).find(one => one) ?? settings.images.own;
    const [first, ...others] = own.flatMap(task =>
      task.containers.map(name => ({ task, name, env: observerVariables(named(name), task) })),
    );
    for (const { task, name, env } of others) {
      if (JSON.stringify(env) === JSON.stringify(first!.env) || name === first!.name) continue;
      const text = `its exporter settings differ from those of ${first!.name}, which hold for the whole pod`;
      found.push(reason('other-exporter', text, { container: name, language: task.language }));
    }
    // No `-p`, no `-a`: with a user of its own the copy may keep neither owner nor times.
    added.push({ name: COPY, image, command: ['cp', '-r', `${PAYLOAD}/.`, MOUNT], mounts: [OWN_MOUNT] });
    const mounts = [OWN_MOUNT, ...tlsVolumes(first!.task.spec).map(({ mount }) => mount)];
    const command = ['/observer', '--socket', SOCKET];
    // Not a probe: it ends by itself, so a program waits no longer than this.
    const ready = ['/observer', '--wait', SOCKET, PATIENCE];
    added.push({ name: OBSERVER, image, command, mounts, env: first!.env, stays: true, ready });
  }
  for (const { language, spec } of done) {
    if (language !== 'java' && language !== 'dotnet' && language !== 'ruby') continue;
    const to = mountOf(language);
    const command =
      language === 'java'
        ? ['cp', '/javaagent.jar', `${to}/javaagent.jar`]
        : ['cp', '-r', '/autoinstrumentation/.', to];
    const image = spec.languages?.[language]?.image ?? settings.images[language];
    added.push({ name: copyOf(language), image, command, mounts: [{ name: volumeOf(language), mountPath: to }] });
  }
  return added;
}

function volumesOf(done: readonly Done[], { volumeSize }: OperatorSettings): Volume[] {
  const empty = (name: string): Volume => ({ name, emptyDir: { sizeLimit: volumeSize } });
  const byName = new Map<string, Volume>();
  for (const { language, own, spec } of done) {
    if (own) byName.set(VOLUME, empty(VOLUME));
    else if (language !== 'sdk') byName.set(volumeOf(language), empty(volumeOf(language)));
    for (const { volume } of tlsVolumes(spec)) byName.set(volume.name, volume);
  }
  return [...byName.values()];
}

function changed(container: Container, done: readonly Done[], lists: ReadonlyMap<string, VariableList>): Container {
  const list = lists.get(container.name);
  if (list === undefined) return container;
  const mine = done.filter(({ containers }) => containers.includes(container.name));
  const byName = new Map<string, VolumeMount>();
  for (const { language, own, spec } of mine) {
    if (own) byName.set(VOLUME, { ...OWN_MOUNT, readOnly: true });
    else if (language !== 'sdk')
      byName.set(volumeOf(language), { name: volumeOf(language), mountPath: mountOf(language), readOnly: true });
    // The observer of our hooks sends; the others send by themselves.
    if (!own) for (const { mount } of tlsVolumes(spec) as readonly Mounted[]) byName.set(mount.name, mount);
  }
  const mounts = [...byName.values()];
  return {
    ...container,
    env: list.list(),
    ...(mounts.length === 0 ? {} : { volumeMounts: [...(container.volumeMounts ?? []), ...mounts] }),
  };
}

function annotationsOf({ metadata }: Pod, done: readonly Done[], volumes: readonly Volume[]): Record<string, string> {
  const before = metadata?.annotations ?? {};
  const injected = done.flatMap(({ language, containers }) => containers.map(name => `${language}=${name}`)).join(',');
  const local = volumes.filter(volume => 'emptyDir' in volume).map(({ name }) => name);
  const movable = [before[MOVABLE], ...local].filter(Boolean).join(',');
  const by = [...new Set(done.map(task => task.by))].join(',');
  return { ...before, [INJECTED]: injected, [INJECTED_BY]: by, ...(local.length === 0 ? {} : { [MOVABLE]: movable }) };
}
