/** Lists of the page: windows of calls, the next error, sessions. */
import { rowAt } from '../../store/call-table.js';
import type { Reader } from '../../store/reader.js';
import { type Grouping, groupRows } from '../../store/sums.js';
import type { CallsPage, Query, Session } from '../api.js';
import { rowOfId } from './details.js';
import type { Selection, Selections } from './selections.js';

/** Rows of one answer. */
const LONGEST_WINDOW = 500;

export function windowOf(reader: Reader, { rows, upto, sums }: Selection, offset: number, limit: number): CallsPage {
  const end = offset + Math.min(limit, LONGEST_WINDOW);
  return {
    total: rows.length,
    upto,
    offset,
    rows: rows.slice(offset, end).map(row => rowAt(reader.table, row)),
    sums,
  };
}

/**
 * Place of the next failed call in the list, and its id; undefined where there is none.
 * @param from place that is not looked at; -1 begins at the top
 */
export function nextError(
  { table }: Reader,
  { rows }: Selection,
  from: number,
  step: 1 | -1,
): { offset: number; id: string } | undefined {
  const { error } = table.columns;
  for (let offset = from + step; offset >= 0 && offset < rows.length; offset += step) {
    if (error[rows[offset]!] !== 0) return { offset, id: rowAt(table, rows[offset]!).id };
  }
  return undefined;
}

/** Place of a call in the list; -1 where it is not in it. */
export const placeOf = (reader: Reader, { rows }: Selection, id: string): number => rows.indexOf(rowOfId(reader, id));

/** Sessions by their last call, the newest first; calls without one are left out. */
export async function sessionsOf(reader: Reader, selections: Selections, query: Query): Promise<Session[]> {
  return (await groupsOf(reader, selections, query, 'session')).sort((a, b) => (b.sums.last ?? 0) - (a.sums.last ?? 0));
}

/** Sums by what stands in a column; what has nothing there is left out. */
export async function groupsOf(reader: Reader, selections: Selections, query: Query, by: Grouping): Promise<Session[]> {
  const { rows } = await selections.select(query);
  return groupRows(reader.table, rows, by, reader.runs).flatMap(({ key, sums }) =>
    key === undefined ? [] : [{ key, sums }],
  );
}
