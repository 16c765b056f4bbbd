/**
 * One `attach` from records to exchanges: the session, the connections, the recording, and the way out. Ends with its
 * processes, with a signal or with the time that was asked for, and says at the end what was lost.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { EXIT_STATUS, Problem } from '../errors.js';
import type { ProcessIdentity } from '../machine/identity.js';
import type { ConnectionFacts, OpenExchange, UnixNanos } from '../wire/exchange.js';
import { createConnections, type MemoryBound } from '../wire/transport/connections.js';
import type { Counters, KernelRecord } from '../wire/transport/record.js';
import { encodeCounters, encodeProcess, encodeRecord, RECORDING_MAGIC } from '../wire/transport/recording.js';
import type { LaunchedProgram } from './launched-program.js';
import { countMissed, type Missed } from './missed.js';
import type { ObservationOptions } from './observation-options.js';
import { openSession, type Session } from './session.js';
import { createTally, type Tally } from './tally.js';

export interface Observation {
  /** Resolves when no observed process is left, or after `stop`. */
  readonly done: Promise<void>;
  stop(): void;
  /** Adds a process; `named`: a person asked for it, so it is said when it has no TLS library yet. Throws a `Problem` when
   * there is none or it may not be looked into. */
  attach(pid: number, named?: boolean): void;
  /**
   * Sets the probes of a program that is about to start. Where the launcher's child becomes the program, the function that is
   * returned has to be called around its start. Throws a `Problem` when it may not.
   */
  launch(program: LaunchedProgram): <T>(start: () => T) => T;
  /** Takes one process out again, which runs on. What is unfinished of it ends as `detached`. */
  detach(pid: number): void;
  readonly observed: ReadonlySet<number>;
  readonly tally: Tally;
  /** What could not be seen at all. */
  readonly missed: Missed;
  /** What the kernel could not deliver so far. */
  readonly counters: Counters;
}

/** Sink of the records themselves. */
interface Recorder {
  write(bytes: Buffer): void;
  close(): void;
}

/** Starts it. Throws a `Problem`: no such process, no privilege, no kernel feature, no room for the recording. */
export function observe(options: ObservationOptions): Observation {
  const { sink, say, attached } = options;
  const recorder = options.record === undefined ? undefined : openRecorder(options.record, say);
  const names = new Map<number, string>();
  const observed = new Set<number>();
  const named = new Set(options.pids);
  /** Processes that are taken out just now. */
  const leaving = new Set<number>();
  const factsOf = (pid: number): Pick<ConnectionFacts, 'pid' | 'process'> => {
    const name = names.get(pid);
    return name === undefined ? { pid } : { pid, process: name };
  };
  const tally = createTally();
  const missed = countMissed();
  const open: OpenExchange = (head, facts, at) => {
    tally.exchange();
    return sink.open(head, facts, at);
  };
  const connections = createConnections({
    open,
    factsOf,
    ...(options.memoryLimit === undefined ? {} : { memory: boundMemory(options.memoryLimit, say) }),
  });
  let finish: () => void = () => {};
  const ended = new Promise<void>(resolve => {
    finish = resolve;
  });

  const know = (facts: ProcessIdentity) => {
    if (names.get(facts.pid) === facts.name) return;
    names.set(facts.pid, facts.name);
    recorder?.write(encodeProcess(facts));
    sink.process?.(facts);
  };
  const add = (to: Session, pid: number) => {
    know(to.attach(pid));
    observed.add(pid);
  };
  let session: Session | undefined;
  try {
    session = openSession(
      {
        ringSize: options.ringSize,
        follow: options.follow,
        ...(options.leaveOut ? { leaveOut: options.leaveOut } : {}),
        ...(options.hooked ? { hooked: options.hooked } : {}),
        ...(options.link ? { link: options.link } : {}),
        ...(options.find ? { find: options.find } : {}),
        keepFileLimit: options.keepFileLimit === true,
      },
      {
        record: (record: KernelRecord, at: UnixNanos) => {
          recorder?.write(encodeRecord(record, at));
          tally.record(record);
          connections.record(record, at);
        },
        attached: (facts, files) => {
          know(facts);
          tally.attached(facts, files);
          attached(
            `attached to ${facts.name} (pid ${facts.pid}): ${files.map(f => `${f.library} in ${f.file}`).join(', ')}`,
            !named.has(facts.pid),
          );
        },
        waiting: (facts, plain) => {
          if (named.has(facts.pid))
            say(
              `${facts.name} (pid ${facts.pid}) has no supported TLS library loaded yet; ${plain ? 'plain HTTP is observed, ' : ''}attach looks again while the process runs`,
            );
        },
        child: (facts, parent) => {
          know(facts);
          observed.add(facts.pid);
          options.child?.(facts.pid, parent);
        },
        ended: facts => {
          if (leaving.has(facts.pid)) connections.leave(facts.pid, nowNanos());
          observed.delete(facts.pid);
          named.delete(facts.pid);
          sink.ended?.(facts);
          names.delete(facts.pid);
        },
        empty: () => options.waits || finish(),
        missed: pid => (pid === undefined ? missed.briefChild() : missed.process(pid)),
        backlog: options.backlog ?? (() => {}),
        warning: say,
      },
    );
    attachEach(options.pids, say, pid => add(session!, pid));
  } catch (error) {
    recorder?.close();
    if (session) void session.close();
    throw error;
  }
  const running = session;
  let last: Counters | undefined;
  const done = ended.then(async () => {
    options.leaving?.();
    const counters = await running.close();
    last = counters;
    connections.close(nowNanos(), 'detached');
    recorder?.write(encodeCounters(counters));
    recorder?.close();
    await sink.finish();
    reportLoss(counters, missed, say);
  });
  return {
    done,
    stop: () => finish(),
    attach: (pid, byName = false) => {
      if (byName) named.add(pid);
      add(running, pid);
    },
    launch: program => {
      const { facts, around } = running.launch(program);
      if (program.becomes === 'itself') {
        know(facts);
        observed.add(facts.pid);
      }
      return around;
    },
    detach: pid => {
      // Before the sink forgets the process: what it leaves unfinished is told as such.
      leaving.add(pid);
      running.detach(pid);
      leaving.delete(pid);
    },
    observed,
    tally,
    missed,
    get counters() {
      return last ?? running.counters;
    },
  };
}

/**
 * With several processes, one that is gone or may not be looked into is said, and the others are observed. Throws the last
 * `Problem` when none is left.
 */
export function attachEach(pids: readonly number[], say: (line: string) => void, attach: (pid: number) => void): void {
  let attached = 0;
  let left: Problem | undefined;
  for (const pid of pids) {
    try {
      attach(pid);
      attached++;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (left) say(inOneLine(left));
      left = error;
    }
  }
  if (left && attached === 0) throw left;
  if (left) say(inOneLine(left));
}

const inOneLine = ({ message, reason }: Problem): string => (reason === undefined ? message : `${message}: ${reason}`);

/** Says once that something was cut; what it was is marked. */
function boundMemory(limit: number, say: (line: string) => void): MemoryBound {
  let cuts = 0;
  return {
    limit,
    used: () => {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    cut: () => {
      if (cuts++ === 0) say('unfinished exchanges take more than --memory-limit: the largest are cut and marked');
    },
  };
}

const nowNanos = () => BigInt(Date.now()) * 1_000_000n;

/** Nothing is lost silently: what, how much, and what to change. */
function reportLoss(counters: Counters, missed: Missed, say: (line: string) => void): void {
  const { ringRecords, ringBytes, faultBytes, limitBytes, mapFull } = counters;
  if (ringRecords > 0)
    say(
      `lost ${ringBytes} bytes in ${ringRecords} records: the ring was full, so exchanges are missing, and those that lost a part are marked; a larger --ring-size helps against bursts`,
    );
  if (faultBytes > 0) say(`lost ${faultBytes} bytes that the kernel could not read from the program's memory`);
  if (limitBytes > 0) say(`lost ${limitBytes} bytes of TLS calls that carried more than 16 MiB at once`);
  if (mapFull > 0)
    say(`${mapFull} calls, connections or children could not be followed: the kernel's tables were full`);
  if (missed.processes > 0)
    say(
      `${missed.processes === 1 ? '1 process was' : `${missed.processes} processes were`} not observed, or not all the time`,
    );
  if (missed.brief > 0)
    say(`${missed.brief} children had ended before they could be looked at; whether they made calls is not known`);
}

function openRecorder(file: string, say: (line: string) => void): Recorder {
  let fd: number;
  try {
    fd = openSync(file, 'w', 0o600); // plaintext of TLS: for the owner's eyes only
  } catch (error) {
    throw new Problem({
      code: 'RECORDING',
      message: `the recording ${file} cannot be written`,
      reason: (error as Error).message,
      exit: EXIT_STATUS.usage,
    });
  }
  let broken = false;
  const write = (bytes: Uint8Array) => {
    if (broken) return;
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } catch (error) {
      broken = true;
      say(`the recording ends here: ${(error as Error).message}`);
    }
  };
  write(Buffer.from(RECORDING_MAGIC));
  return { write, close: () => closeSync(fd) };
}
