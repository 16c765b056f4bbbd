/** A trace as a tree over time: agents, tools, calls. */
import { useEffect, useState } from 'preact/hooks';
import type { TraceNode } from '../../api.js';
import { Waiting } from '../bits.js';
import { useAnswer } from '../load.js';
import { go, route } from '../route.js';
import { ABSENT, costOf, costsOf, count, plural, seconds, titleOf } from '../words.js';

/** Milliseconds after the last key before a text is looked for. */
const PAUSE = 250;
/** More rows would take a second to draw; the rest is a click away. */
const FIRST = 300;

export function Waterfall({ id }: { id: string }) {
  const { value, error } = useAnswer<TraceNode[]>('trace', { id });
  const [text, setText] = useState('');
  const wanted = useLater(text.trim());
  const search = useAnswer<TraceNode[]>('trace', { id, ...(wanted !== '' && { text: wanted }) });
  const [callsOnly, setCallsOnly] = useState(false);
  const [all, setAll] = useState(false);
  if (error !== undefined) return <p class="banner">{error}</p>;
  if (value === undefined) return <Waiting what="the trace" />;
  const found = wanted === '' ? value : (search.value ?? value);
  const shown = callsOnly ? found.filter(({ row, found: has }) => row.kind !== 'span' && has !== false) : found;
  const begin = Math.min(...value.map(({ row }) => row.start ?? Number.POSITIVE_INFINITY));
  const end = Math.max(...value.map(({ row }) => (row.start ?? begin) + (row.duration ?? 0) * 1000));
  const length = Math.max(end - begin, 1);
  return (
    <>
      <div class="chat-head">
        <span class="hint">
          {wanted !== '' && !search.stale && `${found.filter(node => node.found === true).length} of `}
          {plural(value.length, 'step')}, {seconds(length / 1000)}
          {value.length === 1 && '. Agents and tools appear here when an SDK reports them.'}
        </span>
        {value.length > 1 && (
          <input
            type="search"
            aria-label="Search this trace"
            placeholder="Search this trace"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
        {value.some(({ row }) => row.kind === 'span') && (
          <button type="button" class="toggle" aria-pressed={callsOnly} onClick={() => setCallsOnly(!callsOnly)}>
            Calls only
          </button>
        )}
      </div>
      <ol class="waterfall">
        {shown.slice(0, all ? undefined : FIRST).map(node => (
          <Step key={`${node.row.row}`} node={node} begin={begin} length={length} flat={callsOnly} />
        ))}
      </ol>
      {!all && shown.length > FIRST && (
        <button type="button" onClick={() => setAll(true)}>
          Show {shown.length - FIRST} more
        </button>
      )}
    </>
  );
}

/** The text once nobody has typed for a moment. */
function useLater(text: string): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return later;
}

interface StepProps {
  readonly node: TraceNode;
  readonly begin: number;
  readonly length: number;
  readonly flat: boolean;
}

function Step({ node: { row, depth, below, found }, begin, length, flat }: StepProps) {
  const left = (((row.start ?? begin) - begin) / length) * 100;
  const width = Math.max(0.4, ((row.duration ?? 0) * 100_000) / length);
  const kind = row.kind === 'span' ? kindOf(row.operation) : row.kind;
  const { inputTokens, outputTokens } = below ?? row;
  const tokens = inputTokens === undefined ? '' : `${count(inputTokens)}→${count(outputTokens)}`;
  const cost = below === undefined ? (row.cost === undefined ? '' : costOf(row)) : costsOf(below);
  return (
    <li>
      <button
        type="button"
        class={`step ${kind}${row.error ? ' failed' : ''}${found === false ? ' around' : ''}`}
        aria-current={route.value.call === row.id ? 'true' : undefined}
        onClick={() => go({ call: row.id, tab: row.kind === 'span' ? 'trace' : 'conversation' })}
      >
        <span class="name" style={{ paddingInlineStart: `${flat ? 0 : Math.min(depth, 12) * 14}px` }}>
          <span class="kind">{kind}</span> <span class="title">{shortTitle(row)}</span>
        </span>
        <span class="figures">
          {[tokens, cost === ABSENT ? '' : cost, seconds(row.duration)].filter(Boolean).join(' · ')}
        </span>
        <span class="track">
          <span
            class="span"
            style={{ insetInlineStart: `${Math.min(left, 99.6)}%`, width: `${Math.min(width, 100 - left)}%` }}
          />
        </span>
      </button>
    </li>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  invoke_agent: 'agent',
  create_agent: 'agent',
  execute_tool: 'tool',
  invoke_workflow: 'chain',
};

/** The kind stands before it: `agent helper` is `invoke_agent helper`. */
function shortTitle(row: TraceNode['row']): string {
  const title = titleOf(row);
  const said = Object.hasOwn(KINDS, row.operation ?? '') ? `${row.operation} ` : undefined;
  return said !== undefined && title.startsWith(said) && title !== said ? title.slice(said.length) : title;
}

const kindOf = (operation: string | undefined) => KINDS[operation ?? ''] ?? 'step';
