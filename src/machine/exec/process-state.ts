/**
 * What Node changed in this process at its start, worked out from /proc, so that it can be put back before exec. Pure:
 * text in, facts out. Node (PlatformInit in its source) resets every signal to its default, ignores SIGPIPE and SIGXFSZ,
 * raises the soft limit of open files to the hard one, and libuv marks inherited descriptors close-on-exec.
 */

import type { Descriptor } from '../descriptors.js';
import { fieldOf, PROC } from '../proc.js';

export const SIGNAL = { SIGHUP: 1, SIGPIPE: 13, SIGXFSZ: 25 } as const;

const O_CLOEXEC = 0o2000000;
const O_ACCMODE = 0o3;
const O_WRONLY = 0o1;

export interface OwnOpenings {
  /** Targets that Node itself opened beyond what it always opens: its inspector's sockets. */
  readonly targets?: ReadonlySet<string>;
  /** Somebody else's files ran in this process already (`--require`); what they opened is theirs, not the program's. */
  readonly preloads?: boolean;
}

/**
 * Descriptors (from 3 on) that were open before Node started and that it marked close-on-exec. Node's first own
 * descriptor is its epoll, which takes the lowest free number: all below it were inherited. Above it, what Node opens
 * itself is known by kind (epoll, eventfd, io_uring, pipes with both ends here, one /dev/null), and what a preload opened
 * stands right behind Node's last one.
 */
export function inheritedDescriptors(all: readonly Descriptor[], opened: OwnOpenings = {}): number[] {
  const epoll = all.filter(({ target }) => target === 'anon_inode:[eventpoll]').map(({ number }) => number);
  const first = Math.min(...epoll, Number.POSITIVE_INFINITY);
  const ends = new Map<string, number>();
  for (const { target, number } of all) {
    if (number > first && target.startsWith('pipe:')) ends.set(target, (ends.get(target) ?? 0) + 1);
  }
  const isOwn = (descriptor: Descriptor) => {
    const { number, target } = descriptor;
    if (number < first) return false;
    if (target.startsWith('anon_inode:') || target.startsWith(`${PROC}/`) || opened.targets?.has(target)) return true;
    if (target.startsWith('pipe:') && ends.get(target) !== 1) return true;
    return target === '/dev/null' && (descriptor.flags & O_ACCMODE) === 0;
  };
  const others = all.filter(descriptor => descriptor.number > 2 && !isOwn(descriptor));
  const theirs = opened.preloads ? rightBehind(all.filter(isOwn), others) : new Set<number>();
  return (
    others
      .filter(({ number }) => !theirs.has(number))
      // Flags are looked at last, and only where the kind does not decide: each costs a file to read.
      .filter(descriptor => (descriptor.flags & O_CLOEXEC) !== 0)
      .map(({ number }) => number)
  );
}

/** Numbers that follow the last of the `own` ones without a gap. */
function rightBehind(own: readonly Descriptor[], others: readonly Descriptor[]): Set<number> {
  const numbers = new Set(others.map(({ number }) => number));
  const found = new Set<number>();
  for (let next = Math.max(...own.map(({ number }) => number)) + 1; numbers.has(next); next++) found.add(next);
  return found;
}

/** The soft and hard limit of open files out of /proc/PID/limits. */
function openFileLimit(limits: string): { soft: number; hard: number } | undefined {
  const match = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(limits);
  if (!match) return undefined;
  const toNumber = (text: string) => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text));
  return { soft: toNumber(match[1]!), hard: toNumber(match[2]!) };
}

/**
 * The soft limit to put back, or `undefined` to leave it. The parent's is the best evidence there is: a child starts
 * with it unless somebody set another one in between, which nearly always sets the hard limit too. So with a different
 * hard limit the parent says nothing about us.
 */
export function softLimitToRestore(own: string, parent: string | undefined): number | undefined {
  const ours = openFileLimit(own);
  const theirs = parent === undefined ? undefined : openFileLimit(parent);
  if (!ours || !theirs || ours.hard !== theirs.hard || theirs.soft >= ours.soft) return undefined;
  return theirs.soft;
}

/** The bits of one Sig* line of /proc/PID/status as signal numbers. */
export function ignoredSignals(status: string): ReadonlySet<number> {
  const mask = BigInt(`0x${fieldOf(status, 'SigIgn') ?? '0'}`);
  const signals = new Set<number>();
  for (let signal = 1; signal <= 64; signal++) if ((mask >> BigInt(signal - 1)) & 1n) signals.add(signal);
  return signals;
}

export interface SignalEvidence {
  readonly parentStatus: string | undefined;
  readonly parentPid: number;
  /** Descriptor 0 of this process. */
  readonly stdin: Descriptor | undefined;
  /** Target of descriptor 1. */
  readonly stdoutTarget: string | undefined;
  /** systemd sets INVOCATION_ID for its services. */
  readonly invocationId: string | undefined;
}

/**
 * Signals that the program would have found ignored. Node has reset them and the kernel keeps no record, so these are
 * the cases that leave a trace: `nohup` (it opens stdin write-only or writes nohup.out), a parent that ignores SIGHUP
 * itself, and a systemd service, for which SIGPIPE is ignored unless its unit says otherwise.
 */
export function signalsToIgnore(evidence: SignalEvidence): number[] {
  const parent = evidence.parentStatus === undefined ? new Set<number>() : ignoredSignals(evidence.parentStatus);
  const { stdin, stdoutTarget } = evidence;
  const underNohup =
    (stdin?.target === '/dev/null' && (stdin.flags & O_ACCMODE) === O_WRONLY) ||
    /\/nohup\.out$/.test(stdoutTarget ?? '');
  const service = evidence.parentPid === 1 && evidence.invocationId !== undefined && parent.has(SIGNAL.SIGPIPE);
  return [...(underNohup || parent.has(SIGNAL.SIGHUP) ? [SIGNAL.SIGHUP] : []), ...(service ? [SIGNAL.SIGPIPE] : [])];
}
