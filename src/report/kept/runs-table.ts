/** `runs`: one row a run, the newest first. */
import type { Sums } from '../../store/sums.js';
import { ABSENT, count, seconds } from '../numbers.js';
import type { Palette } from '../palette.js';
import { costText } from '../summary.js';
import type { Cell, Column } from '../table.js';
import { type Layouts, renderFitting } from './layouts.js';

export interface ListedRun {
  readonly id: string;
  readonly program?: string;
  readonly way?: 'run' | 'attach';
  /** Names of the processes that called. */
  readonly processes: readonly string[];
  readonly models: readonly string[];
  /** Unix milliseconds. */
  readonly started: number;
  readonly last?: number;
  readonly sums: Sums;
}

/** Columns by the room that there is, the most important first. */
const COLUMNS = {
  run: { title: 'RUN' },
  program: { title: 'PROGRAM', least: 6 },
  when: { title: 'WHEN' },
  took: { title: 'TOOK', align: 'right' },
  calls: { title: 'CALLS', align: 'right' },
  errors: { title: 'ERR', align: 'right' },
  tokens: { title: 'IN→OUT', align: 'right' },
  cost: { title: 'COST', align: 'right' },
  models: { title: 'MODELS', least: 8 },
} as const satisfies Record<string, Column>;
type Name = keyof typeof COLUMNS;

const LAYOUTS: Layouts<Name> = [
  [100, ['run', 'program', 'when', 'took', 'calls', 'errors', 'tokens', 'cost', 'models']],
  [62, ['run', 'program', 'when', 'calls', 'errors', 'tokens', 'cost']],
  [0, ['run', 'program', 'calls', 'errors', 'cost']],
  [0, ['run', 'calls', 'cost']],
];

/** @param limit columns of the terminal; undefined: nothing is cut */
export function renderRuns(
  runs: readonly ListedRun[],
  palette: Palette,
  limit: number | undefined,
  now: number,
): string[] {
  const cells = runs.map(run => cellsOf(run, palette, now));
  return renderFitting(LAYOUTS, COLUMNS, cells, palette, limit);
}

function cellsOf(run: ListedRun, palette: Palette, now: number): Record<Name, Cell> {
  const { sums, started, last, models } = run;
  const { calls, errors, inputTokens, outputTokens, cost } = sums;
  const quiet = (text: string): Cell => ({ text, style: palette.quiet });
  return {
    run: { text: run.id, style: palette.accent },
    program: { text: programOf(run), style: palette.strong },
    when: quiet(whenText(started, now)),
    took: quiet(seconds(last === undefined ? undefined : Math.max(0, last - started) / 1000)),
    calls: { text: String(calls) },
    errors: errors === 0 ? quiet('0') : { text: String(errors), style: palette.bad },
    tokens: { text: tokensText(inputTokens, outputTokens) },
    cost: { text: costText(cost) },
    models: quiet(models.join(', ') || ABSENT),
  };
}

export function tokensText(input: number | undefined, output: number | undefined, short = true): string {
  return input === undefined && output === undefined ? ABSENT : `${count(input, short)}→${count(output, short)}`;
}

/** The program; what attach observed by the names of its processes. */
function programOf({ program, way, processes }: ListedRun): string {
  if (way !== 'attach') return program ?? processes[0] ?? ABSENT;
  return processes.length === 0 ? 'attach' : `attach: ${processes.join(', ')}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** Local time; today's without the day, of another year with it: `14:03:22`, `11-30 14:03`, `2025-11-30`. */
export function whenText(milliseconds: number, now: number): string {
  const [date, today] = [new Date(milliseconds), new Date(now)];
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  if (date.getFullYear() !== today.getFullYear()) return `${date.getFullYear()}-${day}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return date.toDateString() === today.toDateString() ? `${time}:${two(date.getSeconds())}` : `${day} ${time}`;
}
