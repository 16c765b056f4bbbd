/** What this machine and our rights allow of `attach`, as a plan wants to know it. */
import { type KernelFacts, missingCapabilities, preflight, readKernelFacts } from '../attach/kernel/problems.js';
import type { AttachRights } from '../plan/answer.js';

export function attachRights(facts: KernelFacts = readKernelFacts()): AttachRights {
  const problem = preflight(facts);
  return {
    missing: missingCapabilities(facts).map(({ name }) => name),
    ...(problem && { impossible: [problem.message, problem.reason].filter(Boolean).join(': ') }),
  };
}
