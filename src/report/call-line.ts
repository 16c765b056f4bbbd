/**
 * One call as one line, in columns that fit the terminal. From `total` on they stand in the order of their importance: where
 * the ending needs more room, the last ones give way.
 */
import { ending, endingStyle, leastEnding } from './call-ending.js';
import { ABSENT, clock, count, money, seconds } from './numbers.js';
import type { Palette } from './palette.js';
import type { ReportedCall } from './reported-call.js';
import { type Align, clean, fitTo, qualified, width } from './text.js';

interface LineColumn {
  readonly title: string;
  readonly align: Align;
  readonly columns: number;
  /** What it may grow to where there is room; absent: it does not grow. */
  readonly most?: number;
}

interface Layout {
  readonly columns: readonly LineColumn[];
  /** What the last column, the ending, gets before others may grow. */
  readonly ending: number;
  /** Provider and model share a column, and numbers are short. */
  readonly merged: boolean;
}

/** 80 columns and little more. The ending has room for `tool_calls`. */
const NARROW: Layout = {
  merged: true,
  ending: 10,
  columns: [
    { title: 'time', align: 'left', columns: 8 },
    { title: 'process', align: 'left', columns: 7, most: 12 },
    { title: 'model', align: 'left', columns: 21, most: 34 },
    { title: 'total', align: 'right', columns: 5 },
    { title: 'in→out', align: 'right', columns: 9 },
    { title: 'cost', align: 'right', columns: 8 },
    { title: 'first', align: 'right', columns: 5 },
  ],
};

const WIDE: Layout = {
  merged: false,
  ending: 22,
  columns: [
    { title: 'time', align: 'left', columns: 8 },
    { title: 'process', align: 'left', columns: 14, most: 18 },
    { title: 'provider', align: 'left', columns: 10, most: 12 },
    { title: 'model', align: 'left', columns: 20, most: 28 },
    { title: 'total', align: 'right', columns: 5 },
    { title: 'in→out', align: 'right', columns: 11 },
    { title: 'cost', align: 'right', columns: 11 },
    { title: 'first', align: 'right', columns: 5 },
  ],
};

const WIDE_FROM = 118;
/** A pipe has no width: nothing is cut, and the columns are those of a roomy terminal. */
const PIPE = 140;

function layoutFor(columns: number): Layout & { widths: number[]; rest: number } {
  const layout = columns < WIDE_FROM ? NARROW : WIDE;
  const widths = layout.columns.map(column => column.columns);
  const used = () => widths.reduce((total, each) => total + each + 1, 0);
  for (let room = columns - used() - layout.ending; room > 0; room--) {
    const next = layout.columns
      .map(({ most = 0 }, index) => ({ index, wish: most - widths[index]! }))
      .reduce((a, b) => (b.wish > a.wish ? b : a));
    // The ending shares what is left.
    if (next.wish <= 0) break;
    widths[next.index]!++;
  }
  return { ...layout, widths, rest: Math.max(layout.ending, columns - used()) };
}

function processName(call: ReportedCall, columns: number): string {
  const name = call.process ?? '';
  if (call.pid === undefined) return name || ABSENT;
  const long = `${name}[${call.pid}]`;
  return width(clean(long)) <= columns ? long : name || String(call.pid);
}

function tokens(call: ReportedCall, short: boolean): string {
  if (call.inputTokens === undefined && call.outputTokens === undefined) return ABSENT;
  return `${count(call.inputTokens, short)}→${count(call.outputTokens, short)}`;
}

/** The header line, for the first call of a run. */
export function callHeader(columns: number | undefined, palette: Palette): string {
  const layout = layoutFor(columns ?? PIPE);
  const titles = layout.columns.map(({ title, align }, index) => fitTo(title, layout.widths[index]!, align));
  return palette.quiet(`${titles.join(' ')} end`);
}

type Cell = readonly [text: string, style: (text: string) => string];

function cellsOf(
  call: ReportedCall,
  { merged, widths }: { merged: boolean; widths: readonly number[] },
  palette: Palette,
): Cell[] {
  const plain = (text: string) => text;
  const { provider, model, cost } = call;
  const who: Cell[] = merged
    ? [[qualified(provider && clean(provider), model && clean(model), widths[2]!), palette.strong]]
    : [
        [provider ?? ABSENT, palette.accent],
        [model ?? ABSENT, palette.strong],
      ];
  return [
    [clock(call.start), palette.quiet],
    [processName(call, widths[1]!), plain],
    ...who,
    [seconds(call.duration), plain],
    [tokens(call, merged), plain],
    [money(cost?.amount, cost?.currency, merged ? 5 : 8), plain],
    [seconds(call.firstChunk), palette.quiet],
  ];
}

/** The columns that may give way: total, in→out, cost, first. */
const YIELDING = 4;

/**
 * How many cells stay, and what the ending then has. A cell without a value gives way to every word of the ending, one with
 * a value only to what is never cut.
 */
function makeRoom(call: ReportedCall, cells: readonly Cell[], widths: readonly number[], rest: number) {
  const least = width(leastEnding(call));
  const whole = width(ending(call, Number.POSITIVE_INFINITY));
  let kept = cells.length;
  let room = rest;
  while (kept > cells.length - YIELDING && room < (cells[kept - 1]![0] === ABSENT ? whole : least)) {
    kept--;
    room += widths[kept]! + 1;
  }
  return { kept, room };
}

/**
 * One call; no line break at its end.
 * @param withRole says whether the program asked or answered
 */
export function callLine(
  { role, ...call }: ReportedCall,
  columns: number | undefined,
  palette: Palette,
  withRole = false,
): string {
  return lineOf(withRole && role !== undefined ? { ...call, role } : call, columns, palette);
}

function lineOf(call: ReportedCall, columns: number | undefined, palette: Palette): string {
  const layout = layoutFor(columns ?? PIPE);
  const { widths, rest } = layout;
  const cells = cellsOf(call, layout, palette);
  const pipe = columns === undefined;
  const { kept, room } = makeRoom(call, cells, widths, pipe ? Number.POSITIVE_INFINITY : rest);
  const fitted = cells.slice(0, kept).map(([text, style], index) => {
    const cleaned = clean(text);
    const whole = pipe && width(cleaned) > widths[index]!;
    return style(whole ? cleaned : fitTo(cleaned, widths[index]!, layout.columns[index]!.align));
  });
  return [...fitted, endingStyle(call, palette)(ending(call, room))].join(' ');
}
