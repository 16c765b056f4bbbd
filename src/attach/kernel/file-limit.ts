/**
 * How many files we may have open. Each probed file of a process takes two or three descriptors (on older kernels one a
 * place), so an observer of many processes needs more than an ordinary program.
 */
import { bindLibc, KernelError } from './native.js';

const RLIMIT_NOFILE = 7;
const ENOUGH = 65_536n;
/** Kept free for what we read ourselves: /proc, connections to an endpoint, files. */
const SPARE = 24;

/**
 * Raises our limit as far as it helps; the hard one too, where CAP_SYS_RESOURCE lets us. Returns the highest number that a
 * probe's descriptor may have.
 */
export function raiseFileLimit(): number {
  const libc = bindLibc();
  const now = Buffer.alloc(16);
  libc.prlimit(0, RLIMIT_NOFILE, 0n, now);
  const hard = now.readBigUInt64LE(8);
  const limit = hard < ENOUGH && raise(ENOUGH) ? ENOUGH : hard;
  return Number(limit < ENOUGH ? limit : ENOUGH) - SPARE;
}

function raise(limit: bigint): boolean {
  const wanted = Buffer.alloc(16);
  wanted.writeBigUInt64LE(limit, 0);
  wanted.writeBigUInt64LE(limit, 8);
  try {
    bindLibc().setLimit(0, RLIMIT_NOFILE, wanted, 0n);
    return true;
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}
