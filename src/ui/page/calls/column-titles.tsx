/** Titles of the columns; those of numbers sort. */
import type { SortKey } from '../../api.js';
import { go, route } from '../route.js';

const TITLES: readonly (readonly [className: string, title: string, sort?: SortKey])[] = [
  ['time', 'Time', 'start'],
  ['program', 'Program'],
  ['model', 'Model'],
  ['operation', 'Operation'],
  ['number in', 'In', 'inputTokens'],
  ['number out', 'Out', 'outputTokens'],
  ['number cost', 'Cost', 'cost'],
  ['number duration', 'Duration', 'duration'],
  ['number first', 'First token', 'firstChunk'],
];

export function Titles() {
  const { query } = route.value;
  const { sort = 'start', order = 'down' } = query;
  const turn = (key: SortKey) =>
    go({ query: { ...query, sort: key, order: sort === key && order === 'down' ? 'up' : 'down' } }, true);
  return (
    <div role="rowgroup" class="titles">
      <div class="row" role="row" aria-rowindex={1}>
        {TITLES.map(([name, title, key]) => (
          <span
            key={title}
            role="columnheader"
            class={name}
            aria-sort={key === undefined || key !== sort ? undefined : order === 'up' ? 'ascending' : 'descending'}
          >
            {key === undefined ? (
              title
            ) : (
              <button type="button" title={`Sort by ${title.toLowerCase()}`} onClick={() => turn(key)}>
                {title}
                {sort === key && <span aria-hidden="true">{order === 'up' ? ' ↑' : ' ↓'}</span>}
              </button>
            )}
          </span>
        ))}
      </div>
    </div>
  );
}
