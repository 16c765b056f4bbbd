/**
 * The one place that calls C: libc and libbpf through ffi-rs. Pointers are bigints (0n is null), errors are thrown as
 * `KernelError` with the function's name and errno, and nothing passes a pointer on that it has not checked.
 */
import { createExternalBuffer, DataType, load, open } from 'ffi-rs';

/** Address in our own memory; 0n is null. */
export type Pointer = bigint;

/** A failed call: `what` names the function, `errno` is positive, `log` is the verifier's where there is one. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
  constructor(
    readonly what: string,
    readonly errno: number,
    readonly log?: string,
  ) {
    super(`${what}: ${ERRNO[errno] ?? `errno ${errno}`}`);
  }

  /** EPERM or EACCES. */
  get isDenied(): boolean {
    return this.errno === 1 || this.errno === 13;
  }
}

/** The errors that the messages tell apart; Linux, x86-64 and arm64 alike. */
export const ERRNO: Readonly<Record<number, string>> = {
  1: 'EPERM',
  2: 'ENOENT',
  3: 'ESRCH',
  7: 'E2BIG',
  8: 'ENOEXEC',
  9: 'EBADF',
  12: 'ENOMEM',
  13: 'EACCES',
  14: 'EFAULT',
  16: 'EBUSY',
  17: 'EEXIST',
  19: 'ENODEV',
  22: 'EINVAL',
  23: 'ENFILE',
  24: 'EMFILE',
  28: 'ENOSPC',
  38: 'ENOSYS',
  95: 'EOPNOTSUPP',
  524: 'ENOTSUPP',
};

const TYPES = {
  int: DataType.I32,
  pointer: DataType.BigInt,
  size: DataType.BigInt,
  text: DataType.String,
  bytes: DataType.U8Array,
} as const;
type TypeName = keyof typeof TYPES;
type Argument<T extends TypeName> = T extends 'int'
  ? number
  : T extends 'text'
    ? string
    : T extends 'bytes'
      ? Uint8Array
      : bigint;

interface Result {
  value: unknown;
  errnoCode: number;
}

/** Declares a C function. Its result is returned as it is, with errno beside it: only the result says if it failed. */
function declare<const A extends readonly TypeName[]>(
  library: string,
  name: string,
  result: 'int' | 'pointer',
  types: A,
): (...values: { [K in keyof A]: Argument<A[K]> }) => Result {
  const paramsType = types.map(type => TYPES[type]);
  return (...paramsValue) =>
    load({
      library,
      funcName: name,
      retType: TYPES[result],
      paramsType,
      paramsValue: paramsValue as unknown[],
      errno: true,
    }) as unknown as Result;
}

/** A function that returns an int: negative is a failure, -errno (libbpf) or -1 with errno (libc). */
function integer<const A extends readonly TypeName[]>(library: string, name: string, types: A) {
  const call = declare(library, name, 'int', types);
  return (...values: { [K in keyof A]: Argument<A[K]> }): number => {
    const { value, errnoCode } = call(...values);
    if (typeof value !== 'number') throw new KernelError(name, 14);
    if (value < 0) throw new KernelError(name, library === 'c' || value === -1 ? errnoCode : -value);
    return value;
  };
}

/** A function with one argument that may take long: on a pool thread, its result is of no use. */
function aside(library: string, name: string, type: 'int' | 'pointer') {
  return async (value: number | bigint): Promise<void> => {
    await load({
      library,
      funcName: name,
      retType: DataType.I32,
      paramsType: [TYPES[type]],
      paramsValue: [value],
      runInNewThread: true,
    });
  };
}

/** A function that returns a pointer: null is a failure with errno. */
function pointer<const A extends readonly TypeName[]>(library: string, name: string, types: A) {
  const call = declare(library, name, 'pointer', types);
  return (...values: { [K in keyof A]: Argument<A[K]> }): Pointer => {
    const { value, errnoCode } = call(...values);
    if (typeof value !== 'bigint' || value === 0n) throw new KernelError(name, errnoCode);
    return value;
  };
}

let libcOpen = false;

function openLibc(): void {
  if (libcOpen) return;
  open({ library: 'c', path: '' }); // the main program: every symbol of libc is already there
  libcOpen = true;
}

function makeLibc() {
  openLibc();
  const mallocTrim = integer('c', 'malloc_trim', ['size']);
  const mmap = declare('c', 'mmap', 'pointer', ['pointer', 'size', 'int', 'int', 'int', 'size']);
  const munmap = integer('c', 'munmap', ['pointer', 'size']);
  const syscall3 = integer('c', 'syscall', ['size', 'size', 'pointer', 'size']);
  return {
    /** Maps `length` bytes of a descriptor (-1: fresh zeroed memory). */
    map(length: number, fd: number, offset: number, writable: boolean): Pointer {
      const flags = fd < 0 ? 0x22 : 0x01; // MAP_PRIVATE|MAP_ANONYMOUS : MAP_SHARED
      const { value, errnoCode } = mmap(0n, BigInt(length), writable ? 3 : 1, flags, fd, BigInt(offset));
      if (typeof value !== 'bigint' || value === -1n || value === 0n) throw new KernelError('mmap', errnoCode);
      return value;
    },
    unmap: (address: Pointer, length: number) => munmap(address, BigInt(length)),
    close: integer('c', 'close', ['int']),
    closeAside: aside('c', 'close', 'int'),
    pageSize: integer('c', 'getpagesize', []),
    /** Gives freed memory back to the system; false where the C library has no such function (musl). */
    trim(): boolean {
      try {
        mallocTrim(0n);
        return true;
      } catch {
        return false;
      }
    },
    /** bpf(2): libc has no wrapper. */
    bpf: (command: number, attributes: Pointer, size: number) =>
      syscall3(process.arch === 'arm64' ? 280n : 321n, BigInt(command), attributes, BigInt(size)),
    fsopen: integer('c', 'syscall', ['size', 'text', 'size']),
    fsconfig: integer('c', 'syscall', ['size', 'size', 'size', 'pointer', 'pointer', 'size']),
    fsmount: integer('c', 'syscall', ['size', 'size', 'size', 'size']),
    unlinkat: integer('c', 'unlinkat', ['int', 'text', 'int']),
    epollCreate: integer('c', 'epoll_create1', ['int']),
    epollControl: integer('c', 'epoll_ctl', ['int', 'int', 'int', 'bytes']),
    eventfd: integer('c', 'eventfd', ['int', 'int']),
    write: integer('c', 'write', ['int', 'bytes', 'size']),
    read: integer('c', 'read', ['int', 'bytes', 'size']),
    /** Reads a limit (the new one is null); Node has set the soft limit to the hard one. */
    prlimit: integer('c', 'prlimit', ['int', 'int', 'pointer', 'bytes']),
    setLimit: integer('c', 'prlimit', ['int', 'int', 'bytes', 'pointer']),
    clockGettime: integer('c', 'clock_gettime', ['int', 'bytes']),
    /** Waits on a pool thread; the number of ready descriptors, 0 after the timeout, negative when it was interrupted. */
    epollWait: (epoll: number, events: Buffer, timeoutMs: number): Promise<number> =>
      load({
        library: 'c',
        funcName: 'epoll_wait',
        retType: DataType.I32,
        paramsType: [DataType.I32, DataType.U8Array, DataType.I32, DataType.I32],
        paramsValue: [epoll, events, 1, timeoutMs],
        runInNewThread: true,
      }),
  };
}

export type Libc = ReturnType<typeof makeLibc>;
let libc: Libc | undefined;

/** libc's functions, bound once. */
export function bindLibc(): Libc {
  libc ??= makeLibc();
  return libc;
}

/** A `Buffer` over memory that stays where it is: no copy, and never freed by the garbage collector. */
export function viewMemory(address: Pointer, length: number): Buffer {
  if (address === 0n) throw new KernelError('a view of memory', 14);
  // memmove of nothing returns its first argument: the way from an address to the handle that ffi-rs wants.
  const handle = load({
    library: 'c',
    funcName: 'memmove',
    retType: DataType.External,
    paramsType: [DataType.BigInt, DataType.BigInt, DataType.BigInt],
    paramsValue: [address, address, 0n],
  });
  return createExternalBuffer(handle, length);
}

/** libbpf's functions that we use, from the file at `path`. Throws what the loader says. */
export function bindLibbpf(path: string) {
  openLibc();
  open({ library: path, path });
  const object = ['pointer'] as const;
  return {
    setPrint: declare(path, 'libbpf_set_print', 'pointer', ['pointer']),
    setStrictMode: declare(path, 'libbpf_set_strict_mode', 'int', ['int']),
    majorVersion: integer(path, 'libbpf_major_version', []),
    openFile: pointer(path, 'bpf_object__open_file', ['text', 'pointer']),
    load: integer(path, 'bpf_object__load', object),
    closeObject: declare(path, 'bpf_object__close', 'int', object),
    findProgram: pointer(path, 'bpf_object__find_program_by_name', ['pointer', 'text']),
    findMap: pointer(path, 'bpf_object__find_map_by_name', ['pointer', 'text']),
    programFd: integer(path, 'bpf_program__fd', object),
    mapFd: integer(path, 'bpf_map__fd', object),
    setMaxEntries: integer(path, 'bpf_map__set_max_entries', ['pointer', 'int']),
    setExpectedAttachType: integer(path, 'bpf_program__set_expected_attach_type', ['pointer', 'int']),
    setAutoload: integer(path, 'bpf_program__set_autoload', ['pointer', 'int']),
    setLogBuffer: integer(path, 'bpf_program__set_log_buf', ['pointer', 'pointer', 'size']),
    attach: pointer(path, 'bpf_program__attach', object),
    attachUprobe: pointer(path, 'bpf_program__attach_uprobe_opts', ['pointer', 'int', 'text', 'size', 'bytes']),
    destroyLink: integer(path, 'bpf_link__destroy', object),
    destroyLinkAside: aside(path, 'bpf_link__destroy', 'pointer'),
    lookup: integer(path, 'bpf_map_lookup_elem', ['int', 'bytes', 'bytes']),
    update: integer(path, 'bpf_map_update_elem', ['int', 'bytes', 'bytes', 'size']),
    delete: integer(path, 'bpf_map_delete_elem', ['int', 'bytes']),
    possibleCpus: integer(path, 'libbpf_num_possible_cpus', []),
  };
}

export type Libbpf = ReturnType<typeof bindLibbpf>;
