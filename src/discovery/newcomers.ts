/**
 * Processes for `attach` to add as they come: `--all` takes what evidently talks to a model and can be probed, `--name` what
 * is called so.
 */

import { namesOf, readCommandLine } from '../machine/facts.js';
import { attaches } from '../plan/answer.js';
import type { Instrumentation } from '../plan/instrumented.js';
import { HOST_NAMES, providerOfName } from '../wire/providers/recognize/hosts.js';
import { resolveHosts } from './connections.js';
import { type DiscoveredProcess, type DiscoverOptions, discover } from './discover.js';
import { createDueLooks } from './due-looks.js';
import { observedBy } from './targets.js';
import { createTlsInspector } from './tls.js';

/** Milliseconds between two looks. By name is cheap (two short files of a new process), so it can be often. */
const ALL_INTERVAL = 2_000;
const NAME_INTERVAL = 250;
/** Milliseconds for which addresses of providers are believed. */
const DNS_LIFE = 60_000;
const DNS_PATIENCE = 300;

export interface Newcomer {
  readonly pid: number;
  /** What observes it from inside already. */
  readonly observedBy?: Instrumentation;
}

/** A source of processes that is asked again and again. */
export interface Newcomers {
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** A person named these: of one that cannot be observed, the reason is said. */
  readonly named: boolean;
  /** What a person has to know after the first look, which found so many. */
  start(found: number): string | undefined;
  /** Processes that fit among those that are due for a look, `known` ones left out. */
  look(known: ReadonlySet<number>): Promise<readonly Newcomer[]>;
}

/** What `attach` can choose from: relevant, and open to probes. */
export function attachable(processes: readonly DiscoveredProcess[]): DiscoveredProcess[] {
  return processes.filter(({ plan }) => plan && attaches(plan));
}

/**
 * Everything that evidently talks to an LLM; `force`: also what is observed from inside. What only could, by what is installed or set around it, is looked at every
 * time, because its next connection is what shows it.
 */
export function relevantNewcomers(force: boolean): Newcomers {
  const dueLooks = createDueLooks();
  /** Those that could, and were not seen to. */
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
    interval: ALL_INTERVAL,
    named: false,
    start: found => {
      if (possible.size > 0) return waitingLine(possible.size);
      return found > 0 ? undefined : 'no process talks to an LLM now; waiting for one (Ctrl-C to stop)';
    },
    async look(known) {
      const pids = dueLooks(known, possible);
      for (const pid of possible) if (!pids.includes(pid)) possible.delete(pid); // ended, or observed
      if (pids.length === 0) return [];
      const options = { providerOf: providerOfName, knownHosts: HOST_NAMES, inspectTls, resolve, pids, force };
      const { processes } = await discover(options);
      for (const { pid, evident } of attachable(processes)) {
        if (evident) possible.delete(pid);
        else possible.add(pid);
      }
      return processes.flatMap(({ pid, evident, plan }): Newcomer[] => {
        if (!evident || !plan) return [];
        if (plan.observedBy) return [{ pid, observedBy: plan.observedBy }];
        return attaches(plan) ? [{ pid }] : [];
      });
    },
  };
}

/** `--all` leaves alone what was not seen to talk to a model. */
function waitingLine(number: number): string {
  const [subject, verb] =
    number === 1 ? ['1 idle candidate', 'it connects'] : [`${number} idle candidates`, 'they connect'];
  return `${subject}; attaching when ${verb} to a provider (openlit-instrument ps lists them, --pid attaches at once)`;
}

/** Processes whose program has one of these names; `*` and `?` as in a shell. */
export function namedNewcomers(globs: readonly string[], force: boolean): Newcomers {
  const dueLooks = createDueLooks();
  const patterns = globs.map(toPattern);
  const fits = (pid: number) => namesOf(pid).some(name => patterns.some(pattern => pattern.test(name)));
  return {
    interval: NAME_INTERVAL,
    named: true,
    start: found =>
      found > 0 ? undefined : `no process has the name ${globs.join(' or ')} now; waiting for one (Ctrl-C to stop)`,
    async look(known) {
      return dueLooks(known)
        .filter(fits)
        .filter(pid => readCommandLine(pid).length > 0) // kernel threads have none
        .map(pid => {
          const seen = force ? undefined : observedBy(pid);
          return { pid, ...(seen && { observedBy: seen }) };
        });
    },
  };
}

function toPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
