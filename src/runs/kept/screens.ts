/** What `show` prints: a run, a call, sums, two of something compared. */
import { renderCall } from '../../report/kept/call-detail.js';
import { type ListedCall, nameOf, renderCalls, shortId } from '../../report/kept/calls-table.js';
import { renderAsked, renderComparison, renderFigures } from '../../report/kept/comparison.js';
import { whenText } from '../../report/kept/runs-table.js';
import { renderGroups, sumLines } from '../../report/kept/sums-table.js';
import type { Palette } from '../../report/palette.js';
import { costText } from '../../report/summary.js';
import { fill } from '../../report/text.js';
import { rowAt } from '../../store/call-table.js';
import { compareCalls, type Difference, differences } from '../../store/compare.js';
import { type AskedComparison, compareAsked } from '../../store/compare-runs.js';
import { byStart } from '../../store/filter.js';
import { isSpanLine, type StoredCall } from '../../store/kept-lines.js';
import type { Reader, Run } from '../../store/reader.js';
import { type Grouping, groupRows, type Sums, sumRows } from '../../store/sums.js';
import { type TreeNode, traceTrees } from '../../store/trace-tree.js';
import { sumsJson } from './list-runs.js';

export interface Screen {
  readonly palette: Palette;
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly limit: number | undefined;
  readonly now: number;
}

/** @param rows of calls, and of steps where a tree is wanted; of one run, or of several (`run` undefined) */
export function runScreen(reader: Reader, rows: readonly number[], run: Run | undefined, screen: Screen): string[] {
  const { palette, limit, now } = screen;
  const listed = treeRows(reader, rows);
  return [
    ...(run === undefined ? [] : runTitle(run, screen)),
    ...renderCalls(listed, { palette, limit, now }),
    ...sumLines(sumRows(reader.table, rows), palette).flatMap(line => fill(line, limit)),
    ...(run === undefined || run.broken === 0
      ? []
      : fill(`${run.broken} lines of this run cannot be read`, limit).map(each => palette.warning(each))),
  ];
}

function runTitle({ id, program, way, started }: Run, { palette, limit, now }: Screen): string[] {
  const name = way === 'attach' ? 'attach' : (program ?? 'a program');
  return fill(`run ${id}: ${name}, ${whenText(started, now)}`, limit).map(line => palette.quiet(line));
}

/** Where there are steps, each trace as a tree; without, calls by time. */
function treeRows({ table }: Reader, rows: readonly number[]): ListedCall[] {
  if (!rows.some(row => rowAt(table, row).kind === 'span'))
    return byStart(table, rows).map(row => ({ call: rowAt(table, row), depth: 0 }));
  const listed: ListedCall[] = [];
  const walk = ({ row, children }: TreeNode, depth: number): number[] => {
    const call = rowAt(table, row);
    const at = listed.push({ call, depth }) - 1;
    const below = children.flatMap(child => walk(child, depth + 1));
    if (call.kind === 'span') listed[at] = { call, depth, below: belowOf(sumRows(table, below)) };
    return [row, ...below];
  };
  for (const tree of traceTrees(table, rows)) walk(tree, 0);
  return listed;
}

function belowOf({ inputTokens, outputTokens, cost }: Sums): NonNullable<ListedCall['below']> {
  return {
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    cost: costText(cost),
  };
}

/** One call whole. Undefined: its file is gone. */
export async function callScreen(
  reader: Reader,
  row: number,
  { palette, limit }: Screen,
): Promise<string[] | undefined> {
  const line = await reader.line(row);
  if (line === undefined) return undefined;
  const facts = rowAt(reader.table, row);
  return renderCall(line, facts, reader.runs[facts.run]?.id ?? '', { palette, limit });
}

export function sumsScreen(
  reader: Reader,
  rows: readonly number[],
  by: Grouping,
  { palette, limit }: Screen,
): string[] {
  const groups = groupRows(reader.table, rows, by, reader.runs);
  const named = by === 'run' ? groups.map(group => ({ ...group, key: runIdOf(reader, group.key) })) : groups;
  return renderGroups(named, sumRows(reader.table, rows), by, palette, limit);
}

const runIdOf = ({ runs }: Reader, key: string | undefined) => runs.find(run => run.key === key)?.id;

/** `--by` for programs. */
export function sumsDocument(reader: Reader, rows: readonly number[], by: Grouping): object {
  const groups = groupRows(reader.table, rows, by, reader.runs);
  return {
    by,
    groups: groups.map(({ key, sums }) => ({ key: key ?? null, ...sumsJson(sums) })),
    all: sumsJson(sumRows(reader.table, rows)),
  };
}

/** Two calls. Undefined where one is a step or its file is gone. */
export async function comparisonOf(reader: Reader, a: number, b: number) {
  const lines = [await reader.line(a), await reader.line(b)];
  const [first, second] = lines.filter((line): line is StoredCall => line !== undefined && !isSpanLine(line));
  return first === undefined || second === undefined ? undefined : compareCalls(first, second);
}

export function callComparisonScreen(
  reader: Reader,
  [a, b]: readonly [number, number],
  comparison: NonNullable<Awaited<ReturnType<typeof comparisonOf>>>,
  { palette, limit }: Screen,
): string[] {
  const rows = [rowAt(reader.table, a), rowAt(reader.table, b)] as const;
  const title = `${nameOf(rows[0])} ${shortId(rows[0].id)} → ${nameOf(rows[1])} ${shortId(rows[1].id)}`;
  const names = [shortId(rows[0].id), shortId(rows[1].id)] as const;
  return [
    ...fill(title, limit).map(line => palette.strong(line)),
    ...renderComparison(comparison, { palette, limit, names }),
  ];
}

export interface RunComparison {
  readonly figures: readonly Difference<number>[];
  /** Calls by model. */
  readonly models: readonly Difference<number>[];
  /** What was asked, call by call. */
  readonly asked: AskedComparison;
}

/** Calls of a run whose messages are compared: more would take long, and say nothing more. */
const MOST_ASKED = 500;

/** Two sets of calls: how many, what they took and cost, which models, what was asked in the first of them. */
export async function compareRows(reader: Reader, a: readonly number[], b: readonly number[]): Promise<RunComparison> {
  const figures = (rows: readonly number[]) => figuresOf(sumRows(reader.table, rows));
  const models = (rows: readonly number[]) =>
    new Map(groupRows(reader.table, rows, 'model', reader.runs).map(({ key, sums }) => [key ?? '(none)', sums.calls]));
  return {
    figures: differences(figures(a), figures(b)),
    models: differences(models(a), models(b)),
    asked: compareAsked(await callsOf(reader, a), await callsOf(reader, b)),
  };
}

async function callsOf(reader: Reader, rows: readonly number[]): Promise<StoredCall[]> {
  const first = byStart(reader.table, rows).slice(0, MOST_ASKED);
  const lines = await Promise.all(first.map(row => reader.line(row)));
  return lines.filter((line): line is StoredCall => line !== undefined && !isSpanLine(line));
}

function figuresOf(sums: Sums): Map<string, number> {
  const figures: [string, number | undefined][] = [
    ['calls', sums.calls],
    ['errors', sums.errors],
    ['input tokens', sums.inputTokens],
    ['cached tokens', sums.cacheReadTokens],
    ['output tokens', sums.outputTokens],
    ...Object.entries(sums.cost).map(([currency, amount]): [string, number] => [`cost ${currency}`, amount]),
    ['seconds (median)', sums.duration?.p50],
    ['seconds (95 %)', sums.duration?.p95],
    ['calls of unknown price', sums.withoutCost],
  ];
  return new Map(figures.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

export function runComparisonScreen(
  { figures, models, asked }: RunComparison,
  names: readonly [string, string],
  { palette, limit }: Screen,
): string[] {
  return [
    ...renderFigures(figures, { palette, limit, names }),
    ...(models.length === 0
      ? []
      : ['', palette.strong('calls by model'), ...renderFigures(models, { palette, limit, names })]),
    '',
    ...renderAsked(asked, { palette, limit, names }),
  ];
}
