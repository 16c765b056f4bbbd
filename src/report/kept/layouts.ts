/** Tables that leave out columns where the terminal is narrow: numbers are never cut. */
import type { Palette } from '../palette.js';
import { type Cell, type Column, renderTable } from '../table.js';
import { width } from '../text.js';

/** Names of columns for terminals from a width on, the widest first. */
export type Layouts<Name extends string> = readonly (readonly [from: number, names: readonly Name[]])[];

/**
 * The table in the first layout that fits. The widths say what reads well; what stands in the cells may still need more.
 * @param limit columns of the terminal; undefined: the widest, uncut
 */
export function renderFitting<Name extends string>(
  layouts: Layouts<Name>,
  columns: Readonly<Record<Name, Column>>,
  rows: readonly Readonly<Record<Name, Cell>>[],
  palette: Palette,
  limit: number | undefined,
): string[] {
  let lines: string[] = [];
  for (const [from, names] of layouts) {
    if (limit !== undefined && limit < from) continue;
    lines = renderTable(
      names.map(name => columns[name]),
      rows.map(row => names.map(name => row[name])),
      palette,
      limit,
    );
    if (limit === undefined || lines.every(line => width(line) <= limit)) return lines;
  }
  return lines;
}
