/** `show` of a run: one row a call; with agents and tools around them, a tree. */
import type { CallRow } from '../../store/call-table.js';
import { ABSENT, money, seconds } from '../numbers.js';
import type { Palette } from '../palette.js';
import type { Cell, Column } from '../table.js';
import { qualified } from '../text.js';
import { type Layouts, renderFitting } from './layouts.js';
import { tokensText, whenText } from './runs-table.js';

/** A call or a step, and how deep it stands. */
export interface ListedCall {
  readonly call: CallRow;
  readonly depth: number;
  /** Sums over the calls below a step; absent for calls. */
  readonly below?: { readonly inputTokens?: number; readonly outputTokens?: number; readonly cost?: string };
}

const COLUMNS = {
  id: { title: 'CALL' },
  time: { title: 'TIME' },
  process: { title: 'PROCESS', least: 6 },
  what: { title: 'MODEL', least: 10 },
  total: { title: 'TOTAL', align: 'right' },
  first: { title: 'FIRST', align: 'right' },
  tokens: { title: 'IN→OUT', align: 'right' },
  cost: { title: 'COST', align: 'right' },
  end: { title: 'END', least: 6 },
} as const satisfies Record<string, Column>;
type Name = keyof typeof COLUMNS;

const LAYOUTS: Layouts<Name> = [
  [110, ['id', 'time', 'process', 'what', 'total', 'first', 'tokens', 'cost', 'end']],
  [78, ['id', 'time', 'what', 'total', 'tokens', 'cost', 'end']],
  [56, ['id', 'what', 'total', 'tokens', 'cost', 'end']],
  [0, ['id', 'what', 'total', 'end']],
];

/** Characters of an id: enough to be the only one among thousands. */
const ID = 8;
export const shortId = (id: string): string => id.slice(0, ID);

export interface CallsOptions {
  readonly palette: Palette;
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly limit: number | undefined;
  readonly now: number;
}

export function renderCalls(listed: readonly ListedCall[], { palette, limit, now }: CallsOptions): string[] {
  const tree = listed.some(({ call }) => call.kind === 'span');
  const titled = tree ? { ...COLUMNS, what: { ...COLUMNS.what, title: 'STEP' } } : COLUMNS;
  const rows = listed.map(each => cellsOf(each, palette, now));
  return renderFitting(LAYOUTS, titled, rows, palette, limit);
}

function cellsOf({ call, depth, below }: ListedCall, palette: Palette, now: number): Record<Name, Cell> {
  const step = call.kind === 'span';
  const style = step ? palette.quiet : undefined;
  const cell = (text: string, its = style): Cell => ({ text, ...(its && { style: its }) });
  const tokens = step
    ? tokensText(below?.inputTokens, below?.outputTokens)
    : tokensText(call.inputTokens, call.outputTokens);
  const cost = step ? (below?.cost ?? ABSENT) : money(call.cost?.amount, call.cost?.currency);
  return {
    id: cell(shortId(call.id), palette.accent),
    time: cell(call.start === undefined ? ABSENT : whenText(call.start, now), palette.quiet),
    process: cell(call.process ?? ABSENT, palette.quiet),
    what: cell(INDENT.repeat(depth) + nameOf(call), palette.strong),
    total: cell(seconds(call.duration)),
    first: cell(seconds(call.firstChunk), palette.quiet),
    tokens: cell(tokens),
    cost: cell(cost),
    end: endCell(call, palette),
  };
}

/** Not a plain space: cells are cleaned, and a tree lives from its indentation. */
const INDENT = '  ';

export function nameOf({ kind, name, provider, model, operation }: CallRow): string {
  if (kind === 'span') return name ?? operation ?? ABSENT;
  return qualified(provider, model, Number.POSITIVE_INFINITY);
}

function endCell(call: CallRow, palette: Palette): Cell {
  const marks = [call.server ? 'as server' : '', call.again ? 'seen before' : '', call.partial ? 'partial' : ''];
  const text = [call.error === undefined ? (call.finish ?? '') : `✗ ${call.error}`, ...marks].filter(Boolean).join(' ');
  const style = call.error !== undefined ? palette.bad : call.partial ? palette.warning : palette.quiet;
  return { text: text || ABSENT, style };
}
