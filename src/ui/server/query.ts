/** What the page asks for, as filters of the store. */
import type { CallFilter } from '../../store/filter.js';
import type { Run } from '../../store/reader.js';
import { type Query, SORT_KEYS, type SortKey } from '../api.js';
import { RequestError } from './answers.js';

const TEXTS = ['model', 'provider', 'process', 'operation', 'session', 'error', 'run', 'trace', 'text'] as const;

/** @throws RequestError for what cannot be meant */
export function readQuery(words: URLSearchParams): Query {
  const query: Record<string, string> = {};
  for (const name of TEXTS) {
    const value = words.get(name);
    if (value !== null && value !== '') query[name] = value;
  }
  const sort = words.get('sort') ?? 'start';
  if (!SORT_KEYS.includes(sort as SortKey)) throw new RequestError(400, `sort must be one of ${SORT_KEYS.join(', ')}`);
  return { ...query, sort: sort as SortKey, order: words.get('order') === 'up' ? 'up' : 'down' };
}

/** A whole number that is not negative. @throws RequestError */
export function numberOf(words: URLSearchParams, name: string, otherwise: number): number {
  const text = words.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw new RequestError(400, `${name} must be a whole number`);
  return Number(text);
}

/** Values that were clicked are meant as they stand: `*` is what a person typed. */
export function filterOf(query: Query, runs: readonly Run[]): CallFilter {
  const { model, provider, process, operation, session, error, run, trace } = query;
  return {
    ...(model !== undefined && { model }),
    ...(provider !== undefined && { provider }),
    ...(process !== undefined && { process }),
    ...(operation !== undefined && { operation }),
    ...(session !== undefined && { session }),
    ...(error !== undefined && { error: error === '1' ? true : error }),
    ...(trace !== undefined && { trace }),
    ...(run !== undefined && { runs: runs.filter(({ key }) => key === run).map(({ index }) => index) }),
  };
}
