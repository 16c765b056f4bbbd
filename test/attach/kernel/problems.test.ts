/** What people read when the machine lacks something: each names the thing and the command that gives it. */
import { describe, expect, test } from '@jest/globals';
import { KernelError } from '../../../src/attach/kernel/native.js';
import {
  explainKernelError,
  type KernelFacts,
  lastLines,
  missingCapabilities,
  preflight,
} from '../../../src/attach/kernel/problems.js';
import { formatProblem } from '../../../src/errors.js';

const ALL = (1n << 41n) - 1n;
const FIT: KernelFacts = {
  capabilities: ALL,
  btf: true,
  lockdown: 'none',
  release: '6.18.44',
  inContainer: false,
  hostPids: true,
  hostUsers: true,
};

describe('before anything is loaded', () => {
  test('a fit machine has no problem', () => expect(preflight(FIT)).toBeUndefined());

  test.each([
    ['an old kernel', { release: '5.10.0-28-amd64' }, /5\.15 or newer/, 'KERNEL_TOO_OLD'],
    ['no BTF', { btf: false }, /CONFIG_DEBUG_INFO_BTF=y/, 'NO_BTF'],
    ['lockdown', { lockdown: 'confidentiality' }, /lockdown=confidentiality/, 'LOCKDOWN'],
    ['a user namespace', { hostUsers: false }, /user namespace/, 'USER_NAMESPACE'],
    ['a pid namespace', { hostPids: false }, /--pid=host/, 'PID_NAMESPACE'],
  ])('%s', (_name, facts, words, code) => {
    const problem = preflight({ ...FIT, ...facts });
    expect(problem).toMatchObject({ code, exit: 3 });
    expect(formatProblem(problem!)).toMatch(words);
  });
});

describe('capabilities', () => {
  const without = (...bits: number[]) => ({
    ...FIT,
    capabilities: bits.reduce((all, bit) => all & ~(1n << BigInt(bit)), ALL),
  });

  test('an ordinary user lacks all, and CAP_SYS_ADMIN includes the two that were split from it', () => {
    expect(missingCapabilities({ ...FIT, capabilities: 0n }).map(({ name }) => name)).toEqual([
      'CAP_BPF',
      'CAP_PERFMON',
      'CAP_SYS_PTRACE',
    ]);
    const before = { ...FIT, release: '6.11.0' };
    expect(missingCapabilities({ ...before, capabilities: ALL & ~(1n << 21n) })).toMatchObject([
      { name: 'CAP_SYS_ADMIN' },
    ]);
    expect(missingCapabilities(without(38, 39))).toEqual([]);
    expect(missingCapabilities(without(19)).map(({ name }) => name)).toEqual(['CAP_SYS_PTRACE']);
  });

  test('EPERM without them: which, why, and the command', () => {
    const problem = explainKernelError(new KernelError('loading the programs', 1), { ...FIT, capabilities: 0n });
    expect(problem).toMatchObject({ code: 'NO_PRIVILEGE', exit: 3 });
    expect(formatProblem(problem)).toMatch(/CAP_BPF is missing \(to load the programs\)/);
    expect(problem.fixes).toEqual(['sudo openlit-instrument attach …']);
  });

  test('in a container the flags of docker', () => {
    const problem = explainKernelError(new KernelError('x', 1), { ...FIT, capabilities: 0n, inContainer: true });
    expect(problem.fixes[0]).toContain('--cap-add BPF --cap-add PERFMON --cap-add SYS_PTRACE --pid=host');
  });
});

test('a rejected program shows the last lines of the verifier', () => {
  const log = `${Array.from({ length: 100 }, (_, i) => `${i}: (b7) r0 = 0`).join('\n')}\nR2 min value is negative\nprocessed 101 insns\n`;
  const problem = explainKernelError(new KernelError('loading the programs', 13, log), { ...FIT, capabilities: ALL });
  expect(problem.code).toBe('VERIFIER');
  expect(problem.reason).toContain('R2 min value is negative');
  expect(problem.reason).not.toContain('50: (b7)');
});

test('other errors name the function and the errno', () => {
  const words = (errno: number) =>
    formatProblem(explainKernelError(new KernelError('bpf_program__attach', errno), FIT));
  expect(words(22)).toContain('bpf_program__attach: EINVAL');
  expect(words(24)).toContain('ulimit -n');
  expect(words(12)).toContain('--ring-size');
  expect(words(4711)).toContain('errno 4711');
});

test('last lines of a log that is shorter than asked for', () => expect(lastLines('one\n\0\0', 5)).toContain('one'));
