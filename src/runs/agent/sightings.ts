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
import type { ProcessIdentity } from '../../machine/identity.js';
import { readStat } from '../../machine/stat.js';
import type { AttachRights } from '../../plan/running.js';
import { HOST_NAMES, providerOfName } from '../../wire/providers/recognize/hosts.js';
import { resourceOfProcess } from '../attach/process-resource.js';
import { workloadName } from './workload-name.js';

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
  look(asked: ReadonlySet<string>): Promise<ReadonlyMap<string, Sighting>>;
  /** What the last look has found. */
  readonly latest: ReadonlyMap<string, Sighting>;
  /** The resource of the spans of a process. */
  resourceOf(process: ProcessIdentity, workload: string | undefined): Resource;
}

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
    if (workload === undefined) return resourceOfProcess(process, forOthers, version);
    const name = names.get(workload) ?? process.name;
    return resourceOfProcess(process, forOthers, version, { key: workload, name });
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
    async look(asked) {
      const always = new Set(
        [...table].flatMap(([pid, { process }]) => (process.relevant || asked.has(process.workload) ? [pid] : [])),
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
      const found = new Map<string, Sighting>();
      for (const [key, all] of byWorkload(table)) {
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

function byWorkload(table: ReadonlyMap<number, Known>): Map<string, DiscoveredProcess[]> {
  const found = new Map<string, DiscoveredProcess[]>();
  const processes = [...table.values()].map(({ process }) => process).sort((a, b) => a.pid - b.pid);
  for (const process of processes) {
    const of = found.get(process.workload) ?? [];
    found.set(process.workload, of);
    of.push(process);
  }
  return found;
}
