/** Which rows are wanted: a pure function over the columns. Text is looked for in the lines themselves (`search.ts`). */
import type { CallTable } from './call-table.js';
import { type ColumnName, FLAG, KIND } from './columns.js';

/** What is absent is not asked for; everything that is given must hold. */
export interface CallFilter {
  /** `*` stands for any characters; without one the name must be the same. Upper and lower case are one. */
  readonly model?: string;
  readonly provider?: string;
  readonly process?: string;
  readonly operation?: string;
  readonly session?: string;
  /** True: only failed calls; a text: only those with this `error.type`, `*` as above. */
  readonly error?: boolean | string;
  /** Seconds: calls that took at least as long. */
  readonly slower?: number;
  /** Calls that cost at least as much, in whatever currency they are counted. */
  readonly dearer?: number;
  /** Indexes of runs. */
  readonly runs?: readonly number[];
  readonly pid?: number;
  /** Hexadecimal id of a trace. */
  readonly trace?: string;
  /** Unix milliseconds: started at or after, and before. */
  readonly since?: number;
  readonly until?: number;
  /** Kinds that are wanted; default: calls, no steps. */
  readonly kinds?: readonly (keyof typeof KIND)[];
  /** Also calls that were seen before at another place. */
  readonly again?: boolean;
}

type Test = (row: number) => boolean;

/**
 * Rows for which the filter holds, in the order in which they were read.
 * @param from first row that is looked at: for what was added
 */
export function selectRows(table: CallTable, filter: CallFilter = {}, from = 0): number[] {
  const tests = testsOf(table, filter);
  if (tests === undefined) return [];
  const rows: number[] = [];
  for (let row = from; row < table.length; row++) if (tests.every(test => test(row))) rows.push(row);
  return rows;
}

/** Rows by the time they began; those without one come last. */
export function byStart({ columns: { start } }: CallTable, rows: readonly number[]): number[] {
  const time = (row: number) => (Number.isNaN(start[row]!) ? Number.POSITIVE_INFINITY : start[row]!);
  return [...rows].sort((a, b) => time(a) - time(b) || a - b);
}

/** Undefined where no row can match. */
function testsOf(table: CallTable, filter: CallFilter): Test[] | undefined {
  const { columns } = table;
  const tests: Test[] = [];
  const kinds = new Set((filter.kinds ?? ['llm', 'mcp']).map(kind => KIND[kind]) as number[]);
  tests.push(row => kinds.has(columns.kind[row]!));
  if (filter.again !== true) tests.push(row => (columns.flags[row]! & FLAG.again) === 0);
  for (const name of ['model', 'provider', 'process', 'operation', 'session'] as const) {
    const wanted = filter[name];
    if (wanted !== undefined && !addTextTest(table, name, wanted, tests)) return undefined;
  }
  if (filter.error === true) tests.push(row => columns.error[row] !== 0);
  if (filter.error === false) tests.push(row => columns.error[row] === 0);
  if (typeof filter.error === 'string' && !addTextTest(table, 'error', filter.error, tests)) return undefined;
  // A comparison with NaN, what is not known, never holds.
  const { slower, dearer, since, until, pid, trace } = filter;
  if (slower !== undefined) tests.push(row => columns.duration[row]! >= slower);
  if (dearer !== undefined) tests.push(row => columns.cost[row]! >= dearer);
  if (since !== undefined) tests.push(row => columns.start[row]! >= since);
  if (until !== undefined) tests.push(row => columns.start[row]! < until);
  if (pid !== undefined) tests.push(row => columns.pid[row] === pid);
  if (filter.runs !== undefined) {
    const runs = new Set(filter.runs);
    tests.push(row => runs.has(columns.run[row]!));
  }
  if (trace !== undefined) {
    const bytes = Buffer.from(trace, 'hex');
    if (bytes.length !== 16) return undefined;
    const all = Buffer.from(columns.trace.buffer, columns.trace.byteOffset, table.length * 16);
    tests.push(row => all.compare(bytes, 0, 16, row * 16, row * 16 + 16) === 0);
  }
  return tests;
}

/** A text is compared with each different one once, and its number with every row. False where none is the same. */
function addTextTest(table: CallTable, name: ColumnName, wanted: string, tests: Test[]): boolean {
  const pattern = globOf(wanted);
  const numbers = new Set(table.strings.all.flatMap((text, number) => (text && pattern.test(text) ? [number] : [])));
  const column = table.columns[name];
  tests.push(row => numbers.has(column[row]!));
  return numbers.size > 0;
}

function globOf(text: string): RegExp {
  const parts = text.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}

/** Rows whose id begins with this text. */
export function rowsOfId(table: CallTable, prefix: string): number[] {
  const wanted = prefix.toLowerCase();
  if (!/^[0-9a-f]{1,16}$/.test(wanted)) return [];
  const even = Buffer.from(wanted.slice(0, wanted.length & ~1), 'hex');
  const rest = wanted.length % 2 === 1 ? Number.parseInt(wanted.at(-1)!, 16) : undefined;
  const { id } = table.columns;
  const rows: number[] = [];
  for (let row = 0; row < table.length; row++) {
    const at = row * 8;
    if (
      even.every((byte, index) => id[at + index] === byte) &&
      (rest === undefined || id[at + even.length]! >> 4 === rest)
    )
      rows.push(row);
  }
  return rows;
}
