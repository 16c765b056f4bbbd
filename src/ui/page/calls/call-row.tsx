/** One call in the list. */
import type { CallRow } from '../../api.js';
import { Value } from '../bits.js';
import { clock, costOf, count, day, seconds } from '../words.js';

interface RowProps {
  readonly place: number;
  /** Pixels. */
  readonly top: number;
  /** Absent while it is asked for. */
  readonly call: CallRow | undefined;
  readonly open: boolean;
  readonly current: boolean;
  onOpen(id: string): void;
}

export function Row({ place, top, call, open, current, onOpen }: RowProps) {
  const style = { transform: `translateY(${top}px)` };
  if (call === undefined)
    return (
      <div class="row absent" role="row" aria-rowindex={place + 2} style={style}>
        <span role="gridcell">…</span>
      </div>
    );
  const names = ['row', call.error && 'failed', open && 'open', current && 'current'].filter(Boolean).join(' ');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes Enter, j and k for all its rows
    <div
      id={`row-${place}`}
      class={names}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={open || current}
      style={style}
      onClick={() => onOpen(call.id)}
    >
      <span role="gridcell" class="time" title={day(call.start)}>
        <span class="day">{day(call.start)}</span> {clock(call.start)}
      </span>
      <span role="gridcell" class="program">
        <Value name="process" value={call.process} />
      </span>
      <span role="gridcell" class="model">
        <Value name="model" value={call.model} />
        <Value name="provider" value={call.provider} />
      </span>
      <span role="gridcell" class="operation">
        {call.error === undefined ? (
          <Value name="operation" value={call.operation} />
        ) : (
          <span class="mark">
            <span aria-hidden="true">✕</span>
            <Value name="error" value={call.error} />
          </span>
        )}
      </span>
      <span role="gridcell" class={`number in${call.inputTokens === undefined ? ' none' : ''}`}>
        {count(call.inputTokens)}
        {call.inputTokens !== undefined && <span class="also">→{count(call.outputTokens)}</span>}
      </span>
      <span role="gridcell" class="number out">
        {count(call.outputTokens)}
      </span>
      <span role="gridcell" class="number cost">
        {costOf(call)}
      </span>
      <span role="gridcell" class="number duration">
        {seconds(call.duration)}
      </span>
      <span role="gridcell" class="number first">
        {seconds(call.firstChunk)}
      </span>
    </div>
  );
}
