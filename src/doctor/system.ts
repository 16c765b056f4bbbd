/**
 * Layer `system`: could `attach` work on this machine? The programs are loaded into the kernel once and removed at once;
 * no process is probed.
 */

import { type KernelFacts, missingCapabilities, readKernelFacts } from '../attach/kernel/problems.js';
import { loadPrograms } from '../attach/kernel/programs.js';
import { Problem } from '../errors.js';
import type { Notes } from './finding.js';

/** Bytes; the smallest ring, because nothing is read from it. */
const TRIAL_RING = 64 * 1024;

export function checkSystem(notes: Notes, facts: KernelFacts = readKernelFacts()): void {
  notes.ok('runtime', `Node ${process.versions.node} on ${process.platform} ${process.arch}`);
  if (process.platform !== 'linux') {
    return notes.unknown('kernel', `attach needs Linux; launching works here`);
  }
  notes.ok('kernel', `Linux ${facts.release}`);
  if (facts.btf) notes.ok('btf', '/sys/kernel/btf/vmlinux is there');
  else notes.failed('btf', '/sys/kernel/btf/vmlinux is missing', 'boot a kernel with CONFIG_DEBUG_INFO_BTF=y');
  const missing = missingCapabilities(facts);
  if (missing.length === 0) notes.ok('privilege', 'all capabilities that attach needs');
  else {
    const names = missing.map(({ name }) => name).join(', ');
    notes.failed('privilege', `${names} missing: attach is not possible, launching is`, privilegeFix(facts, names));
  }
  if (!facts.btf || missing.length > 0) return notes.unknown('programs', 'not loaded: see above');
  tryToLoad(notes, facts);
}

function privilegeFix(facts: KernelFacts, names: string): string {
  const docker = names
    .split(', ')
    .map(name => `--cap-add ${name.replace('CAP_', '')}`)
    .join(' ');
  return facts.inContainer ? `docker run ${docker} --pid=host …` : 'sudo openlit-instrument attach …';
}

/** What the kernel and libbpf themselves say is worth more than any list of versions. */
function tryToLoad(notes: Notes, facts: KernelFacts): void {
  try {
    const programs = loadPrograms({ ringSize: TRIAL_RING }, facts);
    programs.close();
    notes.ok('programs', `loaded and removed again (${programs.link} links)`);
    for (const warning of programs.warnings) notes.failed('programs', warning);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    notes.failed('programs', [error.message, error.reason].filter(Boolean).join(': '), error.fixes[0]);
  }
}
