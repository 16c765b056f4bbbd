/** From a failed kernel call to what a person can do about it: the capability or setting, and the command that gives it. */
import { existsSync, readFileSync } from 'node:fs';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { effectiveCapabilities, hasCapability } from '../../machine/capabilities.js';
import { inContainer, kernelRelease } from '../../machine/host.js';
import { isInitialNamespace } from '../../machine/namespaces.js';
import { tooManyFiles } from '../../machine/proc.js';
import type { KernelError } from './native.js';

/** What attach asks of the kernel, each with the reason; capability numbers: linux/capability.h. */
const CAPABILITIES = [
  { name: 'CAP_BPF', bit: 39, why: 'to load the programs' },
  { name: 'CAP_PERFMON', bit: 38, why: 'to read what they see' },
  { name: 'CAP_SYS_PTRACE', bit: 19, why: 'to read the memory map of other processes' },
  { name: 'CAP_SYS_ADMIN', bit: 21, why: 'to set uprobes one by one; kernels ask for it since 2025 (CVE-2025-38466)' },
] as const;

/** The facts that the diagnosis is made from; read once, so that tests can give their own. */
export interface KernelFacts {
  /** Effective capabilities, as a bit set. */
  readonly capabilities: bigint;
  readonly btf: boolean;
  /** `none`, `integrity` or `confidentiality`. */
  readonly lockdown: string;
  readonly release: string;
  readonly inContainer: boolean;
  /** Whether our pids are the machine's own; the programs see no others. */
  readonly hostPids: boolean;
  /** Whether our capabilities are the machine's own; those of another user namespace load no program. */
  readonly hostUsers: boolean;
}

export function readKernelFacts(): KernelFacts {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  return {
    capabilities: effectiveCapabilities(),
    btf: existsSync('/sys/kernel/btf/vmlinux'),
    lockdown: /\[(\w+)\]/.exec(read('/sys/kernel/security/lockdown'))?.[1] ?? 'none',
    release: kernelRelease(),
    hostPids: isInitialNamespace('pid'),
    hostUsers: isInitialNamespace('user'),
    inContainer: inContainer(),
  };
}

/** Before 6.12 a pid filter of a multi link meant one thread in places, and detaching waited once per place. */
export const hasMultiLinks = (facts: KernelFacts): boolean => isAtLeast(facts, 6, 12);

/**
 * From 6.11 to 6.13 the end of a probed call is a system call that a seccomp filter may answer with the end of the process:
 * no risk to take with processes that nobody asked to observe. Source: "seccomp: passthrough uretprobe systemcall without
 * filtering", 6.14.
 */
export const hasHarmlessReturns = (facts: KernelFacts): boolean => isAtLeast(facts, 6, 14);

function isAtLeast({ release }: KernelFacts, wantedMajor: number, wantedMinor: number): boolean {
  const [major = 0, minor = 0] = release.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** CAP_SYS_ADMIN includes what CAP_BPF and CAP_PERFMON were split from; a multi link does not ask for it (tried on 6.18). */
export function missingCapabilities(facts: KernelFacts): (typeof CAPABILITIES)[number][] {
  const has = (bit: number) => hasCapability(facts.capabilities, bit);
  return CAPABILITIES.filter(({ name, bit }) => {
    if (has(bit)) return false;
    if (name === 'CAP_SYS_ADMIN') return !hasMultiLinks(facts);
    return !(has(21) && (name === 'CAP_BPF' || name === 'CAP_PERFMON'));
  });
}

/** Before anything is loaded: what is certain to fail. Undefined when there is no such thing. */
export function preflight(facts: KernelFacts): Problem | undefined {
  if (!isAtLeast(facts, 5, 15))
    return refusal(
      'KERNEL_TOO_OLD',
      `the kernel ${facts.release} is too old for attach`,
      'it needs 5.15 or newer (attach cookies of uprobes)',
      [],
    );
  if (!facts.btf)
    return refusal('NO_BTF', 'the kernel does not describe its types (BTF)', '/sys/kernel/btf/vmlinux is missing', [
      'a kernel with CONFIG_DEBUG_INFO_BTF=y, as all large distributions have since 2021',
    ]);
  if (facts.lockdown === 'confidentiality')
    return refusal(
      'LOCKDOWN',
      'the kernel is locked down against reading user memory',
      '/sys/kernel/security/lockdown says confidentiality',
      ['boot without lockdown=confidentiality'],
    );
  if (!facts.hostUsers)
    return refusal(
      'USER_NAMESPACE',
      'attach may not use eBPF here',
      "this is a user namespace, and its capabilities are not the machine's own (rootless containers are one)",
      ['sudo openlit-instrument attach …   (outside of it)', 'docker run --userns=host --privileged --pid=host …'],
    );
  if (!facts.hostPids)
    return refusal(
      'PID_NAMESPACE',
      'attach sees only the processes of this container, and the kernel numbers them otherwise',
      "this is not the machine's own pid namespace",
      ['docker run --pid=host …', 'hostPID: true   (in a pod)'],
    );
  return undefined;
}

/** The `Problem` of a failed load or attach. */
export function explainKernelError(error: KernelError, facts: KernelFacts): Problem {
  const missing = missingCapabilities(facts);
  if (error.isDenied && missing.length > 0 && !error.log?.includes('processed'))
    return refusal(
      'NO_PRIVILEGE',
      'attach may not use eBPF here',
      missing.map(({ name, why }) => `${name} is missing (${why})`).join(', '),
      facts.inContainer
        ? [
            `docker run ${missing.map(({ name }) => `--cap-add ${name.replace('CAP_', '')}`).join(' ')} --pid=host …`,
            'docker run --privileged --pid=host …',
          ]
        : ['sudo openlit-instrument attach …'],
      error,
    );
  if (error.log?.trim())
    return refusal(
      'VERIFIER',
      `the kernel ${facts.release} refused the program (${error.message})`,
      lastLines(error.log, 12),
      ['report these lines with the kernel version: they name the instruction that it refused'],
      error,
    );
  if (error.errno === 24 || error.errno === 23) return tooManyFiles(error);
  if (error.errno === 12)
    return refusal('NO_MEMORY', 'the kernel has no memory for the ring', error.message, ['--ring-size 4MiB'], error);
  return refusal(
    'KERNEL_FEATURE',
    `the kernel ${facts.release} cannot do what attach needs`,
    error.message,
    ['openlit-instrument doctor'],
    error,
  );
}

export function lastLines(log: string, count: number): string {
  const lines = log.replaceAll('\0', '').trimEnd().split('\n');
  return `its last lines are\n${lines
    .slice(-count)
    .map(line => `    ${line}`)
    .join('\n')}`;
}

function refusal(code: string, message: string, reason: string, fixes: readonly string[], cause?: Error): Problem {
  return new Problem(
    { code, message, reason, fixes, exit: EXIT_STATUS.missingPrivilegeOrFeature },
    cause ? { cause } : undefined,
  );
}
