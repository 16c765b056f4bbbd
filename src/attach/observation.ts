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
import type { LinkKind } from './kernel/programs.js';
import { openSession, type Session } from './session.js';
import { createTally, type Tally } from './tally.js';

/** Takes exchanges somewhere. */
export interface ExchangeSink {
  readonly open: OpenExchange;
  /** A process is observed from now on; said again when it became another program (exec). */
  process?(facts: ProcessIdentity): void;
  /** The process has ended and all of its exchanges were delivered. */
  ended?(facts: ProcessIdentity): void;
  /** The observation is over: everything goes out. */
  finish(): Promise<void>;
}

export interface ObservationOptions {
  readonly pids: readonly number[];
  readonly ringSize: number;
  readonly follow: boolean;
  /** Goes on when no process is left: more are added later. */
  readonly waits?: boolean;
  readonly link?: LinkKind;
  /** Bytes of memory beyond which the largest unfinished exchange is given up. */
  readonly memoryLimit?: number;
  /** File for the records. */
  readonly record?: string;
  readonly sink: ExchangeSink;
  /** One line for stderr. */
  readonly say: (line: string) => void;
  /** At each look into the ring: the share of it that waits to be read, 0 to 1. */
  readonly backlog?: (share: number) => void;
  /** The observation ends now: what follows should not take long. */
  readonly leaving?: () => void;
  /** The line that scripts wait for: it begins with `attached`, and the probes of its process are live. */
  readonly attached: (line: string) => void;
}

export interface Observation {
  /** Resolves when no observed process is left, or after `stop`. */
  readonly done: Promise<void>;
  stop(): void;
  /** Adds a process; `named`: a person asked for it, so it is said when it has no TLS library yet. Throws a `Problem` when
   * there is none or it may not be looked into. */
  attach(pid: number, named?: boolean): void;
  readonly observed: ReadonlySet<number>;
  readonly tally: Tally;
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
  const factsOf = (pid: number): Pick<ConnectionFacts, 'pid' | 'process'> => {
    const name = names.get(pid);
    return name === undefined ? { pid } : { pid, process: name };
  };
  const tally = createTally();
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
  let session: Session | undefined;
  try {
    session = openSession(
      { ringSize: options.ringSize, follow: options.follow, ...(options.link ? { link: options.link } : {}) },
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
          );
        },
        waiting: (facts, plain) => {
          if (named.has(facts.pid))
            say(
              `${facts.name} (pid ${facts.pid}) has no supported TLS library loaded yet; ${plain ? 'plain HTTP is observed, ' : ''}attach looks again while the process runs`,
            );
        },
        child: facts => {
          know(facts);
          observed.add(facts.pid);
        },
        ended: facts => {
          observed.delete(facts.pid);
          named.delete(facts.pid);
          sink.ended?.(facts);
          names.delete(facts.pid);
        },
        empty: () => options.waits || finish(),
        backlog: options.backlog ?? (() => {}),
        warning: say,
      },
    );
    for (const pid of options.pids) {
      know(session.attach(pid));
      observed.add(pid);
    }
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
    reportLoss(counters, say);
  });
  return {
    done,
    stop: () => finish(),
    attach: (pid, byName = false) => {
      if (byName) named.add(pid);
      know(running.attach(pid));
      observed.add(pid);
    },
    observed,
    tally,
    get counters() {
      return last ?? running.counters;
    },
  };
}

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
function reportLoss(counters: Counters, say: (line: string) => void): void {
  const { ringRecords, ringBytes, faultBytes, limitBytes, mapFull } = counters;
  if (ringRecords > 0)
    say(
      `lost ${ringBytes} bytes in ${ringRecords} records: the ring was full, so exchanges are missing, and those that lost a part are marked; a larger --ring-size helps against bursts`,
    );
  if (faultBytes > 0) say(`lost ${faultBytes} bytes that the kernel could not read from the program's memory`);
  if (limitBytes > 0) say(`lost ${limitBytes} bytes of TLS calls that carried more than 16 MiB at once`);
  if (mapFull > 0)
    say(`${mapFull} calls, connections or children could not be followed: the kernel's tables were full`);
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
