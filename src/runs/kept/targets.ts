/** What `show` is asked for: the last run, a run, a call, all runs. */

import { nearestName } from '../../config/nearest.js';
import { EXIT_STATUS, Problem } from '../../errors.js';
import { idOf } from '../../store/call-table.js';
import { rowsOfId } from '../../store/filter.js';
import type { Reader, Run } from '../../store/reader.js';

export type KeptTarget =
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'call'; readonly row: number }
  | { readonly kind: 'all' };

/**
 * @param word `last`, `all`, the id of a run or of a call, or the beginning of one that no other has
 * @throws Problem where nothing, or more than one thing, is meant
 */
export function findTarget({ table, runs }: Reader, word: string): KeptTarget {
  const kept = runs.filter(({ gone, calls, spans }) => !gone && calls + spans > 0);
  if (kept.length === 0) throw nothingKept();
  if (word === 'all') return { kind: 'all' };
  if (word === 'last') return { kind: 'run', run: lastOf(kept) };
  const found = kept.filter(({ id, key }) => id.startsWith(word) || key === word);
  const [run] = found;
  if (run !== undefined && found.length === 1) return { kind: 'run', run };
  const rows = rowsOfId(table, word);
  const [row] = rows;
  if (row !== undefined && rows.length === 1) return { kind: 'call', row };
  const ids = [...found.map(({ id }) => id), ...rows.map(each => idOf(table, 'id', each)!)];
  throw ids.length > 1 ? ambiguous(word, ids) : unknown(word, kept);
}

/** By its start: the file names say it. */
const lastOf = (runs: readonly Run[]): Run => runs.reduce((last, run) => (run.started > last.started ? run : last));

/** Ids that an error lists at most. */
const MOST_LISTED = 5;

function ambiguous(word: string, ids: readonly string[]): Problem {
  const more = ids.length > MOST_LISTED ? `, and ${ids.length - MOST_LISTED} more` : '';
  return new Problem({
    code: 'AMBIGUOUS_ID',
    message: `${word} is the beginning of ${ids.length} ids`,
    reason: `${ids.slice(0, MOST_LISTED).join(', ')}${more}`,
    fixes: ['type more of the id'],
    exit: EXIT_STATUS.usage,
  });
}

function unknown(word: string, runs: readonly Run[]): Problem {
  const near = nearestName(word, ['last', 'all', ...runs.map(({ id }) => id)]);
  return new Problem({
    code: 'UNKNOWN_ID',
    message: `no kept run or call has the id ${word}`,
    ...(near === undefined ? {} : { reason: `did you mean ${near}?` }),
    fixes: ['openlit-instrument runs', 'openlit-instrument show last'],
    exit: EXIT_STATUS.usage,
  });
}

export function nothingKept(): Problem {
  return new Problem({
    code: 'NOTHING_KEPT',
    message: 'no calls are kept yet',
    reason:
      'calls are kept where they are shown (a run without an endpoint, or on a terminal) and under attach; under sudo they are those of root',
    fixes: ['openlit-instrument python app.py'],
    exit: EXIT_STATUS.failed,
  });
}
