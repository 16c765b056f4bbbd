/**
 * One process under observation: its probes, and looking for TLS libraries that it loads later. The first connection of a
 * Python program loads libssl long after its start: the dynamic loader tells of it (sources/loader.ts), and a process
 * without such a loader is looked at again, less and less often. Libraries that it may load have their probes before.
 */

import { isRunning, type ProcessIdentity } from '../machine/identity.js';
import { KernelError } from './kernel/native.js';
import { attachProbes, type ProbeSet } from './kernel/probes.js';
import type { Programs } from './kernel/programs.js';
import type { SharedProbes } from './shared-probes.js';
import type { ProbePlace } from './sources/placement.js';
import { type FilePlan, isNamedTls, type Planner, type ProcessPlan, planFor } from './sources/plan.js';

/** Milliseconds between two looks at the memory map: doubled from the first to the last. */
const FIRST_LOOK = 20;
const LAST_LOOK = 2_000;
const LAST_LOOK_WITH_TLS = 10_000;
/** Where the loader tells. */
const LAST_LOOK_TOLD = 30_000;
/** Milliseconds between two looks that the loader asked for, at least; and how often the time that a look took. */
const NOTICE_PAUSE = 2;
const NOTICE_SHARE = 4;
/** Looks at which a file may be gone before that counts as a failure. */
const PATIENCE = 3;

const ENOENT = 2;
const ESRCH = 3;
const EMFILE = 24;
const ENFILE = 23;

export interface ObservedProcess {
  readonly facts: ProcessIdentity;
  /** Files with live probes. */
  readonly files: readonly FilePlan[];
  /** A child has the same probes from its first instruction on. */
  readonly covered: boolean;
  /**
   * It has been replaced by another program (exec): look at once, and often again. `otherThread`: a thread other than the
   * main one did it, whose links the kernel then has for a task that is gone.
   */
  replaced(facts: ProcessIdentity, otherThread: boolean): void;
  /** Its dynamic loader maps a library. */
  mapped(): void;
  /** A file is not shared any more: its probes are set on this process. */
  unshare(key: string): void;
  /** Takes the probes off; resolves when the kernel has removed them. */
  close(): Promise<void>;
}

export interface ObservedProcessEvents {
  /** Files that the process may map later, as far as they are known; those that it does not have are left out. */
  expected(): readonly FilePlan[];
  /** Probes of these mapped files, more than before, are live. */
  attached(files: readonly FilePlan[]): void;
  /** The first look found no TLS library; it is looked for again. */
  nothingYet(): void;
  /** `full`: we have too many files open, and it is tried again. */
  failed(file: FilePlan, error: Error, full: boolean): void;
  /** It could not be looked into this time; it is tried again. */
  unread(error: Error): void;
  /** There is no such process any more; said once, and only where the kernel does not say it. */
  gone(): void;
}

/** What all processes of a session have in common. */
export interface Tools {
  readonly programs: Programs;
  readonly planner: Planner;
  readonly shared: SharedProbes;
}

interface Live {
  readonly file: FilePlan;
  readonly probes: ProbeSet;
  /** Whether the process has it mapped, which is said. */
  mapped: boolean;
}

/**
 * Attaches at once to what `inherited` says (the parent's files), then to what the map shows, now and later. Throws a
 * `Problem` when the process may not be looked into, a `KernelError` when it may not be probed.
 */
export function observeProcess(
  { programs, planner, shared }: Tools,
  facts: ProcessIdentity,
  inherited: readonly FilePlan[],
  events: ObservedProcessEvents,
): ObservedProcess {
  const sets = new Map<string, Live>();
  /** Attempts at a file; beyond `PATIENCE` it is left alone. */
  const failed = new Map<string, number>();
  const closing = new Set<Promise<void>>();
  /** Files whose old probes have to be off before there are new ones. */
  const leaving = new Set<string>();
  let current = facts;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Immediate | NodeJS.Timeout | undefined;
  let wait = FIRST_LOOK;
  let told = false;
  /** The last look found TLS code, whether or not it could be probed. */
  let found = false;
  /** When the last look began, in milliseconds, and how long it took: one at named files, and one at all. */
  const glance = { at: 0, took: 0 };
  const whole = { at: 0, took: 0 };
  let closed = false;

  const takeOff = (list: readonly Live[]): Promise<void> => {
    const done: Promise<void> = Promise.all(list.map(({ probes }) => probes.close())).then(() => {
      closing.delete(done);
    });
    closing.add(done);
    return done;
  };
  const attachOne = (file: FilePlan, first: boolean): Live | undefined => {
    const known = sets.get(file.key);
    if (known || (failed.get(file.key) ?? 0) >= PATIENCE || leaving.has(file.key)) return known;
    if (file.placement.places.length === 0) return undefined;
    try {
      const probes = shared.hold(file) ?? attachProbes(programs, { pid: current.pid }, file);
      const live = { file, probes, mapped: false };
      sets.set(file.key, live);
      failed.delete(file.key);
      return live;
    } catch (error) {
      const errno = error instanceof KernelError ? error.errno : 0;
      const full = errno === EMFILE || errno === ENFILE;
      // A path may be another file's by now, or the process be gone; the next look finds it by another way.
      const attempts = errno === ENOENT || errno === ESRCH ? (failed.get(file.key) ?? 0) + 1 : PATIENCE;
      if (!full) failed.set(file.key, attempts);
      if (first && error instanceof KernelError && error.isDenied) throw error;
      if (full || attempts === PATIENCE) events.failed(file, error as Error, full);
      return undefined;
    }
  };
  /** At the first look, whoever asked for this process is told that we may not. */
  const attachMapped = (plan: ProcessPlan, first: boolean) => {
    const fresh: FilePlan[] = [];
    for (const file of plan.files) {
      const live = attachOne(file, first);
      if (!live || live.mapped) continue;
      live.mapped = true;
      fresh.push(file);
    }
    for (const loader of plan.loaders) told = attachOne(loader, first) !== undefined || told;
    if (fresh.length > 0) events.attached(fresh);
  };
  const attachExpected = (files: readonly FilePlan[]) => {
    for (const file of files) {
      if (sets.has(file.key)) continue;
      const own = planFor(current.pid, file);
      if (own) attachOne(own, false);
    }
  };
  const hasTls = () => [...sets.values()].some(({ mapped }) => mapped);
  /** Looks at what is mapped. A loader that tells makes sure that nothing comes unnoticed after that. */
  const look = (first = false) => {
    whole.at = performance.now();
    const at = process.hrtime.bigint();
    const before = new Set(sets.keys());
    const plan = planner.plan(current.pid);
    found = plan.files.length > 0;
    attachMapped(plan, first);
    if (plan.loaders.length > 0 ? plan.loaders.every(({ key }) => before.has(key)) : found)
      programs.looked(current.pid, at);
    whole.took = performance.now() - whole.at;
    if (!isRunning(current)) return events.gone();
    lookLater();
  };
  const lookLater = () => {
    wait = Math.min(wait * 2, told ? LAST_LOOK_TOLD : hasTls() ? LAST_LOOK_WITH_TLS : LAST_LOOK);
    lookIn(wait);
  };
  const lookIn = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(lookAgain, milliseconds);
    timer.unref();
  };
  const lookAgain = () => {
    if (closed) return;
    try {
      look();
    } catch (error) {
      if (!isRunning(current)) return events.gone();
      events.unread(error as Error);
      lookLater();
    }
  };
  /** At once what has the name of a TLS library; all else, which takes longer to search, when it is time. */
  const lookAtNamed = () => {
    soon = undefined;
    if (closed) return;
    glance.at = performance.now();
    try {
      attachMapped(planner.plan(current.pid, isNamedTls), false);
    } catch {
      // The look at all says it.
    }
    glance.took = performance.now() - glance.at;
    const pause = pauseAfter(whole);
    if (pause > 0) lookIn(pause);
    else lookAgain();
  };
  const stopLooking = () => {
    clearTimeout(timer);
    if (soon && 'refresh' in soon) clearTimeout(soon);
    else clearImmediate(soon);
    soon = undefined;
  };

  /**
   * The old links see nothing any more, until new ones put the probes back into the memory of the process: then both run for
   * a moment. The kernel half takes a call of C once, since its entry is written over and its return used up; Go's places
   * have no return, so there the old ones go first; the others go last, because the kernel does one thing at a time here.
   * Returns those.
   */
  const renew = (): Live[] => {
    const before = [...sets.values()].filter(({ probes }) => !probes.shared);
    for (const { file } of before) sets.delete(file.key);
    const first = before.filter(({ file }) => file.placement.places.some(isGo));
    for (const { file } of first) leaving.add(file.key);
    void takeOff(first).then(() => {
      if (first.length === 0 || closed) return;
      leaving.clear();
      lookAgain();
    });
    return before.filter(live => !first.includes(live));
  };

  try {
    attachExpected(inherited);
    look(true);
    if (!hasTls()) attachExpected(events.expected());
  } catch (error) {
    stopLooking();
    void takeOff([...sets.values()]);
    throw error;
  }
  if (!found) events.nothingYet();
  return {
    get facts() {
      return current;
    },
    get files() {
      return [...sets.values()].map(({ file }) => file);
    },
    get covered() {
      return [...sets.values()].every(({ file, probes }) => probes.shared || file.placement.places.some(isNotice));
    },
    replaced: (next, otherThread) => {
      current = next;
      failed.clear();
      stopLooking();
      wait = FIRST_LOOK / 2;
      const before = otherThread ? renew() : [];
      for (const live of sets.values()) live.mapped = false;
      lookAgain();
      if (!hasTls()) attachExpected(events.expected());
      void takeOff(before);
    },
    mapped: () => {
      if (closed || soon) return;
      const pause = pauseAfter(glance);
      // Not from inside the ring: what it tells in one go is one look.
      soon = pause > 0 ? setTimeout(lookAtNamed, pause) : setImmediate(lookAtNamed);
    },
    unshare: key => {
      const live = sets.get(key);
      if (!live?.probes.shared) return;
      sets.delete(key);
      const own = attachOne(live.file, false);
      if (own) own.mapped = live.mapped;
      void takeOff([live]); // both see a call for a moment, and the kernel half takes it once
    },
    close: async () => {
      closed = true;
      stopLooking();
      void takeOff([...sets.values()]);
      sets.clear();
      await Promise.all(closing);
    },
  };
}

/** Milliseconds until the next look that the loader asks for, so that looking takes a small share of the time. */
const pauseAfter = ({ at, took }: { readonly at: number; readonly took: number }): number =>
  Math.max(NOTICE_PAUSE, NOTICE_SHARE * took) - (performance.now() - at);
const isNotice = ({ convention }: ProbePlace): boolean => convention === 'notice';
const isGo = ({ convention }: ProbePlace): boolean => convention === 'go';
