/**
 * Where links are kept that need no descriptor: a BPF file system that is mounted nowhere and goes with us, so that the
 * kernel still removes every probe when we are killed. Used where few files may be open: a link is put there, found again to
 * be closed. From Linux 6.5 on (BPF_F_PATH_FD), with CAP_SYS_ADMIN.
 */
import { bindLibc, KernelError, type Libc, viewMemory } from './native.js';

export interface Shelf {
  /** Takes over a link: its descriptor is closed, the link stays. Returns what ends it; undefined: it could not be taken. */
  put(link: number): (() => Promise<void>) | undefined;
  close(): void;
}

const FSOPEN = 430n;
const FSCONFIG = 431n;
const FSMOUNT = 432n;
const FSCONFIG_CMD_CREATE = 6n;
const CLOSE_ON_EXEC = 1n;
const BPF_OBJ_PIN = 6;
const BPF_OBJ_GET = 7;
const BPF_F_PATH_FD = 1 << 14;
const ATTRIBUTES = 24;
const NAME_AT = 32;
const SIZE = 64;
/** Links that are closed at once: each needs a descriptor for that time. */
const AT_ONCE = 4;

/** Undefined where the kernel or our rights do not allow it. */
export function openShelf(): Shelf | undefined {
  const libc = bindLibc();
  let folder: number;
  try {
    folder = mountNowhere(libc);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
  let names = 0;
  let busy = 0;
  const waiting: (() => void)[] = [];
  const turn = async () => {
    if (busy >= AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve));
    busy++;
  };
  const remove = async (name: string) => {
    await turn();
    try {
      let link: number | undefined;
      try {
        link = object(libc, BPF_OBJ_GET, folder, name, 0);
      } catch (error) {
        if (!(error instanceof KernelError)) throw error; // the kernel then ends it a little later by itself
      }
      libc.unlinkat(folder, name, 0);
      if (link !== undefined) await libc.closeAside(link);
    } finally {
      busy--;
      waiting.shift()?.();
    }
  };
  return {
    put: link => {
      const name = `link${++names}`;
      try {
        object(libc, BPF_OBJ_PIN, folder, name, link);
      } catch (error) {
        if (error instanceof KernelError) return undefined;
        throw error;
      }
      libc.close(link);
      return () => remove(name);
    },
    close: () => libc.close(folder),
  };
}

function mountNowhere(libc: Libc): number {
  const context = libc.fsopen(FSOPEN, 'bpf', CLOSE_ON_EXEC);
  try {
    libc.fsconfig(FSCONFIG, BigInt(context), FSCONFIG_CMD_CREATE, 0n, 0n, 0n);
    return libc.fsmount(FSMOUNT, BigInt(context), CLOSE_ON_EXEC, 0n);
  } finally {
    libc.close(context);
  }
}

/** bpf(2) on a name in the folder: union bpf_attr's pathname, bpf_fd, file_flags, path_fd. */
function object(libc: Libc, command: number, folder: number, name: string, fd: number): number {
  const address = libc.map(SIZE, -1, 0, true);
  try {
    const memory = viewMemory(address, SIZE);
    memory.writeBigUInt64LE(address + BigInt(NAME_AT), 0);
    memory.writeUInt32LE(fd, 8);
    memory.writeUInt32LE(BPF_F_PATH_FD, 12);
    memory.writeInt32LE(folder, 16);
    memory.write(`${name}\0`, NAME_AT);
    return libc.bpf(command, address, ATTRIBUTES);
  } finally {
    libc.unmap(address, SIZE);
  }
}
