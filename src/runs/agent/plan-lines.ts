/** What would be done, for `--dry-run` and `--once`: each deed, and the exact diff where something is written. */
import type { Action } from '../../agent/reconcile.js';
import { createPalette } from '../../report/palette.js';
import { renderPlan } from '../../report/planned-changes.js';
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
    const name = `would ${deed} ${workload}`;
    const plan =
      deed === 'inject' || deed === 'undo'
        ? await targets[targetOf(workload)]?.plan(workload, deed, { ...(replicas && { replicas }) })
        : undefined;
    if (!plan) lines.push(name);
    else if (plan.possible) lines.push([name, ...renderPlan(plan, createPalette(false))].join('\n  '));
    else lines.push(`${name}: refused, ${plan.because}`);
  }
  return lines;
}
