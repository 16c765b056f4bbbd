/** Sums over rows: calls, errors, tokens, cost, percentiles; all of them, or by day, program, model, session. */
import type { CallTable } from './call-table.js';
import { type ColumnName, FLAG, KIND } from './columns.js';
import { type Percentiles, percentilesOf } from './percentiles.js';

export interface Sums {
  readonly calls: number;
  readonly errors: number;
  readonly partial: number;
  /** Absent where no call reported any. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly reasoningTokens?: number;
  /** By currency: amounts of different ones are never added. */
  readonly cost: Readonly<Record<string, number>>;
  /** Calls that succeeded and whose tokens or cost nobody knows: the sums leave them out. */
  readonly withoutTokens: number;
  readonly withoutCost: number;
  /** Seconds, calls that succeeded. */
  readonly duration?: Percentiles;
  /** Seconds, streamed calls. */
  readonly firstChunk?: Percentiles;
  /** Unix milliseconds of the first and the last start. */
  readonly first?: number;
  readonly last?: number;
}

/** `day` is the local one, `2026-01-31`; `program` the process that called, else the program of its run. */
export const GROUPINGS = ['day', 'program', 'model', 'session', 'provider', 'run'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Group {
  /** Undefined: calls that have none. */
  readonly key: string | undefined;
  readonly sums: Sums;
}

/** Steps and calls that were seen before at another place are left out. */
export function sumRows(table: CallTable, rows: Iterable<number>): Sums {
  const sum = createSum(table);
  for (const row of rows) sum.add(row);
  return sum.result();
}

/**
 * Groups: days in their order, all others by cost, then by calls.
 * @param runs the reader's, for `program` and `run`
 */
export function groupRows(
  table: CallTable,
  rows: Iterable<number>,
  by: Grouping,
  runs: readonly { readonly key: string; readonly program?: string }[],
): Group[] {
  const keyOf = keyFunction(table, by, runs);
  const sums = new Map<string | undefined, ReturnType<typeof createSum>>();
  for (const row of rows) {
    const key = keyOf(row);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = createSum(table);
      sums.set(key, sum);
    }
    sum.add(row);
  }
  const groups = [...sums]
    .map(([key, sum]) => ({ key, sums: sum.result() }))
    .filter(({ sums: { calls } }) => calls > 0);
  if (by === 'day') return groups.sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  return groups.sort((a, b) => total(b.sums) - total(a.sums) || b.sums.calls - a.sums.calls);
}

/** For the order alone. */
const total = ({ cost }: Sums) => Object.values(cost).reduce((sum, amount) => sum + amount, 0);

function keyFunction(
  { columns, strings }: CallTable,
  by: Grouping,
  runs: readonly { readonly key: string; readonly program?: string }[],
): (row: number) => string | undefined {
  const text = (name: ColumnName) => (row: number) => strings.text(columns[name][row]!);
  switch (by) {
    case 'day':
      return row => dayOf(columns.start[row]!);
    case 'program':
      return row => strings.text(columns.process[row]!) ?? runs[columns.run[row]!]?.program;
    case 'run':
      return row => runs[columns.run[row]!]?.key;
    default:
      return text(by);
  }
}

/** Local: what a person calls today. */
export function dayOf(milliseconds: number): string | undefined {
  if (Number.isNaN(milliseconds)) return undefined;
  const date = new Date(milliseconds);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

const TOKENS = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'reasoningTokens'] as const;

function createSum({ columns, strings }: CallTable) {
  let calls = 0;
  let errors = 0;
  let partial = 0;
  let withoutTokens = 0;
  let withoutCost = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const tokenColumns = TOKENS.map(name => columns[name]);
  /** -1 where no call reported any. */
  const tokens = TOKENS.map(() => -1);
  const cost: Record<string, number> = {};
  const durations: number[] = [];
  const firstChunks: number[] = [];

  function add(row: number): void {
    const kind = columns.kind[row]!;
    const flags = columns.flags[row]!;
    if (kind === KIND.span || (flags & FLAG.again) !== 0) return;
    calls++;
    if ((flags & FLAG.partial) !== 0) partial++;
    for (let index = 0; index < tokens.length; index++) {
      const value = tokenColumns[index]![row]!;
      if (value >= 0) tokens[index] = Math.max(tokens[index]!, 0) + value;
    }
    const amount = columns.cost[row]!;
    if (!Number.isNaN(amount)) {
      const currency = strings.text(columns.currency[row]!) ?? 'USD';
      cost[currency] = (cost[currency] ?? 0) + amount;
    }
    const start = columns.start[row]!;
    if (start < first) first = start;
    if (start > last) last = start;
    const firstChunk = columns.firstChunk[row]!;
    if (!Number.isNaN(firstChunk)) firstChunks.push(firstChunk);
    if (columns.error[row] !== 0) {
      errors++;
      return;
    }
    const duration = columns.duration[row]!;
    if (!Number.isNaN(duration)) durations.push(duration);
    if (kind === KIND.mcp) return;
    if (columns.inputTokens[row]! < 0 && columns.outputTokens[row]! < 0) withoutTokens++;
    if (Number.isNaN(amount)) withoutCost++;
  }

  function result(): Sums {
    const duration = percentilesOf(durations);
    const firstChunk = percentilesOf(firstChunks);
    return {
      calls,
      errors,
      partial,
      ...Object.fromEntries(TOKENS.flatMap((name, index) => (tokens[index]! < 0 ? [] : [[name, tokens[index]]]))),
      cost: { ...cost },
      withoutTokens,
      withoutCost,
      ...(duration && { duration }),
      ...(firstChunk && { firstChunk }),
      ...(Number.isFinite(first) ? { first, last } : {}),
    };
  }

  return { add, result };
}
