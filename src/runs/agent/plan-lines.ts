/** What would be done, for `--dry-run` and `--once`: each deed, and the exact diff where something is written. */
import type { Action } from '../../agent/reconcile.js';
import type { Plan } from '../../targets/target.js';
import type { Targets } from './observed-picture.js';
import { targetOf } from './process-target.js';

export async function planLines(actions: readonly Action[], targets: Targets): Promise<string[]> {
  const lines: string[] = [];
  for (const action of actions) {
    if (action.kind === 'look') {
      lines.push(`would look what became of ${action.at.deed} ${action.at.workload}`);
      continue;
    }
    const { deed, workload, replicas } = action.record;
    lines.push(`would ${deed} ${workload}`);
    if (deed !== 'inject' && deed !== 'undo') continue;
    const plan = await targets[targetOf(workload)]?.plan(workload, deed, { ...(replicas && { replicas }) });
    if (plan) lines.push(...(plan.possible ? diffLines(plan) : [`  refused: ${plan.because}`]));
  }
  return lines;
}

/** The lines that go and the lines that come, of each file; a line that stays is left out. */
function diffLines({ changes, steps, notes }: Plan): string[] {
  const files = changes.flatMap(({ what, before, after }) => {
    const [old, fresh] = [before?.split('\n') ?? [], after?.split('\n') ?? []];
    return [
      `  ${what}`,
      ...old.filter(line => !fresh.includes(line)).map(line => `  - ${line}`),
      ...fresh.filter(line => !old.includes(line)).map(line => `  + ${line}`),
    ];
  });
  return [...files, ...steps.map(step => `  then ${step}`), ...notes.map(note => `  note: ${note}`)];
}
