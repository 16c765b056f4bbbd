/** What was said in a kept call, as texts: messages, instructions, tools, the error. */
import { SAID_ATTRIBUTES } from '../calls/genai-attributes.js';
import type { StoredLine } from './kept-lines.js';

const JSON_ATTRIBUTES: ReadonlySet<string> = new Set(SAID_ATTRIBUTES);

/** Every text in it, without the words of its form (`role`, `parts`); attributes of steps too. */
export function* textsOf(line: StoredLine): Generator<string> {
  if (line.error_message !== undefined) yield line.error_message;
  if ('name' in line) yield line.name;
  for (const [name, value] of Object.entries(line.attributes ?? {})) {
    if (JSON_ATTRIBUTES.has(name)) yield* textsOfJson(value);
    else if (typeof value === 'string') yield value;
  }
  if (!('kind' in line) && line.output_text !== undefined) yield line.output_text;
}

function* textsOfJson(value: unknown): Generator<string> {
  if (typeof value !== 'string') return;
  try {
    yield* textsIn(JSON.parse(value));
  } catch {
    yield value;
  }
}

/** Of parts: the type is form, what it holds is text. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const item of value) yield* textsIn(item);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if ((key === 'role' || key === 'type') && typeof inner === 'string') continue;
      yield* textsIn(inner);
    }
  }
}
