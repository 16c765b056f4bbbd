/** Sets the places of a plan on one process. A set of probes is closed as a whole; the kernel closes it if we are killed. */

import { closeSync, openSync } from 'node:fs';
import type { ProbePlace } from '../sources/placement.js';
import type { FilePlan } from '../sources/plan.js';
import type { ProbeAction } from '../sources/tls-libraries.js';
import { bindLibc, KernelError, type Pointer, viewMemory } from './native.js';
import type { Programs } from './programs.js';

export interface ProbeSet {
  /** Whoever maps the file has them. */
  readonly shared: boolean;
  /** Resolves when the kernel has removed the probes, which takes it 20 to 250 ms each link; on pool threads. */
  close(): Promise<void>;
}

const EMFILE = 24;

/** enum action of bpf/tls.h. */
const ACTIONS: Readonly<Record<ProbeAction, number>> = {
  write: 0,
  read: 1,
  free: 2,
  shutdown: 3,
  control: 4,
  mapped: 5,
};
/** The same of rustls, which hands on structures. */
const ACTIONS_OF_RUSTLS: Readonly<Partial<Record<ProbeAction, number>>> = { write: 6, read: 7 };

/** Whose calls are seen: those of one process, or those of all who have the file, which then has a number. */
export type Probed = { readonly pid: number } | { readonly shared: number };

/** COOKIE_ACTION, COOKIE_LENGTH_ARGUMENT, COOKIE_STACK and COOKIE_SHARED of bpf/tls.h. */
export function attachCookie(place: ProbePlace, shared = 0): bigint {
  const { action, lengthArgument = 0, stackOffset = 0, convention } = place;
  const code = (convention === 'rustls' ? ACTIONS_OF_RUSTLS[action] : undefined) ?? ACTIONS[action];
  return BigInt(code | (lengthArgument << 8)) | (BigInt(stackOffset) << 16n) | (BigInt(shared) << 32n);
}

/**
 * Return probes first: a call that begins in between is then ignored as one whose entry was not seen, instead of leaving
 * an entry behind. Throws a `KernelError` with nothing left attached. Shared ones need the link kind `multi`.
 */
export function attachProbes(programs: Programs, whose: Probed, file: FilePlan): ProbeSet {
  const { places } = file.placement;
  const returning = places.filter(place => place.returns);
  const closers: (() => Promise<void>)[] = [];
  // Entries before returns, as far as that is in our hands: the reverse of how they were set.
  const close = async () => {
    await Promise.all(
      closers
        .splice(0)
        .reverse()
        .map(closeOne => closeOne()),
    );
  };
  try {
    for (const [program, isReturn, list] of [
      [programs.return, true, returning],
      [programs.entry, false, places.filter(({ convention }) => convention === undefined || convention === 'rustls')],
      [programs.go, false, places.filter(({ convention }) => convention === 'go')],
      [programs.notice, false, places.filter(({ convention }) => convention === 'notice')],
    ] as const) {
      if (list.length === 0 || program === undefined) continue;
      if (programs.link === 'multi')
        closers.push(attachMulti(programs, program, whose, file.attachPath, list, isReturn));
      else
        for (const place of list) closers.push(attachPerf(programs, program, whose, file.attachPath, place, isReturn));
    }
    return { shared: 'shared' in whose, close };
  } catch (error) {
    void close();
    throw error;
  }
}

/** libbpf's struct bpf_uprobe_opts: size, ref_ctr_offset, cookie, retprobe, func_name. */
function attachPerf(
  { libbpf, fileLimit }: Programs,
  program: Pointer,
  whose: Probed,
  path: string,
  place: ProbePlace,
  isReturn: boolean,
): () => Promise<void> {
  const pid = 'pid' in whose ? whose.pid : -1;
  const options = Buffer.alloc(40);
  options.writeBigUInt64LE(40n, 0);
  options.writeBigUInt64LE(attachCookie(place), 16);
  options.writeUInt8(isReturn ? 1 : 0, 24);
  keepSpare(fileLimit);
  const link = libbpf.attachUprobe(program, pid, path, BigInt(place.fileOffset), options);
  return () => libbpf.destroyLinkAside(link);
}

/**
 * BPF_LINK_CREATE for many places at once, by bpf(2), since libbpf knows it only from 1.3 on. Besides being one call, it
 * makes detaching one wait for the kernel instead of one a place (0.1–0.25 s each).
 */
function attachMulti(
  { libbpf, fileLimit, shelveFrom, shelf }: Programs,
  program: Pointer,
  whose: Probed,
  path: string,
  places: readonly ProbePlace[],
  isReturn: boolean,
): () => Promise<void> {
  const BPF_LINK_CREATE = 28;
  const BPF_TRACE_UPROBE_MULTI = 48;
  const BPF_F_UPROBE_MULTI_RETURN = 1;
  const libc = bindLibc();
  const name = Buffer.from(`${path}\0`);
  const pathAt = 64;
  const offsetsAt = pathAt + ((name.length + 7) & ~7);
  const cookiesAt = offsetsAt + 8 * places.length;
  const size = cookiesAt + 8 * places.length;
  const address = libc.map(size, -1, 0, true);
  try {
    const memory = viewMemory(address, size);
    memory.writeUInt32LE(libbpf.programFd(program), 0);
    memory.writeUInt32LE(BPF_TRACE_UPROBE_MULTI, 8);
    memory.writeBigUInt64LE(address + BigInt(pathAt), 16);
    memory.writeBigUInt64LE(address + BigInt(offsetsAt), 24);
    memory.writeBigUInt64LE(address + BigInt(cookiesAt), 40);
    memory.writeUInt32LE(places.length, 48);
    memory.writeUInt32LE(isReturn ? BPF_F_UPROBE_MULTI_RETURN : 0, 52);
    memory.writeUInt32LE('pid' in whose ? whose.pid : 0, 56);
    memory.set(name, pathAt);
    for (const [index, place] of places.entries()) {
      memory.writeBigUInt64LE(BigInt(place.fileOffset), offsetsAt + 8 * index);
      memory.writeBigUInt64LE(attachCookie(place, 'shared' in whose ? whose.shared : 0), cookiesAt + 8 * index);
    }
    keepSpare(fileLimit);
    const fd = libc.bpf(BPF_LINK_CREATE, address, pathAt);
    return (fd < shelveFrom ? undefined : shelf()?.put(fd)) ?? (() => libc.closeAside(fd));
  } finally {
    libc.unmap(address, size);
  }
}

/** The last descriptors are left alone: without them we could not even tell who still runs. Throws a `KernelError`. */
function keepSpare(fileLimit: number): void {
  if (lowestFree() >= fileLimit) throw new KernelError('probes', EMFILE);
}

function lowestFree(): number {
  try {
    const descriptor = openSync('/', 'r');
    closeSync(descriptor);
    return descriptor;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
