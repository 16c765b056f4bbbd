/** One form for all tables: a quiet header, aligned columns, cut to the terminal by taking from the widest. */
import type { Palette } from './palette.js';
import { type Align, clean, fitTo, width } from './text.js';

export interface Column {
  readonly title: string;
  readonly align?: Align;
  /** The column may be cut down to this many characters when the table is too wide; absent: never cut. */
  readonly least?: number;
}

export type Style = (text: string) => string;

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

/** Columns between columns; less where the room is short. */
const GAP = 2;
const NARROW_GAP = 1;

/** Widths for a terminal of `columns`: natural, or taken from the widest columns that may be cut. */
function layOut(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  limit?: number,
): { widths: number[]; gap: number } {
  const widths = columns.map((column, index) => Math.max(width(column.title), ...rows.map(row => width(row[index]!))));
  const total = (gap: number) => widths.reduce((sum, each) => sum + each, 0) + gap * (columns.length - 1);
  if (limit === undefined || total(GAP) <= limit) return { widths, gap: GAP };
  for (let over = total(NARROW_GAP) - limit; over > 0; over--) {
    let widest = -1;
    for (const [index, { least }] of columns.entries()) {
      if (least === undefined || widths[index]! <= least) continue;
      if (widest < 0 || widths[index]! > widths[widest]!) widest = index;
    }
    if (widest < 0) break;
    widths[widest]!--;
  }
  return { widths, gap: NARROW_GAP };
}

/** Lines without a final line break. Cells are cleaned here: no caller has to remember it. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  palette: Palette,
  limit?: number,
): string[] {
  const cells = rows.map(row =>
    row.map(cell => (typeof cell === 'string' ? { text: clean(cell) } : { ...cell, text: clean(cell.text) })),
  );
  const { widths, gap } = layOut(
    columns,
    cells.map(row => row.map(({ text }) => text)),
    limit,
  );
  const line = (row: readonly Cell[]) =>
    row
      .map(({ text, style }, index) => {
        const { align } = columns[index]!;
        const last = index === columns.length - 1 && align !== 'right';
        const fitted = fitTo(text, widths[index]!, align);
        const shown = last ? fitted.trimEnd() : fitted;
        return style ? style(shown) : shown;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  const header = columns.map(({ title }) => ({ text: title, style: palette.quiet }));
  return [line(header), ...cells.map(line)];
}
