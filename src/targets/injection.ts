/** What is put into workloads, the same for every target; `runs/inject.ts` composes it. */
import { createHash } from 'node:crypto';
import type { SettingId } from '../config/flags.js';
import type { Origin } from '../config/layers.js';
import type { Settings } from '../config/settings.js';
import { VARIABLES } from '../config/variables.js';

export interface Injection {
  /** Ours. */
  readonly version: string;
  /** The built project: what the payload is copied from. */
  readonly built: string;
  readonly settings: Settings;
  readonly sources: ReadonlyMap<SettingId, Origin>;
  /** What a hook has to know before it hands over anything: `tapOfEndpoint` says the same to a launch. */
  readonly forHooks: object;
  /**
   * The settings of an observer that a hook starts itself, where no agent listens; it may hold credentials. Absent: nobody
   * named an endpoint, so only an agent can take the calls.
   */
  readonly document?: (attributes: Readonly<Record<string, string>>) => string;
  /** The words that start an observer, without `--settings` and `--socket`; `observer.cjs` is the payload's. */
  readonly observer: { readonly node: string; readonly flags: readonly string[] };
  readonly holdsCredentials: boolean;
  /** Where an agent of this machine takes the frames of hooks. */
  readonly agentSocket: string;
}

const TAP_VERSION = 1;

export interface TapFacts {
  /** Which injection it is, so that a look at the process tells whether it runs with it. */
  readonly injection: string;
  readonly socket?: string;
  /** Its key, where the program cannot be known by its pid: in a container. */
  readonly workload?: string;
  readonly observer?: readonly string[];
}

/** The one variable of a hook (docs/protocols.md). */
export function tapVariable(facts: TapFacts, { forHooks }: Pick<Injection, 'forHooks'>): Record<string, string> {
  return { [VARIABLES.tap]: JSON.stringify({ v: TAP_VERSION, ...facts, wait: false, ...forHooks }) };
}

/** Which injection a process runs with, of its environment. */
export function injectionOf(tap: string | undefined): string | undefined {
  try {
    const { injection } = JSON.parse(tap ?? '') as { injection?: unknown };
    return typeof injection === 'string' ? injection : undefined;
  } catch {
    return undefined;
  }
}

/** Twelve hex digits that change with whatever would be written. */
export function injectionId(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}
