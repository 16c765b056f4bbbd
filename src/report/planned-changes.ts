/** What a deed would change, as a diff; and what came of it. Credentials are masked by who made the changes. */
import { structuredPatch } from 'diff';
import type { Change, Plan } from '../targets/target.js';
import type { Palette } from './palette.js';
import { clean } from './text.js';

/** Lines that stay are not shown: they are other people's, and may hold what is none of ours to show. */
export function renderPlan({ changes, steps, notes }: Plan, palette: Palette): string[] {
  const lines = changes.flatMap(change => [...renderChange(change, palette), '']);
  if (steps.length > 0) lines.push('then:', ...steps.map(step => `  ${palette.accent(clean(step))}`));
  if (changes.length === 0 && steps.length === 0) lines.push('nothing to change');
  return [...lines, ...notes.map(note => palette.warning(`note: ${clean(note)}`))];
}

function renderChange({ what, before, after }: Change, palette: Palette): string[] {
  const verb = before === undefined ? 'new' : after === undefined ? 'removed' : 'changed';
  const head = palette.strong(`${clean(what)} (${verb})`);
  const { hunks } = structuredPatch('', '', before ?? '', after ?? '', undefined, undefined, { context: 0 });
  const lines = hunks.flatMap(hunk => hunk.lines).filter(line => /^[+-]/.test(line));
  return [
    head,
    ...lines.map(line => `  ${line.startsWith('+') ? palette.good(clean(line)) : palette.bad(clean(line))}`),
  ];
}
