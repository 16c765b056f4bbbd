/**
 * The processes of this machine as workloads. What a process is shows while it is young, so it is looked at often at first
 * and seldom afterwards; what talks to a model, or is asked for by name, is looked at each time.
 */
import type { Resource } from '../../calls/model.js';
import type { Settings } from '../../config/settings.js';
import { resolveHosts } from '../../discovery/connections.js';
import { type DiscoveredProcess, discover } from '../../discovery/discover.js';
import { createDueLooks } from '../../discovery/due-looks.js';
import { createTlsInspector } from '../../discovery/tls.js';
import { readFacts, readPlacement } from '../../machine/facts.js';
import type { ProcessIdentity } from '../../machine/identity.js';
import { readStat } from '../../machine/stat.js';
import { workloadKey } from '../../machine/workload-key.js';
import type { AttachRights } from '../../plan/answer.js';
import { HOST_NAMES, providerOfName } from '../../wire/providers/recognize/hosts.js';
import { resourceOfProcess } from '../attach/process-resource.js';
import { nameOfWorkload, workloadName } from './workload-name.js';

export interface Sighting {
  readonly key: string;
  readonly name: string;
  /** As on its spans: what its own environment says, else `name`. */
  readonly serviceName: string;
  /** Those that talk to a model; where it is asked for and none does, all of them. Ascending by pid. */
  readonly processes: readonly DiscoveredProcess[];
}

export interface Sightings {
  /** @param asked keys that somebody asks something for: they are seen whatever they do */
  look(asked: ReadonlySet<string>, names: NamesOfContainers): Promise<ReadonlyMap<string, Sighting>>;
  /** The workload of a process; undefined for one that has ended. */
  keyOf(pid: number): string | undefined;
  /** What the last look has found. */
  readonly latest: ReadonlyMap<string, Sighting>;
  /** The resource of the spans of a process. */
  resourceOf(process: ProcessIdentity, workload: string | undefined): Resource;
}

/** A container as /proc has it. */
export interface UnnamedContainer {
  /** 64 hex digits. */
  readonly id: string;
  readonly podUid?: string;
  /** It is a pod's, whether its uid shows or not. */
  readonly inPod: boolean;
}

/** Keys of the workloads of containers by id, as the engine or the API server names them. */
export type NamesOfContainers = (containers: readonly UnnamedContainer[]) => Promise<ReadonlyMap<string, string>>;

export interface SightingsOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly rights: AttachRights;
}

/** Milliseconds for which addresses of providers are believed. */
const DNS_LIFE = 60_000;
const DNS_PATIENCE = 300;

interface Known {
  readonly start: string;
  readonly process: DiscoveredProcess;
}

export function createSightings({ settings, version, rights }: SightingsOptions): Sightings {
  const inspectTls = createTlsInspector();
  const due = createDueLooks();
  const table = new Map<number, Known>();
  /** Service name of a process, by its pid and start. */
  const services = new Map<string, string>();
  const names = new Map<string, string>();
  /** Of containers by id: one that is made anew keeps the key of its name. */
  const containers = new Map<string, string>();
  const keyIn = (container: string | undefined, workload: string): string =>
    (container === undefined ? undefined : containers.get(container)) ?? workload;
  const keyOfProcess = ({ placement, workload }: DiscoveredProcess): string => keyIn(placement.container, workload);
  let addresses: Promise<Map<string, string>> | undefined;
  let resolvedAt = 0;
  const resolve = () => {
    if (!addresses || performance.now() - resolvedAt > DNS_LIFE) {
      addresses = resolveHosts(HOST_NAMES, providerOfName, DNS_PATIENCE);
      resolvedAt = performance.now();
    }
    return addresses;
  };
  // A name for the agent itself is nobody else's.
  const { serviceName: _own, ...rest } = settings;
  const { 'service.name': _attribute, ...resourceAttributes } = settings.resourceAttributes;
  const forOthers: Settings = { ...rest, resourceAttributes };

  const resourceOf = (process: ProcessIdentity, workload: string | undefined): Resource => {
    if (workload === undefined) return resourceOfProcess(process, { settings: forOthers, version });
    const name = names.get(workload) ?? nameOfWorkload(workload) ?? process.name;
    return resourceOfProcess(process, { settings: forOthers, version, workload: { key: workload, name } });
  };
  const serviceOf = (key: string, { pid, name }: DiscoveredProcess): string => {
    const startTime = table.get(pid)?.start ?? '';
    const process = `${pid} ${startTime}`;
    const before = services.get(process);
    if (before !== undefined) return before;
    const service = String(resourceOf({ pid, name, startTime }, key).attributes['service.name']);
    services.set(process, service);
    return service;
  };

  let latest: ReadonlyMap<string, Sighting> = new Map();
  return {
    resourceOf,
    get latest() {
      return latest;
    },
    keyOf: pid => {
      const known = table.get(pid);
      if (known && known.start === readStat(pid)?.startTime) return keyOfProcess(known.process);
      // Younger than the last look.
      const facts = readFacts(pid);
      if (!facts) return undefined;
      const placement = readPlacement(facts);
      return keyIn(placement.container, workloadKey({ ...facts, placement }));
    },
    async look(asked, namesOf) {
      const always = new Set(
        [...table].flatMap(([pid, { process }]) => (process.relevant || asked.has(keyOfProcess(process)) ? [pid] : [])),
      );
      const pids = due(new Set(), always);
      const starts = new Map(pids.map(pid => [pid, readStat(pid)?.startTime ?? '']));
      const options = { providerOf: providerOfName, knownHosts: HOST_NAMES, inspectTls, resolve, rights, pids };
      const { processes } = await discover(options);
      const seen = new Set(processes.map(({ pid }) => pid));
      for (const process of processes) table.set(process.pid, { start: starts.get(process.pid) ?? '', process });
      // What was due and is not there any more, and what ended or was replaced since its last look.
      for (const pid of pids) if (!seen.has(pid)) table.delete(pid);
      for (const [pid, { start }] of table) if (!seen.has(pid) && readStat(pid)?.startTime !== start) table.delete(pid);
      const alive = new Set([...table].map(([pid, { start }]) => `${pid} ${start}`));
      for (const process of services.keys()) if (!alive.has(process)) services.delete(process);
      const here = containersOf([...table.values()].map(({ process }) => process));
      for (const id of containers.keys()) if (!here.has(id)) containers.delete(id);
      const unnamed = [...here.values()].filter(({ id }) => !containers.has(id));
      if (unnamed.length > 0) for (const [id, key] of await namesOf(unnamed)) containers.set(id, key);
      const found = new Map<string, Sighting>();
      for (const [key, all] of byWorkload(table, keyOfProcess)) {
        const talking = all.filter(({ relevant }) => relevant);
        const chosen = talking.length > 0 ? talking : asked.has(key) ? all : [];
        const [first] = chosen;
        if (!first) continue;
        names.set(key, workloadName(key, first));
        const serviceName = serviceOf(key, first);
        found.set(key, { key, name: names.get(key)!, serviceName, processes: chosen });
      }
      latest = found;
      return found;
    },
  };
}

function containersOf(processes: readonly DiscoveredProcess[]): Map<string, UnnamedContainer> {
  const found = new Map<string, UnnamedContainer>();
  for (const { placement, workload } of processes) {
    const { container: id, podUid } = placement;
    if (id === undefined) continue;
    found.set(id, { id, inPod: workload.startsWith('k8s:'), ...(podUid !== undefined && { podUid }) });
  }
  return found;
}

function byWorkload(
  table: ReadonlyMap<number, Known>,
  keyOf: (process: DiscoveredProcess) => string,
): Map<string, DiscoveredProcess[]> {
  const found = new Map<string, DiscoveredProcess[]>();
  const processes = [...table.values()].map(({ process }) => process).sort((a, b) => a.pid - b.pid);
  for (const process of processes) {
    const key = keyOf(process);
    const of = found.get(key) ?? [];
    found.set(key, of);
    of.push(process);
  }
  return found;
}
