/** One call as one line, in columns that fit the terminal. */
import { ABSENT, clock, count, money, seconds } from './numbers.js';
import type { Palette } from './palette.js';
import type { ReportedCall } from './reported-call.js';
import { type Align, clean, cut, fitTo, qualified, width } from './text.js';

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
  readonly merged: boolean;
}

/** 80 columns and little more: provider and model share a column, numbers are short. */
const NARROW: Layout = {
  merged: true,
  ending: 9,
  columns: [
    { title: 'time', align: 'left', columns: 8 },
    { title: 'process', align: 'left', columns: 7, most: 12 },
    { title: 'model', align: 'left', columns: 22, most: 34 },
    { title: 'in→out', align: 'right', columns: 9 },
    { title: 'cost', align: 'right', columns: 8 },
    { title: 'first', align: 'right', columns: 5 },
    { title: 'total', align: 'right', columns: 5 },
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
    { title: 'in→out', align: 'right', columns: 11 },
    { title: 'cost', align: 'right', columns: 11 },
    { title: 'first', align: 'right', columns: 5 },
    { title: 'total', align: 'right', columns: 5 },
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

/**
 * Finish reasons, tool names, what is missing. Where the room is short, that a call is not whole comes before how it ended
 * and why.
 */
function endingText(call: ReportedCall, short: boolean, room: number): string {
  const reasons = [...new Set(call.finishReasons)].join(',');
  const tools = [...new Set(call.toolNames)].join(',');
  const said = tools ? (reasons && !short ? `${reasons}: ${tools}` : tools) : reasons;
  if (call.partial.length === 0) return said || ABSENT;
  const marks = `partial: ${call.partial.join(',')}`;
  const forms = [[said, marks].filter(Boolean).join(' '), marks];
  return forms.find(form => width(clean(form)) <= room) ?? 'partial';
}

const UNUSUAL = /length|max_tokens|content_filter|safety|refusal|recitation/i;

/** The header line, for the first call of a run. */
export function callHeader(columns: number | undefined, palette: Palette): string {
  const layout = layoutFor(columns ?? PIPE);
  const titles = layout.columns.map(({ title, align }, index) => fitTo(title, layout.widths[index]!, align));
  return palette.quiet(`${titles.join(' ')} end`);
}

/** One call; no line break at its end. */
export function callLine(call: ReportedCall, columns: number | undefined, palette: Palette): string {
  const layout = layoutFor(columns ?? PIPE);
  const { widths, merged, rest } = layout;
  const plain = (style: string) => style;
  const model: [string, (text: string) => string][] = merged
    ? [[qualified(call.provider && clean(call.provider), call.model && clean(call.model), widths[2]!), palette.strong]]
    : [
        [call.provider ?? ABSENT, palette.accent],
        [call.model ?? ABSENT, palette.strong],
      ];
  const cells: [string, (text: string) => string][] = [
    [clock(call.start), palette.quiet],
    [processName(call, widths[1]!), plain],
    ...model,
    [tokens(call, merged), plain],
    [money(call.cost?.amount, call.cost?.currency, merged ? 5 : 8), plain],
    [seconds(call.firstChunk), palette.quiet],
    [seconds(call.duration), plain],
  ];
  const fitted = cells.map(([text, style], index) => {
    const cleaned = clean(text);
    const whole = columns === undefined && width(cleaned) > widths[index]!;
    return style(whole ? cleaned : fitTo(cleaned, widths[index]!, layout.columns[index]!.align));
  });
  let [last, style] = [
    endingText(call, merged, columns === undefined ? Number.POSITIVE_INFINITY : rest),
    UNUSUAL.test(call.finishReasons.join()) ? palette.warning : palette.quiet,
  ];
  if (call.partial.length > 0) style = palette.warning;
  if (call.error !== undefined) {
    const error = clean(`✗ ${call.error}`);
    // A failed call has no tokens and no cost: on a narrow terminal its reason stands in their place.
    if (merged && width(error) > rest && call.inputTokens === undefined && call.cost === undefined) {
      const taken = call.firstChunk === undefined ? 3 : 2;
      const room = widths.slice(3, 3 + taken).reduce((total, each) => total + each + 1, -1);
      fitted.splice(3, taken, palette.bad(fitTo(error, room)));
      last = call.partial.length > 0 ? last : '';
    } else {
      last = call.partial.length > 0 ? `${error} ${last}` : error;
      style = palette.bad;
    }
  }
  const ending = columns === undefined ? clean(last) : cut(clean(last), rest);
  return ending ? `${fitted.join(' ')} ${style(ending)}` : fitted.join(' ');
}
