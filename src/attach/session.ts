/**
 * Owns everything of one `attach`: the programs in the kernel, the ring, and the processes under observation with their
 * children. Opens in order, closes in reverse. Knows nothing of HTTP: it hands on records.
 */

import { Problem } from '../errors.js';
import { executableOf, identify, isRunning, type ProcessIdentity } from '../machine/identity.js';
import { tooManyFiles } from '../machine/proc.js';
import { tracerOf } from '../machine/tracer.js';
import type { UnixNanos } from '../wire/exchange.js';
import type { Counters, KernelRecord } from '../wire/transport/record.js';
import { createFamily, type FamilyOptions } from './family.js';
import { openWallClock } from './kernel/clock.js';
import { bindLibc, KernelError } from './kernel/native.js';
import { attachProbes } from './kernel/probes.js';
import { explainKernelError, readKernelFacts } from './kernel/problems.js';
import { type LoadOptions, loadPrograms } from './kernel/programs.js';
import { openRing, type RecordSource } from './kernel/ring.js';
import { knowLibraries } from './known-libraries.js';
import { type LaunchedProgram, planProgram } from './launched-program.js';
import { type ObservedProcess, observeProcess } from './observed-process.js';
import { shareProbes } from './shared-probes.js';
import { type FilePlan, type FindTls, Planner } from './sources/plan.js';
import { tracerLine } from './tracer-line.js';

/** Kinds of records that are for the session alone. */
const OURS = ['mapped', 'others', 'unseen'] as const satisfies KernelRecord['kind'][];
const isOurs: ReadonlySet<KernelRecord['kind']> = new Set(OURS);
/** Kinds of records that say something of processes. */
const FOLLOWED: ReadonlySet<KernelRecord['kind']> = new Set(['fork', 'exec', 'exit', ...OURS]);
/** Ended processes whose probes the kernel has still to remove, beyond which children get no probes in advance. */
const MOST_CLOSING = 64;
const FULL =
  'the limit of open files is reached, so some processes are not observed for now; a higher one helps: ulimit -n 65536, or LimitNOFILE=65536 in a systemd unit';

export interface SessionOptions extends LoadOptions, FamilyOptions {
  /** Children of observed processes are observed too. */
  readonly follow: boolean;
  /** Looks into files; absent: without a memory of earlier observations. */
  readonly find?: FindTls;
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
  /** Something went unobserved: of this process, or of a child that had ended before it could be looked at. */
  missed(pid: number | undefined): void;
  warning(text: string): void;
}

export interface Session {
  /** Starts observing a process, and the children that it has; looks at it once more where it has started. Throws a `Problem` when there is none. */
  attach(pid: number): ProcessIdentity;
  /**
   * Sets the probes of a program before it starts. Where the launcher's child becomes the program, the function that is
   * returned has to be called around its start. Throws a `Problem` when it may not.
   */
  launch(program: LaunchedProgram): { readonly facts: ProcessIdentity; around<T>(start: () => T): T };
  /** Stops observing a process, which runs on; its children stay observed. What it said so far is delivered first. */
  detach(pid: number): void;
  readonly processes: readonly ProcessIdentity[];
  readonly counters: Counters;
  /** Takes all probes off, delivers what is in the ring, frees everything. Returns the last counters. */
  close(): Promise<Counters>;
}

/** Loads the programs and opens the ring. Throws a `Problem` that says what the machine lacks. */
export function openSession(options: SessionOptions, events: SessionEvents): Session {
  const programs = loadPrograms(options);
  for (const warning of programs.warnings) events.warning(warning);
  let ring: RecordSource;
  const processes = new Map<number, ObservedProcess>();
  const closing = new Set<Promise<void>>();
  const clock = openWallClock();
  const planner = new Planner(options.find);
  const shared = shareProbes(
    options.follow && programs.shares ? (number, file) => attachProbes(programs, { shared: number }, file) : undefined,
  );
  const libraries = knowLibraries(planner);
  /** What was said of ourselves, once each. */
  const told = new Set<string>();
  let malformed = 0;
  let closed = false;

  const tell = (error: Error) => {
    const full = error instanceof Problem && error.code === 'TOO_MANY_FILES';
    const text = full ? FULL : error.message;
    if (!told.has(text)) events.warning(text);
    told.add(text);
  };
  const observe = (facts: ProcessIdentity, inherited: readonly FilePlan[], waits = false) => {
    const { pid } = facts;
    const known = () => processes.get(pid)?.facts ?? facts;
    const observed = observeProcess(
      { programs, planner, shared },
      facts,
      inherited,
      {
        expected: () => (closing.size > MOST_CLOSING ? [] : libraries.expectedBy(pid)),
        attached: files => {
          // A library may be the next one's. An executable is of use to its own process, and to the next that runs it where
          // its probes are set already.
          const executable = executableOf(pid);
          for (const file of files) if (file.file !== executable || shared.isShared(file)) libraries.add(file);
          events.attached(known(), files);
        },
        nothingYet: () => events.waiting(facts, programs.sockets),
        failed: (file, error, full) => {
          if (!isRunning(known())) return; // a process may end while we attach to it
          events.missed(pid);
          if (full) tell(tooManyFiles(error));
          else events.warning(`${file.file} of process ${pid} is not observed: ${explain(error)}`);
        },
        unread: error => {
          events.missed(pid);
          tell(error);
        },
        // Not at once: we may be inside the ring, and its last records come first.
        gone: () =>
          setImmediate(() => {
            if (closed) return;
            ring.drain();
            end(pid);
          }),
      },
      waits,
    );
    processes.set(pid, observed);
    warnOfTracer(facts, 'now');
    return observed;
  };
  const warnOfTracer = ({ pid, name }: ProcessIdentity, when: 'now' | 'leaving') => {
    const tracer = tracerOf(pid);
    if (tracer) events.warning(tracerLine(`${name} (pid ${pid})`, tracer, when));
  };

  const end = (pid: number): unknown => {
    const observed = processes.get(pid);
    const wasBrief = family.ended(pid);
    if (!observed) return wasBrief && events.ended({ pid, name: '', startTime: '' });
    processes.delete(pid);
    programs.forget(pid);
    close(observed);
    events.ended(observed.facts);
    // Not at once: the record of a child's birth may wait in the ring.
    if (processes.size === 0) setImmediate(endIfEmpty);
  };
  const close = (observed: ObservedProcess) => {
    const done = observed.close().finally(() => closing.delete(done));
    closing.add(done);
  };
  const endIfEmpty = () => {
    if (closed) return;
    ring.drain();
    if (processes.size === 0) events.empty();
  };

  const family = createFamily(options, {
    programs,
    libraries,
    shared,
    processes,
    crowded: () => closing.size > MOST_CLOSING,
    observe,
    close,
    child: events.child,
    missed: events.missed,
    warning: events.warning,
    tell,
    explain,
  });

  const follow = (record: KernelRecord) => {
    const { pid, connection } = record;
    if (record.kind === 'fork') {
      if (options.follow) family.adopt(connection, pid);
      else if (!processes.has(connection)) programs.forget(connection);
    } else if (record.kind === 'exec') family.exec(record);
    else if (record.kind === 'mapped') processes.get(pid)?.mapped();
    else if (record.kind === 'exit') end(pid);
    else if (record.kind === 'unseen') family.isAside(pid) || events.missed(pid);
    else if (record.kind === 'others') unshare(connection);
  };

  const unshare = (number: number) => {
    const key = shared.giveUp(number);
    if (key !== undefined) for (const observed of processes.values()) observed.unshare(key);
  };

  const consume = (record: KernelRecord) => {
    if (!isOurs.has(record.kind) && !family.isAside(record.pid)) events.record(record, clock.toUnix(record.time));
    if (!closed && FOLLOWED.has(record.kind)) follow(record);
  };
  try {
    ring = openRing(programs.ringFd, programs.ringSize, programs.urgentFd, {
      record: consume,
      malformed: () => malformed++,
      backlog: events.backlog,
    });
  } catch (error) {
    programs.close();
    throw error;
  }
  // What libbpf read of the kernel's types: 10 MB that the C library would keep for its next caller.
  bindLibc().trim();
  ring.start(error => events.warning(`the ring cannot be read any more: ${error.message}`));

  return {
    attach: pid => {
      const facts = identify(pid);
      if (processes.has(pid)) {
        processes.get(pid)?.mapped();
        return facts;
      }
      programs.observe(pid);
      try {
        observe(facts, []);
      } catch (error) {
        programs.forget(pid);
        throw error instanceof KernelError ? explainKernelError(error, readKernelFacts()) : error;
      }
      if (options.follow) family.adoptChildren(pid);
      return facts;
    },
    launch: program => {
      const { pid, name, becomes } = program;
      const facts = { ...identify(pid), name };
      try {
        if (becomes === 'itself') programs.observe(pid);
        observe(facts, planProgram(program, planner), true);
      } catch (error) {
        programs.forget(pid);
        throw error instanceof KernelError ? explainKernelError(error, readKernelFacts()) : error;
      }
      if (becomes === 'child') family.launches(pid, name);
      // Its patience was shorter than our start: a program that has its hook by now would be counted twice.
      else if (executableOf(pid) !== process.execPath) family.catchUp(pid);
      return {
        facts,
        around: start => {
          if (becomes === 'child') programs.observe(pid);
          try {
            return start();
          } finally {
            if (becomes === 'child') programs.forget(pid);
          }
        },
      };
    },
    detach: pid => {
      const observed = processes.get(pid);
      if (!observed) return;
      ring.drain();
      warnOfTracer(observed.facts, 'leaving');
      end(pid);
    },
    get processes() {
      return [...processes.values()].map(({ facts }) => facts);
    },
    get counters() {
      return programs.counters();
    },
    close: async () => {
      ring.drain(); // births that wait there: what such a child has sent is to be known as its own
      closed = true;
      for (const { facts } of processes.values()) warnOfTracer(facts, 'leaving');
      await Promise.all([...[...processes.values()].map(process => process.close()), ...closing]);
      await shared.close();
      ring.drain(); // what was committed before the last probe went
      const counters = programs.counters();
      await ring.close();
      programs.close();
      if (malformed > 0) events.warning(`${malformed} records of the kernel made no sense and were left out`);
      return counters;
    },
  };
}

/** In words that say what to do, where the kernel's do not. */
const explain = (error: Error): string =>
  error instanceof KernelError ? explainKernelError(error, readKernelFacts()).message : error.message;
