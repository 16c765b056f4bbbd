/** Kept runs with their sums: what `runs` lists. */
import type { ListedRun } from '../../report/kept/runs-table.js';
import { selectRows } from '../../store/filter.js';
import type { Reader, Run } from '../../store/reader.js';
import { type Sums, sumRows } from '../../store/sums.js';

export interface KeptRun extends ListedRun {
  readonly run: Run;
}

/** The newest first; runs without a call or a step are left out. */
export function listRuns({ table, runs }: Reader): KeptRun[] {
  const rows = new Map<number, number[]>();
  for (const row of selectRows(table)) {
    const run = table.columns.run[row]!;
    const own = rows.get(run);
    if (own === undefined) rows.set(run, [row]);
    else own.push(row);
  }
  return runs
    .filter(({ gone, calls, spans }) => !gone && calls + spans > 0)
    .sort((a, b) => b.started - a.started)
    .map(run => {
      const own = rows.get(run.index) ?? [];
      const names = (column: 'process' | 'model') => [
        ...new Set(own.map(row => table.strings.text(table.columns[column][row]!)).filter(name => name !== undefined)),
      ];
      const { id, program, way, started, last } = run;
      return {
        run,
        id,
        started,
        processes: names('process'),
        models: names('model'),
        sums: sumRows(table, own),
        ...(program === undefined ? {} : { program }),
        ...(way === undefined ? {} : { way }),
        ...(last === undefined ? {} : { last }),
      };
    });
}

/** `runs --json`; fields are added, never renamed. */
export function runJson({ run, processes, models, sums }: KeptRun): object {
  const { id, key, program, way, pid, started, last, spans, broken, size } = run;
  return {
    id,
    key,
    program: program ?? null,
    way: way ?? null,
    pid,
    started: new Date(started).toISOString(),
    last: last === undefined ? null : new Date(last).toISOString(),
    processes,
    models,
    ...sumsJson(sums),
    steps: spans,
    broken_lines: broken,
    bytes: size,
  };
}

/** Sums for programs: what nobody reported is null. */
export function sumsJson(sums: Sums): object {
  return {
    calls: sums.calls,
    errors: sums.errors,
    partial: sums.partial,
    input_tokens: sums.inputTokens ?? null,
    output_tokens: sums.outputTokens ?? null,
    cache_read_input_tokens: sums.cacheReadTokens ?? null,
    reasoning_output_tokens: sums.reasoningTokens ?? null,
    cost: sums.cost,
    calls_without_tokens: sums.withoutTokens,
    calls_without_cost: sums.withoutCost,
    duration: sums.duration ?? null,
    first_chunk: sums.firstChunk ?? null,
  };
}
