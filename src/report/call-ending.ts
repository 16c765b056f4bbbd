/** How a call ended, in the room that its line has. */
import { ABSENT } from './numbers.js';
import type { Palette } from './palette.js';
import type { ReportedCall } from './reported-call.js';
import { clean, cut, width } from './text.js';

/** Fewer columns of tool names say nothing. */
const FEWEST_FOR_TOOLS = 5;

const UNUSUAL = /length|max_tokens|content_filter|safety|refusal|recitation/i;

const once = (words: readonly string[]) => clean([...new Set(words)].join(','));
const join = (...words: readonly string[]) => words.filter(Boolean).join(' ');

function verdict({ error, finishReasons, partial }: ReportedCall): string {
  if (error !== undefined) return clean(`✗ ${error}`);
  return once(finishReasons) || (partial.includes('cancelled') ? 'cancelled' : '');
}

/** What "cancelled" does not say already. */
function losses({ partial }: ReportedCall): readonly string[] {
  return partial.includes('cancelled')
    ? partial.filter(reason => reason !== 'aborted' && reason !== 'cancelled')
    : partial;
}

/** What is never cut: the error, else the finish reasons; and that the record is not whole. */
export function leastEnding(call: ReportedCall): string {
  return join(verdict(call), losses(call).length > 0 ? 'partial' : '') || ABSENT;
}

/** What is never cut, then the role where the call has one here and why the record is not whole, then the names of the tools, as far as there is room. */
export function ending(call: ReportedCall, room: number): string {
  const word = verdict(call);
  const role = call.role === undefined ? '' : `as ${call.role}`;
  const lost = losses(call);
  const marks = join(role, lost.length > 0 ? clean(`partial: ${lost.join(',')}`) : '');
  const marked = join(word, marks);
  const tools = call.error === undefined ? once(call.toolNames) : '';
  const left = room - width(marked) - (word ? 2 : 1);
  if (tools && left >= Math.min(FEWEST_FOR_TOOLS, width(tools))) {
    const names = cut(tools, left);
    return join(word ? `${word}: ${names}` : names, marks);
  }
  return cut(width(marked) <= room ? marked || ABSENT : leastEnding(call), room);
}

export function endingStyle(call: ReportedCall, palette: Palette): (text: string) => string {
  if (call.error !== undefined) return palette.bad;
  return call.partial.length > 0 || UNUSUAL.test(call.finishReasons.join()) ? palette.warning : palette.quiet;
}
