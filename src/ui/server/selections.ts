/**
 * Lists that the page looks at: chosen, sorted and summed once, then handed out in windows. A list goes on where it ended
 * when calls are added, because the page asks again with each of them.
 */
import { selectRows } from '../../store/filter.js';
import type { Reader } from '../../store/reader.js';
import { searchText } from '../../store/search.js';
import { type Sums, sumRows } from '../../store/sums.js';
import type { Query, SortKey } from '../api.js';
import { filterOf } from './query.js';

export interface Selection {
  /** In the order that was asked for. */
  readonly rows: readonly number[];
  /** Rows of the table that were looked at. */
  readonly upto: number;
  readonly sums: Sums;
}

/** Lists that are kept: the page has one or two, and goes back to the one before. */
const KEPT = 6;

export interface Selections {
  /**
   * @param upto rows of the table from there on are left out; default: none
   * @param signal ends a search for text: the page has asked for something else
   */
  select(query: Query, upto?: number, signal?: AbortSignal): Promise<Selection>;
}

export function createSelections(reader: Reader): Selections {
  const kept = new Map<string, { upto: number; rows: number[]; sums: Sums }>();

  async function rowsOf(query: Query, from: number, upto: number, signal?: AbortSignal): Promise<number[]> {
    const added = selectRows(reader.table, filterOf(query, reader.runs), from).filter(row => row < upto);
    if (query.text === undefined || added.length === 0) return added;
    return await searchText(reader, added, query.text, () => {}, signal);
  }

  return {
    async select(query, limit, signal) {
      const upto = Math.min(limit ?? reader.table.length, reader.table.length);
      const key = JSON.stringify([query, limit === undefined ? 'live' : upto]);
      let known = kept.get(key);
      if (known === undefined || known.upto < upto) {
        const begin = known ?? closest(kept, query, upto);
        const added = await rowsOf(query, begin?.upto ?? 0, upto, signal);
        signal?.throwIfAborted();
        const rows = begin === undefined || begin.rows.length === 0 ? added : [...begin.rows, ...added];
        if (added.length > 0) sortRows(reader, rows, query.sort ?? 'start', query.order ?? 'down');
        const sums = begin !== undefined && added.length === 0 ? begin.sums : sumRows(reader.table, rows);
        known = { upto, rows, sums };
      }
      kept.delete(key);
      kept.set(key, known);
      for (const old of kept.keys()) {
        if (kept.size <= KEPT) break;
        kept.delete(old);
      }
      return known;
    },
  };
}

/** The live list of the same question, where it is no longer than what is wanted. */
function closest<Known extends { readonly upto: number }>(
  kept: ReadonlyMap<string, Known>,
  query: Query,
  upto: number,
): Known | undefined {
  const live = kept.get(JSON.stringify([query, 'live']));
  return live !== undefined && live.upto <= upto ? live : undefined;
}

/** What is not known comes last, in either order; what is equal, the newest first. */
function sortRows({ table: { columns } }: Reader, rows: number[], key: SortKey, order: 'up' | 'down'): void {
  const column = columns[key];
  const unknown = (value: number) => Number.isNaN(value) || value < 0;
  const sign = order === 'up' ? 1 : -1;
  const { start } = columns;
  rows.sort((a, b) => {
    const [one, other] = [column[a]!, column[b]!];
    if (one === other) return start[b]! - start[a]! || b - a;
    if (unknown(one) || unknown(other)) return unknown(one) ? (unknown(other) ? b - a : 1) : -1;
    return (one - other) * sign;
  });
}
