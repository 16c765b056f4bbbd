/** Sums as tables: `show --by`, and the line below a list of calls. */
import type { Group, Grouping, Sums } from '../../store/sums.js';
import { ABSENT, count, seconds } from '../numbers.js';
import type { Palette } from '../palette.js';
import { costText, plural } from '../summary.js';
import type { Cell, Column } from '../table.js';
import { type Layouts, renderFitting } from './layouts.js';

const COLUMNS = {
  key: { title: '', least: 8 },
  calls: { title: 'CALLS', align: 'right' },
  errors: { title: 'ERR', align: 'right' },
  input: { title: 'IN', align: 'right' },
  cached: { title: 'CACHED', align: 'right' },
  output: { title: 'OUT', align: 'right' },
  cost: { title: 'COST', align: 'right' },
  p50: { title: 'P50', align: 'right' },
  p95: { title: 'P95', align: 'right' },
  first: { title: 'FIRST', align: 'right' },
} as const satisfies Record<string, Column>;
type Name = keyof typeof COLUMNS;

const LAYOUTS: Layouts<Name> = [
  [96, ['key', 'calls', 'errors', 'input', 'cached', 'output', 'cost', 'p50', 'p95', 'first']],
  [66, ['key', 'calls', 'errors', 'input', 'output', 'cost', 'p50', 'p95']],
  [48, ['key', 'calls', 'errors', 'input', 'output', 'cost']],
  [0, ['key', 'calls', 'errors', 'cost']],
  [0, ['key', 'cost']],
];

/** One row a group, and one for all of them where there are several. */
export function renderGroups(
  groups: readonly Group[],
  all: Sums,
  by: Grouping,
  palette: Palette,
  limit: number | undefined,
): string[] {
  const titled = { ...COLUMNS, key: { ...COLUMNS.key, title: by.toUpperCase() } };
  const rows = groups.map(({ key, sums }) =>
    cellsOf(
      key === undefined ? { text: '(none)', style: palette.quiet } : { text: key, style: palette.strong },
      sums,
      palette,
    ),
  );
  if (groups.length > 1) rows.push(cellsOf({ text: 'all', style: palette.quiet }, all, palette));
  return renderFitting(LAYOUTS, titled, rows, palette, limit);
}

function cellsOf(key: Cell, sums: Sums, palette: Palette): Record<Name, Cell> {
  const { calls, errors, inputTokens, outputTokens, cacheReadTokens, cost, duration, firstChunk } = sums;
  const quiet = (text: string): Cell => ({ text, style: palette.quiet });
  return {
    key,
    calls: { text: String(calls) },
    errors: errors === 0 ? quiet('0') : { text: String(errors), style: palette.bad },
    input: { text: count(inputTokens) },
    cached: quiet(count(cacheReadTokens)),
    output: { text: count(outputTokens) },
    cost: { text: costText(cost) },
    p50: { text: seconds(duration?.p50) },
    p95: { text: seconds(duration?.p95) },
    first: quiet(seconds(firstChunk?.p50)),
  };
}

/** `7 calls · 1 error · 212→78 tokens · $0.000089`, and what the sums leave out. */
export function sumLines(sums: Sums, palette: Palette): string[] {
  const { calls, errors, inputTokens, outputTokens, cost, withoutTokens, withoutCost } = sums;
  const parts = [palette.strong(plural(calls, 'call'))];
  if (errors > 0) parts.push(palette.bad(plural(errors, 'error')));
  if (inputTokens !== undefined || outputTokens !== undefined)
    parts.push(`${count(inputTokens)}→${count(outputTokens)} tokens`);
  if (costText(cost) !== ABSENT) parts.push(costText(cost));
  const lines = [parts.join(palette.quiet(' · '))];
  if (withoutTokens > 0)
    lines.push(palette.quiet(`${plural(withoutTokens, 'call')} reported no tokens (not included)`));
  const unpriced = withoutCost - withoutTokens;
  if (unpriced > 0) lines.push(palette.quiet(`${plural(unpriced, 'call')} of unknown price (not included)`));
  return lines;
}
