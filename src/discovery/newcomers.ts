/**
 * `attach --all`: everything that evidently talks to a model and can be attached to, again and again. A look at all
 * processes reads hundreds of files, so a process is looked at often while it is young, which is when it loads its
 * libraries, and seldom afterwards; one that could talk to a model is always looked at, because its next connection is
 * what shows it.
 */
import { HOST_NAMES, providerOfName } from '../wire/providers/recognize/hosts.js';
import { resolveHosts } from './connections.js';
import { type DiscoveredProcess, type DiscoverOptions, discover } from './discover.js';
import { listPids } from './proc.js';
import { createTlsInspector } from './tls.js';

/** Every look, for the first ones; then one look in so many. */
const YOUNG_LOOKS = 8;
const OLD_EVERY = 15;
/** Milliseconds for which addresses of providers are believed. */
const DNS_LIFE = 60_000;
const DNS_PATIENCE = 300;

/** What `attach` can choose from: relevant, and with TLS code that can be probed. */
export function attachable(processes: readonly DiscoveredProcess[]): DiscoveredProcess[] {
  return processes.filter(({ relevant, tls }) => relevant && tls?.attachable);
}

export interface Newcomers {
  /** Processes that evidently talk to a model, among those that are due for a look; `known` ones left out. */
  look(known: ReadonlySet<number>): Promise<DiscoveredProcess[]>;
  /** Those that could, by what is installed or set around them, and were not seen to. */
  readonly possible: ReadonlySet<number>;
}

export function createNewcomers(): Newcomers {
  const looks = new Map<number, number>();
  const possible = new Set<number>();
  const inspectTls = createTlsInspector();
  let addresses: Promise<Map<string, string>> | undefined;
  let resolvedAt = 0;
  const resolve: DiscoverOptions['resolve'] = () => {
    if (!addresses || performance.now() - resolvedAt > DNS_LIFE) {
      addresses = resolveHosts(HOST_NAMES, providerOfName, DNS_PATIENCE);
      resolvedAt = performance.now();
    }
    return addresses;
  };
  return {
    possible,
    async look(known) {
      const alive = listPids();
      const living = new Set(alive);
      for (const pid of looks.keys()) if (!living.has(pid)) looks.delete(pid);
      for (const pid of possible) if (!living.has(pid)) possible.delete(pid);
      const due = alive.filter(pid => {
        const number = looks.get(pid) ?? 0;
        looks.set(pid, number + 1);
        return !known.has(pid) && (number < YOUNG_LOOKS || number % OLD_EVERY === 0 || possible.has(pid));
      });
      if (due.length === 0) return [];
      const options = { providerOf: providerOfName, knownHosts: HOST_NAMES, inspectTls, resolve, pids: due };
      const found = attachable((await discover(options)).processes);
      for (const { pid, evident } of found) {
        if (evident) possible.delete(pid);
        else possible.add(pid);
      }
      return found.filter(({ evident }) => evident);
    },
  };
}
