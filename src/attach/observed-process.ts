/**
 * One process under observation: its probes, and looking for TLS libraries that it loads later. The first connection of a
 * Python program loads libssl long after its start, so a process without TLS code is looked at again, less and less often.
 */

import { isRunning, type ProcessIdentity } from '../machine/identity.js';
import { KernelError } from './kernel/native.js';
import { attachProbes, type ProbeSet } from './kernel/probes.js';
import type { Programs } from './kernel/programs.js';
import type { FilePlan, Planner, ProcessPlan } from './sources/plan.js';

/** Milliseconds between two looks at the memory map: doubled from the first to the last. */
const FIRST_LOOK = 20;
const LAST_LOOK = 2_000;
const LAST_LOOK_WITH_TLS = 10_000;

export interface ObservedProcess {
  readonly facts: ProcessIdentity;
  /** Files with live probes. */
  readonly files: readonly FilePlan[];
  /** It has been replaced by another program (exec): look at once, and often again. */
  replaced(facts: ProcessIdentity): void;
  /** Takes the probes off; resolves when the kernel has removed them. */
  close(): Promise<void>;
}

export interface ObservedProcessEvents {
  /** Probes of these files, more than before, are live. */
  attached(files: readonly FilePlan[]): void;
  /** The first look found no TLS library; it is looked for again. */
  nothingYet(): void;
  failed(file: FilePlan, error: Error): void;
  /** There is no such process any more; said once, and only where the kernel does not say it. */
  gone(): void;
}

/**
 * Attaches at once to what `inherited` says (the parent's files), then to what the map shows, now and later. Throws a
 * `Problem` when the process may not be looked into, a `KernelError` when it may not be probed.
 */
export function observeProcess(
  programs: Programs,
  planner: Planner,
  facts: ProcessIdentity,
  inherited: readonly FilePlan[],
  events: ObservedProcessEvents,
): ObservedProcess {
  const sets = new Map<number, { file: FilePlan; probes: ProbeSet }>();
  const failed = new Set<number>();
  let current = facts;
  let timer: NodeJS.Timeout | undefined;
  let wait = FIRST_LOOK;
  let closed = false;

  /** At the first look, whoever asked for this process is told that we may not. */
  const attachAll = (files: readonly FilePlan[], first = false) => {
    const fresh: FilePlan[] = [];
    for (const file of files) {
      if (sets.has(file.inode) || failed.has(file.inode) || file.placement.places.length === 0) continue;
      try {
        sets.set(file.inode, { file, probes: attachProbes(programs, current.pid, file) });
        fresh.push(file);
      } catch (error) {
        failed.add(file.inode);
        if (first && error instanceof KernelError && error.isDenied) throw error;
        events.failed(file, error as Error);
      }
    }
    if (fresh.length > 0) events.attached(fresh);
  };
  const look = (plan: ProcessPlan, first = false) => {
    attachAll(plan.files, first);
    if (!isRunning(current)) return events.gone();
    const longest = sets.size > 0 ? LAST_LOOK_WITH_TLS : LAST_LOOK;
    wait = Math.min(wait * 2, longest);
    timer = setTimeout(lookAgain, wait);
    timer.unref();
  };
  const lookAgain = () => {
    if (closed) return;
    let plan: ProcessPlan;
    try {
      plan = planner.plan(current.pid);
    } catch {
      return events.gone();
    }
    look(plan);
  };
  try {
    attachAll(inherited, true);
    look(planner.plan(current.pid), true);
  } catch (error) {
    for (const { probes } of sets.values()) void probes.close();
    throw error;
  }
  if (sets.size === 0 && failed.size === 0 && !closed) events.nothingYet();
  return {
    get facts() {
      return current;
    },
    get files() {
      return [...sets.values()].map(({ file }) => file);
    },
    replaced: next => {
      current = next;
      failed.clear();
      clearTimeout(timer);
      wait = FIRST_LOOK / 2;
      lookAgain();
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await Promise.all([...sets.values()].map(({ probes }) => probes.close()));
      sets.clear();
    },
  };
}
