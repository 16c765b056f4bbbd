/**
 * Owns everything of one `attach`: the programs in the kernel, the ring, and the processes under observation with their
 * children. Opens in order, closes in reverse. Knows nothing of HTTP: it hands on records.
 */

import { identify, isRunning, type ProcessIdentity } from '../machine/identity.js';
import type { UnixNanos } from '../wire/exchange.js';
import type { Counters, KernelRecord } from '../wire/transport/record.js';
import { openWallClock } from './kernel/clock.js';
import { KernelError } from './kernel/native.js';
import { explainKernelError, readKernelFacts } from './kernel/problems.js';
import { type LinkKind, loadPrograms } from './kernel/programs.js';
import { openRing, type RecordSource } from './kernel/ring.js';
import { type ObservedProcess, observeProcess } from './observed-process.js';
import { type FilePlan, Planner } from './sources/plan.js';

export interface SessionOptions {
  readonly ringSize: number;
  readonly link?: LinkKind;
  /** Children of observed processes are observed too. */
  readonly follow: boolean;
}

export interface SessionEvents {
  /** One record. Its payload is only valid until this returns; `at` is its time as wall-clock. */
  record(record: KernelRecord, at: UnixNanos): void;
  /** Probes of these files of a process are live. */
  attached(process: ProcessIdentity, files: readonly FilePlan[]): void;
  /** No TLS library that we know is loaded yet; it is looked for again while the process runs. `plain`: its plain HTTP is seen. */
  waiting(process: ProcessIdentity, plain: boolean): void;
  /** A child of an observed process is observed too. */
  child(process: ProcessIdentity, parent: number): void;
  /** The process has ended, and its last record has been delivered. */
  ended(process: ProcessIdentity): void;
  /** No observed process is left. */
  empty(): void;
  /** At each look into the ring: the share of it that waits to be read, 0 to 1. */
  backlog(share: number): void;
  warning(text: string): void;
}

export interface Session {
  /** Starts observing a process. Throws a `Problem` when there is none. */
  attach(pid: number): ProcessIdentity;
  readonly processes: readonly ProcessIdentity[];
  readonly counters: Counters;
  /** Takes all probes off, delivers what is in the ring, frees everything. Returns the last counters. */
  close(): Promise<Counters>;
}

/** Loads the programs and opens the ring. Throws a `Problem` that says what the machine lacks. */
export function openSession(options: SessionOptions, events: SessionEvents): Session {
  const programs = loadPrograms({ ringSize: options.ringSize, ...(options.link ? { link: options.link } : {}) });
  for (const warning of programs.warnings) events.warning(warning);
  let ring: RecordSource;
  const processes = new Map<number, ObservedProcess>();
  const closing = new Set<Promise<void>>();
  const clock = openWallClock();
  const planner = new Planner();
  let malformed = 0;
  let closed = false;

  const observe = (facts: ProcessIdentity, inherited: readonly FilePlan[]) => {
    const observed = observeProcess(programs, planner, facts, inherited, {
      attached: files => events.attached(observedFacts(facts.pid) ?? facts, files),
      nothingYet: () => events.waiting(facts, programs.sockets),
      failed: (file, error) => {
        // A process may end while we attach to it.
        if (isRunning(facts)) events.warning(`${file.file} of process ${facts.pid} is not observed: ${error.message}`);
      },
      // Not at once: we may be inside the ring, and its last records come first.
      gone: () =>
        setImmediate(() => {
          if (closed) return;
          ring.drain();
          end(facts.pid);
        }),
    });
    processes.set(facts.pid, observed);
    return observed;
  };
  const observedFacts = (pid: number) => processes.get(pid)?.facts;

  const end = (pid: number) => {
    const observed = processes.get(pid);
    if (!observed) return;
    processes.delete(pid);
    programs.forget(pid);
    const done = observed.close().finally(() => closing.delete(done));
    closing.add(done);
    events.ended(observed.facts);
    if (processes.size === 0 && !closed) events.empty();
  };

  const follow = (record: KernelRecord) => {
    if (record.kind === 'fork') {
      const parent = processes.get(record.pid);
      const pid = record.connection;
      if (processes.has(pid)) return; // it was found by name before we read of its birth
      if (!options.follow || !parent) return programs.forget(pid);
      const facts = tryRead(pid);
      if (!facts) return;
      try {
        observe(facts, parent.files);
      } catch (error) {
        programs.forget(pid);
        return events.warning(`a child of process ${record.pid} is not observed: ${(error as Error).message}`);
      }
      events.child(facts, record.pid);
    } else if (record.kind === 'exec') {
      const facts = tryRead(record.pid);
      if (facts) processes.get(record.pid)?.replaced(facts);
    } else if (record.kind === 'exit') end(record.pid);
  };

  const consume = (record: KernelRecord) => {
    events.record(record, clock.toUnix(record.time));
    if (!closed && (record.kind === 'fork' || record.kind === 'exec' || record.kind === 'exit')) follow(record);
  };
  try {
    ring = openRing(programs.ringFd, programs.ringSize, {
      record: consume,
      malformed: () => malformed++,
      backlog: events.backlog,
    });
  } catch (error) {
    programs.close();
    throw error;
  }
  ring.start(error => events.warning(`the ring cannot be read any more: ${error.message}`));

  return {
    attach: pid => {
      const facts = identify(pid);
      if (processes.has(pid)) return facts;
      programs.observe(pid);
      try {
        observe(facts, []);
      } catch (error) {
        programs.forget(pid);
        throw error instanceof KernelError ? explainKernelError(error, readKernelFacts()) : error;
      }
      return facts;
    },
    get processes() {
      return [...processes.values()].map(({ facts }) => facts);
    },
    get counters() {
      return programs.counters();
    },
    close: async () => {
      closed = true;
      await Promise.all([...[...processes.values()].map(process => process.close()), ...closing]);
      ring.drain(); // what was committed before the last probe went
      const counters = programs.counters();
      await ring.close();
      programs.close();
      if (malformed > 0) events.warning(`${malformed} records of the kernel made no sense and were left out`);
      return counters;
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
