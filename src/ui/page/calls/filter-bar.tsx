/** Search, run, errors only, and the filters that hold, each with its way off. */
import { useEffect, useRef } from 'preact/hooks';
import type { Query, Run } from '../../api.js';
import { latest, moveToError } from '../list.js';
import { useAnswer } from '../load.js';
import { tell } from '../look.js';
import { filterBy, go, route } from '../route.js';
import { plural, when } from '../words.js';

/** Milliseconds after the last key before a text is looked for. */
const PAUSE = 250;

const CHIPS = ['model', 'provider', 'process', 'operation', 'session', 'error', 'trace'] as const;
const NAMES: Readonly<Record<string, string>> = { process: 'program' };

export function FilterBar() {
  const { query } = route.value;
  return (
    <div class="filters">
      <Search />
      <RunChooser />
      <button
        type="button"
        class="toggle"
        aria-pressed={query.error === '1'}
        onClick={() => filterBy('error', query.error === '1' ? undefined : '1')}
      >
        Errors only
      </button>
      <button
        type="button"
        class="quiet"
        title="Next error (e)"
        onClick={async () => {
          if (!(await moveToError('on'))) tell('No error further down');
        }}
      >
        Next error
      </button>
      <Chips query={query} />
    </div>
  );
}

function Chips({ query }: { query: Query }) {
  const chips = CHIPS.filter(name => query[name] !== undefined && !(name === 'error' && query.error === '1'));
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label="Filters">
      {chips.map(name => (
        <li key={name}>
          <button type="button" title="Take this filter off" onClick={() => filterBy(name, undefined)}>
            <span class="name">{NAMES[name] ?? name}</span> {query[name]} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button type="button" class="quiet" onClick={() => go({ query: {} })}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}

function Search() {
  const field = useRef<HTMLInputElement>(null);
  const due = useRef<ReturnType<typeof setTimeout>>();
  const { text = '' } = route.value.query;
  useEffect(() => {
    // What is being written is not overwritten by what was looked for before it.
    if (field.current !== null && document.activeElement !== field.current) field.current.value = text;
  }, [text]);
  const look = () => {
    clearTimeout(due.current);
    const { text: _, ...others } = route.value.query;
    const value = field.current?.value.trim();
    go({ query: value ? { ...others, text: value } : others }, true);
  };
  return (
    <input
      ref={field}
      id="search"
      type="search"
      placeholder="Search messages, models, errors"
      aria-label="Search messages, models, errors"
      defaultValue={text}
      spellcheck={false}
      onInput={() => {
        clearTimeout(due.current);
        due.current = setTimeout(look, PAUSE);
      }}
      onKeyDown={event => {
        if (event.key === 'Enter') look();
      }}
    />
  );
}

function RunChooser() {
  const { runs: number } = latest.value;
  const { value: runs = [] } = useAnswer<Run[]>('runs', {}, number);
  const { run = '' } = route.value.query;
  return (
    <select
      aria-label="Run"
      value={run}
      onChange={event => filterBy('run', (event.currentTarget as HTMLSelectElement).value || undefined)}
    >
      <option value="">{runs.length > 0 ? `All ${plural(runs.length, 'run')}` : 'All runs'}</option>
      {runs.map(({ key, program = 'program', started, calls }) => (
        <option key={key} value={key}>
          {program} · {when(started)} · {plural(calls, 'call')}
        </option>
      ))}
    </select>
  );
}
