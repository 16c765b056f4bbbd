/**
 * Who belongs to an observation, and how: children are observed as their parents are, programs that a hook observes from inside
 * are only followed, and of those that ended before they could be looked at the name is kept for the calls that were seen.
 */

import { Problem } from '../errors.js';
import { childrenOf } from '../machine/children.js';
import { identify, type ProcessIdentity } from '../machine/identity.js';
import type { KernelRecord } from '../wire/transport/record.js';
import { readProgram } from '../wire/transport/record.js';
import { standBy } from './bystander.js';
import type { Programs } from './kernel/programs.js';
import type { KnownLibraries } from './known-libraries.js';
import type { ObservedProcess } from './observed-process.js';
import type { SharedProbes } from './shared-probes.js';
import type { FilePlan } from './sources/plan.js';

export interface FamilyOptions {
  /** Why a child that is there already is left out; undefined: it is observed. */
  readonly leaveOut?: (pid: number) => string | undefined;
  /** Whether a program that somebody observed has started is observed from inside, so that it is only followed. */
  readonly hooked?: (program: StartedProgram) => boolean;
}

export interface StartedProgram extends Pick<ProcessIdentity, 'pid' | 'name'> {
  /** Its first words, where the kernel told them. */
  readonly words?: readonly string[];
}

/** What the session lends. */
export interface FamilyTools {
  readonly programs: Programs;
  readonly libraries: KnownLibraries;
  readonly shared: SharedProbes;
  readonly processes: Map<number, ObservedProcess>;
  /** So many probes wait for their end that no child gets any in advance. */
  readonly crowded: () => boolean;
  observe(facts: ProcessIdentity, inherited: readonly FilePlan[]): void;
  /** Takes its probes off. */
  close(observed: ObservedProcess): void;
  child(facts: ProcessIdentity, parent: number): void;
  missed(pid: number | undefined): void;
  warning(text: string): void;
  /** A fault of ours, said once. */
  tell(error: Error): void;
  explain(error: Error): string;
}

export interface Family {
  /** Observes a child, whose `parent` may have ended already. */
  adopt(pid: number, parent: number): void;
  /** Children that are there already, and theirs. */
  adoptChildren(parent: number): void;
  /** A process has become another program. */
  exec(record: KernelRecord): void;
  /** It may have become another program before the kernel told us of that. */
  catchUp(pid: number): void;
  /** Whether it is only followed. */
  isAside(pid: number): boolean;
  /** This launcher's next child becomes a program of this name. */
  launches(launcher: number, name: string): void;
  /** True where it was known by its name only. */
  ended(pid: number): boolean;
}

export function createFamily({ leaveOut, hooked }: FamilyOptions, tools: FamilyTools): Family {
  const { programs, libraries, shared, processes } = tools;
  const aside = new Set<number>();
  /** Children that had ended before they could be looked at. */
  const brief = new Set<number>();
  const launching = new Map<number, string>();

  const standAside = (observed: ObservedProcess, facts: ProcessIdentity) => {
    aside.add(facts.pid);
    processes.set(facts.pid, standBy(facts));
    tools.close(observed);
  };

  /** A child that is gone: it was its parent's copy, or is known by what it was to become, until its `exec` says more. */
  const gone = (pid: number, parent: number) => {
    const of = processes.get(parent);
    const name = launching.get(parent) ?? of?.facts.name;
    if (name !== undefined && !aside.has(parent)) knowBrief(pid, name, parent);
    // What a program that it ran has sent unseen is told by the kernel half.
    const covered = of ? of.covered : libraries.seen.every(shared.isShared);
    if (!programs.sockets || !covered) tools.missed(undefined);
  };
  const knowBrief = (pid: number, name: string, parent: number) => {
    if (!processes.has(pid)) brief.add(pid);
    tools.child({ pid, name, startTime: processes.get(pid)?.facts.startTime ?? '' }, parent);
  };

  /** Observes a child, whose `parent` may have ended already. */
  const adopt = (pid: number, parent: number) => {
    if (processes.has(pid)) return; // it was found by name, or among the children, before we read of its birth
    let facts: ProcessIdentity;
    try {
      facts = identify(pid);
    } catch (error) {
      programs.forget(pid);
      if (error instanceof Problem && error.code === 'NO_PROCESS') return gone(pid, parent);
      tools.missed(pid);
      return tools.tell(error as Error);
    }
    if (aside.has(parent)) {
      aside.add(pid);
      processes.set(pid, standBy(facts));
      return;
    }
    try {
      const files = processes.get(parent)?.files ?? libraries.seen;
      tools.observe(facts, tools.crowded() ? files.filter(({ key }) => !libraries.has(key)) : files);
    } catch (error) {
      programs.forget(pid);
      tools.missed(pid);
      return tools.warning(`a child of process ${parent} is not observed: ${tools.explain(error as Error)}`);
    }
    tools.child(facts, parent);
  };
  /**
   * Children that are there already, and theirs. The kernel knows of the process before they are listed, so that one that
   * is born meanwhile is seen as well; nobody twice, since `adopt` knows whom it has.
   */
  const adoptChildren = (parent: number) => {
    for (const pid of childrenOf(parent)) {
      if (pid === process.pid || processes.has(pid)) continue;
      const reason = leaveOut?.(pid);
      if (reason !== undefined) {
        tools.warning(reason);
        continue;
      }
      programs.observe(pid);
      adopt(pid, parent);
      if (processes.has(pid)) adoptChildren(pid);
    }
  };

  /** It is another program now. */
  const becomes = (observed: ObservedProcess, facts: ProcessIdentity, otherThread: boolean) => {
    const { pid } = facts;
    const inside = hooked?.(facts) === true;
    if (inside && !aside.has(pid)) standAside(observed, facts);
    else if (!inside && aside.delete(pid)) {
      try {
        tools.observe(facts, libraries.seen);
        tools.child(facts, pid);
      } catch (error) {
        processes.delete(pid);
        programs.forget(pid);
        tools.missed(pid);
        tools.warning(`process ${pid} is not observed: ${tools.explain(error as Error)}`);
      }
    } else observed.replaced(facts, otherThread);
  };

  /** It was another program, and has ended since: its calls are there all the same. */
  const became = (program: StartedProgram) => {
    const { pid, name } = program;
    const observed = processes.get(pid);
    if (!hooked?.(program)) return knowBrief(pid, name, pid);
    brief.delete(pid);
    if (observed && !aside.has(pid)) standAside(observed, observed.facts);
  };

  return {
    adopt,
    adoptChildren,
    exec: ({ pid, connection, payload }) => {
      const observed = processes.get(pid);
      const facts = observed && tryRead(pid);
      if (facts) becomes(observed, facts, connection !== pid);
      else {
        const program = readProgram(payload);
        if (program) became({ pid, ...program });
      }
    },
    catchUp: pid => {
      const observed = processes.get(pid);
      const facts = observed && tryRead(pid);
      if (facts) becomes(observed, facts, false);
    },
    isAside: pid => aside.has(pid),
    launches: (launcher, name) => void launching.set(launcher, name),
    ended: pid => {
      aside.delete(pid);
      return brief.delete(pid);
    },
  };
}

function tryRead(pid: number): ProcessIdentity | undefined {
  try {
    return identify(pid);
  } catch {
    return undefined;
  }
}
