/** The BPF object in the kernel: opened, sized, loaded, its maps reached by descriptor. Closed as a whole. */
import { EXIT_STATUS, Problem } from '../../errors.js';
import { COUNTERS, type Counters } from '../../wire/transport/record.js';
import { raiseFileLimit } from './file-limit.js';
import { bindLibbpf, bindLibc, KernelError, type Libbpf, type Pointer, viewMemory } from './native.js';
import { findPrebuilt } from './prebuilt.js';
import {
  explainKernelError,
  hasHarmlessReturns,
  hasMultiLinks,
  type KernelFacts,
  preflight,
  readKernelFacts,
} from './problems.js';
import { openShelf, type Shelf } from './shelf.js';

/** How probes are attached: `multi` (one link for many places, kernel 6.12) or `perf` (one event a place). */
export type LinkKind = 'multi' | 'perf';

export interface LoadOptions {
  /** Bytes; rounded up to a power of two of at least 64 KiB. */
  readonly ringSize: number;
  /** Overrides the choice by kernel version. */
  readonly link?: LinkKind;
}

export interface Programs {
  readonly libbpf: Libbpf;
  readonly entry: Pointer;
  readonly return: Pointer;
  /** Places of Go; absent where the architecture has no program for them. */
  readonly go?: Pointer;
  /** The loader's notice. */
  readonly notice: Pointer;
  readonly link: LinkKind;
  /** Whether probes can be for all who have a file. */
  readonly shares: boolean;
  /** Descriptors of probes stay below this number. */
  readonly fileLimit: number;
  /** Links with this descriptor or a higher one go to the shelf, where there is one. */
  readonly shelveFrom: number;
  shelf(): Shelf | undefined;
  /** Whether plain HTTP is seen. */
  readonly sockets: boolean;
  readonly ringFd: number;
  readonly ringSize: number;
  /** The small ring that only wakes. */
  readonly urgentFd: number;
  /** Things that could not be started, one sentence each; the capture runs without them. */
  readonly warnings: readonly string[];
  /** Adds a process to those whose calls are recorded, and whose children are. */
  observe(pid: number): void;
  forget(pid: number): void;
  /** Says that what the process had mapped at a time (CLOCK_MONOTONIC, ns) has its probes. */
  looked(pid: number, at: bigint): void;
  counters(): Counters;
  close(): void;
}

const BPF_TRACE_UPROBE_MULTI = 48;
const LOG_SIZE = 256 * 1024;
const PLACED_PROGRAMS = [
  'tls_entry',
  'tls_return',
  'process_mapped',
  ...(process.arch === 'x64' ? ['go_transfer'] : []),
];
const PROCESS_PROGRAMS = ['process_fork', 'process_exec', 'process_exit'];
/** Plain HTTP. Their tracepoints are there from Linux 6.3 on. */
const SOCKET_PROGRAMS = ['socket_sent', 'socket_received', 'socket_state'];

/** Loads the programs. Throws a `Problem` that says what is missing. */
export function loadPrograms(options: LoadOptions, facts: KernelFacts = readKernelFacts()): Programs {
  const prebuilt = findPrebuilt();
  const unfit = preflight(facts);
  if (unfit) throw unfit;
  const libbpf = openLibbpf(prebuilt.libraries);
  const wanted = options.link ?? (hasMultiLinks(facts) ? 'multi' : 'perf');
  const warnings: string[] = [];
  const attempts: Attempt[] = [
    { link: wanted, following: true, sockets: true },
    { link: wanted, following: true, sockets: false },
    { link: 'perf', following: true, sockets: false },
    { link: 'perf', following: false, sockets: false },
  ];
  let first: KernelError | undefined;
  for (const attempt of attempts) {
    try {
      const shares = attempt.link === 'multi' && attempt.following && hasHarmlessReturns(facts);
      const programs = loadOnce(libbpf, prebuilt.object, options.ringSize, { ...attempt, shares }, warnings);
      if (!attempt.sockets)
        warnings.push('plain HTTP is not seen: this kernel lacks the tracepoints of socket transfers (Linux 6.3)');
      if (!attempt.following)
        warnings.push('children are not followed: the kernel refused the programs that watch fork, exec and exit');
      return programs;
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      first ??= error;
    }
  }
  throw explainKernelError(first!, facts);
}

function openLibbpf(paths: readonly string[]): Libbpf {
  const tried: string[] = [];
  for (const path of paths) {
    try {
      const libbpf = bindLibbpf(path);
      libbpf.setPrint(0n); // its warnings go to stderr otherwise; what matters comes back as an error
      return libbpf;
    } catch (error) {
      tried.push(`${path}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Problem({
    code: 'NO_LIBBPF',
    message: 'libbpf cannot be loaded',
    reason: tried.join('; '),
    fixes: ['apt install libbpf1', 'dnf install libbpf', 'apk add libbpf'],
    exit: EXIT_STATUS.missingPrivilegeOrFeature,
  });
}

/** What is loaded; the first that the kernel takes. */
interface Loaded extends Attempt {
  readonly shares: boolean;
}
interface Attempt {
  readonly link: LinkKind;
  readonly following: boolean;
  readonly sockets: boolean;
}

function loadOnce(
  libbpf: Libbpf,
  path: string,
  ringSize: number,
  { link, following, sockets, shares }: Loaded,
  warnings: string[],
): Programs {
  const libc = bindLibc();
  const object = libbpf.openFile(path, 0n);
  const logs = new Map<string, { address: Pointer; text: () => string }>();
  const links: Pointer[] = [];
  const release = () => {
    for (const tracepoint of links.splice(0)) libbpf.destroyLink(tracepoint);
    libbpf.closeObject(object);
    for (const { address } of logs.values()) libc.unmap(address, LOG_SIZE);
    logs.clear();
  };
  try {
    for (const name of [...PLACED_PROGRAMS, ...PROCESS_PROGRAMS, ...SOCKET_PROGRAMS]) {
      const program = libbpf.findProgram(object, name);
      if (PROCESS_PROGRAMS.includes(name) && !following) libbpf.setAutoload(program, 0);
      if (SOCKET_PROGRAMS.includes(name) && !sockets) libbpf.setAutoload(program, 0);
      if (PLACED_PROGRAMS.includes(name) && link === 'multi')
        libbpf.setExpectedAttachType(program, BPF_TRACE_UPROBE_MULTI);
      const address = libc.map(LOG_SIZE, -1, 0, true);
      const memory = viewMemory(address, LOG_SIZE);
      logs.set(name, { address, text: () => memory.toString('latin1', 0, Math.max(0, memory.indexOf(0))) });
      libbpf.setLogBuffer(program, address, BigInt(LOG_SIZE));
    }
    const size = roundRingSize(ringSize);
    libbpf.setMaxEntries(libbpf.findMap(object, 'ring'), size);
    try {
      libbpf.load(object);
    } catch (error) {
      const log = [...logs.values()].map(({ text }) => text()).find(text => text.length > 0);
      throw error instanceof KernelError ? new KernelError('loading the programs', error.errno, log) : error;
    }
    if (following) {
      for (const name of PROCESS_PROGRAMS) {
        try {
          links.push(libbpf.attach(libbpf.findProgram(object, name)));
        } catch (error) {
          warnings.push(`${name.replace('process_', '')} of processes is not seen: ${(error as Error).message}`);
        }
      }
    }
    if (sockets) for (const name of SOCKET_PROGRAMS) links.push(libbpf.attach(libbpf.findProgram(object, name)));
    return describe(libbpf, object, { link, following, sockets, shares }, size, warnings, release);
  } catch (error) {
    release();
    throw error;
  }
}

function describe(
  libbpf: Libbpf,
  object: Pointer,
  { link, sockets, shares }: Loaded,
  ringSize: number,
  warnings: readonly string[],
  release: () => void,
): Programs {
  const map = (name: string) => libbpf.mapFd(libbpf.findMap(object, name));
  const targets = map('targets');
  const looks = map('looked');
  const fileLimit = raiseFileLimit();
  let shelf: { readonly opened: Shelf | undefined } | undefined;
  const countersFd = map('counters');
  const cpus = libbpf.possibleCpus();
  const pidKey = (pid: number) => {
    const key = Buffer.alloc(4);
    key.writeUInt32LE(pid);
    return key;
  };
  return {
    libbpf,
    entry: libbpf.findProgram(object, 'tls_entry'),
    return: libbpf.findProgram(object, 'tls_return'),
    ...(process.arch === 'x64' ? { go: libbpf.findProgram(object, 'go_transfer') } : {}),
    notice: libbpf.findProgram(object, 'process_mapped'),
    link,
    shares,
    fileLimit,
    shelveFrom: Math.floor(fileLimit / 2),
    shelf: () => {
      shelf ??= { opened: openShelf() };
      return shelf.opened;
    },
    sockets,
    ringFd: map('ring'),
    urgentFd: map('urgent'),
    ringSize,
    warnings,
    observe: pid => {
      // BPF_NOEXIST: a child that the fork program has added keeps its time of birth.
      try {
        libbpf.update(targets, pidKey(pid), Buffer.alloc(16), 1n);
      } catch (error) {
        if (!(error instanceof KernelError) || error.errno !== 17) throw error;
      }
    },
    forget: pid => {
      for (const fd of [targets, looks]) {
        try {
          libbpf.delete(fd, pidKey(pid));
        } catch (error) {
          if (!(error instanceof KernelError) || error.errno !== 2) throw error; // its exit program was faster
        }
      }
    },
    looked: (pid, at) => {
      const time = Buffer.alloc(8);
      time.writeBigUInt64LE(at);
      try {
        libbpf.update(looks, pidKey(pid), time, 0n);
      } catch (error) {
        if (!(error instanceof KernelError) || error.errno !== 7) throw error; // full: more is said to be missed then
      }
    },
    counters: () => {
      const values = Buffer.alloc(8 * cpus);
      const sums = COUNTERS.map((name, index) => {
        libbpf.lookup(countersFd, pidKey(index), values);
        let sum = 0;
        for (let cpu = 0; cpu < cpus; cpu++) sum += Number(values.readBigUInt64LE(cpu * 8));
        return [name, sum] as const;
      });
      return Object.fromEntries(sums) as Counters;
    },
    close: () => {
      release();
      shelf?.opened?.close();
    },
  };
}

/** The kernel wants a power of two of pages; 64 KiB is a page on some arm64 machines. */
export function roundRingSize(bytes: number): number {
  return 2 ** Math.max(16, Math.ceil(Math.log2(Math.max(1, bytes))));
}
