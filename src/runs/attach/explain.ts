/** The plan of one process for people: which file, which functions, which instruction is under each probe, and why. */
import type { ProcessPlan } from '../../attach/sources/plan.js';
import type { ProcessIdentity } from '../../machine/identity.js';

export function formatPlan(process: ProcessIdentity, plan: ProcessPlan): string {
  const lines = [`${process.name} (pid ${process.pid})`];
  for (const { file, attachPath, library, buildId, placement } of plan.files) {
    lines.push(`  ${file}: ${library}${buildId ? `, build ${buildId.slice(0, 16)}` : ''}`);
    lines.push(`    reached as ${attachPath}`);
    for (const { name, action, returns, fileOffset, bytes, emulated, lengthArgument } of placement.places) {
      const when = returns ? 'entry and return' : 'entry';
      const cost =
        emulated === undefined ? '' : emulated ? ', emulated by the kernel' : ', single-stepped by the kernel';
      const length = lengthArgument === undefined ? '' : `, length through argument ${lengthArgument}`;
      lines.push(
        `    ${action.padEnd(8)} ${name} at file offset 0x${fileOffset.toString(16)} (${when}; ${bytes}${cost}${length})`,
      );
    }
    for (const note of placement.notes) lines.push(`    ${note}`);
  }
  for (const { file, reason } of plan.refused) lines.push(`  ${file}: not usable, ${reason}`);
  if (plan.files.length === 0)
    lines.push('  no supported TLS library is loaded yet; attach looks again while the process runs');
  return lines.join('\n');
}
