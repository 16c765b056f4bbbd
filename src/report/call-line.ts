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
  /** What it may grow to where there is plenty of it. */
  readonly wider?: number;
  /** What it may shrink to where there is none. */
  readonly least?: number;
  /** Then it is left out; the lowest number first. */
  readonly leaves?: number;
}

interface Layout {
  readonly columns: readonly LineColumn[];
  /** What the last column, the ending, gets before others may grow. */
  readonly ending: number;
  /** Provider and model share a column, and numbers are short. */
  readonly merged: boolean;
}

/** 40 to 117 columns. The ending has room for `tool_calls`. */
const NARROW: Layout = {
  merged: true,
  ending: 10,
  columns: [
    { title: 'time', align: 'left', columns: 8, leaves: 3 },
    { title: 'process', align: 'left', columns: 7, most: 12, leaves: 1 },
    { title: 'model', align: 'left', columns: 21, most: 34, least: 14 },
    { title: 'total', align: 'right', columns: 5 },
    { title: 'in→out', align: 'right', columns: 9, leaves: 5 },
    { title: 'cost', align: 'right', columns: 9, leaves: 4 },
    { title: 'first', align: 'right', columns: 5, leaves: 2 },
  ],
};

const WIDE: Layout = {
  merged: false,
  ending: 22,
  columns: [
    { title: 'time', align: 'left', columns: 8 },
    { title: 'process', align: 'left', columns: 14, most: 18 },
    { title: 'provider', align: 'left', columns: 10, most: 12 },
    { title: 'model', align: 'left', columns: 20, most: 28, wider: 64 },
    { title: 'total', align: 'right', columns: 5 },
    { title: 'in→out', align: 'right', columns: 11 },
    { title: 'cost', align: 'right', columns: 12 },
    { title: 'first', align: 'right', columns: 5 },
  ],
};

const WIDE_FROM = 118;
/** A pipe has no width: nothing is cut, and the columns are those of a roomy terminal. */
const PIPE = 140;

/** A long name is whole on a wide terminal, and leaves no hole on a usual one. */
function mostOf({ most = 0, wider = most }: LineColumn, columns: number): number {
  return Math.min(wider, most + Math.max(0, columns - PIPE));
}

interface Fitted extends Layout {
  /** Indices of the columns that are shown, and how wide each of them is. */
  readonly shown: readonly number[];
  readonly widths: readonly number[];
  /** What the ending has. */
  readonly rest: number;
}

function layoutFor(columns: number): Fitted {
  const layout = columns < WIDE_FROM ? NARROW : WIDE;
  const all = layout.columns;
  const widths = all.map(column => column.columns);
  let shown = all.map((_, index) => index);
  const used = () => shown.reduce((total, index) => total + widths[index]! + 1, 0);
  const over = () => used() + layout.ending - columns;
  for (const index of shown) {
    const { least = widths[index]! } = all[index]!;
    widths[index]! -= Math.max(0, Math.min(over(), widths[index]! - least));
  }
  for (let leaves = 1; leaves <= all.length && over() > 0; leaves++) {
    shown = shown.filter(index => all[index]!.leaves !== leaves);
  }
  for (let room = -over(); room > 0; room--) {
    const next = shown
      .map(index => ({ index, wish: mostOf(all[index]!, columns) - widths[index]! }))
      .reduce((a, b) => (b.wish > a.wish ? b : a));
    // The ending shares what is left.
    if (next.wish <= 0) break;
    widths[next.index]!++;
  }
  return { ...layout, shown, widths, rest: Math.max(layout.ending, columns - used()) };
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
  const titles = layout.shown.map(index => {
    const { title, align } = layout.columns[index]!;
    return fitTo(title, layout.widths[index]!, align);
  });
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

/**
 * Which cells stay, and what the ending then has. Those right of the model may give way, the last one first: a cell without
 * a value to every word of the ending, one with a value only to what is never cut.
 */
function makeRoom(call: ReportedCall, cells: readonly Cell[], { columns, shown, widths }: Fitted, rest: number) {
  const least = width(leastEnding(call));
  const whole = width(ending(call, Number.POSITIVE_INFINITY));
  const model = columns.findIndex(({ title }) => title === 'model');
  const kept = [...shown];
  let room = rest;
  for (
    let last = kept.at(-1)!;
    last > model && room < (cells[last]![0] === ABSENT ? whole : least);
    last = kept.at(-1)!
  ) {
    kept.pop();
    room += widths[last]! + 1;
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
  const { kept, room } = makeRoom(call, cells, layout, pipe ? Number.POSITIVE_INFINITY : rest);
  const fitted = kept.map(index => {
    const [text, style] = cells[index]!;
    const cleaned = clean(text);
    const whole = pipe && width(cleaned) > widths[index]!;
    return style(whole ? cleaned : fitTo(cleaned, widths[index]!, layout.columns[index]!.align));
  });
  return [...fitted, endingStyle(call, palette)(ending(call, room))].join(' ');
}
